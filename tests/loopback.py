"""A server on 127.0.0.1 whose whole behaviour is one function."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def server(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """Its port; each connection is given to `answer`, one after the other."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        stopped = threading.Event()

        def run() -> None:
            while not stopped.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                connection.settimeout(2)
                with connection:
                    try:
                        answer(connection)
                    except (OSError, ssl.SSLError):
                        continue

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            stopped.set()
            thread.join(10)
