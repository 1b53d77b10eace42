"""Flashing: the esphome program is the real one for the dry run, and stands in for itself where a device is needed."""

import socket
import sys
import threading
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import fake_esphome
import psutil
import pytest
from device_files import SECRETS, no_secret_in, write_device

from mww_studio.errors import Cancelled, StudioError
from mww_studio.esphome import ota_program
from mww_studio.esphome.child import Child
from mww_studio.esphome.flash_output import Stage
from mww_studio.esphome.flash_trouble import Target
from mww_studio.esphome.reach import check_answers
from mww_studio.esphome.reach_program import Answer
from mww_studio.jobs import flash as flash_module
from mww_studio.jobs.flash import LISTENING, FlashOrder, check, flash, follow_log
from mww_studio.progress import Progress

TYPED = "hoppetosse-alt"


class Seen(Progress):
    """Remembers all that is said, and cancels when a phase has come as far as ``until``."""

    def __init__(self, until=None):
        self.phases, self.totals, self.steps, self.lines = [], [], [], []
        self._until, self._wanted = until, False

    def phase(self, name, total=0):
        self.phases.append(name)
        self.totals.append(total)
        self._look(0)

    def step(self, done, **figures):
        self.steps.append((self.phases[-1], done, figures))
        self._look(done)

    def log(self, text):
        self.lines.append(text)

    def check_cancelled(self):
        if self._wanted:
            raise Cancelled

    def _look(self, done):
        self._wanted = self._wanted or (self.phases[-1], done) == self._until


@pytest.fixture
def configuration(tmp_path, monkeypatch):
    """A device's files, and a computer that has the compiler already."""
    monkeypatch.setenv("MWW_STUDIO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PLATFORMIO_CORE_DIR", str(tmp_path / "core"))
    for package in ("framework-espidf", "toolchain-xtensa-esp-elf"):
        (tmp_path / "core" / "packages" / package).mkdir(parents=True)
        (tmp_path / "core" / "packages" / package / "package.json").write_text("{}")
    return write_device(tmp_path / "device")


@pytest.fixture
def port(tmp_path):
    made = tmp_path / "ttyUSB0"
    made.touch()
    return Target(port=str(made))


@pytest.fixture
def esphome(monkeypatch):
    """Lets another program stand in for esphome's, in the mode that it is given."""

    def use(mode):
        monkeypatch.setattr(
            flash_module, "esphome_command", lambda given: [sys.executable, fake_esphome.__file__, mode, *given]
        )

    use("good")
    return use


def test_a_dry_run_asks_the_real_esphome_and_touches_nothing(configuration):
    before = sorted(configuration.parent.iterdir())
    result = check(configuration, Seen())
    assert [word.wake_word for word in result.words] == ["Alexa"]
    assert result.summary()["written_to"] is None
    assert "Nothing was written" in result.describe()
    assert sorted(configuration.parent.iterdir()) == before


@pytest.mark.usefixtures("esphome")
def test_by_usb_it_is_built_and_written(configuration, port, tmp_path):
    seen = Seen()
    result = flash(FlashOrder(configuration, port), seen)
    assert result.where == port.port
    assert [word.wake_word for word in result.words] == ["Alexa"]
    assert list(dict.fromkeys(seen.phases)) == list(Stage)
    assert (Stage.COMPILE, fake_esphome.FILES, {"total": 0}) in seen.steps
    assert (Stage.UPLOAD, 66, {"total": 100}) in seen.steps
    assert not any("Compiling .pioenvs" in line or "Writing at" in line for line in seen.lines)
    assert not configuration.with_name(".gitignore").exists()
    assert (tmp_path / "data" / "esphome").stat().st_mode & 0o077 == 0
    again = Seen()
    flash(FlashOrder(configuration, port), again)
    assert (Stage.COMPILE, 10, {"total": fake_esphome.FILES}) in again.steps


@pytest.fixture
def there(monkeypatch):
    """Whoever is asked in the network answers."""
    monkeypatch.setattr(flash_module, "check_answers", lambda *_: None)


@pytest.mark.usefixtures("esphome", "there")
def test_over_the_network_it_is_written(configuration):
    seen = Seen()
    result = flash(FlashOrder(configuration, Target(address="kitchen.local")), seen)
    assert result.where == "kitchen.local"
    assert (Stage.UPLOAD, 50, {"total": 100}) in seen.steps


