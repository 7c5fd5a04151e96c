"""Listens on many loopback addresses, gives each connection a thread, and leaves none behind when it closes."""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

Handler = Callable[[socket.socket], None]
_IO_SECONDS = 5.0
_JOIN_SECONDS = 10.0


class Listening:
    """Listening sockets and their connections; `stopped` tells long handlers that the estate closes."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        self._selector.register(self._woken, selectors.EVENT_READ, None)
        self._reserved: list[socket.socket] = []
        # Touched by the acceptor alone, and by __exit__ once the acceptor has ended.
        self._handled: dict[threading.Thread, socket.socket] = {}
        self._acceptor = threading.Thread(target=self._accept, name="endpoint-lab", daemon=True)

    def __enter__(self) -> Self:
        self._acceptor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopped.set()
        self._wake.send(b"x")
        if self._acceptor.ident is not None:
            self._acceptor.join(_JOIN_SECONDS)
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._selector.close()
        self._wake.close()
        for reserved in self._reserved:
            reserved.close()
        for guard in self._handled.values():
            _end(guard)
        for thread in self._handled:
            thread.join(_JOIN_SECONDS)

    def listen(self, address: str, port: int, handler: Handler) -> int:
        """Listens at once; connections are handled from `__enter__` on. OSError when the address is taken.

        Port 0 takes one that is free. Returns the port.
        """
        listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
        except OSError:
            listener.close()
            raise
        listener.listen(256)
        listener.setblocking(False)
        self._selector.register(listener, selectors.EVENT_READ, handler)
        return int(listener.getsockname()[1])

    def reserve(self, address: str, port: int) -> None:
        """Takes the port without listening on it, so that connections are refused."""
        holder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        holder.bind((address, port))
        self._reserved.append(holder)

    def _accept(self) -> None:
        while not self.stopped.is_set():
            for key, _ in self._selector.select():
                if isinstance(key.fileobj, socket.socket) and key.data is not None:
                    self._start(key.fileobj, key.data)

    def _start(self, listener: socket.socket, handler: Handler) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        connection.settimeout(_IO_SECONDS)
        # TLS takes the descriptor away from `connection`; the duplicate lets the estate end it from outside.
        guard = connection.dup()
        thread = threading.Thread(target=self._handle, args=(connection, guard, handler), daemon=True)
        thread.start()
        self._handled = {other: held for other, held in self._handled.items() if other.is_alive()} | {thread: guard}

    def _handle(self, connection: socket.socket, guard: socket.socket, handler: Handler) -> None:
        try:
            handler(connection)
        except (OSError, ssl.SSLError):
            pass  # the client went, or sent what is no TLS: the next connection is served all the same
        finally:
            connection.close()
            guard.close()


def reset_on_close(connection: socket.socket) -> None:
    """Makes the close that follows send RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def drain(connection: socket.socket) -> None:
    """Reads and says nothing until the peer goes or the estate closes."""
    connection.settimeout(None)
    while connection.recv(4096):
        pass


def _end(guard: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the peer was faster
        guard.shutdown(socket.SHUT_RDWR)
