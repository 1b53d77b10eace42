"""Stands in for the esphome program where a device would be needed: says what it says, in its words.

Run as ``fake_esphome.py MODE --dashboard compile|upload|logs FILE [--device=WHERE]``. The words are those of ESPHome
2026.6, PlatformIO 6.1 and esptool 5. MODE: ``good``; ``hangs`` with a child of its own, whose number it writes to
``child.txt``; or one of the keys of ``TROUBLES``, at the upload.
"""

import subprocess
import sys
import time
from pathlib import Path

FILES = 40
TROUBLES = {
    "busy": "A fatal error occurred: Could not open {where}, the port is busy or doesn't exist.\n"
    "([Errno 16] could not open port {where}: [Errno 16] Device or resource busy: '{where}')",
    "gone": "A serial exception error occurred: device reports readiness to read but returned no data (device"
    " disconnected or multiple access on port?)",
    "password": "ERROR receiving auth result: Authentication invalid. Is the password correct?",
}


def say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def compile_(name: str, mode: str) -> None:
    build = Path("build") / name
    (build / "src").mkdir(parents=True, exist_ok=True)
    say("INFO Generating C++ source...\n")
    Path(".gitignore").write_text("/.esphome/\n")
    (build / "src" / "main.cpp").write_text(
        'new(a) micro_wake_word::WakeWordModel("word_alexa", data, 229, 5, "Alexa", 22348, true, false);\n'
    )
    say(f"INFO Compiling app... Build path: {build.resolve()}\n")
    say(f"Processing \x1b[36m\x1b[1m{name}\x1b[0m (board: esp32-s3-devkitc-1; framework: espidf; platform: x)\n")
    for package in ("framework-espidf", "toolchain-xtensa-esp-elf"):
        say(f"Tool Manager: Installing \\033[36mhttps://example.org/{package}.zip\\033[0m\n")
        for percent in (0, 50, 100):
            say(f"\r\\033[?25lDownloading  [{'#' * (percent // 5)}]  {percent:3}%")
        say(f"\nTool Manager: {package}@5.5.3 has been installed!\n")
    if mode == "hangs":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        Path("child.txt").write_text(str(child.pid))
    for number in range(FILES):
        say(f"Compiling .pioenvs/{name}/src/file{number}.cpp.o\n")
        if mode == "hangs" and number == 3:
            time.sleep(600)
    say(f"Linking .pioenvs/{name}/firmware.elf\n")
    say("RAM:   [=         ]  12.1% (used 39780 bytes from 327680 bytes)\n")
    firmware = build / ".pioenvs" / name / "firmware.bin"
    firmware.parent.mkdir(parents=True, exist_ok=True)
    firmware.write_bytes(bytes(range(256)) * 800)
    say("========================= [SUCCESS] Took 12.34 seconds =========================\n")
    say("INFO Successfully compiled program.\n")


def upload(where: str, mode: str) -> None:
    if where.startswith("/"):
        say(f"esptool v5.3.0\nSerial port {where}:\nConnecting....\nConnected to ESP32-S3 on {where}:\n")
        if mode in TROUBLES:
            say(TROUBLES[mode].format(where=where) + "\n")
            sys.exit(2)
        say("\rWriting at 0x00000000 [==============================] 100.0% 14560/14560 bytes... \n")
        for percent in (0.0, 33.3, 66.6, 100.0):
            say(f"\r\x1b[KWriting at 0x00010000 [======>      ] {percent:5.1f}% {int(5120 * percent)}/512000 bytes... ")
        say("\nWrote 864000 bytes (512000 compressed) at 0x00010000 in 7.9 seconds.\nHash of data verified.\n\n")
        say("Hard resetting via RTS pin...\nINFO Successfully uploaded program.\n")
        return
    say(
        f"INFO Connecting to {where} port 3232...\nINFO Connected to {where}\n"
        "INFO Uploading firmware.bin (204800 bytes)\n"
    )
    if mode in TROUBLES:
        say(TROUBLES[mode] + "\n")
        sys.exit(1)
    for percent in (0, 50, 100):
        say(f"\rUploading: [{'=' * percent}] {percent}% ")
    say("Done...\r\n\nINFO Upload took 3.21 seconds, waiting for result...\nINFO OTA successful\n")


def logs() -> None:
    say("[21:40:01][I][app:115]: ESPHome version 2026.6.5 compiled\n")
    say("[21:40:02][C][wifi:600]:   SSID: 'Villa Kunterbunt'\n")
    for average in ("0.98", "0.91"):
        say(
            "[21:40:09][D][micro_wake_word:334]: Detected 'Alexa' with sliding average probability is"
            f" {average} and max probability is 1.00\n"
        )


def main(mode: str, command: str, file: str, where: str) -> None:
    say(f"INFO ESPHome 2026.6.5\nINFO Reading configuration {file}...\n")
    if command == "compile":
        compile_(Path(file).stem, mode)
    elif command == "upload":
        upload(where, mode)
    else:
        logs()


if __name__ == "__main__":
    given = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    main(*given, next((each[9:] for each in sys.argv if each.startswith("--device=")), ""))
