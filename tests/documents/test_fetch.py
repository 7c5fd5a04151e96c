"""Fetching: over TLS alone, from the host that was named, bounded, and only whole documents."""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from posture.documents import DocumentError, NotFetchedError, fetch
from posture.documents.sentences import sentences
from posture_estates.endpoints.authority import issue, new_authority

PAGE = b"<p>Keys rotate.</p>"


class _Site(BaseHTTPRequestHandler):
    """A few pages; ``Location`` may name either of the two names of this machine."""

    def do_GET(self) -> None:
        port = self.server.server_address[1]
        redirects = {
            "/same": f"https://localhost:{port}/page",
            "/relative": "/page",
            "/other": f"https://127.0.0.1:{port}/page",
            "/plain": f"http://localhost:{port}/page",
            "/round": f"https://localhost:{port}/round",
        }
        if self.path in redirects:
            self._answer(302, b"", Location=redirects[self.path])
        elif self.path == "/page":
            self._answer(200, PAGE)
        elif self.path == "/text":
            self._answer(200, b"<p>Keys rotate.", **{"Content-Type": "text/plain"})
        elif self.path == "/long":
            self._answer(200, b"x" * 5_000)
        elif self.path == "/zipped":
            self._answer(200, PAGE, **{"Content-Encoding": "gzip"})
        elif self.path == "/cut":
            self._answer(200, PAGE, **{"Content-Length": "999"})
            self.close_connection = True
        elif self.path == "/empty":
            self._answer(200, b"")
        else:
            self._answer(404, PAGE)

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": "text/html", "Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site")
    authority = new_authority()
    credential = issue(authority, ["localhost", "127.0.0.1"])
    (folder / "ca.pem").write_bytes(authority.certificate_pem)
    (folder / "chain.pem").write_bytes(credential.chain_pem)
    (folder / "key.pem").write_bytes(credential.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "chain.pem", folder / "key.pem")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(folder / "ca.pem"))
        patch.setenv("no_proxy", "*")
        yield f"https://localhost:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("path", ["/page", "/same", "/relative"])
def test_a_page_is_fetched_and_a_redirect_on_its_host_followed(site: str, path: str) -> None:
    found = fetch.fetch(f"{site}{path}")
    assert (found.kind, sentences(found.text)) == ("html", ["Keys rotate."])


def test_the_type_is_the_one_that_the_server_names(site: str) -> None:
    assert fetch.fetch(f"{site}/text").text == "<p>Keys rotate."


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/other", "leads to another host, 127.0.0.1; say --follow to go there"),
        ("/plain", "is no address over TLS; only https:// is fetched"),
        ("/round", "answered with status 302"),
        ("/missing", "answered with status 404"),
        ("/zipped", "came compressed (gzip)"),
        ("/cut", "nothing is said about a part of a document"),
    ],
)
def test_what_is_not_the_document_is_refused(site: str, path: str, told: str) -> None:
    with pytest.raises(NotFetchedError) as refused:
        fetch.fetch(f"{site}{path}")
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_another_host_is_followed_where_asked(site: str) -> None:
    assert sentences(fetch.fetch(f"{site}/other", follow=True).text) == ["Keys rotate."]


def test_a_redirect_away_from_tls_is_never_followed(site: str) -> None:
    with pytest.raises(NotFetchedError, match="no address over TLS"):
        fetch.fetch(f"{site}/plain", follow=True)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://localhost/page", "only https:// is fetched"),
        ("file:///etc/passwd", "only https:// is fetched"),
        ("localhost/page", "only https:// is fetched"),
        ("https://", "only https:// is fetched"),
        ("https://me:secret@localhost/", "signs in nowhere"),
        ("https://localhost:1/page", "cannot be fetched: "),
        ("https://[broken/", "cannot be fetched: "),
        ("https://localhost:99999/", "cannot be fetched: "),
    ],
)
def test_addresses_that_give_nothing(url: str, told: str) -> None:
    with pytest.raises(NotFetchedError) as refused:
        fetch.fetch(url)
    assert told in str(refused.value)
    assert "secret" not in str(refused.value)


def test_an_untrusted_certificate_is_refused(site: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(new_authority("Another root").certificate_pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    with pytest.raises(NotFetchedError, match="certificate verify failed"):
        fetch.fetch(f"{site}/page")


def test_a_document_that_is_too_long_is_left(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "MAX_BYTES", 1_000)
    with pytest.raises(NotFetchedError, match=r"is longer than 1,000 bytes"):
        fetch.fetch(f"{site}/long")


def test_a_document_that_takes_too_long_is_left(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "TOTAL_SECONDS", -1.0)
    with pytest.raises(NotFetchedError, match="did not arrive within"):
        fetch.fetch(f"{site}/long")


def test_an_empty_document_was_fetched_and_cannot_be_read(site: str) -> None:
    with pytest.raises(DocumentError, match="is empty") as refused:
        fetch.fetch(f"{site}/empty")
    assert not isinstance(refused.value, NotFetchedError)
