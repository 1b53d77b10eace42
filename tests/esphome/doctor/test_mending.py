"""What people really get wrong: each is found, mended, and nothing but the mended lines differs by a byte."""

import difflib
import shutil

import pytest
from doctor_patient import HEALTHY, changed, findings_of, lay_out, manifest, measured, plan_for

from mww_studio.esphome.doctor.diagnose import diagnose
from mww_studio.esphome.doctor.mending import plan_mending
from mww_studio.esphome.program import validate

SPEAKER = "speaker:\n  - platform: i2s_audio\n    i2s_dout_pin: GPIO7\n"
MODEL = "      model: hey_willow.json\n"
GAIN = "    gain_factor: ${mic_gain}\n"
LINK = "  micro_wake_word: mww\n"
CONNECTED = "  on_client_connected:\n    - micro_wake_word.start:\n"
END = HEALTHY[HEALTHY.index("  on_end:") :]
HOOK = "  on_wake_word_detected:\n    - voice_assistant.start:\n        wake_word: !lambda return wake_word;\n"

# The finding; how the healthy file was made ill; the lines that mending takes away, and those that it brings.
CASES = {
    "the model itself": ("model.tflite", [("hey_willow.json", "hey_willow.tflite")], None, None),
    "capitals": ("model.missing", [("hey_willow.json", "Hey_Willow.json")], None, None),
    "another folder": ("model.missing", [("hey_willow.json", "models/hey_willow.json")], None, None),
    "no ending": ("model.name", [("hey_willow.json", "hey_willow  # mine")], None, [MODEL[:-1] + "  # mine"]),
    "address of a page": (
        "model.page",
        [("hey_willow.json", "https://github.com/anna/words/blob/main/v2/hey_willow.json?raw=true")],
        None,
        ["      model: github://anna/words/v2/hey_willow.json@main"],
    ),
    "raw address": (
        "model.raw",
        [("hey_willow.json", '"https://github.com/anna/words/raw/refs/heads/main/hey_willow.json"')],
        None,
        ['      model: "github://anna/words/hey_willow.json@main"'],
    ),
    "cut-off as a whole number": (
        "cutoff.range",
        [(MODEL, MODEL + "      probability_cutoff: 97  # why not\n")],
        None,
        ["      probability_cutoff: 97%  # why not"],
    ),
    "cut-off that cannot be reached": (
        "cutoff.never",
        [(MODEL, MODEL + "      probability_cutoff: 1.0\n")],
        None,
        [],
    ),
    "cut-off 0": ("cutoff.never", [(MODEL, MODEL + "      probability_cutoff: 0%\n")], None, []),
    "window 0": ("window.range", [(MODEL, MODEL + "      sliding_window_size: 0\n")], None, []),
    "not the first": (
        "models.order",
        [("    # mine\n", "    - id: nabu\n      model: okay_nabu\n    # mine\n")],
        ["    - id: word_willow", MODEL[:-1]],
        ["    - id: word_willow", MODEL[:-1]],
    ),
    "internal": ("model.internal", [(MODEL, MODEL + "      internal: true\n")], None, []),
    "two of one id": (
        "model.same-id",
        [(MODEL, MODEL + "    - id: word_willow\n      model: okay_nabu\n")],
        ["    - id: word_willow"],
        ["    - id: word_willow_2"],
    ),
    "vad from the net": (
        "vad.network",
        [(HOOK, HOOK + "  vad:\n"), ("logger:", "psram:\nlogger:")],
        [],
        ["    model: vad.json"],
    ),
    "gain too high": ("gain.range", [('mic_gain: "4"', 'mic_gain: "100"')], None, ['  mic_gain: "64"']),
    "gain as a fraction": ("gain.range", [("${mic_gain}", "4.0")], None, ["    gain_factor: 4"]),
    "sample rate": (
        "microphone.rate",
        [("sample_rate: 16000", "sample_rate: 48000")],
        None,
        ["    sample_rate: 16000"],
    ),
    "mono": (
        "microphone.mono",
        [("channel: left  ", "channel: mono  ")],
        None,
        ["    channel: left        # L/R to GND"],
    ),
    "second channel": ("microphone.channel", [(GAIN, GAIN + "    channels: 1\n")], None, ["    channels: 0"]),
    "bits": ("microphone.bits", [(GAIN, GAIN + "    bits_per_sample: 32\n")], None, ["    bits_per_sample: 16"]),
    "unknown microphone": (
        "microphone.unknown",
        [("  microphone: mic\n  micro", "  microphone: micro\n  micro")],
        None,
        ["  microphone: mic"],
    ),
    "a word for the assistant": ("assistant.wake-word", [(LINK, LINK + "  wake_word: hey_willow\n")], None, []),
    "the other kind of wake word": (
        "assistant.use-wake-word",
        [(LINK, LINK + "  use_wake_word: yes # both\n")],
        None,
        ["  use_wake_word: false # both"],
    ),
    "sends everything": (
        "assistant.continuous",
        [("connected:\n    - micro_wake_word.start:", "connected:\n    - voice_assistant.start_continuous:")],
        None,
        ["    - micro_wake_word.start:"],
    ),
    "no link": ("link.missing", [(LINK, "")], [], [LINK[:-1]]),
    "no link and no id": (
        "link.missing",
        [(LINK, ""), ("  id: mww\n", "")],
        [],
        ["  id: wake_word_listener", "  micro_wake_word: wake_word_listener"],
    ),
    "another link": ("link.unknown", [(LINK, "  micro_wake_word: mwww\n")], None, [LINK[:-1]]),
    "nothing follows": ("detected.missing", [(HOOK, "")], [], HOOK.splitlines()),
    "never begins": ("start.missing", [(CONNECTED, "")], [], CONNECTED.splitlines()),
    "begins something else": (
        "start.missing",
        [(CONNECTED, "  on_client_connected:\n    - logger.log: hello\n")],
        [],
        ["    - micro_wake_word.start:"],
    ),
    "hears once": ("restart.missing", [(END, "")], [], END.splitlines()),
    "hears once, for its end is empty": ("restart.missing", [(END, "  on_end:\n")], [], END.splitlines()[1:]),
    "old way to give a model": (
        "old.model",
        [("  models:\n    # mine\n    - id: word_willow\n      model:", "  model:")],
        ["  model: hey_willow.json"],
        ["  models:", "    - model: hey_willow.json"],
    ),
    "old place of a cut-off": (
        "old.setting",
        [(HOOK, HOOK + "  probability_cutoff: 0.9\n")],
        ["  probability_cutoff: 0.9"],
        ["      probability_cutoff: 0.9"],
    ),
    "old name of the window": (
        "old.window",
        [(MODEL, MODEL + "      sliding_window_average_size: 6\n")],
        None,
        ["      sliding_window_size: 6"],
    ),
    "old threshold": ("old.vad-threshold", [(LINK, LINK + "  vad_threshold: 3\n")], None, []),
    "old password": ("old.api-password", [("api:\n", "api:\n  password: !secret ota_password\n")], None, []),
    "old update": (
        "old.ota",
        [("  - platform: esphome\n    password", "  password")],
        [],
        ["  platform: esphome"],
    ),
    "stack in PSRAM": ("psram.task", [("  id: mww\n", "  id: mww\n  task_stack_in_psram: true\n")], None, []),
    "a speaker on the same bus": (
        "bus.stop",
        [
            (HOOK, HOOK + "  stop_after_detection: false\n"),
            ("micro_wake_word:\n  id", SPEAKER + "micro_wake_word:\n  id"),
        ],
        None,
        ["  stop_after_detection: true"],
    ),
}


