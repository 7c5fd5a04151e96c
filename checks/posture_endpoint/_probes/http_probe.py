"""One GET to one pinned address: the status, a few headers and the hashes of what came back, never the content."""

from __future__ import annotations

import codecs
import hashlib
import http.client
import io
import re
import socket
import ssl
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import SplitResult, urlsplit

from posture_endpoint._probes.page_report import Lookup, describe
from posture_endpoint._probes.page_text import visible_text
from posture_endpoint._probes.wire import Deadline, ProbeFailed, connect, is_ip_address

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

KEPT_HEADERS = (
    "content-encoding",
    "content-security-policy",
    "content-security-policy-report-only",
    "content-type",
    "location",
    "permissions-policy",
    "set-cookie",
    "strict-transport-security",
)
HTML = ("text/html", "application/xhtml+xml")
"""Media types that browsers show as pages."""

COOKIE_ATTRIBUTES = frozenset({"expires", "httponly", "max-age", "partitioned", "samesite", "secure"})
"""What is kept of a cookie besides its name. A quoted value may have a semicolon in it, and look like an attribute."""

MOST_BYTES = 1_048_576
"""A body that is longer is not read to its end."""

MOST_HEADER_BYTES = 65_536
"""What all kept headers of a reply may have together."""

MOST_INTERIM = 5
"""Replies such as Early Hints that may come before the final one."""

_PORTS = {"http": 80, "https": 443}
_CHARSETS = frozenset(
    {
        "utf-8",
        "utf8",
        "us-ascii",
        "iso-8859-1",
        "latin-1",
        "windows-1252",
        "iso-8859-15",
        "utf-16",
        "utf-16le",
        "utf-16be",
    }
)
_TARGET = re.compile(r"[!-~]*")
_CHUNK = 16_384
_WITH_VALUE = ("expires", "max-age", "samesite")
_DAY = r"[A-Za-z]{3,9}, ?[0-9]{1,2}[ -][A-Za-z]{3}[ -][0-9]{2,4} [0-9:]{7,8} ?(?:GMT|UTC|[+-][0-9]{4})?"
_HARMLESS = re.compile(rf"-?[0-9]{{1,15}}|(?i:lax|strict|none)|{_DAY}")


class PortClosed(ProbeFailed):
    """The address refused the connection: an answer, where the question is whether anything listens there."""


def probe_http(
    url: str,
    address: str,
    *,
    ca_file: str | None = None,
    timeout: float = 5.0,
    deadline: float = 20.0,
    max_bytes: int = MOST_BYTES,
    lookup: Lookup = lambda _kind, _address, _host: None,
) -> dict[str, Any]:
    """Fetches `url` from `address`, an IP address, with the URL's host as Host and SNI; redirects are not followed.

    The certificate must lead to the system's roots or to one in `ca_file` (a PEM file), and be for the host; old TLS
    versions are allowed, as they are judged elsewhere. `timeout` bounds the connection, the handshake and each wait for
    bytes, `deadline` all of it, in seconds.

    `headers` maps each of KEPT_HEADERS that came to the list of its values, without cookie values and without the query
    of a location. A body above `max_bytes` gives `truncated` True and hashes of None; `text_sha256` is None too when
    the body is no text. `page` says what an HTML page names, with the rules that `lookup` gives; None for any other
    body. Raises ProbeFailed with unreachable (PortClosed when the connection was refused), timeout or
    malformed-reply; ValueError for a bad URL, OSError for a `ca_file` that cannot be read.
    """
    parts = _split(url)
    context = _trusting(ca_file) if parts.scheme == "https" else None
    budget = Deadline(deadline)
    try:
        with connect(address, _port(parts), budget.within(timeout)) as wire:
            wire.deadline = budget
            return _exchange(parts, wire, budget, timeout, context, max_bytes, lookup)
    except ssl.SSLCertVerificationError as error:
        raise ProbeFailed("unreachable", f"the certificate is not trusted: {error.verify_message}") from error
    except TimeoutError as error:
        raise ProbeFailed("timeout", str(error) or "timed out") from error
    except ssl.SSLError as error:
        # An alert or an early end is the server's no; anything else is an answer that TLS cannot read.
        refused = "ALERT" in (error.reason or "") or isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError))
        detail = f"TLS failed: {error.reason or error.strerror or error}"
        raise ProbeFailed("unreachable" if refused else "malformed-reply", detail) from error
    except http.client.HTTPException as error:
        raise ProbeFailed("malformed-reply", f"no HTTP reply: {type(error).__name__}: {str(error)[:200]}") from error
    except ConnectionRefusedError as error:
        raise PortClosed("unreachable", error.strerror or str(error)) from error
    except OSError as error:
        raise ProbeFailed("unreachable", error.strerror or str(error)) from error


