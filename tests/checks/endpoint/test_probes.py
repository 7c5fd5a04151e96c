"""The endpoint probes against servers whose truth is known: never a false refusal, never a hang."""

from __future__ import annotations

import codecs
import json
import random
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from loopback import server
from posture_endpoint._probes.certificate import matches_name
from posture_endpoint._probes.http_probe import kept_headers, probe_http
from posture_endpoint._probes.page_text import visible_text
from posture_endpoint._probes.sslyze_probe import confirm_version, probe_certificate
from posture_endpoint._probes.wire import Allowance, Answer, ProbeFailed, allowed, read_answer
from posture_estates.endpoints.catalogue import VERSIONS, CertificateProblem
from posture_estates.endpoints.lab import EndpointLab

HELLO_ALERT = bytes.fromhex("15030100020228")


@pytest.fixture(scope="module")
def lab() -> Iterator[EndpointLab]:
    with EndpointLab(drip_interval=0.1) as running:
        yield running


def certificate(lab: EndpointLab, name: str, **options: Any) -> dict[str, Any]:
    endpoint = lab.endpoints[name]
    settings: dict[str, Any] = {"ca_file": str(lab.ca_file), "timeout": 0.5, "deadline": 5.0} | options
    return probe_certificate(endpoint.host, endpoint.port, endpoint.address, **settings)


def fetch(lab: EndpointLab, name: str, path: str = "/", **options: Any) -> dict[str, Any]:
    endpoint = lab.endpoints[name]
    settings: dict[str, Any] = {"ca_file": str(lab.ca_file), "timeout": 0.5, "deadline": 3.0} | options
    return probe_http(f"https://{endpoint.host}:{endpoint.port}{path}", endpoint.address, **settings)


@pytest.mark.parametrize(
    ("name", "version", "confirmed"),
    [
        ("weak", "TLS 1.0", True),
        ("weak", "TLS 1.1", True),
        ("tls10-only", "TLS 1.0", True),
        ("client-certificate-weak", "TLS 1.0", True),
        ("good", "TLS 1.0", False),
        ("old-reset", "TLS 1.1", False),
        ("refused", "TLS 1.0", False),
    ],
)
def test_an_old_version_is_confirmed_by_a_handshake(lab: EndpointLab, name: str, version: str, confirmed: bool) -> None:
    endpoint = lab.endpoints[name]
    report = confirm_version(endpoint.host, endpoint.port, endpoint.address, version, timeout=0.5, deadline=3)
    assert (report["version"], report["confirmed"]) == (version, confirmed)
    assert len(report["tries"]) <= 2
    assert report["connections"] == (3 if name == "refused" else len(report["tries"]))
    assert json.loads(json.dumps(report)) == report


def test_a_server_with_anonymous_suites_alone_has_no_certificate() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version, context.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AECDH:@SECLEVEL=0")

    def shake(connection: socket.socket) -> None:
        context.wrap_socket(connection, server_side=True).close()

    with server(shake) as port, pytest.raises(ProbeFailed, match="no certificate"):
        probe_certificate("lab.example", port, "127.0.0.1", timeout=0.5, deadline=8)


@pytest.mark.parametrize("name", ["plain-http", "smtp-clear", "rdp-clear", "xmpp-clear", "mysql-clear"])
def test_who_answers_in_clear_text_is_asked_for_a_certificate_once(lab: EndpointLab, name: str) -> None:
    protocol = None if name == "plain-http" else name.removesuffix("-clear")
    counted = Allowance(10)
    with allowed(counted), pytest.raises(ProbeFailed, match="malformed-reply: no certificate: "):
        certificate(lab, name, starttls=protocol)
    assert counted.opened == 1


