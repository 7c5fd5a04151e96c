"""The bytes of one connection to an event loop, as they come, and the end of the wait for more."""

from __future__ import annotations

import asyncio
from typing import cast

from posture_endpoint.hello.parse import MOST_BYTES


class Wire(asyncio.Protocol):
    """The bytes of one connection, as they come, up to MOST_BYTES; `over` when no more will come."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.over = False
        self.error: Exception | None = None
        self._late = False
        self._transport: asyncio.Transport | None = None
        self._news: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self.received += data[: MOST_BYTES - len(self.received)]
        if len(self.received) >= MOST_BYTES:
            self.over = True
            self.abort()
        self._tell()

    def eof_received(self) -> bool:
        self.over = True
        self._tell()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.over = True
        self.error = self.error or exc
        self._tell()

    def send(self, data: bytes) -> None:
        """Hands bytes to the system; a connection that is gone shows in the next read."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    async def more(self) -> None:
        """Returns when something came since the last look, or when nothing more will. TimeoutError when time is up."""
        if not self.over and not self._late:
            self._news = asyncio.get_running_loop().create_future()
            await self._news
        if self._late and not self.over:
            raise TimeoutError

    def expire(self) -> None:
        """From now on nothing is awaited."""
        self._late = True
        self._tell()

    def abort(self) -> None:
        """Drops the connection without a farewell."""
        if self._transport is not None:
            self._transport.abort()

    def _tell(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)
