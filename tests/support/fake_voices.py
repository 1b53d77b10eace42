"""A computer on which flite is the only voice engine, and flite is a program of ours."""

import os
import sys
from pathlib import Path

import pytest

ENGINES = ("flite",)


def only_flite(monkeypatch: pytest.MonkeyPatch, folder: Path, trouble: str = "", after: int = 0) -> None:
    """Put a flite before all others on the path; ``trouble`` as in fake_flite.py, after so many lines."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    flite = programs / "flite"
    fake = Path(__file__).with_name("fake_flite.py")
    flite.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{fake}" "$@"\n', encoding="utf-8")
    flite.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("MWW_STUDIO_DATA", str(folder / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    monkeypatch.setenv("FAKE_FLITE", trouble)
    monkeypatch.setenv("FAKE_FLITE_AFTER", str(after))
    monkeypatch.setenv("FAKE_FLITE_COUNT", str(folder / "count"))
