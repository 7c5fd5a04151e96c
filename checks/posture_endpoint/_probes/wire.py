"""A TCP connection to one pinned address that ends on time, and what the first bytes of a TLS answer mean."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

Cause = Literal["unreachable", "timeout", "malformed-reply", "disagreement", "capped"]
KEPT_BYTES = 1024

CONNECT_PATIENCE = 5.0
"""Seconds until a connection that nobody takes up is given up, when nothing else is said."""

RECONNECTS = 2
"""How often a connection that was refused, or not taken up, is tried again before the address is unreachable."""

RECONNECT_AFTER = 0.2
"""Seconds before the first of these, doubled for the next."""


class ProbeFailed(Exception):
    """Nothing could be read. `cause` is a gap cause; `detail` says what happened, for a person."""

    def __init__(self, cause: Cause, detail: str) -> None:
        super().__init__(f"{cause}: {detail}")
        self.cause: Cause = cause
        self.detail = detail


class Deadline:
    """A moment on the monotonic clock after which nothing more is sent or awaited."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left. TimeoutError when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError(f"the deadline of {self.seconds:g} s has passed")
        return left

    @property
    def passed(self) -> bool:
        return time.monotonic() >= self._end

    def within(self, seconds: float) -> Deadline:
        """A deadline `seconds` from now, but not later than this one."""
        return Deadline(min(seconds, self.remaining()))


class Allowance:
    """The connections that one scan may open to one address; any thread may take of them."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.opened = 0
        self._lock = threading.Lock()

    @property
    def left(self) -> int:
        """Connections that may still be opened."""
        return self.most - self.opened

    def take(self, count: int = 1) -> None:
        """Counts connections that are about to be opened. ProbeFailed("capped") when that is too many."""
        with self._lock:
            if self.opened + count > self.most:
                raise ProbeFailed("capped", f"the limit of {self.most} connections to the address was reached")
            self.opened += count

    def give_back(self, count: int) -> None:
        """Of those that were taken, these were not opened after all."""
        with self._lock:
            self.opened -= count


_allowance: ContextVar[Allowance | None] = ContextVar("allowance", default=None)


@contextmanager
def allowed(allowance: Allowance) -> Iterator[None]:
    """Within it, every connection of this thread, and of the tasks that it starts, is taken from the allowance."""
    token = _allowance.set(allowance)
    try:
        yield
    finally:
        _allowance.reset(token)


def current_allowance() -> Allowance | None:
    """The allowance within which this thread is; None where connections are not counted."""
    return _allowance.get()


def take_connection() -> None:
    """Counts a connection that is about to be opened. ProbeFailed("capped") when the address has seen enough."""
    allowance = current_allowance()
    if allowance is not None:
        allowance.take()


class Wire(socket.socket):
    """A socket whose every operation ends at the deadline, however slowly the peer sends.

    `first_bytes` keeps what came since `record` was called, up to KEPT_BYTES.
    """

    def __init__(self, family: socket.AddressFamily, deadline: Deadline) -> None:
        super().__init__(family, socket.SOCK_STREAM)
        self.deadline = deadline
        self._recording = False
        self.first_bytes = b""

    def record(self) -> None:
        """From now on the peer's bytes are kept."""
        self._recording = True

    def forget(self) -> None:
        """What was kept so far is not wanted any more."""
        self.first_bytes, self._recording = b"", False

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        self.settimeout(self.deadline.remaining())
        data = super().recv(bufsize, flags)
        if self._recording and len(self.first_bytes) < KEPT_BYTES:
            self.first_bytes += data[: KEPT_BYTES - len(self.first_bytes)]
        return data

    def recv_into(self, buffer: WriteableBuffer, nbytes: int = 0, flags: int = 0) -> int:
        self.settimeout(self.deadline.remaining())
        return super().recv_into(buffer, nbytes, flags)

    def send(self, data: ReadableBuffer, flags: int = 0, /) -> int:
        self.settimeout(self.deadline.remaining())
        return super().send(data, flags)

    def sendall(self, data: ReadableBuffer, flags: int = 0, /) -> None:
        self.settimeout(self.deadline.remaining())
        super().sendall(data, flags)


def connect(address: str, port: int, deadline: Deadline) -> Wire:
    """A connection to an IP address; no name is ever resolved. OSError when it fails, ValueError for a name.

    ProbeFailed("capped") where the address has seen as many connections as it may.
    """
    version = ipaddress.ip_address(address).version
    take_connection()
    wire = Wire(socket.AF_INET if version == 4 else socket.AF_INET6, deadline)
    try:
        wire.settimeout(deadline.remaining())
        wire.connect((address, port))
    except OSError:
        wire.close()
        raise
    return wire


