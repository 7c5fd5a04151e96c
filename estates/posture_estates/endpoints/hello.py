"""Reads from a TLS ClientHello, without taking it off the socket, the newest version that the client offers."""

from __future__ import annotations

import socket
import struct
import time

TLS_1_2 = 0x0303
_SUPPORTED_VERSIONS = 43


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
    at = 43 + 1 + hello[43]
    at += 2 + struct.unpack_from("!H", hello, at)[0]
    at += 1 + hello[at]
    if at >= len(hello):
        return []
    end = at + 2 + struct.unpack_from("!H", hello, at)[0]
    at += 2
    while at < end:
        kind, length = struct.unpack_from("!HH", hello, at)
        if kind == _SUPPORTED_VERSIONS:
            body = hello[at + 5 : at + 4 + length]
            return [version for (version,) in struct.iter_unpack("!H", body) if version >> 8 == 3]
        at += 4 + length
    return []
