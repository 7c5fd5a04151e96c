"""Fetching a document from its address: over TLS, bounded in size and time, and only when a user names the address."""

import ssl
import time
from http.client import HTTPException
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from posture import __version__
from posture.documents import NotFetchedError
from posture.documents.text import MAX_BYTES, Text, read_bytes

CONNECT_SECONDS = 10.0
TOTAL_SECONDS = 60.0
_CHUNK = 65_536
_KINDS = {"text/html": "html", "application/xhtml+xml": "html", "text/markdown": "markdown", "text/plain": "text"}


def fetch(url: str, follow: bool = False) -> Text:
    """The text of the document at ``url``. A redirect to another host is refused unless ``follow``.

    Raises NotFetchedError, and DocumentError for what was fetched and cannot be read.
    """
    try:
        redirects = _Redirects(_checked(url, url), follow)
        opener = build_opener(redirects, HTTPSHandler(context=ssl.create_default_context()))
        request = Request(url, headers={"User-Agent": f"posture/{__version__}", "Accept-Encoding": "identity"})
        with opener.open(request, timeout=CONNECT_SECONDS) as reply:
            coding = reply.headers.get("Content-Encoding", "identity")
            if coding != "identity":
                raise NotFetchedError(
                    f"{url}: came compressed ({coding}) though plain was asked for; save it to a file"
                )
            data = _bounded(reply, url)
            kind = _KINDS.get(reply.headers.get_content_type(), "")
    except HTTPError as error:
        raise NotFetchedError(f"{url}: answered with status {error.code}") from None
    except (URLError, HTTPException, OSError, ValueError) as error:
        raise NotFetchedError(f"{url}: cannot be fetched: {_reason(error)}") from None
    return read_bytes(data, url, kind)


def _checked(url: str, asked: str) -> str:
    """The host of an address over TLS."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        where = "" if url == asked else f" leads to {url}, which"
        raise NotFetchedError(f"{asked}:{where} is no address over TLS; only https:// is fetched")
    if parts.username is not None:
        raise NotFetchedError(
            f"{parts.hostname}: the address names a user; posture fetches published documents and signs in nowhere"
        )
    return parts.hostname


class _Redirects(HTTPRedirectHandler):
    """Follows redirects on the same host, and to other hosts where asked to; never away from TLS."""

    max_redirections = 5

    def __init__(self, host: str, follow: bool) -> None:
        self._host = host
        self._follow = follow

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        target = urljoin(req.full_url, newurl)
        host = _checked(target, req.full_url)
        if host != self._host and not self._follow:
            raise NotFetchedError(f"{req.full_url}: leads to another host, {host}; say --follow to go there")
        return super().redirect_request(req, fp, code, msg, headers, target)


def _bounded(reply: Any, url: str) -> bytes:
    began = time.monotonic()
    data = bytearray()
    while chunk := reply.read1(_CHUNK):
        data += chunk
        if len(data) > MAX_BYTES:
            raise NotFetchedError(f"{url}: is longer than {MAX_BYTES:,} bytes")
        if time.monotonic() - began > TOTAL_SECONDS:
            raise NotFetchedError(f"{url}: did not arrive within {TOTAL_SECONDS:.0f} s")
    if reply.length:
        raise NotFetchedError(f"{url}: ended {reply.length:,} bytes early; nothing is said about a part of a document")
    return bytes(data)


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", None) or error
    return " ".join(str(reason).split()) or type(error).__name__
