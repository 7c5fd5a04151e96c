"""Answers: what each means, and that no bytes make the parser fail, wait for ever or read beyond its limits."""

import ssl
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture_endpoint._probes.wire import Answer
from posture_endpoint.hello.answer import read_meaning
from posture_endpoint.hello.encode import ClientHello, Ssl2Hello
from posture_endpoint.hello.parse import (
    Alert,
    Malformed,
    NotTls,
    Parsed,
    ServerHello,
    Ssl2Error,
    Ssl2ServerHello,
    named_curve,
    parse,
    parse_flight,
    prime_bits,
    signature_scheme,
)
from posture_endpoint.hello.suites import BEFORE_TLS12, SSL2_KINDS, TLS13_SUITES, UP_TO_TLS12
from posture_estates.endpoints.authority import issue, new_authority

GCM, CBC = 0xC02F, 0xC014
RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")


def record(body: bytes, kind: int = 0x16) -> bytes:
    return bytes([kind]) + b"\x03\x03" + len(body).to_bytes(2, "big") + body


def message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def hello_body(
    version: int = 0x303, suite: int = GCM, extensions: bytes | None = None, random: bytes = bytes(32), sid: bytes = b""
) -> bytes:
    body = version.to_bytes(2, "big") + random + bytes([len(sid)]) + sid + suite.to_bytes(2, "big") + b"\x00"
    return body if extensions is None else body + len(extensions).to_bytes(2, "big") + extensions


def server_hello(version: int = 0x303, suite: int = GCM, extensions: bytes | None = None, **fields: bytes) -> bytes:
    return record(message(2, hello_body(version, suite, extensions, **fields)))


def certificates(*chain: bytes) -> bytes:
    entries = b"".join(len(one).to_bytes(3, "big") + one for one in chain)
    return message(11, len(entries).to_bytes(3, "big") + entries)


def ssl2_hello(kinds: bytes = b"\x01\x00\x80", certificate: bytes = b"cert", version: int = 2) -> bytes:
    sizes = len(certificate).to_bytes(2, "big") + len(kinds).to_bytes(2, "big") + b"\x00\x10"
    body = b"\x04\x00\x01" + version.to_bytes(2, "big") + sizes + certificate + kinds + bytes(16)
    return (0x8000 | len(body)).to_bytes(2, "big") + body


