"""Microphones that play files, through the system's real sound interface: ALSA, by a plugin built on the spot."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt

Pcm = npt.NDArray[np.int16]

PLAIN, FAST, LATE = "vmic", "vmic48", "vmic_late"
_MICROPHONES = {PLAIN: "rate 16000;", FAST: "rate 48000;", LATE: "rate 16000; xrun 1;"}
_SPEAKER = "speaker"
_SYSTEM = "</usr/share/alsa/alsa.conf>"
_SOURCE = Path(__file__).with_name("pcm_vmic.c")
_HEADER = Path("/usr/include/alsa/pcm_external.h")


class VirtualMicrophones:
    """A computer with three microphones: PLAIN takes 16 kHz and is also the default, FAST 48 kHz and no other rate,
    LATE is as PLAIN but reports what a slow reader misses. What its loudspeaker played is :meth:`played`.

    Whatever is done to one reaches the processes that are started with ALSA_CONFIG_PATH set to :attr:`config`.
    """

    def __init__(self, folder: Path) -> None:
        """Build everything in ``folder``. Raises RuntimeError saying what this computer lacks."""
        self._folder = folder
        self.config = folder / "asound.conf"
        library = folder / "libasound_module_pcm_vmic.so"
        compiler = shutil.which("gcc") or shutil.which("cc")
        if compiler is None or not _HEADER.exists():
            raise RuntimeError(
                "The tests of recording build a microphone of their own and need a C compiler and ALSA's headers: "
                "sudo apt-get install gcc libc6-dev libasound2-dev"
            )
        done = subprocess.run(
            [compiler, "-shared", "-fPIC", "-O2", "-DPIC", "-o", library, _SOURCE, "-lasound"],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{_SOURCE.name} cannot be compiled: {done.stderr}")
        devices = [
            f'{{ type vmic; file "{self._path(name, "raw")}"; {options} '
            f'unplugged "{self._path(name, "unplugged")}"; busy "{self._path(name, "busy")}"; '
            f'hint {{ show on; description "{name}" }} }}'
            for name, options in (*_MICROPHONES.items(), (_SPEAKER, "rate 16000;"))
        ]
        *microphones, speaker = devices
        plugged = [
            f"pcm.{name} {{ type asym; capture.pcm {device} }}"
            for name, device in zip(_MICROPHONES, microphones, strict=True)
        ]
        default = f'capture.pcm {{ type plug; slave.pcm "{PLAIN}" }}; playback.pcm {{ type plug; slave.pcm {speaker} }}'
        self.config.write_text(
            "\n".join(
                [
                    _SYSTEM,
                    f'pcm_type.vmic {{ lib "{library}" }}',
                    *plugged,
                    f"pcm.!default {{ type asym; {default} }}",
                ]
            )
        )

    def say(self, name: str, pcm: Pcm) -> None:
        """What a microphone hears from its next start on: int16 [samples] at its own rate, then zeros."""
        self._path(name, "raw").write_bytes(pcm.astype("<i2").tobytes())

    def unplug(self, name: str) -> None:
        """Pull a microphone out, also while it is recording."""
        self._path(name, "unplugged").touch()

    def plug_in(self, name: str) -> None:
        """Put it in again."""
        self._path(name, "unplugged").unlink(missing_ok=True)

    def occupy(self, name: str) -> None:
        """Let another program hold a microphone."""
        self._path(name, "busy").touch()

    def reset(self) -> None:
        """All are plugged in, free and silent."""
        for name in _MICROPHONES:
            self.plug_in(name)
            self._path(name, "busy").unlink(missing_ok=True)
            self.say(name, np.zeros(0, np.int16))

    def played(self) -> Pcm:
        """What the loudspeaker has played since it was last opened: int16 [samples], 16 kHz."""
        path = self._path(_SPEAKER, "raw")
        return np.fromfile(path, "<i2") if path.exists() else np.zeros(0, np.int16)

    def _path(self, name: str, suffix: str) -> Path:
        return self._folder / f"{name}.{suffix}"


def no_sound(folder: Path) -> Path:
    """What ALSA_CONFIG_PATH is on a computer without any sound device."""
    config = folder / "silent.conf"
    config.write_text(_SYSTEM)
    return config
