import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mww_studio.audio.files import MAX_WHOLE_S, duration_s, find_audio, read_audio, read_blocks, write_wav
from mww_studio.errors import Cancelled, StudioError
from mww_studio.progress import Progress


def tone(rate_hz: int, seconds: float = 1.0, amplitude: float = 0.5, hz: float = 440.0) -> np.ndarray:
    return amplitude * np.sin(2 * np.pi * hz * np.arange(round(rate_hz * seconds)) / rate_hz)


def wav(data: bytes, *, size: int | None = None, rate_hz: int = 16000, channels: int = 1) -> bytes:
    """A 16-bit WAV file whose header may lie."""
    promised = len(data) if size is None else size
    form = struct.pack("<IHHIIHH", 16, 1, channels, rate_hz, 2 * rate_hz * channels % 2**32, 2 * channels, 16)
    riff = struct.pack("<I", (36 + promised) % 2**32)
    return b"RIFF" + riff + b"WAVEfmt " + form + b"data" + struct.pack("<I", promised) + data


PCM = (tone(16000) * 32767).astype("<i2")


def level(pcm: np.ndarray) -> float:
    return float(np.sqrt((pcm[1600:-1600].astype(float) ** 2).mean()) / 32768)


def code_of(path: Path) -> str:
    with pytest.raises(StudioError) as error:
        read_audio(path)
    assert path.name in error.value.what
    assert error.value.do
    return error.value.code


def test_what_was_written_is_read(tmp_path: Path) -> None:
    pcm = np.array([-32768, 32767, 0, 1, -1] * 100, np.int16)
    write_wav(tmp_path / "é.wav", pcm)
    np.testing.assert_array_equal(read_audio(tmp_path / "é.wav"), pcm)
    assert [path.name for path in tmp_path.iterdir()] == ["é.wav"]


