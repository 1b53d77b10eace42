"""Copies the files of a device into Home Assistant's folder, for those whose ESPHome runs there."""

import os
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mww_studio.constitution.manifest import read_manifest
from mww_studio.durable import sync_folder, write_durably
from mww_studio.errors import StudioError
from mww_studio.esphome.config import model_id
from mww_studio.esphome.masking import unfilled
from mww_studio.esphome.secrets import SECRETS, read_secrets
from mww_studio.export.words_beside import licence_name

_OWN = "esphome"
_NOT_OURS = ("provenance.json", SECRETS)
_LARGEST_BYTES = 20_000_000
_SHARE = re.compile(r"(?:smb:)?(?://|\\\\)([^/\\]+)[/\\]([^/\\]+)(?:[/\\](.*))?")
_LINE = re.compile(r"^(\w+)\s*:.*$", re.MULTILINE)


@dataclass(frozen=True)
class Installed:
    """What was copied into ``folder``: new files, those that took the place of others, and those that were the same.

    ``secrets``: the names that were added to the secrets there. ``lines``: what to paste into a configuration that is
    there already. ``fill_in``: secrets that the person has to fill in.
    """

    folder: Path
    new: tuple[str, ...]
    replaced: tuple[str, ...]
    same: tuple[str, ...]
    secrets: tuple[str, ...]
    fill_in: tuple[str, ...]
    configurations: tuple[str, ...]
    lines: str

    def summary(self) -> dict[str, Any]:
        """For programs."""
        return {
            "folder": str(self.folder),
            "new": list(self.new),
            "replaced": list(self.replaced),
            "same": list(self.same),
            "secrets_added": list(self.secrets),
            "secrets_to_fill_in": list(self.fill_in),
            "lines": self.lines,
        }

    def describe(self) -> str:
        """For people."""
        told = [f"The files are in {self.folder}."]
        told += [f"  {name}" for name in self.new]
        told += [f"  {name}, in the place of an older one" for name in self.replaced]
        told += [f"  {name}, which was there already" for name in self.same]
        if self.fill_in:
            told.append(f"Fill in {' and '.join(self.fill_in)} in {SECRETS} there.")
        if self.configurations:
            told.append(f"Next: in Home Assistant open ESPHome, and install {' or '.join(self.configurations)}.")
        told += ["For a device that you have already, put these lines into its configuration:", "", self.lines]
        return "\n".join(told)


def install(source: Path, to: str, *, replace: bool = False) -> Installed:
    """Copy the wake words of a folder, with their configurations, to where ESPHome looks for them.

    ``to``: Home Assistant's configuration folder or the folder ``esphome`` in it; a Samba share as
    ``smb://HOST/config`` works where the system has opened it. Files that are there and say something else are kept,
    unless ``replace``; then the old ones stay beside them with a date in their names. Secrets that are there are never
    changed. Nothing is written unless all of it can be.

    Raises StudioError ``install.source``, ``install.folder``, ``install.there``, ``install.failed``,
    ``secrets.unreadable`` and ``manifest.invalid``.
    """
    files, lines = _files_of(source)
    folder = find_folder(to)
    there = {name: _content(folder / name) for name in files}
    differing = tuple(name for name, content in there.items() if content not in (None, files[name]))
    if differing and not replace:
        raise StudioError(
            "install.there",
            f"{folder} has other files of the same name.",
            why=f"{', '.join(differing)} would be lost.",
            do="Replace them, which keeps the old ones under another name: --replace.",
        )
    ours, theirs = read_secrets(source / SECRETS), read_secrets(folder / SECRETS)
    added = _missing_lines(ours, theirs)
    new = tuple(name for name, content in there.items() if content is None)
    try:
        _write(folder, {name: files[name] for name in (*new, *differing)}, differing)
        if added:
            _add_secrets(folder / SECRETS, theirs, list(added.values()))
        sync_folder(folder)
    except OSError as error:
        raise StudioError(
            "install.failed",
            f"The files could not be copied to {folder}.",
            why=f"{error.strerror or error}.",
            do="Look whether the folder may be written to and has room. What was there is still there.",
        ) from error
    values = {name: line.split(":", 1)[1].strip().strip("\"'") for name, line in added.items()}
    return Installed(
        folder=folder,
        new=new,
        replaced=differing,
        same=tuple(name for name in files if name not in (*new, *differing)),
        secrets=tuple(added),
        fill_in=tuple(unfilled(values)),
        configurations=tuple(name for name in files if name.endswith(".yaml")),
        lines=lines,
    )