@pytest.mark.parametrize("probe", ["certificate", "http"])
@pytest.mark.parametrize("name", ["silent", "dripping", "dripping-body"])
def test_every_probe_ends_at_its_deadline(lab: EndpointLab, probe: str, name: str) -> None:
    limits: dict[str, Any] = {"timeout": 30.0, "deadline": 0.6}
    start = time.monotonic()
    if probe == "http" or name != "dripping-body":
        with pytest.raises(ProbeFailed) as failure:
            fetch(lab, name, **limits) if probe == "http" else certificate(lab, name, **limits)
        assert failure.value.cause in ("timeout", "malformed-reply")
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(("option", "value"), [("starttls", "gopher"), ("address", "localhost"), ("host", "a..b")])
def test_arguments_without_sense_are_refused_before_any_connection(option: str, value: str) -> None:
    arguments: dict[str, Any] = {"host": "lab.example", "port": 1, "address": "127.0.0.1", option: value}
    with pytest.raises(ValueError, match=f"{option}: '{value}'"):
        probe_certificate(**arguments)


@pytest.mark.parametrize(
    ("name", "trusted", "reason"),
    [
        ("good", True, None),
        ("expires-soon", True, None),
        ("client-certificate", True, None),
        ("client-certificate-weak", True, None),
        ("tls10-only", True, None),
        ("tls13-only", True, None),
        ("expired", False, "expired"),
        ("self-signed", False, "self-signed"),
        ("wrong-name", False, "name-mismatch"),
        ("untrusted-root", False, "unknown-issuer"),
    ],
)
def test_the_path_is_validated_with_a_reason(lab: EndpointLab, name: str, trusted: bool, reason: str | None) -> None:
    result = certificate(lab, name)
    assert {key: result["trust"]["own"][key] for key in ("trusted", "reason")} == {"trusted": trusted, "reason": reason}
    assert result["name_matches"] is (name != "wrong-name")
    assert not any(result["trust"][store]["trusted"] for store in ("Mozilla", "Apple", "Android", "Windows", "Java"))
    assert json.loads(json.dumps(result)) == result


def test_a_certificate_is_described(lab: EndpointLab) -> None:
    endpoint = lab.endpoints["good"]
    result = certificate(lab, "good")
    chosen = ("subject", "issuer", "sans", "key_type", "key_bits", "signature_hash", "version")
    assert {key: result[key] for key in chosen} == {
        "subject": "CN=good.lab.example",
        "issuer": "CN=Lab root",
        "sans": ["good.lab.example", endpoint.address],
        "key_type": "RSA",
        "key_bits": 2048,
        "signature_hash": "sha256",
        "version": "TLS 1.3",
    }
    assert len(result["chain"]) == 1
    assert len(result["chain"][0]) == 64
    assert result["not_before"] < time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()) < result["not_after"]
    assert result["leaf_pem"].startswith("-----BEGIN CERTIFICATE-----\n")


def test_a_short_key_is_told_although_the_path_is_trusted(lab: EndpointLab) -> None:
    result = certificate(lab, "short-key")
    assert (result["key_type"], result["key_bits"], result["trust"]["own"]["trusted"]) == ("RSA", 1024, True)


def test_the_expired_certificate_beside_a_good_one_is_found(lab: EndpointLab) -> None:
    result = certificate(lab, "two-certificates")
    assert CertificateProblem.SECOND_EXPIRED in lab.endpoints["two-certificates"].truth.certificate_problems
    assert result["trust"]["own"]["trusted"]
    assert [other["trust"]["own"]["reason"] for other in result["others"]] == ["expired"]
    assert certificate(lab, "good")["others"] == []
    assert certificate(lab, "tls13-only")["others"] is None


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("refused", "unreachable"),
        ("resets", "unreachable"),
        ("silent", "timeout"),
        ("dripping", "timeout"),
        ("plain-http", "malformed-reply"),
    ],
)
def test_no_certificate_is_a_failed_probe(lab: EndpointLab, name: str, cause: str) -> None:
    with pytest.raises(ProbeFailed) as failure:
        certificate(lab, name)
    assert failure.value.cause == cause


