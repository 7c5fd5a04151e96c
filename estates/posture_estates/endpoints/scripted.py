"""Servers of protocols that no library here speaks any more: they answer hellos as such servers do, and no more."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from posture_estates.endpoints.hello import await_hello, kinds_offered, newest_version_offered, suites_offered
from posture_estates.endpoints.listening import Handler, drain

_PROTOCOL_VERSION, _HANDSHAKE_FAILURE = 70, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedServer:
    """Takes the newest of its versions that is not above the offer, and its own first suite among those offered.

    `speaks` maps version codes to suites, `kinds` are those of SSL 2.0. A hello that offers `modern_from` or newer
    goes to `modern`, where there is one.
    """

    certificate: bytes
    speaks: Mapping[int, tuple[int, ...]]
    kinds: tuple[int, ...] = ()
    modern: Handler | None = None
    modern_from: int = 0x0303

    def __call__(self, connection: socket.socket) -> None:
        hello = await_hello(connection)
        newest = newest_version_offered(hello)
        if newest == 0x0002:
            self._answer_ssl2(connection, hello)
        elif self.modern is not None and newest >= self.modern_from:
            self.modern(connection)
        else:
            self._answer(connection, hello, newest)

    def _answer_ssl2(self, connection: socket.socket, hello: bytes) -> None:
        common = [kind for kind in self.kinds if kind in kinds_offered(hello)]
        if not self.kinds:
            self._alert(connection, _PROTOCOL_VERSION)
            return
        specs = b"".join(kind.to_bytes(3, "big") for kind in common)
        sizes = len(self.certificate).to_bytes(2, "big") + len(specs).to_bytes(2, "big") + b"\x00\x10"
        message = b"\x04\x00\x01\x00\x02" + sizes + self.certificate + specs + os.urandom(16)
        connection.sendall((0x8000 | len(message)).to_bytes(2, "big") + message)
        drain(connection)

    def _answer(self, connection: socket.socket, hello: bytes, newest: int) -> None:
        version = max((known for known in self.speaks if known <= newest), default=None)
        if version is None:
            self._alert(connection, _PROTOCOL_VERSION)
            return
        offered = suites_offered(hello)
        suite = next((known for known in self.speaks[version] if known in offered), None)
        if suite is None:
            self._alert(connection, _HANDSHAKE_FAILURE)
            return
        body = version.to_bytes(2, "big") + os.urandom(32) + b"\x00" + suite.to_bytes(2, "big") + b"\x00"
        certificate = len(self.certificate).to_bytes(3, "big") + self.certificate
        messages = (
            b"\x02" + len(body).to_bytes(3, "big") + body,
            b"\x0b" + (len(certificate) + 3).to_bytes(3, "big") + len(certificate).to_bytes(3, "big") + certificate,
            b"\x0e\x00\x00\x00",
        )
        for message in messages:
            connection.sendall(b"\x16" + version.to_bytes(2, "big") + len(message).to_bytes(2, "big") + message)
        drain(connection)

    def _alert(self, connection: socket.socket, code: int) -> None:
        send_alert(connection, code)


def send_alert(connection: socket.socket, code: int) -> None:
    """A fatal alert; the hello is read, so that no reset overtakes it."""
    connection.recv(16_384)
    connection.sendall(b"\x15\x03\x01\x00\x02\x02" + bytes([code]))
