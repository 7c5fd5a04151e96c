"""Reads from a TLS ClientHello, without taking it off the socket, what the client offers."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator

TLS_1_2 = 0x0303
_SUPPORTED_GROUPS, _SUPPORTED_VERSIONS = 10, 43


def await_hello(connection: socket.socket, seconds: float = 1.0) -> bytes:
    """The client's first record, left unread in the socket; what came until then when it stalls, ends or is not TLS."""
    end = time.monotonic() + seconds
    seen = b""
    while time.monotonic() < end:
        now = connection.recv(16_384, socket.MSG_PEEK)
        if not now or _is_complete(now):
            return now
        if len(now) == len(seen):
            time.sleep(0.002)
        seen = now
    return seen


def newest_version_offered(hello: bytes) -> int:
    """The version as its code point (0x0301 is TLS 1.0, 0x0002 SSLv2), 0 when the bytes are no hello."""
    if len(hello) > 5 and hello[0] & 0x80 and hello[2] == 1:
        return int.from_bytes(hello[3:5], "big")
    if len(hello) < 44 or hello[0] != 0x16 or hello[5] != 1:
        return 0
    try:
        return max([int.from_bytes(hello[9:11], "big"), *_supported_versions(hello)])
    except (IndexError, struct.error):
        return 0


def _is_complete(data: bytes) -> bool:
    if data[0] == 0x16:
        return len(data) >= 5 and len(data) >= 5 + int.from_bytes(data[3:5], "big")
    if data[0] & 0x80:
        return len(data) >= 2 and len(data) >= 2 + (int.from_bytes(data[:2], "big") & 0x7FFF)
    return True


def _supported_versions(hello: bytes) -> list[int]:
    """Versions named in the extension of RFC 8446 section 4.2.1, without GREASE values."""
    for kind, body in _extensions(hello):
        if kind == _SUPPORTED_VERSIONS:
            return [version for (version,) in struct.iter_unpack("!H", body[1:]) if version >> 8 == 3]
    return []


def _extensions(hello: bytes) -> Iterator[tuple[int, bytes]]:
    at = 43 + 1 + hello[43]
    at += 2 + struct.unpack_from("!H", hello, at)[0]
    at += 1 + hello[at]
    if at >= len(hello):
        return
    end = at + 2 + struct.unpack_from("!H", hello, at)[0]
    at += 2
    while at < end:
        kind, length = struct.unpack_from("!HH", hello, at)
        yield kind, hello[at + 4 : at + 4 + length]
        at += 4 + length


def suites_offered(hello: bytes) -> tuple[int, ...]:
    """The suites of a ClientHello, in the client's order; none when the bytes are no hello."""
    if len(hello) < 44 or hello[0] != 0x16 or hello[5] != 1:
        return ()
    at = 44 + hello[43]
    size = int.from_bytes(hello[at : at + 2], "big")
    listed = hello[at + 2 : at + 2 + size]
    return tuple(int.from_bytes(listed[place : place + 2], "big") for place in range(0, len(listed), 2))


def kinds_offered(hello: bytes) -> tuple[int, ...]:
    """The kinds of an SSL 2.0 CLIENT-HELLO with a two-byte header."""
    size = int.from_bytes(hello[5:7], "big")
    listed = hello[11 : 11 + size]
    return tuple(int.from_bytes(listed[place : place + 3], "big") for place in range(0, len(listed), 3))


def server_name_offered(hello: bytes) -> str | None:
    """The host name of the SNI extension; None where there is none."""
    try:
        for kind, body in _extensions(hello):
            if kind == 0:
                return body[5:].decode("ascii")
    except (IndexError, struct.error, UnicodeDecodeError):
        pass  # garbage names nobody
    return None


def groups_offered(hello: bytes) -> tuple[int, ...]:
    """The groups of the supported_groups extension, in the client's order."""
    try:
        for kind, body in _extensions(hello):
            if kind == _SUPPORTED_GROUPS:
                return tuple(group for (group,) in struct.iter_unpack("!H", body[2:]))
    except (IndexError, struct.error):
        pass  # garbage offers nothing
    return ()
