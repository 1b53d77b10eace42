import sys
from pathlib import Path

import numpy as np
import pytest
from synthetic_speech import RATE, talk, word

from mww_studio.corpus.embedding_process import EcapaEmbedder, open_embedder
from mww_studio.corpus.embedding_store import EmbeddingStore
from mww_studio.corpus.embeddings import LONGEST_S, LiteEmbedder, log_mel, speech_part, unit
from mww_studio.errors import Cancelled, StudioError

FAKE = """
import base64, json, sys, time
for line in sys.stdin:
    request = json.loads(line)
    if "hello" in request:
        print(json.dumps({"version": "speechbrain-9.9/../x"}), flush=True)
    else:
        samples = len(base64.b64decode(request["pcm"])) // 2
        ANSWER
"""


@pytest.fixture
def fake_python(tmp_path):
    """An interpreter that is no Python but a program of the test's own; what it answers to a sound is Python text."""

    def make(answer):
        program = tmp_path / "python"
        program.write_text(f"#!{sys.executable}\n" + FAKE.replace("ANSWER", answer), encoding="utf-8")
        program.chmod(0o755)
        return str(program)

    return make


def nothing():
    pass


def cancel():
    raise Cancelled


def test_one_voice_is_nearer_to_itself_than_to_another():
    embedder = LiteEmbedder()
    clips = [speech_part(talk(2.0, who)[start:]) for who in (1, 4) for start in (0, 4000)]
    vectors = embedder.embed(clips, nothing)
    embedder.close()
    assert vectors.shape == (4, 256)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    near = vectors @ vectors.T
    assert min(near[0, 1], near[2, 3]) > max(near[0, 2], near[0, 3], near[1, 2], near[1, 3])


def test_the_level_does_not_matter():
    pcm = talk(1.0, 3)
    assert np.abs(log_mel(pcm) - log_mel((pcm // 4).astype(np.int16))).mean() < 0.05


def test_a_tone_lies_in_its_band():
    """The corners of Slaney's scale: 40 bands to 8 kHz, even in hertz up to 1 kHz."""
    time = np.arange(RATE) / RATE
    peaks = [
        int(log_mel((8000 * np.sin(2 * np.pi * hz * time)).astype(np.int16)).mean(axis=0).argmax())
        for hz in (147, 1000, 4000)
    ]
    assert peaks == [1, 13, 31]


def test_the_speech_of_a_clip():
    take = word(1, 2)
    known = speech_part(take.pcm, take.start_s, take.end_s)
    assert len(known) / RATE == pytest.approx(take.end_s - take.start_s + 0.1, abs=0.01)
    found = speech_part(take.pcm)
    assert abs(len(found) - len(known)) / RATE < 0.2
    assert speech_part(np.zeros(RATE, np.int16)) is None
    assert speech_part(np.zeros(0, np.int16)) is None
    assert len(speech_part(talk(30.0, 1))) / RATE <= LONGEST_S


def test_a_cancel_is_heard():
    embedder = LiteEmbedder()
    with pytest.raises(Cancelled):
        embedder.embed([talk(1.0, 1)], cancel)
    embedder.close()


def vector(seed):
    return unit(np.random.default_rng(seed).normal(size=8).astype(np.float32))


def test_vectors_are_kept_by_embedder(tmp_path):
    EmbeddingStore(tmp_path, "one-1").add({f"{number:064x}": vector(number) for number in range(3)})
    again = EmbeddingStore(tmp_path, "one-1")
    assert np.array_equal(again.get(f"{2:064x}"), vector(2))
    assert again.get(f"{3:064x}") is None
    assert EmbeddingStore(tmp_path, "two").get(f"{2:064x}") is None
    again.add({f"{3:064x}": vector(3)})
    assert np.array_equal(EmbeddingStore(tmp_path, "one-1").get(f"{3:064x}"), vector(3))


def test_what_a_kill_left_half_written_is_dropped(tmp_path):
    EmbeddingStore(tmp_path, "one").add({f"{number:064x}": vector(number) for number in range(3)})
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-5])
    store = EmbeddingStore(tmp_path, "one")
    assert np.array_equal(store.get(f"{1:064x}"), vector(1))
    assert store.get(f"{2:064x}") is None
    store.add({f"{2:064x}": vector(2)})
    assert np.array_equal(EmbeddingStore(tmp_path, "one").get(f"{2:064x}"), vector(2))


def test_damaged_vectors_are_not_believed(tmp_path):
    EmbeddingStore(tmp_path, "one").add({f"{1:064x}": vector(1), f"{2:064x}": vector(2)})
    (path,) = tmp_path.iterdir()
    content = bytearray(path.read_bytes())
    content[32:36] = b"\x00\x00\xc0\x7f"  # not a number
    path.write_bytes(content)
    store = EmbeddingStore(tmp_path, "one")
    assert store.get(f"{1:064x}") is None
    assert store.get(f"{2:064x}") is not None


def test_another_environment_tells_voices_apart(fake_python):
    python = fake_python("print(json.dumps({'vector': [samples, 0, 0, 1]}), flush=True)")
    embedder = open_embedder("ecapa", python, nothing)
    assert embedder.version == "ecapa-speechbrain-9.9-..-x"
    vectors = embedder.embed([np.zeros(3, np.int16), np.zeros(0, np.int16)], nothing)
    embedder.close()
    assert np.allclose(vectors, [[3 / 10**0.5, 0, 0, 1 / 10**0.5], [0, 0, 0, 1]])


@pytest.mark.parametrize(
    "answer",
    [
        "print('garbage', flush=True)",
        "print(json.dumps({'vector': 'no'}), flush=True)",
        "print(json.dumps({'vector': [float('nan')]}), flush=True)",
        "print(json.dumps({'error': 'out of memory'}), flush=True)",
        "sys.exit(3)",
    ],
)
def test_an_environment_that_misbehaves_is_named(fake_python, answer):
    embedder = EcapaEmbedder(Path(fake_python(answer)), nothing)
    with pytest.raises(StudioError, match="ECAPA-TDNN") as caught:
        embedder.embed([np.zeros(3, np.int16)], nothing)
    embedder.close()
    assert caught.value.code == "speakers.engine"


def test_without_an_environment_it_is_said_how_to_make_one(tmp_path):
    with pytest.raises(StudioError, match="speechbrain") as caught:
        open_embedder("ecapa", str(tmp_path / "bin" / "python"), nothing)
    assert "-m venv" in caught.value.do
    with pytest.raises(StudioError, match="ECAPA-TDNN"):
        EcapaEmbedder(tmp_path, nothing)