@pytest.mark.parametrize("rate_hz", [8000, 11025, 22050, 44100, 48000, 96000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_any_rate_and_any_channels_keep_pitch_level_and_length(tmp_path: Path, rate_hz: int, channels: int) -> None:
    soundfile.write(tmp_path / "a.wav", np.tile(tone(rate_hz)[:, None], channels), rate_hz)
    pcm = read_audio(tmp_path / "a.wav")
    assert (pcm.dtype, pcm.ndim) == (np.int16, 1)
    assert abs(len(pcm) - 16000) <= 2
    assert level(pcm) == pytest.approx(0.5 / np.sqrt(2), rel=0.01)
    assert np.abs(np.fft.rfft(pcm[:16000])).argmax() == 440


@pytest.mark.parametrize(
    ("name", "subtype"),
    [("a.flac", None), ("a.ogg", None), ("a.mp3", None), ("a.aiff", None), ("a.au", None), ("a.caf", None)]
    + [("a.wav", subtype) for subtype in ("PCM_U8", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW")],
)
def test_the_formats(tmp_path: Path, name: str, subtype: str | None) -> None:
    soundfile.write(tmp_path / name, tone(16000), 16000, subtype=subtype)
    pcm = read_audio(tmp_path / name)
    assert len(pcm) == pytest.approx(16000, abs=1200)
    assert level(pcm) == pytest.approx(0.5 / np.sqrt(2), rel=0.06)


@pytest.mark.parametrize("case", ["dead", "opposite", "offset"])
def test_a_bad_channel_does_not_spoil_the_good_one(tmp_path: Path, case: str) -> None:
    good = tone(44100, 2.0)
    bad = {"dead": 0 * good, "opposite": -good, "offset": 0 * good + 0.9}[case]
    soundfile.write(tmp_path / "a.wav", np.stack([bad, good], 1), 44100)
    assert level(read_audio(tmp_path / "a.wav")) == pytest.approx(0.5 / np.sqrt(2), rel=0.01)


def test_the_channel_is_chosen_over_the_whole_file(tmp_path: Path) -> None:
    late = np.concatenate([np.zeros(16000 * 100), tone(16000, 60.0)])
    soundfile.write(tmp_path / "a.flac", np.stack([late * 0, late], 1), 16000)
    assert np.abs(read_audio(tmp_path / "a.flac")).max() > 16000


def test_floats_beyond_full_scale_clip_and_no_number_is_silence(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.array([2.0, -2.0, np.nan, np.inf, 0.25]), 16000, subtype="FLOAT")
    np.testing.assert_array_equal(read_audio(tmp_path / "a.wav"), [32767, -32768, 0, 32767, 8192])


def test_what_is_no_number_does_not_spread(tmp_path: Path) -> None:
    sound = tone(44100)
    sound[1000] = np.nan
    soundfile.write(tmp_path / "a.wav", sound, 44100, subtype="FLOAT")
    assert level(read_audio(tmp_path / "a.wav")) == pytest.approx(0.5 / np.sqrt(2), rel=0.01)


@pytest.mark.parametrize("rate_hz", [16000, 44100])
def test_blocks_are_the_whole_in_pieces(tmp_path: Path, rate_hz: int) -> None:
    soundfile.write(tmp_path / "a.flac", tone(rate_hz, 50.5), rate_hz)
    blocks = list(read_blocks(tmp_path / "a.flac", 7.0))
    assert {len(block) for block in blocks[:-1]} == {7 * 16000}
    np.testing.assert_array_equal(np.concatenate(blocks), read_audio(tmp_path / "a.flac"))
    assert duration_s(tmp_path / "a.flac") == pytest.approx(50.5)


@pytest.mark.parametrize("size", [0x7FFFFFF0, 0xFFFFFFF0, 0xFFFFFFFF])
def test_a_header_that_promises_too_much(tmp_path: Path, size: int) -> None:
    (tmp_path / "a.wav").write_bytes(wav(PCM.tobytes(), size=size))
    np.testing.assert_array_equal(read_audio(tmp_path / "a.wav"), PCM)


def test_a_wav_that_was_cut_short(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wav(PCM.tobytes())[:-9001])
    np.testing.assert_array_equal(read_audio(tmp_path / "a.wav"), PCM[:-4501])


def test_a_flac_that_was_cut_short(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "whole.flac", tone(16000, 5.0), 16000)
    (tmp_path / "a.flac").write_bytes((tmp_path / "whole.flac").read_bytes()[:-5000])
    assert code_of(tmp_path / "a.flac") == "audio.unreadable"


@pytest.mark.parametrize(
    "content", [b"", wav(b""), wav(PCM.tobytes(), size=0)], ids=["0 bytes", "no data", "unfinished"]
)
def test_empty_files(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(content)
    assert code_of(tmp_path / "a.wav") == "audio.empty"


@pytest.mark.parametrize(
    "content",
    [
        b"RIFF",
        b"hello " * 1000,
        wav(PCM.tobytes(), rate_hz=1),
        wav(PCM.tobytes(), rate_hz=2**31 - 1),
        wav(PCM.tobytes(), channels=1000),
        wav(PCM.tobytes(), rate_hz=0),
        wav(PCM.tobytes())[:30],
    ],
    ids=["magic", "text", "1 Hz", "2 GHz", "1000 channels", "0 Hz", "half a header"],
)
@pytest.mark.parametrize("name", ["a.wav", "a.raw", "a"])
def test_what_is_no_sound(tmp_path: Path, content: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert code_of(tmp_path / name) == "audio.unreadable"


def test_a_format_that_must_be_converted_first(tmp_path: Path) -> None:
    (tmp_path / "memo.m4a").write_bytes(b"\0\0\0\x20ftypM4A " + bytes(500))
    assert code_of(tmp_path / "memo.m4a") == "audio.foreign"


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    assert code_of(tmp_path / "missing.wav") == "audio.unreadable"


def test_too_long_for_one_piece_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "long.wav").open("wb") as file:
        size = round((MAX_WHOLE_S + 1) * 32000)
        file.write(wav(b"", size=size))
        file.truncate(44 + size)
    assert code_of(tmp_path / "long.wav") == "audio.too_long"
    assert (
        sum(len(block) for _, block in zip(range(3), read_blocks(tmp_path / "long.wav", 60.0), strict=False)) == 2880000
    )


def test_reading_can_be_cancelled(tmp_path: Path) -> None:
    class Cancel(Progress):
        def check_cancelled(self) -> None:
            raise Cancelled

    write_wav(tmp_path / "a.wav", PCM.astype(np.int16))
    with pytest.raises(Cancelled):
        read_audio(tmp_path / "a.wav", Cancel())


def test_files_are_found_once_in_order_and_hidden_ones_are_not(tmp_path: Path) -> None:
    for name in ("b/2.WAV", "b/1.flac", "a.mp3", "b/memo.m4a", "b/notes.txt", "b/._1.flac", ".cache/x.wav", "c.dat"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    found = find_audio([tmp_path, tmp_path / "a.mp3", tmp_path / "c.dat"])
    assert [path.relative_to(tmp_path).as_posix() for path in found] == [
        "a.mp3",
        "b/1.flac",
        "b/2.WAV",
        "b/memo.m4a",
        "c.dat",
    ]
    with pytest.raises(StudioError) as error:
        find_audio([tmp_path / "nowhere"])
    assert error.value.code == "audio.not_found"
