"""What of the accuracy benchmark needs no model: who examines, how a take is heard, what is printed."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mww_studio.evaluation.clips import LEAD_IN_S
from mww_studio.evaluation.scorecard import CurvePoint

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
RATE = 16_000


@pytest.fixture(autouse=True)
def _importable(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def take(seed):
    """Half a second of silence, syllables of a second that no other seed has, silence."""
    rng = np.random.default_rng(seed)
    t = np.arange(RATE) / RATE
    voice = sum(np.sin(2 * np.pi * rng.uniform(200, 3000) * t + rng.uniform(0, 6)) for _ in range(6))
    syllables = np.interp(t, np.linspace(0, 1, 12), rng.uniform(0, 1, 12)) * np.repeat(
        rng.uniform(0.1, 1, 8), RATE // 8
    )
    quiet = rng.normal(0, 0.001, RATE // 2)
    return np.concatenate([quiet, 0.1 * voice * syllables, quiet]).astype(np.float32)


def write(path, wave):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, wave, RATE)
    return path


@pytest.fixture
def sound(tmp_path):
    for number in range(10):
        write(tmp_path / f"words/{number}.wav", take(number))
        write(tmp_path / f"speech/talker{number % 4}-{number}.wav", take(100 + number))
    for number in range(3):
        write(tmp_path / f"noise/street-{number}.wav", take(200 + number))
        write(tmp_path / f"rooms/{number}.wav", np.exp(-np.arange(800) / 100.0) * (1.0 if number else 0.5))
    write(tmp_path / "noise/kitchen/hum.wav", take(300))
    return tmp_path


def part(sound, **changes):
    from accuracy_corpus import part as parted

    folders = {"wake_words": sound / "words", "speech": sound / "speech", "noise": sound / "noise"}
    more = {"rooms": sound / "rooms", "others": None, "test_noise": sound / "noise/kitchen", "test_takes": 4}
    return parted(**{**folders, **more, **changes})


def test_copies_under_other_names_and_louder_ones_are_left_out(sound):
    write(sound / "words/again.wav", take(3))
    write(sound / "words/louder.wav", np.concatenate([np.zeros(1600, np.float32), 2 * take(5)]))
    write(sound / "other/borrowed.wav", take(7))
    write(sound / "other/own.wav", take(400))

    corpus = part(sound, others=sound / "other")

    assert corpus.copies == 3
    assert len(corpus.pool) == 6
    assert len(corpus.tested) == 4
    assert not {file.stem for file in corpus.pool} & {file.stem for file in corpus.tested}
    assert [file.stem for file in corpus.others] == ["own"]


def test_no_talker_and_no_noise_stands_on_both_sides(sound):
    corpus = part(sound)

    talkers = [{file.stem.partition("-")[0] for file in half} for half in corpus.speech]
    assert talkers == [{"talker0", "talker2"}, {"talker1", "talker3"}]
    assert [file.stem for file in corpus.test_noise] == ["hum"]
    assert len(corpus.noise) == 3
    assert not set(corpus.rooms) & set(corpus.test_rooms)
    assert corpus.talk(1) == corpus.test_talk(0)


def test_noise_is_halved_where_no_folder_of_it_is_named(sound):
    corpus = part(sound, test_noise=None)

    assert corpus.noise
    assert corpus.test_noise
    assert not set(corpus.noise) & set(corpus.test_noise)


def test_a_training_draws_its_own_takes_and_each_once(sound):
    corpus = part(sound)

    assert corpus.taught(3, 0) == corpus.taught(3, 0)
    assert len(set(corpus.taught(3, 0))) == 3
    assert set(corpus.taught(50, 1)) == set(corpus.pool)
    assert any(corpus.taught(3, 0) != corpus.taught(3, seed) for seed in range(1, 5))


@pytest.mark.parametrize("dbfs", [-35.0, -3.0])
def test_the_loudest_of_the_word_is_at_the_level(dbfs):
    from accuracy_conditions import at_peak

    pcm = (take(0) * 8000).astype(np.int16)
    loudest = np.abs(at_peak(dbfs)(pcm, 8000, 24000)).max()
    assert 20 * np.log10(loudest / 32768) == pytest.approx(dbfs, abs=0.1)


def test_too_much_gain_clips():
    from accuracy_conditions import at_peak

    pcm = (take(0) * 8000).astype(np.int16)
    overdriven = at_peak(12.0)(pcm, 8000, 24000)
    assert np.mean(np.abs(overdriven.astype(int)) >= 32767) > 0.02


def test_a_room_leaves_the_word_where_it_was_and_as_loud(sound):
    from accuracy_conditions import in_room

    late = write(sound / "late.wav", np.concatenate([np.zeros(500), [0.9], np.zeros(200)]))
    pcm = (take(0) * 8000).astype(np.int16)
    assert np.abs(in_room(late)(pcm, 0, len(pcm)).astype(int) - pcm).max() <= 1


def test_zeros_reach_to_just_before_the_word_and_no_further():
    from accuracy_conditions import zeros_before

    pcm = np.full(RATE, 7, np.int16)
    heard = zeros_before(pcm, 8000, 12000)
    assert not heard[:6400].any()
    assert (heard[6400:] == 7).all()


def test_a_hiss_lies_twenty_db_below_the_word_from_end_to_end():
    from accuracy_conditions import steady_noise

    pcm = np.zeros(RATE, np.int16)
    pcm[4000:12000] = 10000
    hiss = (steady_noise(pcm, 4000, 12000) - pcm.astype(int))[:4000]
    assert np.sqrt(np.mean(hiss**2.0)) == pytest.approx(1000, rel=0.05)


def test_the_band_of_a_telephone_keeps_the_middle_alone():
    from accuracy_conditions import narrow

    t = np.arange(RATE) / RATE
    levels = [
        np.abs(narrow((8000 * np.sin(2 * np.pi * hz * t)).astype(np.int16), 0, RATE)[8000:]).max()
        for hz in (100, 1000, 6000)
    ]
    assert levels[0] < 400
    assert levels[1] > 7500
    assert levels[2] < 400


def test_every_condition_has_every_take_and_its_word_begins_where_it_was(sound):
    from accuracy_conditions import MAIN, OTHERS, conditions

    corpus = part(sound)
    heard = dict(conditions(corpus.tested, corpus.pool[:1], corpus.test_noise, corpus.test_rooms))

    assert set(MAIN) < set(heard)
    assert len(heard[OTHERS]) == 1
    assert {len(clips) for name, clips in heard.items() if "other" not in name} == {4}
    for clips in heard.values():
        assert all(clip.word_start_s > LEAD_IN_S + 0.2 for clip in clips)
    assert len({clips[0].features.tobytes() for clips in heard.values()}) == len(heard)


def test_conditions_without_sound_for_them_are_left_out(sound):
    from accuracy_conditions import conditions

    heard = dict(conditions(part(sound).tested, [], [], []))
    assert not {"10 dB", "0 dB", "rooms", "other people"} & set(heard)


def test_a_curve_allows_cutoffs_down_to_the_first_that_is_too_loose():
    from measuring import allowed

    counts = [9, 2, 0, 1, 0, 0]
    curve = [CurvePoint(cutoff=at / 10, detected=6 - at, false_accepts=n) for at, n in enumerate(counts)]
    assert [point.cutoff for point in allowed(curve, 0)] == [0.5, 0.4]
    assert [point.cutoff for point in allowed(curve, 1)] == [0.5, 0.4, 0.3, 0.2]
    assert not allowed([replace_count(curve[0], 3)], 1)


def replace_count(point, count):
    return point.model_copy(update={"false_accepts": count})


def row(takes, seed, detected, *, false_accepts=0, cutoff=0.9):
    from accuracy_exam import POINTS, Result
    from accuracy_models import Trained
    from accuracy_table import Row

    cutoffs = dict.fromkeys(POINTS, cutoff)
    counts = {point: {"quiet": detected, "10 dB": detected - 1, "other people": 2} for point in POINTS}
    clips = {"quiet": 10, "10 dB": 10, "other people": 4}
    result = Result("exact", clips, cutoffs, counts, 0.5, false_accepts, {}, 60000, 23000)
    trained = Trained("model.tflite", cutoff, 5, min(takes, 150), 50.0, 60.0, 900.0, 2.5)
    return Row("this program", takes, seed, trained, result)


def test_the_table_pools_seeds_and_tells_their_spread():
    from accuracy_table import spread, tables

    rows = [row(50, 0, 10, false_accepts=1), row(50, 1, 7)]
    table = tables(rows)

    assert "| 85 % (64-95; 100 70) |" in table
    assert "1 in 1.0 h: 1.0/h (at most 4.7)" in table
    assert "| 50 % (22-78; 50 50) |" in table
    assert spread(rows, "target", "quiet") == pytest.approx(0.3)
    assert "2.5/h" in table


def test_the_table_says_where_there_was_no_cutoff_and_where_there_were_fewer_takes():
    from accuracy_exam import TARGET
    from accuracy_table import tables

    one = row(200, 0, 10)
    one = replace(one, result=replace(one.result, cutoffs={**one.result.cutoffs, TARGET: None}))
    table = tables([one])
    assert "0.5/h at most: no cut-off" in table
    assert "150 (of 200 wanted)" in table


def test_an_official_model_is_found_by_its_word_alone():
    from accuracy_models import published

    alexa = published("Alexa")
    assert alexa is not None
    assert Path(alexa.tflite).is_file()
    assert alexa.cutoff == 0.9
    assert published("computer") is None


def test_the_cost_of_a_child_is_measured_with_its_children():
    from accuracy_models import measured

    burn = "import time; t = time.process_time()\nwhile time.process_time() - t < 0.3: pass"
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}]); print('done')"
    output, costs = measured([sys.executable, "-c", program])
    assert output == "done\n"
    assert costs["cpu_s"] >= 0.3
    assert costs["peak_mb"] > 1
    with pytest.raises(subprocess.CalledProcessError):
        measured([sys.executable, "-c", "raise SystemExit(3)"])


def test_a_model_that_was_trained_is_not_trained_again(tmp_path, monkeypatch, sound):
    import accuracy_models as models

    settings = models.Settings("word", tmp_path / "work", "n", "standard", None, False, 10)
    ran = []

    def pretend(command):
        ran.append(command)
        return "", {"cpu_s": 1.0, "wall_s": 1.0, "peak_mb": 1}

    monkeypatch.setattr(models, "measured", pretend)
    first = models.official(part(sound), 3, 0, settings)
    assert models.official(part(sound), 3, 0, settings) == first
    assert len(ran) == 1
    assert len(json.loads(Path(ran[0][2]).read_text())["takes"]) == 3


def test_mean_viable_recall_is_the_area_between_none_and_two_an_hour():
    from official_recipe import average_viable_recall

    assert average_viable_recall([1.0, 0.8, 0.0], [40.0, 0.0, 0.0]) == pytest.approx(0.805)
    assert average_viable_recall([0.9, 0.5], [1.0, 0.0]) == pytest.approx((0.7 + 0.9) / 2)
    assert average_viable_recall([1.0, 1.0, 0.0], [3.0, 2.5, 0.0]) == pytest.approx(0.4)


def test_sequences_of_a_take_end_at_ten_frames_one_after_the_other():
    from official_recipe import FRAMES, shifted

    features = np.arange(318, dtype=np.uint16)[:, None] * np.ones(40, np.uint16)
    cut = shifted(features)
    assert {len(one) for one in cut} == {FRAMES}
    assert [int(one[-1, 0]) for one in cut] == list(range(308, 318))


def test_a_take_is_cut_where_its_speech_ends_and_begins_with_zeros():
    from official_recipe import CLIP_S, word_clip

    pcm = np.zeros(2 * RATE, np.int16)
    pcm[8000:20000] = (12000 * take(1)[8000:20000] / np.abs(take(1)).max()).astype(np.int16)
    clip = word_clip(pcm, np.random.default_rng(0))
    assert len(clip) == round(CLIP_S * RATE)
    sounding = np.flatnonzero(np.abs(clip) > 0.02)
    assert 0.15 * RATE < len(clip) - sounding[-1] < 0.5 * RATE
    assert not clip[:RATE].any()


def test_shelves_are_drawn_from_by_weight_and_their_recordings_by_length():
    from official_recipe import FRAMES, Shelf, drawn_kinds

    rng = np.random.default_rng(0)
    long, short = np.full((900, 40), 1, np.uint16), np.full((100, 40), 2, np.uint16)
    shelf = Shelf([long, short], 2.0)
    drawn = [shelf.draw(rng) for _ in range(400)]
    assert {one.shape for one in drawn} == {(FRAMES, 40)}
    assert np.mean([one[-1, 0] == 1 for one in drawn]) == pytest.approx(0.9, abs=0.05)
    padded = next(one for one in drawn if one[-1, 0] == 2)
    assert not padded[: FRAMES - 100].any()
    kinds = drawn_kinds([shelf, Shelf([long], 20.0), Shelf([long], 5.0)], rng, 5000)
    assert np.bincount(kinds)[0] / 5000 == pytest.approx(2 / 27, abs=0.015)


def test_talk_that_judges_the_weights_does_not_train_them():
    from official_recipe import parted_talk

    train, judge = parted_talk([str(number) for number in range(20)], np.random.default_rng(1))
    assert len(judge) == 4
    assert sorted(train + judge, key=int) == [str(number) for number in range(20)]
