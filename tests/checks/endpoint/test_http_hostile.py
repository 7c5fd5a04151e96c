"""Servers that mean harm: endless bodies, headers without end, bombs and bad encodings, over a real connection."""

import gzip
import json
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from loopback import server
from posture_endpoint._probes.http_probe import MOST_BYTES, MOST_HEADER_BYTES, probe_http
from posture_endpoint._probes.wire import ProbeFailed

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


def answering(*parts: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        connection.recv(4096)
        for part in parts:
            connection.sendall(part)

    return answer


def endless(start: bytes, piece: bytes, most: int) -> Callable[[socket.socket], None]:
    """Sends the start, then the piece again and again, ``most`` bytes at the most."""

    def answer(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(start)
        for _ in range(most // len(piece)):
            connection.sendall(piece)

    return answer


def probed(answer: Callable[[socket.socket], None], **options: Any) -> dict[str, Any]:
    settings: dict[str, Any] = {"timeout": 1, "deadline": 4} | options
    start = time.monotonic()
    with server(answer) as port:
        try:
            return probe_http(f"http://lab.example:{port}/", "127.0.0.1", **settings)
        finally:
            assert time.monotonic() - start < 6


@pytest.mark.parametrize(
    "start",
    [
        HEAD + b"\r\n",
        HEAD + b"Content-Length: 10485760\r\n\r\n",
        HEAD + b"Content-Length: 99999999999999999999\r\n\r\n",
        HEAD + b"Content-Length: -5\r\n\r\n",
    ],
)
def test_a_body_of_ten_megabytes_is_not_read_to_its_end(start: bytes) -> None:
    page = probed(endless(start, b"<p>" * 5000, 10 * MOST_BYTES))
    assert (page["truncated"], page["bytes"], page["page"], page["text_sha256"]) == (True, MOST_BYTES, None, None)


def test_a_chunked_body_without_end_is_given_up() -> None:
    page = probed(
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + b"a" * 4096 + b"\r\n", 3 * MOST_BYTES)
    )
    assert (page["truncated"], page["bytes"]) == (True, MOST_BYTES)


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (HEAD, b"Set-Cookie: a=b\r\n"),
        (HEAD + b"Content-Security-Policy: ", b"default-src 'self'; "),
        (b"HTTP/1.1 200 ", b"OK "),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"", b"\x00\xff" * 50),
        (b"HTTP/9.9 abc\r\n", b"x: y\r\n"),
    ],
)
def test_headers_without_end_are_a_gap(start: bytes, piece: bytes) -> None:
    with pytest.raises(ProbeFailed) as failure:
        probed(endless(start, piece, 4_000_000), deadline=2)
    assert failure.value.cause in ("malformed-reply", "timeout", "unreachable")


def test_more_headers_than_a_browser_takes_are_a_gap() -> None:
    line = b"Set-Cookie: " + b"n" * 1000 + b"=; Secure\r\n"
    few = MOST_HEADER_BYTES // len(line) - 1
    assert len(probed(answering(HEAD, line * few, b"\r\n"))["headers"]["set-cookie"]) == few
    with pytest.raises(ProbeFailed, match="bytes of headers") as failure:
        probed(answering(HEAD, line * (few + 10), b"\r\n"))
    assert failure.value.cause == "malformed-reply"


def test_a_body_that_was_packed_unasked_is_not_unpacked() -> None:
    bomb = gzip.compress(b"\x00" * 50_000_000)
    page = probed(answering(HEAD, b"Content-Encoding: GZip\r\n\r\n", bomb))
    assert (page["bytes"], page["text_sha256"], page["page"]) == (len(bomb), None, None)
    assert page["headers"]["content-encoding"] == ["GZip"]


@pytest.mark.parametrize(
    "charset", [b"", b"; charset=utf-16", b"; charset=x-bad", b"; charset=idna", b"; charset=\x80"]
)
def test_bytes_in_no_encoding_are_read_without_failing(charset: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html" + charset + b"\r\n\r\n"
    page = probed(answering(head, bytes(range(256)) * 20))
    assert page["status"] == 200
    assert page["text_sha256"] is not None


def test_a_page_in_utf_16_hides_nothing() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-16\r\n\r\n"
    page = probed(answering(head, "<img src=http://b.example/x>".encode("utf-16")))
    assert page["page"]["insecure"] == ["img http://b.example/x"]


def test_what_comes_in_headers_stays_out_of_the_report() -> None:
    lines = [
        b"Set-Cookie: a\x01b=secret\x02; Secure=secret; SameSite=secret; HttpOnly",
        b"Set-Cookie: folded=x;\r\n\tsecret; Secure",
        b'Set-Cookie: q="x; Max-Age=secret; Expires=secret;secret"; Secure',
        b"X-Secret: secret",
        b"Location: https://user:secret@b.example/;secret?secret#secret",
    ]
    report = probed(answering(HEAD, b"\r\n".join(lines), b"\r\n\r\n<p>secret</p>"))
    assert "secret" not in json.dumps(report)
    assert len(report["headers"]["set-cookie"]) == 3