ALERT = bytes.fromhex("15030100020228")
UNKNOWN_NAME = bytes.fromhex("15030100020170")
IN_1_3 = b"\x00\x2b\x00\x02\x03\x04\x00\x33\x00\x02\x11\xec"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (ALERT, Alert(2, 40)),
        (bytes.fromhex("15030100020100"), Alert(1, 0)),
        (bytes.fromhex("15030000020246"), Alert(2, 70)),
        (UNKNOWN_NAME + ALERT, Alert(2, 40)),
        (UNKNOWN_NAME + server_hello(), ServerHello(0x303, GCM, False, None)),
        (bytes.fromhex("15030100020270"), Alert(2, 112)),
        (server_hello(0x300, 4), ServerHello(0x300, 4, False, None)),
        (server_hello(0x301, CBC, b""), ServerHello(0x301, CBC, False, None)),
        (server_hello(sid=bytes(32)), ServerHello(0x303, GCM, False, None)),
        (server_hello(0x303, 0x1301, IN_1_3), ServerHello(0x304, 0x1301, False, 0x11EC)),
        (server_hello(0x303, 0x1301, IN_1_3, random=RETRY), ServerHello(0x304, 0x1301, True, 0x11EC)),
        (
            record(message(2, hello_body())[:20]) + record(message(2, hello_body())[20:]),
            ServerHello(0x303, GCM, False, None),
        ),
        (server_hello() + b"\xff" * 50, ServerHello(0x303, GCM, False, None)),
        (record(message(2, hello_body()) + certificates(b"x" * 9000))[:80], ServerHello(0x303, GCM, False, None)),
        (b"HTTP/1.1 400 Bad Request\r\n", NotTls()),
        (b"\x16\x02", NotTls()),
        (b"220 smtp", NotTls()),
        (b"\x80\x40\x04\x00\x01\x00\x02", NotTls()),
        (record(message(14, b"")), Malformed("the answer begins with handshake message 14")),
        (b"\x16\x03\x03\x00\x00", Malformed("record of 0 bytes")),
        (b"\x16\x03\x03\xff\xff", Malformed("record of 65535 bytes")),
        (record(b"\x01", 0x15), Malformed("alert of one byte")),
        (record(b"\x02\xff\xff\xff"), Malformed("handshake message of 16777215 bytes")),
        (record(message(2, b"\x03\x03")), Malformed("a field of 32 bytes where 0 are left")),
        (server_hello(0x0303, GCM, b"\x00\x2b\xff\xff"), Malformed("a field of 65535 bytes where 0 are left")),
        (server_hello(0x0305), Malformed("ServerHello for version 0x0305")),
        (record(message(2, hello_body(sid=bytes(33)))), Malformed("33 where at most 32 can be")),
        (record(b"x", 0x17), NotTls()),
        (UNKNOWN_NAME + record(b"x", 0x17), Malformed("record of type 23 among handshake messages")),
    ],
)
def test_the_first_bytes_of_an_answer_have_one_meaning(data: bytes, expected: Parsed) -> None:
    assert parse(data) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (ssl2_hello(), Ssl2ServerHello((0x010080,), b"cert")),
        (ssl2_hello(b"", b""), Ssl2ServerHello((), b"")),
        (b"\x80\x03\x00\x00\x01", Ssl2Error(1)),
        (b"\x00\x05\x02\x00\x00\x04ab", Ssl2Error(4)),
        (ALERT, Alert(2, 40)),
        (ssl2_hello(version=0x301), NotTls()),
        (b"HTTP/1.1 400 Bad Request", NotTls()),
        (b"\x80\x02\x04\x00", NotTls()),
        (b"\x80\x0b\x04\x00\x01\x00\x02\xff\xff\xff\xff\x00\x00", Malformed("a field of 65535 bytes where 0 are left")),
    ],
)
def test_the_answers_to_a_hello_of_ssl_2(data: bytes, expected: Parsed) -> None:
    assert parse(data, ssl2=True) == expected


@pytest.mark.parametrize("whole", [server_hello(), ALERT, server_hello(0x303, 0x1301, IN_1_3), ssl2_hello()])
def test_a_part_of_an_answer_says_nothing(whole: bytes) -> None:
    ssl2 = whole[0] & 0x80 != 0
    assert [parse(whole[:size], ssl2=ssl2) for size in range(len(whole))] == [None] * len(whole)
    assert parse(whole, ssl2=ssl2) is not None


def test_the_flight_behind_a_server_hello_is_read() -> None:
    curve = message(12, b"\x03\x00\x1d\x20" + bytes(32))
    data = record(message(2, hello_body()) + certificates(b"leaf", b"root") + message(22, b"staple")) + record(curve)
    part = parse_flight(data)
    assert (part.chain, named_curve(part.key_exchange), part.complete) == ((b"leaf", b"root"), 0x1D, False)
    assert parse_flight(data + record(message(14, b""))).complete
    assert parse_flight(data + ALERT).complete
    assert parse_flight(data + b"\x99" * 6).complete
    prime = message(12, b"\x00\x80" + b"\xff" * 128 + b"\x00\x01\x02")
    assert prime_bits(parse_flight(record(prime)).key_exchange) == 1024
    assert (prime_bits(b"\xff\xff\x01"), named_curve(b"\x01\x00"), prime_bits(b"")) == (None, None, None)


CURVE_PARAMETERS = b"\x03\x00\x1d\x20" + bytes(32)
PRIME_PARAMETERS = b"\x00\x03abc" + b"\x00\x01\x02" + b"\x00\x02xy"