WITH_OTHER_LINE_ENDS = ("no link", "not the first", "cut-off 0", "hears once")


def difference(before, after):
    """The lines that go and those that come, each with its line end."""
    old, new = before.decode().splitlines(keepends=True), after.decode().splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    changes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    gone = [line for _, start, end, _, _ in changes for line in old[start:end]]
    come = [line for _, _, _, start, end in changes for line in new[start:end]]
    return gone, come


@pytest.mark.parametrize(
    ("case", "newline"),
    [*((case, "\n") for case in CASES), *((case, "\r\n") for case in WITH_OTHER_LINE_ENDS)],
)
def test_one_mistake_is_found_and_only_its_lines_are_mended(tmp_path, case, newline):
    code, replacements, gone, come = CASES[case]
    text = changed(*replacements).replace("\n", newline)
    path = lay_out(tmp_path, text)
    shutil.copy(tmp_path / "hey_willow.json", tmp_path / "vad.json")
    plan = plan_for(path, code)
    (change,) = plan.changes
    removed, added = difference(change.before, change.after)
    if come is None:
        come = [MODEL[:-1]]
    if gone is None:  # the one line that made it ill
        gone = [line.removesuffix("\r\n").removesuffix("\n") for line in removed]
        assert len(gone) == 1
    assert removed == [line + newline for line in gone]
    assert added == [line + newline for line in come]
    assert code not in [finding.code for finding in plan.after.findings]
    assert path.read_bytes() == text.encode()


