"""What servers say before TLS begins: one side of each STARTTLS dialogue, offering it or not."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

Dialogue = Callable[[socket.socket, bool], bool]


@dataclass(frozen=True, slots=True)
class StartTlsServer:
    """Talks in clear text; where TLS is offered and asked for, the handshake follows."""

    context: ssl.SSLContext
    protocol: str
    offers: bool

    def __call__(self, connection: socket.socket) -> None:
        if not _DIALOGUES[self.protocol](connection, self.offers):
            return
        with self.context.wrap_socket(connection, server_side=True) as stream:
            stream.recv(1)


def _smtp(connection: socket.socket, offers: bool) -> bool:
    connection.sendall(b"220-smtp.lab.example ESMTP\r\n220 ready\r\n")
    if not _line(connection).upper().startswith(b"EHLO"):
        return False
    connection.sendall(b"250-smtp.lab.example\r\n250 STARTTLS\r\n" if offers else b"250 smtp.lab.example\r\n")
    if _line(connection).upper() != b"STARTTLS" or not offers:
        return False
    connection.sendall(b"220 ready\r\n")
    return True


def _imap(connection: socket.socket, offers: bool) -> bool:
    connection.sendall(b"* OK IMAP4rev1 ready\r\n")
    tag, _, command = _line(connection).partition(b" ")
    if command.upper() != b"STARTTLS":
        return False
    connection.sendall(b"* CAPABILITY IMAP4rev1\r\n" + tag + (b" OK begin\r\n" if offers else b" BAD unknown\r\n"))
    return offers


def _pop3(connection: socket.socket, offers: bool) -> bool:
    connection.sendall(b"+OK ready\r\n")
    if _line(connection).upper() != b"STLS":
        return False
    connection.sendall(b"+OK begin\r\n" if offers else b"-ERR unknown command\r\n")
    return offers


def _ftp(connection: socket.socket, offers: bool) -> bool:
    connection.sendall(b"220 ready\r\n")
    if _line(connection).upper() != b"AUTH TLS":
        return False
    connection.sendall(b"234 begin\r\n" if offers else b"502 not implemented\r\n")
    return offers


def _postgres(connection: socket.socket, offers: bool) -> bool:
    if _exactly(connection, 8) != bytes.fromhex("0000000804d2162f"):
        return False
    connection.sendall(b"S" if offers else b"N")
    return offers


def _mysql(connection: socket.socket, offers: bool) -> bool:
    capabilities = 0xF7FF | (0x0800 if offers else 0)
    body = b"\x0a8.0.36\x00" + bytes(4) + b"scramble" + b"\x00" + capabilities.to_bytes(2, "little") + bytes(30)
    connection.sendall(len(body).to_bytes(3, "little") + b"\x00" + body)
    request = _exactly(connection, 36)
    return offers and request[:4] == b"\x20\x00\x00\x01"


def _ldap(connection: socket.socket, offers: bool) -> bool:
    if _exactly(connection, 31)[9:] != b"1.3.6.1.4.1.1466.20037":
        return False
    result = b"\x0a\x01" + (b"\x00" if offers else b"\x02") + b"\x04\x00\x04\x00"
    body = b"\x02\x01\x01\x78" + bytes([len(result)]) + result
    connection.sendall(b"\x30" + bytes([len(body)]) + body)
    return offers


def _xmpp(connection: socket.socket, offers: bool) -> bool:
    if not _until(connection, b">").startswith(b"<stream:stream"):
        return False
    connection.sendall(b"<?xml version='1.0'?><stream:stream xmlns='jabber:client' version='1.0'>")
    offer = b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" if offers else b"<bind/>"
    connection.sendall(b"<stream:features>" + offer + b"</stream:features>")
    if not _until(connection, b">").startswith(b"<starttls"):
        return False
    answer = b"<proceed xmlns=" if offers else b"<failure xmlns="
    connection.sendall(answer + b"'urn:ietf:params:xml:ns:xmpp-tls'/>")
    return offers


def _rdp(connection: socket.socket, offers: bool) -> bool:
    """A Connection Confirm that chooses TLS, or says that TLS is not allowed here ([MS-RDPBCGR] 2.2.1.2)."""
    if _exactly(connection, 19)[5:6] != b"\xe0":
        return False
    choice = b"\x02\x00\x08\x00\x01\x00\x00\x00" if offers else b"\x03\x00\x08\x00\x02\x00\x00\x00"
    connection.sendall(b"\x03\x00\x00\x13\x0e\xd0\x00\x00\x12\x34\x00" + choice)
    return offers


def _line(connection: socket.socket) -> bytes:
    """One line without its end."""
    return _until(connection, b"\n").strip()


def _until(connection: socket.socket, end: bytes) -> bytes:
    """What comes up to `end`, read byte by byte so that nothing of the TLS hello behind it is taken."""
    found = b""
    while not found.endswith(end) and len(found) < 1000:
        byte = connection.recv(1)
        if not byte:
            break
        found += byte
    return found


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size and (chunk := connection.recv(size - len(data))):
        data += chunk
    return data


_DIALOGUES: dict[str, Dialogue] = {
    "smtp": _smtp,
    "imap": _imap,
    "pop3": _pop3,
    "ftp": _ftp,
    "postgres": _postgres,
    "mysql": _mysql,
    "ldap": _ldap,
    "xmpp": _xmpp,
    "rdp": _rdp,
}
PROTOCOLS = tuple(_DIALOGUES)
