"""HTTP: what is read of real servers without and with TLS, and how it is judged."""

import datetime
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from kit import Recorded, judge, place, read, session_of
from posture.check import Basis, Fail, Incomplete, NotApplicable, Outcome, Pass, Unknown
from posture.claims import HttpsOnly, PolicyPublished
from posture.model import Cause, Fact, Gap
from posture.provider import Limits
from posture.reader import GapFound, Reader
from posture_endpoint import http, names
from posture_endpoint.http import PlainHttp, PolicyPage, PolicyPages, SecureSite, parse_hsts
from posture_endpoint.session import EndpointSession
from posture_endpoint.source import EndpointSource
from posture_endpoint.target import EndpointTarget
from posture_estates.endpoints.catalogue import ONE_YEAR
from posture_estates.endpoints.lab import EndpointLab

LIMITS = Limits(connect=1, read=1, call=5)
WHERE = place("endpoint", "a.example", "443")
ADDRESS = names.Address(
    resource=session_of(EndpointSession, Recorded({}), WHERE).resource(
        "endpoint.address", "a.example|192.0.2.1|443", "a.example:443@192.0.2.1"
    ),
    host="a.example",
    port=443,
    address="192.0.2.1",
)


@pytest.fixture(scope="module")
def lab() -> Iterator[EndpointLab]:
    with EndpointLab(drip_interval=0.2) as running:
        yield running


def look(lab: EndpointLab, server: str, reader: Reader, limits: Limits = LIMITS, **changes: Any) -> Fact:
    """What a reader tells of a server of the lab."""
    endpoint = lab.endpoints[server]
    fields: dict[str, Any] = {
        "hosts": (f"{endpoint.host}:{endpoint.port}",),
        "http_port": endpoint.http_port,
        "ca_file": str(lab.ca_file),
        "resolve": {endpoint.host: (endpoint.address,)},
    }
    where = place("endpoint", endpoint.host, str(endpoint.port))
    answers = EndpointSource(where, EndpointTarget(**fields | changes), limits)
    session = EndpointSession(where, answers, datetime.datetime.now(datetime.UTC))
    (address,) = read(names.addresses, session)
    (fact,) = read(reader, session, address)
    assert fact.resource == address.resource
    return fact


def plain(status: int, *locations: str) -> PlainHttp:
    return PlainHttp(
        resource=ADDRESS.resource, url="http://a.example/", closed=False, status=status, locations=locations
    )


CLOSED = PlainHttp(resource=ADDRESS.resource, url="http://a.example/", closed=True, status=0, locations=())


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (CLOSED, Pass("refuses connections without TLS", Basis.OBSERVED)),
        (plain(200), Fail("serves content without TLS at http://a.example/ (status 200)")),
        (plain(204), Fail("serves content without TLS at http://a.example/ (status 204)")),
        (plain(401), Fail("asks for credentials without TLS at http://a.example/")),
        (
            plain(301, "https://a.example/"),
            Pass("redirects plain HTTP to https://a.example/", Basis.OBSERVED),
        ),
        (
            plain(308, "HTTPS://www.b.example/"),
            Pass("redirects plain HTTP to HTTPS://www.b.example/", Basis.OBSERVED),
        ),
        (
            plain(302, "http://www.a.example/"),
            Unknown(Cause.NOT_SUPPORTED, "redirects plain HTTP to http://www.a.example/, which was not followed"),
        ),
        (
            plain(302, "//www.a.example/"),
            Unknown(Cause.NOT_SUPPORTED, "redirects plain HTTP to //www.a.example/, which was not followed"),
        ),
        (
            plain(302, "https://a.example/", "/home"),
            Unknown(Cause.NOT_SUPPORTED, "redirects plain HTTP to https://a.example/, /home, which was not followed"),
        ),
        (
            plain(302),
            Unknown(Cause.NOT_SUPPORTED, "answers plain HTTP with status 302, which says neither yes nor no"),
        ),
        (
            plain(404),
            Unknown(Cause.NOT_SUPPORTED, "answers plain HTTP with status 404, which says neither yes nor no"),
        ),
        (plain(429), Unknown(Cause.THROTTLED, "answers plain HTTP with status 429")),
        (plain(503), Unknown(Cause.UNREACHABLE, "answers plain HTTP with status 503, which says neither yes nor no")),
    ],
)
def test_plain_http_is_closed_or_redirects(fact: PlainHttp, expected: Outcome) -> None:
    assert judge(http.plain_closed, fact, HttpsOnly()) == expected


