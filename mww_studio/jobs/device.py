"""A device that is listened to: one connection in a thread of its own, steered from another."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from mww_studio.errors import StudioError
from mww_studio.esphome.device_api import API_PORT, DeviceEvent, DeviceSession
from mww_studio.esphome.masking import secrets_beside

_KEY = "_api_key"


class DeviceLink:
    """A connection that lasts until :meth:`leave`. :meth:`run` blocks in one thread; the rest is for any other."""

    def __init__(self, address: str, key: str = "", port: int = API_PORT) -> None:
        self._address, self._key, self._port = address, key, port
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._serving: asyncio.Task[None] | None = None
        self._orders: asyncio.Queue[tuple[str, ...]] = asyncio.Queue()
        self._left = False

    def run(self, tell: Callable[[DeviceEvent], None], refused: Callable[[StudioError], None] | None = None) -> None:
        """Connect, and tell all that happens, until :meth:`leave`.

        ``refused``: hears why a choice of words was not taken; the connection goes on. Raises StudioError ``device.*``
        and ``flash.no_answer`` when there is no connection, or no more.
        """
        asyncio.run(self._run(tell, refused))

    def choose(self, ids: Sequence[str]) -> None:
        """Let the device listen for these words alone; told as Words. Returns at once."""
        with self._lock:
            if self._loop is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._orders.put_nowait, tuple(ids))

    def leave(self) -> None:
        """End the connection within a second. Returns at once."""
        with self._lock:
            self._left = True
            if self._loop is not None and self._serving is not None and not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._serving.cancel)

    async def _run(self, tell: Callable[[DeviceEvent], None], refused: Callable[[StudioError], None] | None) -> None:
        session = DeviceSession(self._address, self._key, tell, self._port)
        serving = asyncio.create_task(self._serve(session, refused))
        with self._lock:
            self._loop, self._serving = asyncio.get_running_loop(), serving
            if self._left:
                serving.cancel()
        try:
            await serving
        except asyncio.CancelledError:
            if not self._left:
                raise
        finally:
            with self._lock:
                self._loop = None
            await session.close()

    async def _serve(self, session: DeviceSession, refused: Callable[[StudioError], None] | None) -> None:
        await session.open()
        obeying = asyncio.create_task(self._obey(session, refused))
        try:
            await session.stay()
        finally:
            obeying.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await obeying

    async def _obey(self, session: DeviceSession, refused: Callable[[StudioError], None] | None) -> None:
        while True:
            ids = await self._orders.get()
            try:
                await session.choose(ids)
            except StudioError as error:
                if refused is not None:
                    refused(error)


def key_beside(configuration: Path) -> str:
    """The key of a device in the secrets beside its configuration; empty where there is none, or more than one fits."""
    secrets = secrets_beside(configuration)
    own = secrets.get(configuration.stem.replace("-", "_") + _KEY)
    keys = [
        value for name, value in secrets.items() if name.endswith(_KEY) or name in ("api_key", "api_encryption_key")
    ]
    return own or (keys[0] if len(keys) == 1 else "")