def find_folder(to: str) -> Path:
    """The folder in which ESPHome looks. Raises StudioError ``install.folder``."""
    share = _SHARE.fullmatch(to)
    folder = _share_folder(*(part or "" for part in share.groups())) if share else Path(to).expanduser()
    if not folder.is_dir():
        why = "The share is not open on this computer." if share else "There is no such folder."
        raise StudioError(
            "install.folder",
            f"{to} cannot be found.",
            why=why,
            do="In Home Assistant install the add-on “Samba share” and start it. Then open"
            " smb://homeassistant.local/config in the file manager of this computer, and try again."
            if share
            else "Name Home Assistant's folder “config”, or the share: smb://homeassistant.local/config.",
        )
    if folder.name != _OWN and (folder / _OWN).is_dir():
        return folder / _OWN
    if folder.name != _OWN and (folder / "configuration.yaml").is_file():
        made = folder / _OWN
        try:
            made.mkdir()
        except OSError as error:
            raise StudioError(
                "install.folder", f"{made} cannot be made.", why=f"{error.strerror}.", do="Look who may write there."
            ) from error
        return made
    return folder


def _share_folder(host: str, share: str, rest: str) -> Path:
    """Where the system shows an opened share."""
    if sys.platform == "win32":
        return Path(rf"\\{host}\{share}") / rest
    if sys.platform == "darwin":
        return Path("/Volumes") / share / rest
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}"))
    return runtime / "gvfs" / f"smb-share:server={host.lower()},share={share.lower()}" / rest


def _files_of(source: Path) -> tuple[dict[str, bytes], str]:
    """The files to copy by name, and the lines that name their wake words."""
    files: dict[str, bytes] = {}
    lines = ["micro_wake_word:", "  models:"]
    for manifest in sorted(source.glob("*.json")) if source.is_dir() else ():
        if manifest.name in _NOT_OURS:
            continue
        model = read_manifest(manifest).model
        for name in (manifest.name, model):
            content = _content(source / name)
            if content is None:
                raise _no_source(source, f"{name} is missing.")
            files[name] = content
        licence = _content(source / licence_name(manifest.stem))
        if licence is not None:
            files[licence_name(manifest.stem)] = licence
        lines += [f"    - id: {model_id(manifest)}", f"      model: {manifest.name}"]
    if not files:
        raise _no_source(source, "It has no wake word.")
    for configuration in sorted(source.glob("*.yaml")):
        content = _content(configuration) if configuration.name not in _NOT_OURS else None
        if content is not None:
            files[configuration.name] = content
    return files, "\n".join(lines)


def _no_source(source: Path, why: str) -> StudioError:
    return StudioError(
        "install.source",
        f"{source} holds no files for a device.",
        why=why,
        do="Name the folder that the files were saved to: mww-studio export DIR --out FOLDER.",
    )


def _content(file: Path) -> bytes | None:
    """What is in a file; None where there is none. A link or a device is not followed."""
    try:
        if file.is_symlink() or (file.exists() and not file.is_file()):
            raise StudioError(
                "install.failed", f"{file} is no plain file.", why="It is a link or a device.", do="Move it away."
            )
        if not file.exists():
            return None
        if file.stat().st_size > _LARGEST_BYTES:
            raise StudioError(
                "install.failed", f"{file} is too large.", why="No file for a device is.", do="Move it away."
            )
        return file.read_bytes()
    except OSError as error:
        raise StudioError(
            "install.failed", f"{file} cannot be read.", why=f"{error.strerror}.", do="Look who may read it."
        ) from error


def _write(folder: Path, files: dict[str, bytes], differing: tuple[str, ...]) -> None:
    """Configurations last, so that none names a file that is not there yet."""
    stamp = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    for name in differing:
        old = folder / name
        write_durably(old.with_name(f"{old.name}.{stamp}.bak"), old.read_bytes())
    for name, content in sorted(files.items(), key=lambda item: item[0].endswith(".yaml")):
        write_durably(folder / name, content)


def _missing_lines(ours: str, theirs: str) -> dict[str, str]:
    """The lines of our secrets, by name, that theirs lack."""
    known = set(_LINE.findall(theirs))
    if "!include" in theirs:  # they are shared with Home Assistant, which knows the network
        known |= {"wifi_ssid", "wifi_password"}
    return {found[1]: found[0] for found in _LINE.finditer(ours) if found[1] not in known}


def _add_secrets(file: Path, theirs: str, lines: list[str]) -> None:
    """Add lines to the secrets; a new file is for its owner alone, an old one keeps its permissions."""
    text = "\n".join([*([theirs.rstrip("\n")] if theirs else []), *lines]) + "\n"
    mode = file.stat().st_mode & 0o777 if file.exists() else 0o600
    before = os.umask(0o077)
    try:
        write_durably(file, text.encode())
    finally:
        os.umask(before)
    if os.name == "posix" and mode != 0o600:
        file.chmod(mode)
