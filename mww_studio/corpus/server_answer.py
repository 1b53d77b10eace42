"""What a server answers, read in a thread of its own, so that one that says nothing cannot hold up a cancel."""

import contextlib
import queue
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self

import pooch
import requests

from mww_studio.progress import Progress

CHUNK_BYTES = 1 << 16  # of a connection that breaks, at most this much is lost
LOOK_S = 0.1
SILENT_S = 30.0
_CHUNKS_WAITING = 64
_CONNECT_S = 15.0


@dataclass(frozen=True)
class Head:
    """What a server says before it sends."""

    status: int
    reason: str
    headers: Mapping[str, str]

    @property
    def validator(self) -> str:
        """The mark of this version that a server accepts in If-Range; weak ones prove nothing about bytes."""
        etag = self.headers.get("ETag", "")
        return etag if etag and not etag.startswith("W/") else self.headers.get("Last-Modified", "")

    @property
    def total(self) -> int | None:
        """Bytes of the whole file."""
        if self.status == HTTPStatus.PARTIAL_CONTENT:
            text = self.headers.get("Content-Range", "").rpartition("/")[2]
        else:
            text = self.headers.get("Content-Length", "")
        return int(text) if text.isdecimal() else None

    @property
    def first_byte(self) -> int | None:
        """Where in the file the sent part begins; None where the server does not say."""
        if self.status == HTTPStatus.OK:
            return 0
        text = self.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
        return int(text) if text.isdecimal() else None


class _Stopped(Exception):  # noqa: N818 - it is not an error
    """Nobody listens to this answer any more."""


class Answer:
    """What a server answers, read in a thread of its own. A context manager: leaving it ends the reading."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self._said: queue.Queue[Head | bytes | Exception | None] = queue.Queue(_CHUNKS_WAITING)
        self._stopped = threading.Event()
        self._response: requests.Response | None = None
        self._download = pooch.HTTPDownloader(
            chunk_size=CHUNK_BYTES, timeout=(_CONNECT_S, SILENT_S), headers=headers, hooks={"response": self._begin}
        )
        self._thread = threading.Thread(target=self._read, args=(url,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        if self._response is not None and self._thread.is_alive():
            # Wakes a thread that waits for the server; closing the response would wait for that very thread.
            with contextlib.suppress(OSError, ValueError, RuntimeError):
                self._response.raw.shutdown()

    def said(self, progress: Progress) -> Iterator[Head | bytes]:
        """The head, then the content, piece by piece. Raises what the reading raised, and Cancelled."""
        while True:
            progress.check_cancelled()
            try:
                item = self._said.get(timeout=LOOK_S)
            except queue.Empty:
                continue
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            yield item

    # What pooch writes to, as to a file.

    def write(self, content: bytes) -> None:
        """In the thread: hand over one piece."""
        self._put(content)

    def flush(self) -> None:
        """Nothing is kept back."""

    # In the thread.

    def _read(self, url: str) -> None:
        end: Exception | None = None
        try:
            self._download(url, self, None)
        except _Stopped:
            return
        except Exception as error:  # noqa: BLE001 - whoever listens must hear of it, whatever it is
            end = error
        finally:
            if self._response is not None:
                self._response.close()
        with contextlib.suppress(_Stopped):
            self._put(end)

    def _begin(self, response: requests.Response, *_: object, **__: object) -> None:
        if not response.is_redirect:
            self._response = response
            self._put(Head(response.status_code, response.reason or "", response.headers))

    def _put(self, item: Head | bytes | Exception | None) -> None:
        while not self._stopped.is_set():
            try:
                self._said.put(item, timeout=LOOK_S)
            except queue.Full:
                continue
            return
        raise _Stopped