def is_ip_address(host: str) -> bool:
    """IP addresses are not sent as SNI (RFC 6066 section 3)."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class Answer(Enum):
    """How a server met a hello. Only REFUSED is a refusal; the rest, ACCEPTED apart, prove nothing."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    OTHER_ALERT = "other alert"
    RESET = "reset"
    CLOSED = "closed"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    NOT_TLS = "not TLS"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The meaning of an answer, in words, with the bytes it was read from (hexadecimal)."""

    answer: Answer
    detail: str
    first_bytes: str = ""
    suite: str | None = None


VERSION_CODES = {"SSLv2": 0x0002, "SSLv3": 0x0300, "TLS 1.0": 0x0301, "TLS 1.1": 0x0302, "TLS 1.2": 0x0303}
_VERSION_NAMES = {code: name for name, code in VERSION_CODES.items()}
# RFC 8446 section 6: these say that the offer itself was refused. Any other alert may have another reason.
_REFUSALS = {40: "handshake_failure", 70: "protocol_version", 71: "insufficient_security"}
_UNRECOGNIZED_NAME_WARNING = b"\x01\x70"


def read_answer(data: bytes, offered: str) -> Reading | None:
    """What `data`, the first bytes of an answer to a hello of version `offered`, says; None when it says nothing yet.

    A ServerHello of a lower version than the one offered is a refusal: a server answers with the highest version it
    accepts that is not above the offer (RFC 5246 appendix E.1). One of the offered version is an acceptance even when
    the handshake fails later (client certificate, weak parameters). For TLS 1.3, whose ServerHello carries its version
    in an extension, only a completed handshake counts.
    """
    shown = data[:64].hex()
    while data[:1] == b"\x15" and data[5:7] == _UNRECOGNIZED_NAME_WARNING:
        data = data[7:]
    if len(data) < 3:
        return None
    if offered == "SSLv2" and data[0] & 0x80 and data[2] == 4:
        return Reading(answer=Answer.ACCEPTED, detail="SSLv2 SERVER-HELLO", first_bytes=shown)
    if data[0] not in (0x15, 0x16) or data[1] != 3:
        return Reading(answer=Answer.NOT_TLS, detail="the answer is not TLS", first_bytes=shown)
    if data[0] == 0x15:
        return _read_alert(data, shown)
    if len(data) < 11:
        return None
    if data[5] != 2:
        return Reading(answer=Answer.UNCLEAR, detail="the answer is no ServerHello", first_bytes=shown)
    return _read_server_hello(int.from_bytes(data[9:11], "big"), offered, shown)


def _read_alert(data: bytes, shown: str) -> Reading | None:
    if len(data) < 7:
        return None
    code = data[6]
    if code == 0:
        return Reading(answer=Answer.CLOSED, detail="closed with close_notify", first_bytes=shown)
    if code in _REFUSALS:
        return Reading(answer=Answer.REFUSED, detail=f"alert {_REFUSALS[code]}", first_bytes=shown)
    return Reading(answer=Answer.OTHER_ALERT, detail=f"alert {code}", first_bytes=shown)


def _read_server_hello(chosen: int, offered: str, shown: str) -> Reading:
    named = _VERSION_NAMES.get(chosen, f"version {chosen:#06x}")
    wanted = VERSION_CODES.get(offered)
    if chosen == wanted:
        return Reading(answer=Answer.ACCEPTED, detail=f"ServerHello for {named}", first_bytes=shown)
    below = chosen in _VERSION_NAMES and chosen < (wanted or VERSION_CODES["TLS 1.2"])
    answer = Answer.REFUSED if below else Answer.UNCLEAR
    return Reading(answer=answer, detail=f"ServerHello for {named} instead", first_bytes=shown)


def read_network_error(error: OSError, wire: Wire | None) -> Reading:
    """A connection that failed, before it stood (`wire` None) or after."""
    shown = wire.first_bytes[:64].hex() if wire else ""
    if isinstance(error, TimeoutError):
        return Reading(answer=Answer.TIMEOUT, detail=str(error) or "timed out", first_bytes=shown)
    if wire is None:
        return Reading(answer=Answer.UNREACHABLE, detail=error.strerror or str(error))
    if isinstance(error, ConnectionError):
        return Reading(answer=Answer.RESET, detail="reset after the hello", first_bytes=shown)
    return Reading(answer=Answer.UNCLEAR, detail=str(error), first_bytes=shown)


def as_json(reading: Reading) -> dict[str, Any]:
    """The reading as evidence."""
    return {"answer": reading.answer.value, "detail": reading.detail, "first_bytes": reading.first_bytes}