def test_the_plain_port_of_real_servers_is_the_truth(lab: EndpointLab) -> None:
    url = f"http://good.lab.example:{lab.http_port}/"
    good = look(lab, "good", http.plain_http)
    assert good == PlainHttp(
        resource=good.resource,
        url=url,
        closed=False,
        status=301,
        locations=(f"https://good.lab.example:{lab.port}/",),
    )
    assert isinstance(judge(http.plain_closed, look(lab, "weak", http.plain_http), HttpsOnly()), Fail)
    absent = look(lab, "expired", http.plain_http)
    assert absent == PlainHttp(
        resource=absent.resource,
        url=f"http://expired.lab.example:{lab.http_port}/",
        closed=True,
        status=0,
        locations=(),
    )


def test_a_closed_port_of_an_address_that_is_down_proves_nothing(lab: EndpointLab) -> None:
    with pytest.raises(GapFound) as found:
        look(lab, "refused", http.plain_http)
    assert found.value.gap.cause is Cause.UNREACHABLE
    assert found.value.gap.detail.startswith(f"refuses plain HTTP, but port {lab.port} does not answer either")


def test_silence_is_not_closed(lab: EndpointLab) -> None:
    with (
        socket.create_server((lab.endpoints["expired"].address, 0)) as mute,
        pytest.raises(GapFound, match="http:Get: timeout"),
    ):
        look(lab, "expired", http.plain_http, Limits(connect=0.3, read=0.3, call=2), http_port=mute.getsockname()[1])


def test_a_plain_port_that_speaks_something_else_is_a_gap(lab: EndpointLab) -> None:
    with pytest.raises(GapFound) as found:
        look(lab, "good", http.plain_http, http_port=lab.port)
    assert found.value.gap.cause in (Cause.MALFORMED_REPLY, Cause.UNREACHABLE)


def site(seconds: int | None, status: int = 200, *, address: names.Address = ADDRESS) -> SecureSite:
    return SecureSite(
        resource=address.resource,
        url="https://a.example/",
        status=status,
        hsts_seconds=seconds,
        hsts_includes_subdomains=False,
    )


YEAR = HttpsOnly(hsts_days=365)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (site(ONE_YEAR), Pass("declares HSTS for 365 days", Basis.OBSERVED)),
        (site(ONE_YEAR - 1), Fail("declares HSTS for 364 days")),
        (site(0), Fail("declares HSTS for 0 days")),
        (site(None), Fail("declares no HSTS")),
        (site(None, 301), Fail("declares no HSTS")),
        (
            site(None, 503),
            Unknown(Cause.UNREACHABLE, "answers HTTPS with status 503, which says neither yes nor no"),
        ),
    ],
)
def test_hsts_lasts_as_long_as_promised(seen: SecureSite, expected: Outcome) -> None:
    assert judge(http.hsts, ADDRESS, YEAR, (seen,)) == expected


def test_hsts_that_is_not_claimed_is_not_judged_even_where_nothing_was_read() -> None:
    gap = Gap(cause=Cause.TIMEOUT, detail="silent", operation="http:Get")
    unread = Incomplete.of((), gap)
    assert isinstance(judge(http.hsts, ADDRESS, HttpsOnly(), unread), NotApplicable)
    assert judge(http.hsts, ADDRESS, YEAR, unread) == Unknown(Cause.TIMEOUT, "silent")
    assert judge(http.hsts, ADDRESS, YEAR, Incomplete.of((site(0),), gap)) == Fail("declares HSTS for 0 days")
    assert judge(http.hsts, ADDRESS, YEAR, ()) == Unknown(Cause.UNREACHABLE, "showed no page over TLS")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("max-age=31536000", (31_536_000, False)),
        ('Max-Age="300"; includeSubDomains; preload', (300, True)),
        ("includesubdomains ;; max-age=0", (0, True)),
        ("includeSubDomains", (None, False)),
        ("max-age=", (None, False)),
        ("max-age=-1", (None, False)),
        ("max-age=1d", (None, False)),
        ("max-age=1; max-age=2", (None, False)),
        ("max-age=" + "9" * 5000, (None, False)),
        ("", (None, False)),
    ],
)
def test_an_hsts_header_that_clients_ignore_is_none(header: str, expected: tuple[int | None, bool]) -> None:
    assert parse_hsts(header) == expected


