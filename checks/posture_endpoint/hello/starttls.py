"""Asks for TLS in the words of each protocol: every reply bounded, a plain no told apart from an odd reply."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

BORROWED = ("rdp", "xmpp")
"""The protocols whose dialogue sslyze leads; the hello that follows is ours all the same."""

_LINE_LIMIT, _LINES = 2_048, 100
_MYSQL_SSL = 0x0800
_MYSQL_ERROR = 0xFF
# LDAP ExtendedRequest 1.3.6.1.4.1.1466.20037, message 1 (RFC 4511 section 4.14).
_LDAP_REQUEST = bytes.fromhex("301d02010177188016") + b"1.3.6.1.4.1.1466.20037"
_LDAP_SUCCESS, _LDAP_SAYS_NO = 0, {2, 12, 53}
# RDP_NEG_RSP and RDP_NEG_FAILURE; SSL_NOT_ALLOWED_BY_SERVER and SSL_CERT_NOT_ON_SERVER.
_RDP_CHOSEN, _RDP_FAILED, _RDP_SAYS_NO = b"\x02", b"\x03", {2, 3}


class StartTlsRefused(Exception):
    """No TLS can begin. `not_offered` when the server's words say that it has none."""

    def __init__(self, detail: str, *, not_offered: bool = False) -> None:
        super().__init__(detail)
        self.not_offered = not_offered


class Talk(Protocol):
    """A connection as a dialogue needs it; `more` raises TimeoutError when time is up."""

    received: bytearray
    over: bool

    def send(self, data: bytes) -> None: ...
    async def more(self) -> None: ...


async def start_tls(wire: Talk, protocol: str) -> None:
    """Brings the connection to where the server awaits a hello. StartTlsRefused when it does not come there."""
    await _DIALOGUES[protocol](wire)
    if wire.received:
        # Plain text behind the reply would be taken as if it had come through TLS (the injection of CVE-2011-0411).
        raise StartTlsRefused("sent more in clear text than its reply")


async def _smtp(wire: Talk) -> None:
    _expect(await _reply(wire), b"220", "the greeting")
    wire.send(b"EHLO posture.invalid\r\n")
    lines = await _reply(wire)
    _expect(lines, b"250", "the reply to EHLO")
    if not any(line[4:].strip().upper() == b"STARTTLS" for line in lines):
        raise StartTlsRefused("SMTP server does not offer it", not_offered=True)
    wire.send(b"STARTTLS\r\n")
    _expect(await _reply(wire), b"220", "the reply to STARTTLS")


async def _ftp(wire: Talk) -> None:
    _expect(await _reply(wire), b"220", "the greeting")
    wire.send(b"AUTH TLS\r\n")
    lines = await _reply(wire)
    if lines[-1][:3] in (b"500", b"502", b"504", b"534"):
        raise StartTlsRefused("FTP server does not offer it", not_offered=True)
    _expect(lines, b"234", "the reply to AUTH TLS")


async def _pop3(wire: Talk) -> None:
    if not (await _line(wire)).startswith(b"+OK"):
        raise StartTlsRefused("the greeting is no POP3")
    wire.send(b"STLS\r\n")
    line = await _line(wire)
    if line.startswith(b"-ERR"):
        raise StartTlsRefused("POP3 server does not offer it", not_offered=True)
    if not line.startswith(b"+OK"):
        raise StartTlsRefused("the reply to STLS is no POP3")


async def _imap(wire: Talk) -> None:
    if not (await _line(wire)).upper().startswith(b"* OK"):
        raise StartTlsRefused("the greeting is no IMAP")
    wire.send(b"a1 STARTTLS\r\n")
    for _ in range(_LINES):
        line = (await _line(wire)).upper()
        if line.startswith(b"A1 OK"):
            return
        if line.startswith(b"A1 BAD"):
            raise StartTlsRefused("IMAP server does not offer it", not_offered=True)
        if not line.startswith(b"* "):
            break
    raise StartTlsRefused("the reply to STARTTLS is no IMAP")


async def _postgres(wire: Talk) -> None:
    wire.send(bytes.fromhex("0000000804d2162f"))  # SSLRequest
    answer = await _bytes(wire, 1)
    if answer == b"N":
        raise StartTlsRefused("PostgreSQL server does not offer it", not_offered=True)
    if answer != b"S":
        raise StartTlsRefused("the reply to SSLRequest is no PostgreSQL")


async def _mysql(wire: Talk) -> None:
    head = await _bytes(wire, 4)
    greeting = await _bytes(wire, int.from_bytes(head[:3], "little"))
    if greeting[:1] == bytes([_MYSQL_ERROR]):
        raise StartTlsRefused("MySQL server refuses the connection")
    end = greeting.find(b"\x00", 1)
    # After the version: thread (4), scramble (8), a zero byte, capabilities (2).
    flags = greeting[end + 14 : end + 16]
    if greeting[:1] != b"\x0a" or end < 0 or len(flags) != 2:
        raise StartTlsRefused("the greeting is no MySQL")
    if not int.from_bytes(flags, "little") & _MYSQL_SSL:
        raise StartTlsRefused("MySQL server does not offer it", not_offered=True)
    # SSLRequest: protocol 4.1, secure connection and SSL; packets up to 16 MiB; character set utf8mb4.
    body = (0x0000_8A00).to_bytes(4, "little") + (1 << 24).to_bytes(4, "little") + b"\x2d" + bytes(23)
    wire.send(len(body).to_bytes(3, "little") + bytes([head[3] + 1 & 0xFF]) + body)