class _Stream(Protocol):
    """A plain or TLS socket."""

    def settimeout(self, value: float | None, /) -> None: ...
    def sendall(self, data: bytes, /) -> None: ...
    def recv_into(self, buffer: WriteableBuffer, /) -> int: ...


class _BoundedReader(io.RawIOBase):
    """Bytes of a stream, each wait for which ends at the timeout and at the deadline."""

    def __init__(self, stream: _Stream, deadline: Deadline, timeout: float) -> None:
        super().__init__()
        self._stream, self._deadline, self._timeout = stream, deadline, timeout

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        self._stream.settimeout(min(self._timeout, self._deadline.remaining()))
        return self._stream.recv_into(buffer)


class _ReplySource:
    """What http.client needs of a socket to parse replies that come one after the other."""

    def __init__(self, reader: io.RawIOBase) -> None:
        self._buffered = io.BufferedReader(reader, _CHUNK)

    def makefile(self, mode: str) -> IO[bytes]:
        return self._buffered


def _exchange(
    parts: SplitResult,
    wire: socket.socket,
    budget: Deadline,
    timeout: float,
    context: ssl.SSLContext | None,
    max_bytes: int,
    lookup: Lookup,
) -> dict[str, Any]:
    stream = wire
    if context is not None:
        wire.settimeout(min(timeout, budget.remaining()))
        # A body that ends without close_notify may have been cut: that is an error here, not an end.
        stream = context.wrap_socket(wire, server_hostname=_ascii_host(parts), suppress_ragged_eofs=False)
    with stream:
        stream.settimeout(min(timeout, budget.remaining()))
        stream.sendall(_request(parts))
        source = _ReplySource(_BoundedReader(stream, budget, timeout))
        with _final_reply(cast(socket.socket, source)) as reply:
            body, whole = _read_body(reply, max_bytes)
            headers = kept_headers(reply.getheaders())
            encoded = reply.getheader("content-encoding", "identity").strip().lower() != "identity"
            kind, decoded = _decoded(body, headers.get("content-type", [""])[0]) if whole and not encoded else ("", "")
            text = _text(kind, decoded)
            return {
                "url": parts._replace(query="", fragment="").geturl(),
                "status": reply.status,
                "headers": headers,
                "body_sha256": hashlib.sha256(body).hexdigest() if whole else None,
                "text_sha256": None if text is None else hashlib.sha256(text.encode()).hexdigest(),
                "bytes": len(body),
                "truncated": not whole,
                "page": describe(decoded, parts.geturl(), lookup) if kind in HTML else None,
            }


def _final_reply(source: socket.socket) -> http.client.HTTPResponse:
    """The reply behind the interim ones (RFC 9110 section 15.2). ProbeFailed where its length can be read in two ways.

    Clients differ in such replies: what one takes for the body another cuts, or reads with marks in between.
    """
    interim = []
    while True:
        reply = http.client.HTTPResponse(source, method="GET")
        interim.append(reply)  # one that is let go would close the source
        reply.begin()
        if reply.status >= 200:
            break
        if len(interim) > MOST_INTERIM or reply.status == 101:
            raise ProbeFailed("malformed-reply", f"status {reply.status} and no final reply")
    for early in interim[:-1]:
        early.fp = io.BufferedReader(io.BytesIO())
    if reply.getheader("transfer-encoding") is not None and not reply.chunked:
        raise ProbeFailed("malformed-reply", "a transfer encoding that was not asked for")
    if len(set(reply.headers.get_all("content-length", ()))) > 1:
        raise ProbeFailed("malformed-reply", "several lengths of one body")
    return reply


