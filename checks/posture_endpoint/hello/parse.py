"""Reads what a server sent to a hello: bytes to values, each length checked; no bytes make it fail or wait for ever."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MOST_BYTES = 65_536
"""No answer is read beyond this: a long chain of certificates has a quarter of it."""

_RECORD_LIMIT = 16_384 + 2_048
_ALERT, _HANDSHAKE = 0x15, 0x16
_SERVER_HELLO, _CERTIFICATE, _KEY_EXCHANGE, _DONE = 2, 11, 12, 14
_AN_ALERT = -1
_UNRECOGNIZED_NAME_WARNING = (1, 112)
_ENCRYPT_THEN_MAC, _SUPPORTED_VERSIONS, _KEY_SHARE = 22, 43, 51
# RFC 8446 section 4.1.3: the random of a ServerHello that is a HelloRetryRequest.
_RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


@dataclass(frozen=True, slots=True)
class Alert:
    """A TLS alert before any ServerHello."""

    level: int
    code: int


@dataclass(frozen=True, slots=True)
class ServerHello:
    """The server's choice. `retry` is a HelloRetryRequest; `group` is named by TLS 1.3 alone.

    `encrypt_then_mac` is true where the server takes up the extension of RFC 7366.
    """

    version: int
    suite: int
    retry: bool
    group: int | None
    encrypt_then_mac: bool = False


@dataclass(frozen=True, slots=True)
class Ssl2ServerHello:
    """The SERVER-HELLO of SSL 2.0: kinds that the server accepts, and its certificate (DER)."""

    kinds: tuple[int, ...]
    certificate: bytes


@dataclass(frozen=True, slots=True)
class Ssl2Error:
    """An ERROR of SSL 2.0; 1 says that there is no common kind."""

    code: int


@dataclass(frozen=True, slots=True)
class NotTls:
    """First bytes that belong to another protocol."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """Bytes that begin as TLS does and then break its rules."""

    why: str


Parsed = Alert | ServerHello | Ssl2ServerHello | Ssl2Error | NotTls | Malformed


@dataclass(frozen=True, slots=True)
class Flight:
    """What follows a ServerHello of TLS 1.2 or older, as far as it has come.

    `chain` is DER, leaf first. `complete` is true from the ServerHelloDone on, or when nothing readable can follow.
    """

    chain: tuple[bytes, ...]
    key_exchange: bytes
    complete: bool


class _Short(Exception):
    """The bytes end where more are needed."""


class _Broken(Exception):
    """A length or a type that cannot be."""


def parse(data: bytes, *, ssl2: bool = False) -> Parsed | None:
    """The meaning of an answer's first bytes; None while more are needed. `ssl2` after a hello of SSL 2.0."""
    try:
        if ssl2 and data[:1] and (data[0] & 0x80 or data[0] not in (_ALERT, _HANDSHAKE)):
            return _parse_ssl2(data)
        return _parse_tls(data)
    except _Short:
        return None
    except _Broken as broken:
        return Malformed(str(broken))


def parse_flight(data: bytes) -> Flight:
    """Certificates and key exchange behind the ServerHello; what is malformed ends the flight."""
    chain: tuple[bytes, ...] = ()
    key_exchange = b""
    try:
        for kind, body in _messages(data):
            if kind == _CERTIFICATE:
                chain = _certificates(body)
            elif kind == _KEY_EXCHANGE:
                key_exchange = body
            elif kind in (_DONE, _AN_ALERT):
                return Flight(chain, key_exchange, True)
    except _Short:
        return Flight(chain, key_exchange, False)
    except _Broken:
        pass  # what came before it stands
    return Flight(chain, key_exchange, True)


def named_curve(key_exchange: bytes) -> int | None:
    """The group of an ECDHE ServerKeyExchange (RFC 8422 section 5.4); None where it names none."""
    return int.from_bytes(key_exchange[1:3], "big") if len(key_exchange) > 3 and key_exchange[0] == 3 else None


def signature_scheme(key_exchange: bytes, *, curves: bool) -> int | None:
    """The algorithm that signs a ServerKeyExchange of TLS 1.2 (RFC 5246 section 4.7); None where none is named.

    `curves` tells the parameters of ECDHE (RFC 8422 section 5.4) from those of DHE (RFC 5246 section 7.4.3).
    """
    view = _Reader(key_exchange)
    try:
        if curves:
            view.take(3)
            view.take(view.number(1))
        else:
            for _ in range(3):  # prime, generator, public value
                view.take(view.number(2))
        return view.number(2)
    except _Broken:
        return None


def prime_bits(key_exchange: bytes) -> int | None:
    """The size of the prime of a DHE ServerKeyExchange (RFC 5246 section 7.4.3), in bits."""
    size = int.from_bytes(key_exchange[:2], "big")
    prime = key_exchange[2 : 2 + size]
    return int.from_bytes(prime, "big").bit_length() if size and len(prime) == size else None


