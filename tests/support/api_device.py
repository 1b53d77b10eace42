"""A device on the loopback that speaks ESPHome's own API, with encryption and without.

The messages and their numbers, and the frames that are sent, are aioesphomeapi's own; the encryption is the package
noiseprotocol's, in the role of the device. What the device does with them follows ESPHome's voice_assistant component:
one client at a time is its assistant, and only that one is told its wake words.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from aioesphomeapi import api_pb2 as pb
from aioesphomeapi._frame_helper.packets import make_plain_text_packets
from aioesphomeapi.core import MESSAGE_TYPE_TO_PROTO
from cryptography.exceptions import InvalidTag
from noise.connection import NoiseConnection

KEY = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
NUMBERS = {message: number for number, message in MESSAGE_TYPE_TO_PROTO.items()}
WOKE = (
    "\x1b[0;36m[D][micro_wake_word:334]: Detected '{word}' with sliding average probability is 0.97"
    " and max probability is 1.00\x1b[0m"
)
TAKEN = (
    "\x1b[1;31m[E][voice_assistant:558]: Multiple API Clients attempting to connect to Voice Assistant\n"
    "  Current client: Home Assistant (192.168.1.2)\x1b[0m"
)
ANSWERS = {
    pb.HelloRequest: pb.HelloResponse(api_version_major=1, api_version_minor=12, name="kitchen"),
    pb.AuthenticationRequest: pb.AuthenticationResponse(),
    pb.DisconnectRequest: pb.DisconnectResponse(),
    pb.PingRequest: pb.PingResponse(),
}
FACTS = {
    "name": "kitchen",
    "friendly_name": "Kitchen",
    "model": "esp32s3",
    "esphome_version": "2026.6.5",
    "mac_address": "AA:BB:CC:DD:EE:FF",
}


class ApiDevice:
    """One device. ``words``: its wake words by id; ``held``: whether Home Assistant is its assistant already."""

    def __init__(self, words: dict[str, str], key: str = "", *, held: bool = False, assistant: bool = True) -> None:
        self.words, self.key, self.held, self.assistant = words, key, held, assistant
        self.active = list(words)[:1]
        self.events: list[int] = []
        """The kinds of the events that the assistant sent."""
        self.ended = threading.Event()
        """A conversation was ended by the assistant."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lines: list[_Line] = []
        self._owner: _Line | None = None
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()
        self._talks: list[threading.Thread] = []

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.vanish()
        for thread in (self._thread, *self._talks):
            thread.join(10)

    def vanish(self) -> None:
        """Lose its power."""
        for line in self._lines:
            with suppress(OSError):
                line.socket.shutdown(socket.SHUT_RDWR)

    def wake(self, word: str) -> None:
        """Hear a wake word: say so in the log, and ask the assistant to listen."""
        self.log(WOKE.format(word=word))
        if self._owner is not None:
            self._owner.send(pb.VoiceAssistantRequest(start=True, wake_word_phrase=word))

    def log(self, text: str) -> None:
        for line in self._lines:
            if line.wants_log:
                line.send(pb.SubscribeLogsResponse(level=5, message=text.encode()))

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                line = _Line(connection, self.key)
                self._lines.append(line)
                thread = threading.Thread(target=self._talk, args=(line,))
                self._talks.append(thread)
                thread.start()

    def _talk(self, line: "_Line") -> None:
        with line.socket, suppress(OSError):
            for message in line.messages():
                self._answer(line, message)
        if self._owner is line:
            self._owner = None

    def _answer(self, line: "_Line", message: object) -> None:
        if type(message) in ANSWERS:
            line.send(ANSWERS[type(message)])
        elif isinstance(message, pb.DeviceInfoRequest):
            line.send(pb.DeviceInfoResponse(voice_assistant_feature_flags=5 if self.assistant else 0, **FACTS))
        else:
            self._assist(line, message)

    def _assist(self, line: "_Line", message: object) -> None:
        match message:
            case pb.SubscribeLogsRequest():
                line.wants_log = True
            case pb.SubscribeVoiceAssistantRequest():
                self._subscribe(line, message.subscribe)
            case pb.VoiceAssistantConfigurationRequest():
                line.send(self._configuration() if line is self._owner else pb.VoiceAssistantConfigurationResponse())
            case pb.VoiceAssistantSetConfiguration():
                if line is self._owner:
                    self.active = [word for word in message.active_wake_words if word in self.words]
            case pb.VoiceAssistantEventResponse():
                self.events.append(message.event_type)
                if message.event_type == pb.VOICE_ASSISTANT_RUN_END:
                    self.ended.set()

    def _subscribe(self, line: "_Line", wanted: bool) -> None:
        if not wanted:
            self._owner = None
        elif self.held:
            self.log(TAKEN)
        else:
            self._owner = line

    def _configuration(self) -> object:
        response = pb.VoiceAssistantConfigurationResponse(
            active_wake_words=self.active, max_active_wake_words=1 if self.words else 0
        )
        for name, word in self.words.items():
            response.available_wake_words.add(id=name, wake_word=word, trained_languages=["en"])
        return response