def test_a_certificate_is_read_behind_starttls(lab: EndpointLab) -> None:
    assert certificate(lab, "smtp", starttls="smtp")["trust"]["own"]["trusted"]


@pytest.mark.parametrize(
    ("names", "host", "matches"),
    [
        (["a.example"], "A.example.", True),
        (["*.example.org"], "a.example.org", True),
        (["*.example.org"], "a.b.example.org", False),
        (["*.example.org"], "example.org", False),
        (["*.org"], "example.org", False),
        (["127.0.0.1"], "127.0.0.1", True),
        (["*.0.0.1"], "127.0.0.1", False),
        ([], "a.example", False),
    ],
)
def test_a_wildcard_stands_for_one_whole_label(names: list[str], host: str, matches: bool) -> None:
    assert matches_name(names, host) is matches


def server_hello(version: int) -> bytes:
    return b"\x16\x03\x01\x00\x50\x02\x00\x00\x4c" + version.to_bytes(2, "big") + b"\x00" * 40


@pytest.mark.parametrize(
    ("data", "offered", "answer"),
    [
        (HELLO_ALERT, "TLS 1.0", Answer.REFUSED),
        (bytes.fromhex("15030100020246"), "TLS 1.0", Answer.REFUSED),
        (bytes.fromhex("15030100020247"), "TLS 1.0", Answer.REFUSED),
        (bytes.fromhex("15030100020250"), "TLS 1.0", Answer.OTHER_ALERT),
        (bytes.fromhex("15030100020100"), "TLS 1.0", Answer.CLOSED),
        (bytes.fromhex("15030100020170") + server_hello(0x301), "TLS 1.0", Answer.ACCEPTED),
        (server_hello(0x301), "TLS 1.0", Answer.ACCEPTED),
        (server_hello(0x301), "TLS 1.1", Answer.REFUSED),
        (server_hello(0x302), "TLS 1.0", Answer.UNCLEAR),
        (server_hello(0x303), "TLS 1.3", Answer.UNCLEAR),
        (server_hello(0x302), "TLS 1.3", Answer.REFUSED),
        (b"\x80\x40\x04\x00\x01\x00\x02", "SSLv2", Answer.ACCEPTED),
        (b"\x80\x40\x04\x00\x01\x00\x02", "TLS 1.0", Answer.NOT_TLS),
        (b"HTTP/1.1 400 Bad Request", "TLS 1.2", Answer.NOT_TLS),
        (b"\x16\x03\x03\x00\x10\x00" + b"\x00" * 20, "TLS 1.2", Answer.UNCLEAR),
    ],
)
def test_the_first_bytes_of_an_answer_decide(data: bytes, offered: str, answer: Answer) -> None:
    reading = read_answer(data, offered)
    assert reading is not None
    assert reading.answer is answer


@pytest.mark.parametrize("data", [b"", b"\x15\x03\x01", HELLO_ALERT[:6], server_hello(0x301)[:10]])
def test_a_part_of_an_answer_says_nothing(data: bytes) -> None:
    assert read_answer(data, "TLS 1.0") is None


