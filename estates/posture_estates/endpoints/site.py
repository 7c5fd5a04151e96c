"""What the estate's servers say over HTTP: a home page, a policy, a sign-in page, or a redirect to https."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

from posture_estates.endpoints.catalogue import PageProblem

_HEAD_LIMIT = 16_384
_POLICY = """<!doctype html><html><head><title>Privacy</title><style>p { margin: 1em }</style></head>
<body><h1>Privacy policy</h1>
<p>Recordings are kept for <b>30</b> days &amp; then deleted.</p>
<script>let seen = "not text";</script></body></html>"""
_HOME = (
    '<!doctype html><html><head><link rel="icon" href="/icon.svg">{head}</head>'
    '<body><a href="/privacy">Privacy</a> <a href="/login">Sign in</a>{body}</body></html>'
)
_PICTURE = '<img src="http://pictures.example/lab.png?viewer=someone" alt="">'
_TRACKER = '<script async src="https://static.hotjar.com/c/hotjar-1.js?sv=6"></script>'
_TRACKING_SCRIPT = '<script>let late = () => load("https:" + "//static.hotjar.com/c/hotjar-1.js");</script>'
_CONTENT_POLICY = "default-src 'self'; script-src 'self' 'nonce-bGFi'; object-src 'none'; base-uri 'none'"
_LOGIN = '<!doctype html><html><body><form method="post"><input name="user"></form></body></html>'


class Stream(Protocol):
    """A connected socket, plain or TLS."""

    def recv(self, size: int, /) -> bytes: ...
    def sendall(self, data: bytes, /) -> None: ...


class Stopped(Protocol):
    """The estate's closing signal (`threading.Event`)."""

    def wait(self, timeout: float | None = None) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The pages of one server, with what is wrong with them.

    `redirect_port` set means that every path but `not_redirected` answers 301 to https at that port.
    """

    hsts_max_age: int | None = None
    has_policy: bool = True
    redirect_port: int | None = None
    not_redirected: str = ""
    problems: frozenset[PageProblem] = frozenset()

    def answer(self, path: str, host: str) -> bytes:
        """The whole HTTP/1.1 response to a GET."""
        if self.redirect_port is not None and path != self.not_redirected:
            return _response("301 Moved Permanently", "", [f"Location: https://{host}:{self.redirect_port}{path}"])
        extra = self._headers()
        match path.partition("?")[0]:
            case "/" if PageProblem.FRONT_ELSEWHERE in self.problems:
                return _response("302 Found", "", [*extra, "Location: /home"])
            case "/":
                return _response("200 OK", self._home(), extra)
            case "/privacy" if self.has_policy:
                changed = PageProblem.CHANGED_POLICY in self.problems
                return _response("200 OK", _POLICY.replace("30", "90") if changed else _POLICY, extra)
            case "/login":
                return _response("200 OK", _LOGIN, [*extra, self._cookie()])
            case _:
                return _response("404 Not Found", "<html><body>not here</body></html>", extra)

    def _headers(self) -> list[str]:
        found = []
        if self.hsts_max_age is not None:
            words = "" if PageProblem.HSTS_BY_ITSELF in self.problems else "; includeSubDomains; preload"
            found.append(f"Strict-Transport-Security: max-age={self.hsts_max_age}{words}")
        if PageProblem.NO_CONTENT_POLICY not in self.problems:
            policy, name = _CONTENT_POLICY, "Content-Security-Policy"
            if PageProblem.WEAK_CONTENT_POLICY in self.problems:
                policy = policy.replace("'nonce-bGFi'", "'unsafe-inline'")
            if PageProblem.REPORTED_CONTENT_POLICY in self.problems:
                name += "-Report-Only"
            if PageProblem.UPGRADED_CONTENT in self.problems:
                policy += "; upgrade-insecure-requests"
            found += [f"{name}: {policy}", "Permissions-Policy: camera=(self), geolocation=(), microphone=(self)"]
        return found

    def _home(self) -> str:
        pictured = self.problems & {PageProblem.MIXED_CONTENT, PageProblem.UPGRADED_CONTENT}
        tracked = _TRACKER if PageProblem.TRACKER in self.problems else ""
        scripted = _TRACKING_SCRIPT if PageProblem.TRACKER_IN_SCRIPT in self.problems else ""
        return _HOME.format(head=tracked + scripted, body=_PICTURE if pictured else "")

    def _cookie(self) -> str:
        secure = "" if PageProblem.OPEN_COOKIE in self.problems else "; Secure"
        http_only = "" if PageProblem.READABLE_COOKIE in self.problems else "; HttpOnly"
        return f"Set-Cookie: session=s3cr3t-lab-value; Path=/{secure}{http_only}; SameSite=Lax"

    def serve(self, stream: Stream) -> None:
        """Reads one request and answers it; a request that is no HTTP gets a 400."""
        request = _read_head(stream)
        words = request.split(b"\r\n", 1)[0].split(b" ")
        if len(words) != 3 or not words[2].startswith(b"HTTP/"):
            stream.sendall(_response("400 Bad Request", "this is an HTTP server", []))
            return
        stream.sendall(self.answer(words[1].decode("latin-1"), _host(request)))


def drip_answer(stream: Stream, interval: float, stopped: Stopped) -> None:
    """A response whose body never ends: one byte each `interval` seconds until the estate closes."""
    _read_head(stream)
    stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    drip(stream, b"a", interval, stopped)


def drip(stream: Stream, byte: bytes, interval: float, stopped: Stopped) -> None:
    """Sends `byte` again and again, `interval` seconds apart, until the peer goes or the estate closes."""
    while not stopped.wait(interval):
        stream.sendall(byte)


def _read_head(stream: Stream) -> bytes:
    head = b""
    end = time.monotonic() + 5
    while b"\r\n\r\n" not in head and len(head) < _HEAD_LIMIT and time.monotonic() < end:
        try:
            chunk = stream.recv(4096)
        except TimeoutError:
            break
        if not chunk:
            break
        head += chunk
        if not head[:1].isalpha():
            break
    return head


def _host(request: bytes) -> str:
    for line in request.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"host":
            return value.strip().decode("latin-1").partition(":")[0]
    return "localhost"


def _response(status: str, body: str, headers: list[str]) -> bytes:
    data = body.encode()
    lines = [
        f"HTTP/1.1 {status}",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(data)}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + data