async def _ldap(wire: Talk) -> None:
    wire.send(_LDAP_REQUEST)
    head = await _bytes(wire, 2)
    if head[0] != 0x30:
        raise StartTlsRefused("the reply is no LDAP")
    size = head[1]
    if size & 0x80:
        if not 0x80 < size <= 0x84:
            raise StartTlsRefused("the reply is no LDAP")
        size = int.from_bytes(await _bytes(wire, size & 0x7F), "big")
    body = await _bytes(wire, size)
    # Message id, then [APPLICATION 24] ExtendedResponse, whose first element is the result code.
    at = body.find(b"\x78")
    code = body.find(b"\x0a\x01", at + 1) + 2 if at >= 0 else 1
    if code == 1 or code >= len(body):
        raise StartTlsRefused("the reply is no LDAP")
    if body[code] in _LDAP_SAYS_NO:
        raise StartTlsRefused("LDAP server does not offer it", not_offered=True)
    if body[code] != _LDAP_SUCCESS:
        raise StartTlsRefused(f"LDAP server answers with result {body[code]}")


def _expect(lines: list[bytes], code: bytes, what: str) -> None:
    if lines[-1][:3] != code:
        raise StartTlsRefused(f"{what} is {lines[-1][:60].decode('ascii', 'replace')!r}")


async def _reply(wire: Talk) -> list[bytes]:
    """The lines of one reply of SMTP or FTP: the last has a blank behind its number."""
    lines: list[bytes] = []
    while len(lines) < _LINES:
        lines.append(await _line(wire))
        if len(lines[-1]) < 3 or not lines[0][:3].isdigit():
            raise StartTlsRefused("a reply without a number")
        if lines[-1][:3] == lines[0][:3] and lines[-1][3:4] in (b" ", b""):
            return lines
    raise StartTlsRefused("a reply that does not end")


async def _line(wire: Talk) -> bytes:
    while (end := wire.received.find(b"\n")) < 0:
        if len(wire.received) > _LINE_LIMIT:
            raise StartTlsRefused("a line that does not end")
        await _await_more(wire)
    line = bytes(wire.received[:end]).rstrip(b"\r")
    del wire.received[: end + 1]
    return line


async def _bytes(wire: Talk, size: int) -> bytes:
    if size > _LINE_LIMIT:
        raise StartTlsRefused(f"a reply of {size} bytes")
    while len(wire.received) < size:
        await _await_more(wire)
    found = bytes(wire.received[:size])
    del wire.received[:size]
    return found


async def _await_more(wire: Talk) -> None:
    if wire.over:
        raise StartTlsRefused("the connection ended")
    await wire.more()


_DIALOGUES: dict[str, Callable[[Talk], Awaitable[None]]] = {
    "smtp": _smtp,
    "imap": _imap,
    "pop3": _pop3,
    "ftp": _ftp,
    "ldap": _ldap,
    "postgres": _postgres,
    "mysql": _mysql,
}
PROTOCOLS = tuple(_DIALOGUES)
"""The protocols whose dialogue is here."""


def read_borrowed(protocol: str, reply: bytes, complaint: str) -> StartTlsRefused | None:
    """What a server said to sslyze, by its own bytes: sslyze's complaints do not tell a no from a bad moment.

    None where nothing speaks against a hello; ``complaint`` is empty where sslyze made none.
    """
    if protocol == "xmpp":
        whole = b"</stream:features>" in reply or b"<stream:features/>" in reply
        if complaint and whole and b"<starttls" not in reply.partition(b"</stream:features>")[0]:
            return StartTlsRefused("XMPP server does not offer it", not_offered=True)
        return StartTlsRefused(complaint) if complaint else None
    return _read_rdp(reply, complaint)


def _read_rdp(reply: bytes, complaint: str) -> StartTlsRefused | None:
    """The X.224 Connection Confirm with its negotiation ([MS-RDPBCGR] 2.2.1.2): which security was chosen."""
    if complaint or reply[:2] != b"\x03\x00" or reply[5:6] != b"\xd0":
        return StartTlsRefused(complaint or "the reply is no RDP")
    kind, choice = reply[11:12], int.from_bytes(reply[15:19], "little")
    if not kind or (kind == _RDP_CHOSEN and choice == 0) or (kind == _RDP_FAILED and choice in _RDP_SAYS_NO):
        return StartTlsRefused("RDP server does not offer it", not_offered=True)
    if kind != _RDP_CHOSEN:
        return StartTlsRefused(f"RDP server answers with failure {choice}")
    return None
