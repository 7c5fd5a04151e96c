"""Handlers for the estate's connections: TLS with a gate in front of it, and servers that misbehave."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from posture_estates.endpoints.hello import (
    TLS_1_2,
    await_hello,
    newest_version_offered,
    server_name_offered,
    suites_offered,
)
from posture_estates.endpoints.listening import Handler, drain, reset_on_close
from posture_estates.endpoints.scripted import send_alert
from posture_estates.endpoints.site import Stopped, drip


class Admission(Enum):
    """What happens to a connection once its hello is there."""

    SERVE = "serve"
    RESET = "reset"
    SILENCE = "silence"
    CLOSE = "close"
    INTERNAL_ERROR = "internal error"


Gate = Callable[[bytes], Admission]


@dataclass(frozen=True, slots=True)
class TlsServer:
    """Lets the gate look at the hello, then completes the handshake and hands the stream to `serve`."""

    context: ssl.SSLContext
    serve: Callable[[ssl.SSLSocket], None]
    gate: Gate | None = None

    def __call__(self, connection: socket.socket) -> None:
        if self.gate is not None:
            match self.gate(await_hello(connection)):
                case Admission.RESET:
                    reset_on_close(connection)
                    return
                case Admission.SILENCE:
                    drain(connection)
                    return
                case Admission.CLOSE:
                    connection.recv(16_384)
                    return
                case Admission.INTERNAL_ERROR:
                    send_alert(connection, 80)
                    return
                case Admission.SERVE:
                    pass
        with self.context.wrap_socket(connection, server_side=True) as stream:
            self.serve(stream)


class RateLimit:
    """Serves `limit` connections in any `window` seconds and resets the others after their hello."""

    def __init__(self, limit: int, window: float = 60.0) -> None:
        self._lock = threading.Lock()
        self._served: deque[float] = deque()
        self._turns: Iterator[bool] = iter(())
        self.limit = limit
        self._window = window

    def restart(self, limit: int) -> None:
        """Forgets the connections so far and goes on with another limit."""
        with self._lock:
            self._served.clear()
            self._turns = iter(())
            self.limit = limit

    def follow(self, turns: Iterable[bool]) -> None:
        """Serves the next connections as these say, one each; after the last the limit counts again."""
        with self._lock:
            self._turns = iter(turns)

    def __call__(self, hello: bytes) -> Admission:
        now = time.monotonic()
        with self._lock:
            turn = next(self._turns, None)
            if turn is not None:
                return Admission.SERVE if turn else Admission.RESET
            while self._served and now - self._served[0] > self._window:
                self._served.popleft()
            if len(self._served) >= self.limit:
                return Admission.RESET
            self._served.append(now)
            return Admission.SERVE


class EveryThird:
    """Resets each third connection."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0

    def __call__(self, hello: bytes) -> Admission:
        with self._lock:
            self._count += 1
            return Admission.RESET if self._count % 3 == 0 else Admission.SERVE


def always_reset(hello: bytes) -> Admission:
    return Admission.RESET


def reset_old_hellos(hello: bytes) -> Admission:
    """As stacks do that drop the connection instead of sending an alert."""
    return Admission.SERVE if newest_version_offered(hello) >= TLS_1_2 else Admission.RESET


def silence_old_hellos(hello: bytes) -> Admission:
    """As a middlebox does that swallows what it does not like."""
    return Admission.SERVE if newest_version_offered(hello) >= TLS_1_2 else Admission.SILENCE


@dataclass(frozen=True, slots=True)
class DrippingHandshake:
    """Answers a hello with the header of a long handshake record and then its bytes, one by one."""

    interval: float
    stopped: Stopped

    def __call__(self, connection: socket.socket) -> None:
        await_hello(connection)
        connection.sendall(b"\x16\x03\x03\x3f\xff")
        drip(connection, b"\x00", self.interval, self.stopped)


def close_old_hellos(hello: bytes) -> Admission:
    """As stacks do that hang up without a word."""
    return Admission.SERVE if newest_version_offered(hello) >= TLS_1_2 else Admission.CLOSE


def complain_of_old_hellos(hello: bytes) -> Admission:
    """As stacks do that answer with an alert which does not speak of versions."""
    return Admission.SERVE if newest_version_offered(hello) >= TLS_1_2 else Admission.INTERNAL_ERROR


def hang_on_middle_sizes(hello: bytes) -> Admission:
    """As load balancers did that took a hello of 256 to 511 bytes for one of SSL 2.0."""
    return Admission.SILENCE if hello[:1] == b"\x16" and 256 <= len(hello) - 5 < 512 else Admission.SERVE


def reset_long_lists(hello: bytes) -> Admission:
    """As stacks do that have room for 128 suites."""
    return Admission.RESET if len(suites_offered(hello)) > 128 else Admission.SERVE


@dataclass(frozen=True, slots=True)
class Limited:
    """A rate limit with another way to refuse."""

    limit: RateLimit
    refusal: Admission

    def __call__(self, hello: bytes) -> Admission:
        return Admission.SERVE if self.limit(hello) is Admission.SERVE else self.refusal


@dataclass(frozen=True, slots=True)
class ResetAtOnce:
    """Resets what is above the limit before any hello; the others go on to `serve`."""

    limit: RateLimit
    serve: Handler

    def __call__(self, connection: socket.socket) -> None:
        if self.limit(b"") is Admission.SERVE:
            self.serve(connection)
        else:
            reset_on_close(connection)


@dataclass(frozen=True, slots=True)
class VirtualHosts:
    """One server for the clients that send the host's name, another for all others."""

    host: str
    named: Handler
    default: Handler

    def __call__(self, connection: socket.socket) -> None:
        chosen = self.named if server_name_offered(await_hello(connection)) == self.host else self.default
        chosen(connection)


def refuse_nameless(connection: socket.socket) -> None:
    """Answers with the alert unrecognized_name."""
    send_alert(connection, 112)