def test_the_first_hsts_header_counts() -> None:
    page = {
        "url": "https://a.example/",
        "status": 200,
        "headers": {"strict-transport-security": ["max-age=1", "max-age=31536000"]},
        "bytes": 1,
        "text_sha256": None,
        "closed": False,
    }
    (fact,) = read(http.secure_site, session_of(EndpointSession, Recorded({"http:Get": page}), WHERE), ADDRESS)
    assert fact == site(1)


def test_the_hsts_of_real_servers_is_the_truth(lab: EndpointLab) -> None:
    for server in ("good", "weak", "no-policy"):
        fact = look(lab, server, http.secure_site)
        assert isinstance(fact, SecureSite)
        assert fact.hsts_seconds == lab.endpoints[server].truth.hsts_max_age


@pytest.mark.parametrize(
    ("server", "cause"),
    [
        ("refused", Cause.UNREACHABLE),
        ("resets", Cause.UNREACHABLE),
        ("silent", Cause.TIMEOUT),
        ("dripping-body", Cause.TIMEOUT),
        ("expired", Cause.UNREACHABLE),
        ("plain-http", Cause.MALFORMED_REPLY),
    ],
)
@pytest.mark.parametrize("reader", [http.secure_site, http.policy_pages])
def test_a_page_that_cannot_be_had_over_tls_is_a_gap(
    lab: EndpointLab, server: str, cause: Cause, reader: Reader
) -> None:
    with pytest.raises(GapFound) as found:
        look(lab, server, reader, Limits(connect=0.4, read=0.4, call=1))
    assert found.value.gap.cause is cause


def pages(status: int, media_type: str = "text/html", size: int = 10, *locations: str) -> PolicyPages:
    page = PolicyPage(path="/privacy", status=status, media_type=media_type, size=size, text=None, locations=locations)
    other = PolicyPage(path="/legal/privacy", status=404, media_type="", size=0, text=None, locations=())
    return PolicyPages(resource=ADDRESS.resource, pages=(other, page))


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (pages(200), Pass("shows a page at /privacy", Basis.OBSERVED)),
        (pages(200, "application/pdf"), Pass("shows a page at /privacy", Basis.OBSERVED)),
        (pages(200, size=0), Fail("shows an empty page at /privacy")),
        (
            pages(200, "application/json"),
            Unknown(Cause.NOT_SUPPORTED, "answers /privacy with application/json"),
        ),
        (pages(200, ""), Unknown(Cause.NOT_SUPPORTED, "answers /privacy with an unnamed media type")),
        (pages(404), Fail("has no page at /privacy (status 404)")),
        (pages(410), Fail("has no page at /privacy (status 410)")),
        (pages(401), Fail("shows /privacy to nobody without a sign-in (status 401)")),
        (pages(403), Fail("shows /privacy to nobody without a sign-in (status 403)")),
        (
            pages(302, "", 0, "https://a.example/login"),
            Unknown(Cause.NOT_SUPPORTED, "redirects /privacy to https://a.example/login, which was not followed"),
        ),
        (pages(429), Unknown(Cause.THROTTLED, "answers /privacy with status 429")),
        (pages(500), Unknown(Cause.UNREACHABLE, "answers /privacy with status 500, which says neither yes nor no")),
        (pages(400), Unknown(Cause.NOT_SUPPORTED, "answers /privacy with status 400, which says neither yes nor no")),
    ],
)
def test_the_policy_can_be_read_without_a_sign_in(fact: PolicyPages, expected: Outcome) -> None:
    assert judge(http.policy_published, fact, PolicyPublished()) == expected


def test_each_path_has_its_own_answer_and_an_unasked_one_has_none() -> None:
    missing = judge(http.policy_published, pages(200), PolicyPublished(path="/legal/privacy"))
    assert missing == Fail("has no page at /legal/privacy (status 404)")
    unasked = judge(http.policy_published, pages(200), PolicyPublished(path="/datenschutz"))
    assert unasked == Unknown(
        Cause.NOT_SUPPORTED, "was not asked for /datenschutz, only for /privacy, /privacy-policy, /legal/privacy"
    )


def test_the_policy_of_real_servers_is_the_truth(lab: EndpointLab) -> None:
    good, without = look(lab, "good", http.policy_pages), look(lab, "no-policy", http.policy_pages)
    assert isinstance(good, PolicyPages)
    assert [(page.path, page.status) for page in good.pages] == [
        ("/privacy", 200),
        ("/privacy-policy", 404),
        ("/legal/privacy", 404),
    ]
    assert good.pages[0].text is not None
    assert isinstance(judge(http.policy_published, good, PolicyPublished()), Pass)
    assert isinstance(judge(http.policy_published, without, PolicyPublished()), Fail)