def _read_body(reply: http.client.HTTPResponse, max_bytes: int) -> tuple[bytes, bool]:
    """The body, and whether that is all of it. IncompleteRead when the server ends before it said it would."""
    body = bytearray()
    while len(body) <= max_bytes:
        chunk = reply.read(min(_CHUNK, max_bytes + 1 - len(body)))
        if not chunk:
            if reply.length:
                raise http.client.IncompleteRead(bytes(body), reply.length)
            return bytes(body), True
        body += chunk
    return bytes(body[:max_bytes]), False


def kept_headers(headers: list[tuple[str, str]]) -> dict[str, list[str]]:
    """The headers of the allow-list, with what could identify someone taken out.

    ProbeFailed where they are longer than any browser would take.
    """
    kept: dict[str, list[str]] = {}
    redactions: dict[str, Callable[[str], str]] = {"set-cookie": _without_value, "location": _without_query}
    for name, value in headers:
        if name.lower() in KEPT_HEADERS:
            redact = redactions.get(name.lower(), str.strip)
            kept.setdefault(name.lower(), []).append(redact(value))
    if sum(len(value) for values in kept.values() for value in values) > MOST_HEADER_BYTES:
        raise ProbeFailed("malformed-reply", f"more than {MOST_HEADER_BYTES} bytes of headers")
    return kept


def _without_value(cookie: str) -> str:
    """`name=` and COOKIE_ATTRIBUTES; a cookie without a name is all value (RFC 6265bis section 5.6)."""
    pair, *attributes = cookie.split(";")
    name = pair.partition("=")[0].strip() if "=" in pair else ""
    return "; ".join([f"{name}=", *(kept for part in attributes if (kept := _without_doubt(part)))])


def _without_doubt(attribute: str) -> str:
    """The attribute if it is one of COOKIE_ATTRIBUTES, with its value if it takes one that says no secret."""
    name, _, value = (word.strip() for word in attribute.partition("="))
    if name.lower() not in COOKIE_ATTRIBUTES:
        return ""
    return f"{name}={value}" if _HARMLESS.fullmatch(value) and name.lower() in _WITH_VALUE else name


def _without_query(location: str) -> str:
    bare = re.split(r"[?#;]", location.strip(), maxsplit=1)[0]
    return re.sub(r"//[^/]*@", "//", bare, count=1)


def _decoded(body: bytes, content_type: str) -> tuple[str, str]:
    """The media type in lower case, and the body as text."""
    kind, _, parameters = content_type.lower().partition(";")
    match = re.search(r"charset=[\"']?([\w-]+)", parameters)
    charset = match[1] if match and match[1] in _CHARSETS else "utf-8"
    if body[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):  # goes before the header (WHATWG Encoding, decode)
        charset = "utf-16"
    return kind.strip(), body.decode(charset, errors="replace")


def _text(kind: str, decoded: str) -> str | None:
    """The visible words; None where it is no text."""
    if kind in HTML:
        return visible_text(decoded)
    return " ".join(decoded.split()) if kind == "text/plain" else None


def _trusting(ca_file: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def _split(url: str) -> SplitResult:
    parts = urlsplit(url)
    target = parts.path + parts.query
    if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None or not _TARGET.fullmatch(target):
        raise ValueError(f"url: {url!r} is not an http or https URL with a host, without a user, in ASCII")
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS[parts.scheme]


def _ascii_host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    return host if is_ip_address(host) else host.encode("idna").decode("ascii")


def _request(parts: SplitResult) -> bytes:
    host = _ascii_host(parts)
    named = f"[{host}]" if ":" in host else host
    suffix = "" if _port(parts) == _PORTS[parts.scheme] else f":{_port(parts)}"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {named}{suffix}",
        "User-Agent: posture",
        "Accept: text/html, text/plain;q=0.9, */*;q=0.1",
        "Accept-Encoding: identity",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode("ascii")