@pytest.mark.parametrize(("mode", "code"), [("busy", "flash.busy"), ("gone", "flash.no_port")])
def test_a_port_that_fails_is_told(configuration, port, esphome, mode, code):
    esphome(mode)
    with pytest.raises(StudioError) as told:
        flash(FlashOrder(configuration, port), Seen())
    assert told.value.code == code
    assert port.port in told.value.what


@pytest.mark.usefixtures("esphome")
def test_a_device_that_is_not_there_is_told_before_anything_is_built(configuration, monkeypatch):
    for answer, why in ((Answer.SILENT, "Port 3232"), (Answer.UNKNOWN, "their name")):
        monkeypatch.setattr("mww_studio.esphome.reach.Child", _saying(answer))
        seen = Seen()
        with pytest.raises(StudioError) as told:
            flash(FlashOrder(configuration, Target(address="kitchen.local")), seen)
        assert told.value.code == "flash.no_answer"
        assert why in told.value.why
        assert seen.phases == [Stage.CHECK]


def test_who_is_there_is_found_out_by_a_real_connection(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as device:
        port = device.getsockname()[1]
        seen = Seen()
        check_answers("127.0.0.1", port, tmp_path, seen)
        assert seen.lines == ["Asking whether 127.0.0.1 answers."]
        device.accept()[0].close()
    check_answers("127.0.0.1", port, tmp_path, seen)
    assert seen.lines[-1].startswith("127.0.0.1 is there, but takes no update")


@pytest.mark.usefixtures("there")
def test_a_wrong_password_is_told_and_never_said(configuration, esphome):
    esphome("password")
    seen = Seen()
    with pytest.raises(StudioError) as told:
        flash(FlashOrder(configuration, Target(address="kitchen.local")), seen)
    assert told.value.code == "flash.password"
    no_secret_in("\n".join(seen.lines) + str(told.value))


def test_cancel_ends_the_build_with_all_its_children(configuration, port, esphome):
    esphome("hangs")
    seen = Seen(until=(Stage.COMPILE, 3))
    with pytest.raises(Cancelled):
        flash(FlashOrder(configuration, port), seen)
    child = int((configuration.parent / "child.txt").read_text())
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


@pytest.mark.usefixtures("esphome", "there")
def test_a_cancelled_upload_says_whether_the_device_was_touched(configuration, port):
    seen = Seen(until=(Stage.UPLOAD, 33))
    with pytest.raises(Cancelled):
        flash(FlashOrder(configuration, port), seen)
    assert seen.lines[-1].startswith("The device was being written")
    seen = Seen(until=(Stage.UPLOAD, 50))
    with pytest.raises(Cancelled):
        flash(FlashOrder(configuration, Target(address="kitchen.local")), seen)
    assert seen.lines[-1] == "The device goes on with the program that it had."


@pytest.mark.usefixtures("esphome")
def test_the_log_tells_of_wake_words_and_hides_secrets(configuration, port):
    seen = Seen()
    assert follow_log(configuration, port, seen) == 2
    assert seen.phases == [LISTENING]
    assert seen.steps[-1] == (LISTENING, 2, {"wake_word": "Alexa", "sure": 0.91})
    assert "▶ Heard “Alexa”, 98 % sure. (1)" in seen.lines
    assert any("SSID: '•••'" in line for line in seen.lines)
    no_secret_in("\n".join(seen.lines))


@pytest.mark.usefixtures("esphome")
def test_what_is_missing_is_told_before_anything_is_built(configuration, port, monkeypatch, tmp_path):
    def refusal(target=port):
        seen = Seen()
        with pytest.raises(StudioError) as told:
            flash(FlashOrder(configuration, target), seen)
        assert seen.phases == []
        return told.value

    assert refusal(Target(port="/dev/nothing-here")).code == "flash.no_port"
    assert refusal(Target()).code == "flash.no_device"
    assert refusal(Target(address="-oProxyCommand=x")).code == "flash.no_device"
    monkeypatch.setattr("mww_studio.esphome.ports.os.access", lambda *_: False)
    denied = refusal()
    assert denied.code == "flash.no_permission"
    assert "sudo usermod -a -G" in denied.do
    monkeypatch.undo()
    monkeypatch.setenv("MWW_STUDIO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PLATFORMIO_CORE_DIR", str(tmp_path / "empty"))
    monkeypatch.setattr("mww_studio.esphome.toolchain.socket.create_connection", _no_network)
    assert refusal().code == "net.offline"
    monkeypatch.setattr("mww_studio.esphome.toolchain.shutil.disk_usage", lambda _: SimpleNamespace(free=3e9))
    full = refusal()
    assert full.code == "project.disk_full"
    assert "4.5 GB" in full.why
    configuration.with_name("secrets.yaml").write_text('wifi_ssid: "fill in: your network\'s name"\n')
    assert refusal().code == "flash.wifi"


def test_only_configurations_are_read(tmp_path):
    (tmp_path / "picture.yaml").write_bytes(bytes(range(256)))
    (tmp_path / "big.yaml").write_bytes(b"#" * 1_000_001)
    (tmp_path / "model.tflite").write_bytes(b"TFL3")
    for name in ("picture.yaml", "big.yaml", "model.tflite", "none.yaml", "."):
        with pytest.raises(StudioError) as told:
            check(tmp_path / name, Seen())
        assert told.value.code == "flash.file"


def test_the_real_esphome_is_cancelled_in_the_middle_of_a_build(configuration, port):
    """PlatformIO then tries for half a minute to fetch what it lacks; all of it is gone at once."""
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with pytest.raises(Cancelled):
        flash(FlashOrder(configuration, port), Seen(until=(Stage.DOWNLOAD, 0)))
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


@pytest.mark.usefixtures("esphome")
def test_a_typed_password_reaches_the_device_and_nothing_else(configuration, monkeypatch):
    """The device is a socket that speaks ESPHome's update protocol, the sender is esphome's own."""
    with _update_server(TYPED) as device:
        monkeypatch.setattr(ota_program, "PORT", device.port)
        seen = Seen()
        flash(FlashOrder(configuration, Target(address="127.0.0.1"), password=TYPED), seen)
        assert device.received == bytes(range(256)) * 800
    assert "hoppetosse" not in "\n".join(seen.lines)
    assert any("OTA successful" in line for line in seen.lines)


def test_a_password_is_in_no_text_of_an_order():
    assert TYPED not in repr(FlashOrder(Path("x.yaml"), Target(address="x"), password=TYPED))


def test_every_secret_of_the_files_is_hidden(configuration):
    from mww_studio.esphome.masking import mask_for

    text = 'wifi:\n  password: "open secret" # mine\n  ap:\n    password: !secret x\n'
    said = mask_for(configuration, text, ["typed by hand"]).hide(
        " ".join([*SECRETS.values(), "open secret", "typed by hand"])
    )
    no_secret_in(said)
    assert "open secret" not in said
    assert "typed" not in said


def _saying(answer):
    """A child process that says one line in place of its own."""
    return lambda _command, folder, data: Child([sys.executable, "-c", f"print({str(answer)!r})"], folder, data)


def _no_network(*_):
    raise OSError("Network is unreachable")


class _UpdateServer:
    """Takes one update as a device does: version 2, SHA256, chunks of 8192 bytes."""

    def __init__(self, password):
        self._password = password.encode()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.received = b""
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def close(self):
        self.thread.join(30)
        self._listener.close()

    def _serve(self):
        self._listener.accept()[0].close()  # whoever asks only whether anybody is there
        connection, _ = self._listener.accept()
        with connection, connection.makefile("rwb", buffering=0) as line:
            assert line.read(5) == bytes([0x6C, 0x26, 0xF7, 0x5C, 0x45])
            line.write(bytes([0x00, 2]))
            line.read(1)
            line.write(bytes([0x40]))
            nonce = b"n" * 64
            line.write(bytes([0x02]) + nonce)
            theirs, answer = _whole(line, 64), _whole(line, 64)
            assert answer.decode() == sha256(self._password + nonce + theirs).hexdigest()
            line.write(bytes([0x41]))
            size = int.from_bytes(_whole(line, 4), "big")
            line.write(bytes([0x42]))
            _whole(line, 32)
            line.write(bytes([0x43]))
            while len(self.received) < size:
                self.received += _whole(line, min(8192, size - len(self.received)))
                line.write(bytes([0x47]))
            line.write(bytes([0x44, 0x45]))
            line.read(1)


def _whole(line, size):
    found = b""
    while len(found) < size:
        found += line.read(size - len(found))
    return found


@contextmanager
def _update_server(password):
    server = _UpdateServer(password)
    try:
        yield server
    finally:
        server.close()
