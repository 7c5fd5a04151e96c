"""STARTTLS: each dialogue against a server that offers it, one that does not, and servers that say odd things."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture_endpoint.hello.starttls import BORROWED, PROTOCOLS, StartTlsRefused, read_borrowed, start_tls
from posture_estates.endpoints import dialogues

MYSQL = b"\x0a8.0\x00" + bytes(4) + b"scramble" + b"\x00" + b"\xff\xff" + bytes(30)
MYSQL_WITHOUT = b"\x0a8.0\x00" + bytes(4) + b"scramble" + b"\x00" + b"\xff\xf7" + bytes(30)
ASKED = bytes.fromhex("301d02010177188016") + b"1.3.6.1.4.1.1466.20037"
LDAP = bytes.fromhex("300c02010178070a010004000400")


class Script:
    """A connection whose replies are written down: one for each time that more is awaited."""

    def __init__(self, *replies: bytes) -> None:
        self.received = bytearray()
        self.over = False
        self.sent = b""
        self._replies = list(replies)

    def send(self, data: bytes) -> None:
        self.sent += data

    async def more(self) -> None:
        if self._replies:
            self.received += self._replies.pop(0)
        else:
            self.over = True


def packet(body: bytes) -> bytes:
    return len(body).to_bytes(3, "little") + b"\x00" + body


def talk(protocol: str, *replies: bytes) -> bytes:
    script = Script(*replies)
    asyncio.run(start_tls(script, protocol))
    return script.sent


@pytest.mark.parametrize(
    ("protocol", "replies", "sent"),
    [
        (
            "smtp",
            (b"220-a\r\n220 b\r\n", b"250-x\r\n250-STARTTLS\r\n250 HELP\r\n", b"220 go\r\n"),
            b"EHLO posture.invalid\r\nSTARTTLS\r\n",
        ),
        ("smtp", (b"220", b" a\r\n", b"250 start", b"tls\r\n", b"220\r\n"), b"EHLO posture.invalid\r\nSTARTTLS\r\n"),
        ("imap", (b"* OK hi\r\n", b"* CAPABILITY X\r\na1 OK go\r\n"), b"a1 STARTTLS\r\n"),
        ("pop3", (b"+OK hi\r\n", b"+OK go\r\n"), b"STLS\r\n"),
        ("ftp", (b"220 hi\r\n", b"234 go\r\n"), b"AUTH TLS\r\n"),
        ("postgres", (b"S",), bytes.fromhex("0000000804d2162f")),
        ("mysql", (packet(MYSQL)[:9], packet(MYSQL)[9:]), b"\x20\0\0\1\x00\x8a\0\0\0\0\0\1\x2d" + bytes(23)),
        ("ldap", (LDAP,), ASKED),
        ("ldap", (b"\x30\x84\x00\x00\x00\x0c" + LDAP[2:],), ASKED),
    ],
)
def test_the_server_is_asked_in_its_own_words(protocol: str, replies: tuple[bytes, ...], sent: bytes) -> None:
    assert talk(protocol, *replies) == sent


@pytest.mark.parametrize(
    ("protocol", "replies"),
    [
        ("smtp", (b"220 a\r\n", b"250-x\r\n250 HELP\r\n")),
        ("smtp", (b"220 a\r\n", b"250 XSTARTTLS\r\n")),
        ("imap", (b"* OK hi\r\n", b"a1 BAD what\r\n")),
        ("pop3", (b"+OK hi\r\n", b"-ERR what\r\n")),
        ("ftp", (b"220 hi\r\n", b"502 no\r\n")),
        ("postgres", (b"N",)),
        ("mysql", (packet(MYSQL_WITHOUT),)),
        ("ldap", (bytes.fromhex("300c02010178070a010204000400"),)),
    ],
)
def test_a_server_that_says_no_does_not_offer_it(protocol: str, replies: tuple[bytes, ...]) -> None:
    with pytest.raises(StartTlsRefused, match="does not offer it") as refused:
        talk(protocol, *replies)
    assert refused.value.not_offered


@pytest.mark.parametrize(
    ("protocol", "replies", "message"),
    [
        ("smtp", (), "the connection ended"),
        ("smtp", (b"421 busy\r\n",), "the greeting is '421 busy'"),
        ("smtp", (b"220 a\r\n", b"250 STARTTLS\r\n", b"454 later\r\n"), "the reply to STARTTLS is '454 later'"),
        ("smtp", (b"220 a\r\n", b"250 STARTTLS\r\n", b"220 go\r\n250 injected\r\n"), "more in clear text"),
        ("smtp", (b"hello\r\n",), "without a number"),
        ("smtp", (b"220-a\r\n" * 200,), "a reply that does not end"),
        ("smtp", (b"2" * 3000,), "a line that does not end"),
        ("imap", (b"* BYE\r\n",), "no IMAP"),
        ("imap", (b"* OK\r\n", b"a1 NO later\r\n"), "no IMAP"),
        ("imap", (b"* OK\r\n", b"* x\r\n" * 200), "no IMAP"),
        ("pop3", (b"hello\r\n",), "no POP3"),
        ("pop3", (b"+OK\r\n", b"hm\r\n"), "no POP3"),
        ("ftp", (b"220 a\r\n", b"530 log in first\r\n"), "the reply to AUTH TLS is"),
        ("postgres", (b"E",), "no PostgreSQL"),
        ("postgres", (b"SS",), "more in clear text"),
        ("mysql", (packet(b"\xff\x10\x04Too many connections"),), "refuses the connection"),
        ("mysql", (packet(b"\x09x"),), "no MySQL"),
        ("mysql", (b"\xff\xff\xff\x00",), "a reply of 16777215 bytes"),
        ("ldap", (b"HTTP",), "no LDAP"),
        ("ldap", (b"\x30\x80ab",), "no LDAP"),
        ("ldap", (b"\x30\x84\xff\xff\xff\xff",), "a reply of 4294967295 bytes"),
        ("ldap", (b"\x30\x03abc",), "no LDAP"),
        ("ldap", (bytes.fromhex("300c02010178070a013304000400"),), "result 51"),
    ],
)
def test_an_odd_reply_says_neither_yes_nor_no(protocol: str, replies: tuple[bytes, ...], message: str) -> None:
    with pytest.raises(StartTlsRefused, match=message) as refused:
        talk(protocol, *replies)
    assert not refused.value.not_offered


@settings(max_examples=500, deadline=None)
@given(protocol=st.sampled_from(PROTOCOLS), replies=st.lists(st.binary(max_size=60), max_size=6), data=st.data())
def test_no_reply_makes_a_dialogue_fail_in_another_way(protocol: str, replies: list[bytes], data: Any) -> None:
    known = [b"220 a\r\n", b"250 STARTTLS\r\n", b"+OK\r\n", b"* OK\r\n", b"234 x\r\n", packet(MYSQL), LDAP, b"S"]
    mixed = [data.draw(st.sampled_from([reply, *known])) for reply in replies]
    script = Script(*mixed)
    with suppress(StartTlsRefused):
        asyncio.run(start_tls(script, protocol))
        assert not script.received
    assert len(script.sent) < 100


def test_the_lab_has_a_server_for_every_dialogue() -> None:
    assert set(dialogues.PROTOCOLS) == {*PROTOCOLS, *BORROWED}


FEATURES = b"<stream:stream><stream:features><bind/></stream:features>"
OFFERED = b"<stream:stream><stream:features><starttls xmlns='x'/></stream:features>"


def confirm(negotiation: str) -> bytes:
    """An X.224 Connection Confirm with this negotiation behind it."""
    tail = bytes.fromhex(negotiation)
    return b"\x03\x00\x00" + bytes([11 + len(tail), 6 + len(tail)]) + bytes.fromhex("d00000123400") + tail


@pytest.mark.parametrize(
    ("protocol", "reply", "complaint", "not_offered"),
    [
        ("xmpp", OFFERED + b"<proceed/>", "", None),
        ("xmpp", FEATURES + b"<failure/>", "XMPP STARTTLS not supported", True),
        ("xmpp", b"<stream:features/>", "XMPP STARTTLS not supported", True),
        ("xmpp", OFFERED + b"<failure/>", "XMPP STARTTLS not supported", False),
        ("xmpp", b"<stream:stream>", "XMPP STARTTLS not supported", False),
        ("xmpp", b"<stream:error>", "Error opening XMPP stream", False),
        ("rdp", confirm("0200080001000000"), "", None),
        ("rdp", confirm("0200080002000000"), "", None),
        ("rdp", confirm("0200080000000000"), "", True),
        ("rdp", confirm(""), "", True),
        ("rdp", confirm("0300080002000000"), "", True),
        ("rdp", confirm("0300080003000000"), "", True),
        ("rdp", confirm("0300080005000000"), "", False),
        ("rdp", b"HTTP/1.1 400", "", False),
        ("rdp", b"", "RDP AUTH TLS was rejected", False),
    ],
)
def test_what_sslyze_was_told_is_read_from_the_bytes(
    protocol: str, reply: bytes, complaint: str, not_offered: bool | None
) -> None:
    refused = read_borrowed(protocol, reply, complaint)
    assert (None if refused is None else refused.not_offered) is not_offered


@settings(max_examples=300, deadline=None)
@given(protocol=st.sampled_from(BORROWED), reply=st.binary(max_size=40), complaint=st.sampled_from(["", "no"]))
def test_no_bytes_make_the_reading_fail_and_a_complaint_is_never_forgotten(
    protocol: str, reply: bytes, complaint: str
) -> None:
    refused = read_borrowed(protocol, reply, complaint)
    assert refused is not None or not complaint