class _Line:
    """One client, with or without encryption."""

    def __init__(self, connection: socket.socket, key: str) -> None:
        self.socket = connection
        self.wants_log = False
        self._lock = threading.Lock()
        self._noise = _responder(key) if key else None

    def send(self, message: object) -> None:
        data, number = message.SerializeToString(), NUMBERS[type(message)]
        with self._lock, suppress(OSError):
            if self._noise is None:
                self.socket.sendall(b"".join(make_plain_text_packets([(number, data)])))
            else:
                head = number.to_bytes(2, "big") + len(data).to_bytes(2, "big")
                self._send_frame(self._noise.encrypt(head + data))

    def messages(self) -> Iterator[object]:
        if self._noise is not None and not self._shake_hands(self._noise):
            return
        while True:
            if self._noise is None:
                if self._read(1) != b"\0":
                    self.socket.sendall(b"\0")  # as a device without encryption answers a client with it
                    return
                size, number = self._number(), self._number()
                data = self._read(size)
            else:
                plain = self._noise.decrypt(self._frame())
                number, data = int.from_bytes(plain[:2], "big"), plain[4:]
            message = MESSAGE_TYPE_TO_PROTO[number]()
            message.ParseFromString(data)
            yield message

    def _shake_hands(self, noise: NoiseConnection) -> bool:
        first = self._read(1)
        if first != b"\x01":
            self._send_frame(b"\x01Bad indicator byte")
            return False
        self._read(int.from_bytes(self._read(2), "big"))
        self._send_frame(b"\x01kitchen\0AABBCCDDEEFF\0")
        try:
            noise.read_message(self._frame()[1:])
        except InvalidTag:
            self._send_frame(b"\x01Handshake MAC failure")
            return False
        self._send_frame(b"\0" + bytes(noise.write_message()))
        return True

    def _frame(self) -> bytes:
        if self._read(1) != b"\x01":
            raise OSError("no frame of the encrypted protocol")
        return self._read(int.from_bytes(self._read(2), "big"))

    def _send_frame(self, data: bytes) -> None:
        self.socket.sendall(b"\x01" + len(data).to_bytes(2, "big") + data)

    def _number(self) -> int:
        number = shift = 0
        while True:
            byte = self._read(1)[0]
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    def _read(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            block = self.socket.recv(size - len(found))
            if not block:
                raise OSError("the client is gone")
            found += block
        return found


def _responder(key: str) -> NoiseConnection:
    from base64 import b64decode

    noise = NoiseConnection.from_name(b"Noise_NNpsk0_25519_ChaChaPoly_SHA256")
    noise.set_as_responder()
    noise.set_psks(b64decode(key))
    noise.set_prologue(b"NoiseAPIInit\x00\x00")
    noise.start_handshake()
    return noise


@contextmanager
def api_device(words: dict[str, str], key: str = "", **how: bool) -> Iterator[ApiDevice]:
    """A device as long as the block lasts."""
    device = ApiDevice(words, key, **how)
    try:
        yield device
    finally:
        device.close()
