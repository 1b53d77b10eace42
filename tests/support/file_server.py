"""A server on this computer that sends real bytes, and every fault that a real one may have."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

Fault = Callable[[BaseHTTPRequestHandler, bytes], None]
"""Answers a request for these bytes in place of the server."""


@dataclass
class Served:
    """One file. ``faults`` are used up one by one, a request each."""

    content: bytes
    etag: str | None = '"first"'
    ranges: bool = True
    faults: deque[Fault] = field(default_factory=deque)


class FileServer:
    """A context manager: while it lasts, ``files`` are served below ``url``; ``asked`` keeps every request."""

    def __init__(self) -> None:
        self.files: dict[str, Served] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.stalled = threading.Event()
        self.released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def serve(self, name: str, content: bytes, *faults: Fault, **options) -> str:
        """Serve a file; returns its address."""
        self.files[name] = Served(content, faults=deque(faults), **options)
        return f"{self.url}/{name}"

    def ranges_asked(self) -> list[str]:
        """The Range header of every request; empty where there was none."""
        return [headers.get("Range", "") for _, headers in self.asked]

    def stall(self, after: int) -> Fault:
        """Send ``after`` bytes of what was asked for, then nothing until the server ends."""

        def fault(request: BaseHTTPRequestHandler, content: bytes) -> None:
            _head(request, len(content))
            request.wfile.write(content[:after])
            request.wfile.flush()
            self.stalled.set()
            self.released.wait()

        return fault

    def silent(self) -> Fault:
        """Take the question and say nothing until the server ends."""

        def fault(_request: BaseHTTPRequestHandler, _content: bytes) -> None:
            self.stalled.set()
            self.released.wait()

        return fault

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                name = self.path.removeprefix("/")
                server.asked.append((name, dict(self.headers)))
                if name not in server.files:
                    self.send_error(404)
                    return
                served = server.files[name]
                if served.faults:
                    served.faults.popleft()(self, served.content)
                else:
                    _send(self, served)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def cut(after: int) -> Fault:
    """Say how much will come, from the asked place on, send ``after`` bytes of it and hang up."""

    def fault(request: BaseHTTPRequestHandler, content: bytes) -> None:
        first = _first_byte(request)
        if first:
            request.send_response(206)
            request.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
            _finish_head(request, len(content) - first)
        else:
            _head(request, len(content))
        request.wfile.write(content[first : first + after])
        request.close_connection = True

    return fault


def status(code: int) -> Fault:
    """Answer with an error."""

    def fault(request: BaseHTTPRequestHandler, _content: bytes) -> None:
        request.send_error(code)

    return fault


def moved(url: str) -> Fault:
    """Say that the file is elsewhere."""

    def fault(request: BaseHTTPRequestHandler, _content: bytes) -> None:
        request.send_response(302)
        request.send_header("Location", url)
        request.send_header("ETag", '"of the answer that it has moved"')
        _finish_head(request, 0)

    return fault


def _send(request: BaseHTTPRequestHandler, served: Served) -> None:
    first = _first_byte(request) if served.ranges else 0
    condition = request.headers.get("If-Range")
    if condition is not None and condition != served.etag:
        first = 0
    if first >= len(served.content) > 0 and first:
        request.send_error(416)
        return
    if first:
        request.send_response(206)
        request.send_header("Content-Range", f"bytes {first}-{len(served.content) - 1}/{len(served.content)}")
    else:
        request.send_response(200)
    if served.etag is not None:
        request.send_header("ETag", served.etag)
    _finish_head(request, len(served.content) - first)
    request.wfile.write(served.content[first:])


def _first_byte(request: BaseHTTPRequestHandler) -> int:
    return int(request.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")[0])


def _head(request: BaseHTTPRequestHandler, length: int) -> None:
    request.send_response(200)
    request.send_header("ETag", '"first"')
    _finish_head(request, length)


def _finish_head(request: BaseHTTPRequestHandler, length: int) -> None:
    request.send_header("Content-Length", str(length))
    request.end_headers()