@pytest.mark.parametrize(
    ("rule", "changes", "line"),
    [
        ("manifest.cutoff", {"probability_cutoff": 97}, '    "probability_cutoff": 0.97,\n'),
        ("manifest.cutoff", {"probability_cutoff": "0.9"}, '    "probability_cutoff": 0.9,\n'),
        ("manifest.window", {"sliding_window_size": 0}, '    "sliding_window_size": 5,\n'),
        ("manifest.window", {"sliding_window_size": "7"}, '    "sliding_window_size": 7,\n'),
        ("manifest.arena", {"tensor_arena_size": 0}, '    "tensor_arena_size": 30000,\n'),
        ("arena.small", {"tensor_arena_size": 9000}, '    "tensor_arena_size": 30000,\n'),
        ("manifest.wake-word", {"wake_word": "vad"}, '  "wake_word": "Hey Willow",\n'),
        ("manifest.model-file", {"model": "stream_state_internal_quant.tflite"}, '  "model": "hey_willow.tflite",\n'),
        ("manifest.model", {"model": "../../etc/passwd"}, '  "model": "hey_willow.tflite",\n'),
        (
            "manifest.minimum-version",
            {"minimum_esphome_version": 2024.7},
            '    "minimum_esphome_version": "2024.7.0"\n',
        ),
        ("manifest.version", {"version": "2"}, '  "version": 2,\n'),
    ],
)
def test_the_numbers_of_a_wake_word_are_mended_in_its_own_file(tmp_path, rule, changes, line):
    path = lay_out(tmp_path, **changes)
    plan = plan_for(path, rule)
    (change,) = plan.changes
    removed, added = difference(change.before, change.after)
    assert (change.shown, len(removed), added) == ("hey_willow.json", 1, [line])
    assert not plan.after.findings


def test_a_language_that_is_no_list_becomes_one(tmp_path):
    path = lay_out(tmp_path, trained_languages="en")
    (change,) = plan_for(path, "manifest.languages").changes
    assert change.after.decode() == manifest().replace('[\n    "en"\n  ]', '["en"]')


def test_everything_at_once_is_mended_in_several_rounds_and_esphome_accepts_it(tmp_path):
    text = changed(
        ("${mic_gain}", "0"),
        ("sample_rate: 16000", "sample_rate: 44100"),
        ("channel: left  ", "channel: mono  "),
        (LINK, "  vad_threshold: 3\n  wake_word: hey\n  use_wake_word: true\n"),
        (CONNECTED, ""),
        (END, ""),
        (HOOK, ""),
        ("hey_willow.json", "hey_willow.tflite\n      probability_cutoff: 95"),
        ("  - platform: esphome\n    password: !secret ota_password", "  password: staple-correct"),
    )
    path = lay_out(tmp_path, text)
    plan = plan_mending(path, diagnose(path, measured), None, measured)
    assert not plan.after.findings
    for change in plan.changes:
        change.path.write_bytes(change.after)
    for line in HEALTHY.splitlines():
        if "#" in line:
            assert line in path.read_text().splitlines()
    assert validate(path).message == ""


def test_a_mistake_in_an_included_file_is_mended_there(tmp_path):
    start, end = HEALTHY.index("microphone:\n"), HEALTHY.index("micro_wake_word:\n")
    path = lay_out(tmp_path, HEALTHY[:start] + "packages:\n  sound: !include parts/sound.yaml\n" + HEALTHY[end:])
    (tmp_path / "parts").mkdir()
    part = tmp_path / "parts" / "sound.yaml"
    part.write_text(HEALTHY[start:end])
    assert findings_of(path) == []
    part.write_text(HEALTHY[start:end].replace("16000", "8000"))
    plan = plan_for(path, "microphone.rate")
    assert [(change.shown, change.after.decode()) for change in plan.changes] == [
        ("parts/sound.yaml", HEALTHY[start:end])
    ]


def test_what_serves_two_places_is_left_to_the_person(tmp_path):
    own = "  microphone:\n    microphone: mic\n    gain_factor: ${mic_gain}\n  micro"
    text = changed(('mic_gain: "4"', 'mic_gain: "90"'), ("  microphone: mic\n  micro", own))
    found = diagnose(lay_out(tmp_path, text), measured).findings
    assert [(one.code, one.mendable) for one in found] == [("gain.range", False)] * 2


def test_what_an_alias_repeats_is_left_to_the_person(tmp_path):
    text = changed(
        ("  microphone:\n    microphone: mic\n    gain", "  microphone: &one\n    microphone: mic\n    gain"),
        ("${mic_gain}", "900"),
        ("  microphone: mic\n  micro", "  microphone: *one\n  micro"),
    )
    found = diagnose(lay_out(tmp_path, text), measured).findings
    assert [(one.code, one.mendable) for one in found] == [("gain.range", False)]


def test_a_password_in_clear_text_moves_into_the_secrets(tmp_path):
    text = changed(("!secret wifi_password   #", "'let me in'   #"), ("ssid: !secret wifi_ssid", "ssid: Home"))
    path = lay_out(tmp_path, text)
    (tmp_path / "secrets.yaml").write_bytes(b"api_key: AbCdEfGh0123456789\nota_password: staple-correct")
    plan = plan_for(path, "secret.clear")
    files = {change.shown: change for change in plan.changes}
    assert difference(files["kitchen.yaml"].before, files["kitchen.yaml"].after)[1] == [
        "  password: !secret wifi_password   # do not tell\n"
    ]
    assert files["secrets.yaml"].after == (
        b"api_key: AbCdEfGh0123456789\nota_password: staple-correct\nwifi_password: 'let me in'\n"
    )
    assert not plan.after.findings