@pytest.mark.parametrize(
    ("key_exchange", "curves", "scheme"),
    [
        (CURVE_PARAMETERS + b"\x08\x04\x00\x01s", True, 0x0804),
        (PRIME_PARAMETERS + b"\x04\x01\x00\x01s", False, 0x0401),
        (CURVE_PARAMETERS, True, None),
        (CURVE_PARAMETERS + b"\x08", True, None),
        (PRIME_PARAMETERS, False, None),
        (b"\x00\xff", False, None),
        (b"", True, None),
    ],
)
def test_the_algorithm_behind_the_parameters_signs_them(key_exchange: bytes, curves: bool, scheme: int | None) -> None:
    assert signature_scheme(key_exchange, curves=curves) == scheme


@pytest.mark.parametrize(
    ("extensions", "joined"), [(b"\x00\x16\x00\x00", True), (b"\x00\x17\x00\x00", False), (None, False)]
)
def test_encrypt_then_mac_is_taken_up_or_not(extensions: bytes | None, joined: bool) -> None:
    parsed = parse(server_hello(extensions=extensions))
    assert isinstance(parsed, ServerHello)
    assert parsed.encrypt_then_mac is joined


OFFER = ClientHello(newest="TLS 1.1", suites=BEFORE_TLS12[:128], server_name=None)
MODERN = ClientHello(newest="TLS 1.3", suites=TLS13_SUITES, server_name=None)
ANCIENT = Ssl2Hello(kinds=tuple(SSL2_KINDS))


@pytest.mark.parametrize(
    ("parsed", "hello", "answer", "implicit", "detail"),
    [
        (Alert(2, 40), OFFER, Answer.REFUSED, False, "alert handshake_failure"),
        (Alert(2, 70), OFFER, Answer.REFUSED, False, "alert protocol_version"),
        (Alert(2, 71), OFFER, Answer.REFUSED, False, "alert insufficient_security"),
        (Alert(2, 80), OFFER, Answer.OTHER_ALERT, True, "alert internal_error"),
        (Alert(2, 112), OFFER, Answer.OTHER_ALERT, True, "alert unrecognized_name"),
        (Alert(2, 112), ANCIENT, Answer.REFUSED, False, "alert unrecognized_name"),
        (Alert(2, 80), ANCIENT, Answer.OTHER_ALERT, True, "alert internal_error"),
        (Alert(1, 0), OFFER, Answer.CLOSED, True, "closed with close_notify"),
        (ServerHello(0x301, CBC, False, None), OFFER, Answer.ACCEPTED, False, "ServerHello for TLS 1.0"),
        (
            ServerHello(0x303, CBC, False, None),
            OFFER,
            Answer.UNCLEAR,
            False,
            "ServerHello for TLS 1.2, above what was offered",
        ),
        (
            ServerHello(0x301, GCM, False, None),
            OFFER,
            Answer.UNCLEAR,
            False,
            "ServerHello for TLS 1.0 with TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, which was not offered",
        ),
        (ServerHello(0x304, 0x1301, True, 29), MODERN, Answer.ACCEPTED, False, "HelloRetryRequest for TLS 1.3"),
        (ServerHello(0x303, GCM, False, None), MODERN, Answer.REFUSED, False, "ServerHello for TLS 1.2 instead"),
        (ServerHello(0x2FF, GCM, False, None), MODERN, Answer.UNCLEAR, False, "ServerHello for version 0x02ff"),
        (Ssl2ServerHello((0x010080,), b""), ANCIENT, Answer.ACCEPTED, False, "SSLv2 SERVER-HELLO"),
        (Ssl2ServerHello((), b""), ANCIENT, Answer.ACCEPTED, False, "SSLv2 SERVER-HELLO that names no kind"),
        (Ssl2ServerHello((), b""), OFFER, Answer.UNCLEAR, False, "the answer belongs to another hello"),
        (Ssl2Error(1), ANCIENT, Answer.REFUSED, False, "SSLv2 ERROR 1"),
        (Ssl2Error(4), ANCIENT, Answer.UNCLEAR, False, "SSLv2 ERROR 4"),
        (ServerHello(0x301, CBC, False, None), ANCIENT, Answer.UNCLEAR, False, "the answer belongs to another hello"),
        (NotTls(), OFFER, Answer.NOT_TLS, False, "the answer is not TLS"),
        (NotTls(), ANCIENT, Answer.REFUSED, False, "an answer that is neither SSLv2 nor TLS"),
        (Malformed("x"), OFFER, Answer.UNCLEAR, False, "malformed answer: x"),
    ],
)
def test_an_answer_is_judged_by_the_offer(
    parsed: Parsed, hello: ClientHello | Ssl2Hello, answer: Answer, implicit: bool, detail: str
) -> None:
    meaning = read_meaning(parsed, hello)
    assert (meaning.answer, meaning.implicit, meaning.detail) == (answer, implicit, detail)


