"""What esphome says while it builds and uploads, and why it failed, in the words of the real programs."""

import pytest

from mww_studio.esphome.flash_output import FlashReader, Stage, WokeLine, read_woke
from mww_studio.esphome.flash_trouble import Target, trouble

PORT, HOST = Target(port="/dev/ttyUSB0"), Target(address="kitchen.local")


def read(lines, files=0):
    reader = FlashReader(files)
    return reader, [reader.read(line) for line in lines]


def test_stages_begin_once_and_never_come_back():
    _, readings = read(
        [
            "INFO ESPHome 2026.6.5",
            "INFO Reading configuration kitchen.yaml...",
            "INFO Generating C++ source...",
            "INFO Compiling app... Build path: /data/build/kitchen",
            "Platform Manager: Installing https://example.org/platform.zip",
            "Compiling .pioenvs/kitchen/src/main.cpp.o",
            "Library Manager: Installing esphome/noise-c @ 0.1.10",
            "Linking .pioenvs/kitchen/firmware.elf",
        ]
    )
    assert [one.stage for one in readings if one.begins] == [Stage.GENERATE, Stage.DOWNLOAD, Stage.COMPILE]
    assert readings[-1].stage is Stage.COMPILE


def test_where_it_builds_is_read():
    reader, _ = read(["INFO Compiling app... Build path: C:\\Users\\Pippi Lang\\build\\kitchen"])
    assert reader.build_path == "C:\\Users\\Pippi Lang\\build\\kitchen"


def test_packages_and_their_parts_count():
    _, readings = read(
        [
            "Tool Manager: Installing https://example.org/framework.zip",
            "Downloading  [##########--------------------------]   30%  00:01:10",
            "Downloading  [####################################]  100%",
            "Unpacking  [##################------------------]   50%",
            "Tool Manager: framework-espidf@5.5.3 has been installed!",
            "Downloading  [----]    5%",
        ]
    )
    assert [one.done for one in readings] == [0, 30, 100, 0, 100, 105]
    assert {one.total for one in readings} == {1000}
    assert [one.bar for one in readings] == [False, True, True, True, False, True]


def test_files_count_against_those_of_the_build_before():
    lines = [f"Compiling .pioenvs/kitchen/src/{number}.o" for number in range(4)]
    _, readings = read(lines, files=3)
    assert [(one.done, one.total) for one in readings] == [(1, 3), (2, 3), (3, 3), (4, 0)]


def test_ninja_says_itself_how_many_there_are():
    reader, readings = read(["[1/1187] Building C object a.c.obj", "[1187/1187] Generating binary image"])
    assert [(one.done, one.total) for one in readings] == [(1, 1187), (1187, 1187)]
    assert reader.compiled == 1187


def test_small_pieces_do_not_move_the_bar_of_an_upload():
    reader, readings = read(
        [
            "Serial port /dev/ttyUSB0:",
            "Writing at 0x00000000 [==============================] 100.0% 14560/14560 bytes...",
            "Writing at 0x00010000 [========>                     ]  30.5% 156160/512000 bytes...",
            "Writing at 0x00010000... (65 %)",
        ]
    )
    assert [one.done for one in readings] == [0, 0, 30, 65]
    assert reader.writing


def test_an_upload_over_the_network_is_read():
    reader, readings = read(["INFO Connecting to 192.168.1.20 port 3232...", "Uploading: [=====      ] 45%"])
    assert readings[0].begins
    assert not reader.read("INFO Upload took 3.21 seconds, waiting for result...").bar
    assert (readings[1].done, readings[1].total) == (45, 100)


def test_a_wake_word_in_the_log_is_read():
    line = (
        "[21:40:09.123][D][micro_wake_word:334]: Detected 'Hey, it's me' with sliding average probability is 0.98"
        " and max probability is 1.00"
    )
    assert read_woke(line) == WokeLine("Hey, it's me", 0.98, 1.0)
    assert read_woke("[D][micro_wake_word:274]: Inference task has started") is None


@pytest.mark.parametrize(
    ("words", "target", "code"),
    [
        (
            "([Errno 13] could not open port /dev/ttyUSB0: [Errno 13] Permission denied: '/dev/ttyUSB0')",
            PORT,
            "flash.no_permission",
        ),
        ("ERROR You do not have read or write permission on the selected serial port.", PORT, "flash.no_permission"),
        (
            (
                "A fatal error occurred: Could not open /dev/ttyUSB0, the port is busy or doesn't exist.\n([Errno 2]"
                " could not open port /dev/ttyUSB0: [Errno 2] No such file or directory: '/dev/ttyUSB0')"
            ),
            PORT,
            "flash.no_port",
        ),
        (
            (
                "A fatal error occurred: Could not open /dev/ttyUSB0, the port is busy or doesn't exist.\n([Errno 16]"
                " could not open port /dev/ttyUSB0: [Errno 16] Device or resource busy: '/dev/ttyUSB0')"
            ),
            PORT,
            "flash.busy",
        ),
        (
            (
                "A serial exception error occurred: device reports readiness to read but returned no data (device"
                " disconnected or multiple access on port?)"
            ),
            PORT,
            "flash.no_port",
        ),
        ("A fatal error occurred: Failed to connect to ESP32-S3: No serial data received.", PORT, "flash.boot"),
        (
            "A fatal error occurred: This chip is ESP32-S3, not ESP32. Wrong chip argument?",
            PORT,
            "flash.chip",
        ),
        ("ERROR Error resolving IP address of ['kitchen.local']. Is it connected to WiFi?", HOST, "flash.no_answer"),
        (
            "ERROR Connecting to 192.168.1.20 port 3232 failed: [Errno 113] No route to host\nERROR Connection failed.",
            HOST,
            "flash.no_answer",
        ),
        ("ERROR receiving auth result: Authentication invalid. Is the password correct?", HOST, "flash.password"),
        ("ERROR ESP requests password, but no password given!", HOST, "flash.password"),
        ("ERROR receiving update prepare result: The OTA partition on the ESP is too small.", HOST, "flash.no_room"),
        ("something else", PORT, "flash.upload"),
        ("OSError: [Errno 28] No space left on device", Target(), "project.disk_full"),
        (
            (
                "Package download failed: HTTPSConnectionPool(host='github.com', port=443): Max retries exceeded with"
                " url: /x.zip (Caused by NameResolutionError(\"HTTPSConnection(host='github.com', port=443): Failed to"
                " resolve 'github.com' ([Errno -2] Name or service not known)\"))"
            ),
            Target(),
            "net.offline",
        ),
        ("src/main.cpp:12:3: error: 'x' was not declared in this scope", Target(), "flash.compile"),
        (
            "Error: The program size (1900000 bytes) is greater than maximum allowed (1835008)",
            Target(),
            "flash.too_big",
        ),
        (
            "Failed config\n\nmicro_wake_word: [source kitchen.yaml:40]\n  Component not found.",
            Target(),
            "esphome.refused",
        ),
    ],
)
def test_troubles_are_told_apart(words, target, code):
    error = trouble(["INFO ESPHome 2026.6.5", *words.splitlines()], target, uploading=bool(target.name))
    assert error.code == code
    assert error.why
    assert error.do
    assert "{" not in error.what + error.why + error.do


def test_a_refused_configuration_is_told_in_esphomes_words():
    error = trouble(["INFO x", "Failed config", "  Component not found."], Target(), uploading=False)
    assert error.why == "  Component not found."
