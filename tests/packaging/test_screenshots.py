"""The pictures are taken by the program as a person starts it, of a project with nothing but synthetic speech."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from PySide6.QtGui import QImage
from synthetic_project import fill

from mww_studio.project.store import Project

PROGRAM = Path(__file__).resolve().parents[2] / "packaging" / "screenshots.py"


def take_pictures(out, project, *more):
    command = [sys.executable, "-P", PROGRAM, "--out", out, "--project", project, *more]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"})


def brightness(picture):
    image = QImage(str(picture)).convertToFormat(QImage.Format.Format_Grayscale8)
    return float(np.asarray(image.constBits()).mean())


def test_a_page_is_pictured_in_its_size_look_and_scale_and_the_project_stays_as_it_was(tmp_path):
    project, out = tmp_path / "kosita", tmp_path / "pictures"
    with Project.create(project, "kosita", "en", "Ben") as made:
        fill(made, takes=3, people=2, talks=1, talk_s=5.0)
    before = {path: path.stat().st_mtime_ns for path in project.rglob("*")}
    done = take_pictures(
        out, project, "--pages", "samples", "--sizes", "640x480", "--looks", "light,dark", "--scales", "1.5"
    )
    assert done.returncode == 0, done.stderr
    light, dark = (out / f"samples-640x480-{look}-1.5.png" for look in ("light", "dark"))
    assert QImage(str(light)).width() == 960
    assert brightness(light) > 2 * brightness(dark)
    assert {path: path.stat().st_mtime_ns for path in project.rglob("*")} == before


def test_a_state_that_does_not_come_about_is_told(tmp_path):
    project = tmp_path / "kosita"
    Project.create(project, "kosita", "en", "Ben").close()
    done = take_pictures(tmp_path / "pictures", project, "--pages", "samples", "--sizes", "640x480", "--looks", "light")
    assert done.returncode == 1
    assert "samples: there is no button" in done.stderr