def _parse_tls(data: bytes) -> Parsed:
    if data[:1] and data[0] not in (_ALERT, _HANDSHAKE):
        return NotTls()
    if data[1:2] and data[1] != 3:
        return NotTls()
    for kind, body in _messages(data):
        if kind == _AN_ALERT:
            return Alert(body[0], body[1])
        if kind != _SERVER_HELLO:
            raise _Broken(f"the answer begins with handshake message {kind}")
        return _server_hello(body)
    raise _Short


def _records(data: bytes) -> Iterator[tuple[int, bytes, bool]]:
    """The records with their content, as far as it is there, and whether it all is."""
    at = 0
    while at < len(data):
        if len(data) - at < 5:
            raise _Short
        kind, major = data[at], data[at + 1]
        size = int.from_bytes(data[at + 3 : at + 5], "big")
        if major != 3 or not 0x14 <= kind <= 0x18:
            raise _Broken(f"record of type {kind} and version {major}")
        if not 0 < size <= _RECORD_LIMIT:
            raise _Broken(f"record of {size} bytes")
        body = data[at + 5 : at + 5 + size]
        yield kind, body, len(body) == size
        at += 5 + size
    raise _Short


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The handshake messages; an alert comes as _AN_ALERT. The warning about an unknown name is passed over."""
    waiting = bytearray()
    for kind, body, whole in _records(data):
        if kind == _ALERT:
            if len(body) < 2:
                raise _Short if not whole else _Broken("alert of one byte")
            if (body[0], body[1]) != _UNRECOGNIZED_NAME_WARNING:
                yield _AN_ALERT, body[:2]
            continue
        if kind != _HANDSHAKE:
            raise _Broken(f"record of type {kind} among handshake messages")
        waiting += body
        while len(waiting) >= 4:
            size = int.from_bytes(waiting[1:4], "big")
            if size > MOST_BYTES:
                raise _Broken(f"handshake message of {size} bytes")
            if len(waiting) < 4 + size:
                break
            yield waiting[0], bytes(waiting[4 : 4 + size])
            del waiting[: 4 + size]


def _server_hello(body: bytes) -> ServerHello:
    view = _Reader(body)
    version = view.number(2)
    random = view.take(32)
    view.take(_at_most(view.number(1), 32))
    suite = view.number(2)
    view.number(1)
    group, encrypt_then_mac = None, False
    if version >> 8 != 3 or version > 0x0304:
        raise _Broken(f"ServerHello for version {version:#06x}")
    if view.left:
        extensions = _Reader(view.take(view.number(2)))
        while extensions.left:
            kind, content = extensions.number(2), _Reader(extensions.take(extensions.number(2)))
            if kind == _SUPPORTED_VERSIONS:
                version = content.number(2)
            elif kind == _KEY_SHARE:
                group = content.number(2)
            elif kind == _ENCRYPT_THEN_MAC:
                encrypt_then_mac = True
    return ServerHello(version, suite, random == _RETRY, group, encrypt_then_mac)


def _certificates(body: bytes) -> tuple[bytes, ...]:
    view = _Reader(body)
    entries = _Reader(view.take(view.number(3)))
    found = []
    while entries.left:
        found.append(entries.take(entries.number(3)))
    return tuple(found)


def _parse_ssl2(data: bytes) -> Parsed:
    head = 2 if data[0] & 0x80 else 3
    if len(data) < head + 1:
        raise _Short
    size = int.from_bytes(data[:2], "big") & (0x7FFF if head == 2 else 0x3FFF)
    padding = data[2] if head == 3 else 0
    kind = data[head]
    if kind == 0 and size - padding == 3:
        if len(data) < head + 3:
            raise _Short
        return Ssl2Error(int.from_bytes(data[head + 1 : head + 3], "big"))
    if kind != 4 or size < 11 + padding:
        return NotTls()
    if len(data) < head + size:
        raise _Short
    view = _Reader(data[head + 3 : head + size - padding])
    if view.number(2) != 2:
        return NotTls()
    sizes = view.number(2), view.number(2)
    view.number(2)
    certificate, kinds = view.take(sizes[0]), view.take(sizes[1])
    return Ssl2ServerHello(
        tuple(int.from_bytes(kinds[at : at + 3], "big") for at in range(0, len(kinds), 3)), certificate
    )


def _at_most(size: int, limit: int) -> int:
    if size > limit:
        raise _Broken(f"{size} where at most {limit} can be")
    return size


class _Reader:
    """Takes fields off bytes that are all there; what they promise beyond their end is broken."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, size: int) -> bytes:
        if size > self.left:
            raise _Broken(f"a field of {size} bytes where {self.left} are left")
        self._at += size
        return self._data[self._at - size : self._at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")