def test_no_bytes_make_the_reading_of_an_answer_fail() -> None:
    chance = random.Random(7)
    for _ in range(3000):
        data = bytearray(server_hello(chance.choice([0x300, 0x301, 0x303])) if chance.random() < 0.7 else HELLO_ALERT)
        for _ in range(chance.randint(1, 6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        cut = bytes(data[: chance.randint(0, len(data))])
        reading = read_answer(cut, chance.choice(VERSIONS))
        assert reading is None or reading.answer in Answer


def test_a_page_is_reported_as_status_headers_and_hashes(lab: EndpointLab) -> None:
    page = fetch(lab, "good", "/login?next=secret")
    assert {key: page[key] for key in ("url", "status", "headers", "bytes", "truncated")} == {
        "url": "https://good.lab.example:8443/login",
        "status": 200,
        "headers": {
            "content-security-policy": [
                "default-src 'self'; script-src 'self' 'nonce-bGFi'; object-src 'none'; base-uri 'none'"
            ],
            "content-type": ["text/html; charset=utf-8"],
            "permissions-policy": ["camera=(self), geolocation=(), microphone=(self)"],
            "set-cookie": ["session=; Secure; HttpOnly; SameSite=Lax"],
            "strict-transport-security": ["max-age=31536000; includeSubDomains; preload"],
        },
        "bytes": 87,
        "truncated": False,
    }
    assert "s3cr3t" not in json.dumps(page)


def test_a_redirect_is_reported_and_not_followed(lab: EndpointLab) -> None:
    endpoint = lab.endpoints["good"]
    page = probe_http(f"http://{endpoint.host}:{endpoint.http_port}/privacy", endpoint.address, timeout=1, deadline=2)
    assert (page["status"], page["headers"]["location"]) == (301, ["https://good.lab.example:8443/privacy"])


def test_a_missing_page_is_a_status_and_no_failure(lab: EndpointLab) -> None:
    assert fetch(lab, "no-policy", "/privacy")["status"] == 404


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("refused", "unreachable"),
        ("resets", "unreachable"),
        ("silent", "timeout"),
        ("plain-http", "malformed-reply"),
        ("expired", "unreachable"),
        ("wrong-name", "unreachable"),
        ("untrusted-root", "unreachable"),
        ("client-certificate", "unreachable"),
    ],
)
def test_a_page_that_cannot_be_had_is_a_failed_probe(lab: EndpointLab, name: str, cause: str) -> None:
    with pytest.raises(ProbeFailed) as failure:
        fetch(lab, name)
    assert failure.value.cause == cause


def reply(*parts: bytes) -> Callable[[socket.socket], None]:
    def send(connection: socket.socket) -> None:
        connection.recv(4096)
        for part in parts:
            connection.sendall(part)

    return send


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
EARLY = b"HTTP/1.1 103 Early Hints\r\nStrict-Transport-Security: max-age=9\r\n\r\n"