def _recorded() -> list[bytes]:
    """Answers of OpenSSL to our own hellos, and such as it no longer gives."""
    import tempfile

    credential = issue(new_authority(), ["a.example"])
    found = [ALERT, UNKNOWN_NAME + ALERT, ssl2_hello(), b"\x80\x03\x00\x00\x01", b"HTTP/1.1 400 Bad Request\r\n\r\n"]
    with tempfile.NamedTemporaryFile() as pair:
        pair.write(credential.chain_pem + credential.key_pem)
        pair.flush()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.load_cert_chain(pair.name)
    for newest, suites in (("TLS 1.0", BEFORE_TLS12), ("TLS 1.2", UP_TO_TLS12), ("TLS 1.3", TLS13_SUITES)):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        incoming.write(ClientHello(newest=newest, suites=suites[:128], server_name="a.example").encode())
        session = context.wrap_bio(incoming, outgoing, server_side=True)
        with pytest.raises(ssl.SSLWantReadError):
            session.do_handshake()
        found.append(outgoing.read())
    return found


RECORDED = _recorded()


@st.composite
def mutated(draw: Any) -> bytes:
    data = bytearray(draw(st.sampled_from(RECORDED)))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, max(0, min(len(data) - 1, 120))))
        match draw(st.sampled_from(["set", "cut", "insert", "repeat"])):
            case "set" if data:
                data[at] = draw(st.sampled_from([0, 1, 2, 3, 4, 11, 0x15, 0x16, 0x7F, 0x80, 0xFF]))
            case "cut":
                del data[at : at + draw(st.integers(1, 40))]
            case "insert":
                data[at:at] = draw(st.binary(max_size=12))
            case "repeat":
                data += data[at : at + 64]
            case _:
                pass
    return bytes(data)


@settings(max_examples=1500, deadline=None)
@given(data=st.one_of(mutated(), st.binary(max_size=200)), ssl2=st.booleans())
def test_no_bytes_make_the_parser_fail_and_none_are_an_acceptance_of_what_was_not_offered(
    data: bytes, ssl2: bool
) -> None:
    parsed = parse(data, ssl2=ssl2)
    flight = parse_flight(data)
    named_curve(flight.key_exchange)
    prime_bits(flight.key_exchange)
    signature_scheme(flight.key_exchange, curves=ssl2)
    assert sum(map(len, flight.chain)) <= len(data)
    if parsed is None:
        return
    for hello in (OFFER, MODERN, ANCIENT):
        meaning = read_meaning(parsed, hello)
        if isinstance(hello, ClientHello) and meaning.answer is Answer.ACCEPTED:
            assert meaning.suite in hello.suites


@settings(max_examples=300, deadline=None)
@given(data=mutated(), ssl2=st.booleans())
def test_more_bytes_never_change_a_meaning(data: bytes, ssl2: bool) -> None:
    first = next((found for size in range(len(data)) if (found := parse(data[:size], ssl2=ssl2)) is not None), None)
    assert first is None or parse(data, ssl2=ssl2) == first


def test_an_answer_of_tiny_records_is_read_in_time() -> None:
    data = record(b"\x02\x00\xff\xff") + record(b"\x00") * 10_000
    start = time.monotonic()
    assert parse(data) is None
    assert parse_flight(data).complete is False
    assert time.monotonic() - start < 0.5