@pytest.mark.parametrize(
    "parts",
    [
        (b"SSH-2.0-x\r\n",),
        (b"",),
        (HEAD, b"Content-Length: 100\r\n\r\nshort"),
        (HEAD, b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc"),
        (HEAD, b"Transfer-Encoding: chunked\r\n\r\n5\r\nab"),
        (HEAD, b"Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n"),
        (HEAD, b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        (EARLY * 9, HEAD, b"\r\n"),
        (EARLY,),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", HEAD, b"\r\n"),
        (HEAD, b"X: y\r\n" * 200, b"\r\n"),
        (HEAD, b"X: " + b"y" * 70_000, b"\r\n\r\n"),
    ],
)
def test_a_reply_that_is_cut_or_malformed_is_a_failed_probe(parts: tuple[bytes, ...]) -> None:
    with server(reply(*parts)) as port, pytest.raises(ProbeFailed) as failure:
        probe_http(f"http://lab.example:{port}/", "127.0.0.1", timeout=0.5, deadline=2)
    assert failure.value.cause in ("malformed-reply", "unreachable")


def test_interim_replies_are_not_the_answer() -> None:
    with server(
        reply(EARLY * 2, HEAD, b"Content-Length: 5\r\nStrict-Transport-Security: max-age=1\r\n\r\nhello")
    ) as port:
        page = probe_http(f"http://lab.example:{port}/", "127.0.0.1", timeout=0.5, deadline=2)
    assert (page["status"], page["bytes"]) == (200, 5)
    assert page["headers"]["strict-transport-security"] == ["max-age=1"]


def test_a_body_above_the_limit_has_no_hash() -> None:
    with server(reply(HEAD, b"\r\n", b"a" * 5000)) as port:
        page = probe_http(f"http://lab.example:{port}/", "127.0.0.1", timeout=0.5, deadline=2, max_bytes=1000)
        whole = probe_http(f"http://lab.example:{port}/", "127.0.0.1", timeout=0.5, deadline=2, max_bytes=5000)
    assert (page["status"], page["truncated"], page["bytes"]) == (200, True, 1000)
    assert (page["body_sha256"], page["text_sha256"]) == (None, None)
    assert (whole["truncated"], whole["bytes"]) == (False, 5000)


WIDE = "<img src=http://b.example/>"


@pytest.mark.parametrize(
    ("charset", "body"),
    [
        ("", codecs.BOM_UTF16_LE + WIDE.encode("utf-16-le")),
        ("; charset=utf-8", codecs.BOM_UTF16_BE + WIDE.encode("utf-16-be")),
        ("; charset=UTF-16LE", WIDE.encode("utf-16-le")),
        ("; charset=utf-16be", WIDE.encode("utf-16-be")),
        ("; charset=shift_jis", WIDE.encode()),
    ],
)
def test_two_bytes_a_letter_hide_nothing(charset: str, body: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html{charset}\r\n\r\n".encode()
    with server(reply(head, body)) as port:
        page = probe_http(f"http://lab.example:{port}/", "127.0.0.1", timeout=0.5, deadline=2)
    assert page["page"]["insecure"] == ["img http://b.example/"]


def test_text_in_another_encoding_than_asked_for_is_not_hashed() -> None:
    with server(reply(HEAD, b"Content-Encoding: gzip\r\n\r\n\x1f\x8b")) as port:
        page = probe_http(f"http://lab.example:{port}/", "127.0.0.1", timeout=0.5, deadline=2)
    assert (page["bytes"], page["text_sha256"]) == (2, None)


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example/", "https:///x", "https://user@a.example/", "https://a.example/a b", "https://a.example/ü"],
)
def test_a_url_without_sense_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="url:"):
        probe_http(url, "127.0.0.1")


def test_headers_are_an_allow_list_without_secrets() -> None:
    assert kept_headers(
        [
            ("Server", "x"),
            ("Set-Cookie", "id=abc=def; Secure"),
            ("Set-Cookie", "bare"),
            ("Set-Cookie", 'quoted="a;secret; Secure=secret"; MAX-AGE=60;Path=/secret; Domain=secret.example;x'),
            ("Location", "/cb;jsessionid=secret"),
            ("Location", "https://me:pw@a.example/cb?code=secret#x"),
            ("Content-Security-Policy", " default-src 'self' "),
        ]
    ) == {
        "set-cookie": ["id=; Secure", "=", "quoted=; Secure; MAX-AGE=60"],
        "location": ["/cb", "https://a.example/cb"],
        "content-security-policy": ["default-src 'self'"],
    }


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>One  <b>two</b>\n three</p><p>four</p>", "One two three four"),
        ("a<!-- <p>b -->c<br/>d", "a c d"),
        ("<HEAD><title>x</title></HEAD>y<SCRIPT>z</SCRIPT>&amp;", "y &"),
        ("a<script>b", "a"),
        ("a < b", "a < b"),
        ("a <3 b<p>c</p>", "a <3 b c"),
        ("<html><head><title>x</title><meta charset=utf-8><body>y</body>", "y"),
        ("<head><style>z</style><p>y", "y"),
        ("cafe\u0301", "caf\u00e9"),
    ],
)
def test_the_visible_text_of_a_page(page: str, text: str) -> None:
    assert visible_text(page) == text


@pytest.mark.parametrize("page", ["<" * 250_000, "<!--" * 60_000, "<script>" * 30_000, "<p>" * 80_000])
def test_a_hostile_page_is_read_in_linear_time(page: str) -> None:
    start = time.monotonic()
    visible_text(page)
    assert time.monotonic() - start < 1
