"""HTTP: what is read of real servers without and with TLS, and how plain HTTP, HSTS and the policy are judged."""

import datetime
import socket
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from kit import Recorded, judge, place, read, session_of
from posture.check import Basis, Fail, Incomplete, NotApplicable, Outcome, Pass, Unknown
from posture.claims import HttpsOnly, PolicyPublished, PolicyUnchanged
from posture.model import Cause, Fact, Gap
from posture.provider import Limits
from posture.reader import GapFound
from posture_endpoint import names
from posture_endpoint.http import pages
from posture_endpoint.http.hsts import hsts
from posture_endpoint.http.pages import SecurePage, Site
from posture_endpoint.http.plain import PlainPage, plain_closed, plain_pages
from posture_endpoint.http.policy import NO_WORDS, policy_published, policy_unchanged
from posture_endpoint.http.transport_security import Hsts, parse_hsts
from posture_endpoint.session import EndpointSession
from posture_endpoint.source import EndpointSource
from posture_endpoint.target import EndpointTarget
from posture_estates.endpoints.catalogue import ONE_YEAR
from posture_estates.endpoints.lab import EndpointLab
from web import PATHS, SITE, page

LIMITS = Limits(connect=1, read=1, call=5)
GAP = Gap(cause=Cause.TIMEOUT, detail="silent", operation="http:Get")


@pytest.fixture(scope="module")
def lab() -> Iterator[EndpointLab]:
    with EndpointLab(drip_interval=0.2) as running:
        yield running


def session_at(lab: EndpointLab, server: str, limits: Limits = LIMITS, **changes: Any) -> EndpointSession:
    endpoint = lab.endpoints[server]
    fields: dict[str, Any] = {
        "hosts": (f"{endpoint.host}:{endpoint.port}",),
        "http_port": endpoint.http_port,
        "ca_file": str(lab.ca_file),
        "resolve": {endpoint.host: (endpoint.address,)},
    }
    where = place("endpoint", endpoint.host, str(endpoint.port))
    answers = EndpointSource(where, EndpointTarget(**fields | changes), limits)
    return EndpointSession(where, answers, datetime.datetime.now(datetime.UTC))


def site_of(session: EndpointSession) -> Site:
    (address,) = read(names.addresses, session)
    (site,) = read(pages.site, session, address)
    assert isinstance(site, Site)
    assert site.resource == address.resource
    return site


def plain_of(lab: EndpointLab, server: str, limits: Limits = LIMITS, **changes: Any) -> tuple[Site, tuple[Fact, ...]]:
    session = session_at(lab, server, limits, **changes)
    site = site_of(session)
    return site, tuple(read(plain_pages, session, site))


def secure_of(lab: EndpointLab, server: str, path: str, limits: Limits = LIMITS, **changes: Any) -> SecurePage:
    session = session_at(lab, server, limits, **changes)
    (wanted,) = [one for one in read(pages.web_pages, session, site_of(session)) if getattr(one, "path", "") == path]
    (fact,) = read(pages.secure_page, session, wanted)
    assert isinstance(fact, SecurePage)
    return fact


def plain(status: int, *locations: str, path: str = "/") -> PlainPage:
    url = f"http://a.example{path}"
    return PlainPage(resource=SITE.resource, path=path, url=url, closed=False, status=status, locations=locations)


CLOSED = PlainPage(resource=SITE.resource, path="/", url="http://a.example/", closed=True, status=0, locations=())
UNCLEAR = "which says neither yes nor no"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([CLOSED], Pass("refuses connections without TLS", Basis.OBSERVED)),
        ([plain(200)], Fail("serves content without TLS at http://a.example/ (status 200)")),
        ([plain(204)], Fail("serves content without TLS at http://a.example/ (status 204)")),
        ([plain(401)], Fail("asks for credentials without TLS at http://a.example/")),
        ([plain(301, "https://a.example/")], Pass("redirects / from plain HTTP to https", Basis.OBSERVED)),
        ([plain(308, "HTTPS://www.b.example/")], Pass("redirects / from plain HTTP to https", Basis.OBSERVED)),
        (
            [plain(301, "https://a.example/"), plain(301, "https://a.example/login", path="/login")],
            Pass("redirects /, /login from plain HTTP to https", Basis.OBSERVED),
        ),
        (
            [plain(301, "https://a.example/"), plain(200, path="/deep")],
            Fail("serves content without TLS at http://a.example/deep (status 200)"),
        ),
        (
            [plain(404), plain(200, path="/deep")],
            Fail("serves content without TLS at http://a.example/deep (status 200)"),
        ),
        (
            [plain(301, "https://a.example/"), plain(404, path="/deep")],
            Unknown(Cause.NOT_SUPPORTED, f"answers http://a.example/deep with status 404, {UNCLEAR}"),
        ),
        (
            [plain(302, "http://www.a.example/")],
            Unknown(
                Cause.NOT_SUPPORTED, "redirects http://a.example/ to http://www.a.example/, which was not followed"
            ),
        ),
        (
            [plain(302, "//www.a.example/")],
            Unknown(Cause.NOT_SUPPORTED, "redirects http://a.example/ to //www.a.example/, which was not followed"),
        ),
        (
            [plain(302, "https://a.example/", "/home")],
            Unknown(
                Cause.NOT_SUPPORTED, "redirects http://a.example/ to https://a.example/, /home, which was not followed"
            ),
        ),
        ([plain(302)], Unknown(Cause.NOT_SUPPORTED, f"answers http://a.example/ with status 302, {UNCLEAR}")),
        ([plain(404)], Unknown(Cause.NOT_SUPPORTED, f"answers http://a.example/ with status 404, {UNCLEAR}")),
        ([plain(429)], Unknown(Cause.THROTTLED, "answers http://a.example/ with status 429")),
        ([plain(503)], Unknown(Cause.UNREACHABLE, f"answers http://a.example/ with status 503, {UNCLEAR}")),
        ([], Unknown(Cause.UNREACHABLE, "was not asked for any page without TLS")),
    ],
)
def test_plain_http_is_closed_or_redirects_on_every_path(facts: list[PlainPage], expected: Outcome) -> None:
    assert judge(plain_closed, SITE, HttpsOnly(), tuple(facts)) == expected


def test_content_in_clear_text_convicts_although_another_path_was_not_answered() -> None:
    assert isinstance(judge(plain_closed, SITE, HttpsOnly(), Incomplete.of((plain(200),), GAP)), Fail)
    redirected = Incomplete.of((plain(301, "https://a.example/"),), GAP)
    assert judge(plain_closed, SITE, HttpsOnly(), redirected) == Unknown(Cause.TIMEOUT, "silent")


def test_the_plain_port_of_real_servers_is_the_truth(lab: EndpointLab) -> None:
    site, good = plain_of(lab, "good")
    assert site.paths == PATHS
    assert good == tuple(
        PlainPage(
            resource=site.resource,
            path=path,
            url=f"http://good.lab.example:{lab.http_port}{path}",
            closed=False,
            status=301,
            locations=(f"https://good.lab.example:{lab.port}{path}",),
        )
        for path in PATHS
    )
    site, absent = plain_of(lab, "expired")
    url = f"http://expired.lab.example:{lab.http_port}/"
    assert absent == (PlainPage(resource=site.resource, path="/", url=url, closed=True, status=0, locations=()),)


def test_a_closed_port_of_an_address_that_is_down_proves_nothing(lab: EndpointLab) -> None:
    with pytest.raises(GapFound) as found:
        plain_of(lab, "refused")
    assert found.value.gap.cause is Cause.UNREACHABLE
    assert found.value.gap.detail.startswith(f"refuses plain HTTP, but port {lab.port} does not answer either")


def test_silence_is_not_closed(lab: EndpointLab) -> None:
    with (
        socket.create_server((lab.endpoints["expired"].address, 0)) as mute,
        pytest.raises(GapFound, match="http:Get: timeout"),
    ):
        plain_of(lab, "expired", Limits(connect=0.3, read=0.3, call=2), http_port=mute.getsockname()[1])


def test_a_plain_port_that_speaks_something_else_is_a_gap(lab: EndpointLab) -> None:
    with pytest.raises(GapFound) as found:
        plain_of(lab, "good", http_port=lab.port)
    assert found.value.gap.cause in (Cause.MALFORMED_REPLY, Cause.UNREACHABLE)


def declared(seconds: int | None, words: str = "", *, path: str = "/", status: int = 200) -> SecurePage:
    header = None if seconds is None else Hsts(seconds=seconds, subdomains="s" in words, preload="p" in words)
    return page(path=path, status=status, hsts=header)


YEAR = HttpsOnly(hsts_days=365)
SUBDOMAINS = HttpsOnly(hsts_days=180, hsts_subdomains=True)
PRELOAD = HttpsOnly(hsts_days=180, hsts_preload=True)


@pytest.mark.parametrize(
    ("claim", "seen", "expected"),
    [
        (YEAR, [declared(ONE_YEAR)], Pass("declares HSTS for 365 days", Basis.OBSERVED)),
        (YEAR, [declared(ONE_YEAR - 1)], Fail("declares HSTS for 364 days")),
        (YEAR, [declared(0)], Fail("declares HSTS for 0 days")),
        (YEAR, [declared(None)], Fail("declares no HSTS")),
        (YEAR, [declared(None, status=301)], Fail("declares no HSTS")),
        (YEAR, [declared(None, status=404)], Fail("declares no HSTS")),
        (
            YEAR,
            [declared(2 * ONE_YEAR), declared(ONE_YEAR, path="/login")],
            Pass("declares HSTS for 365 days", Basis.OBSERVED),
        ),
        (YEAR, [declared(ONE_YEAR), declared(None, path="/login")], Fail("declares no HSTS at /login")),
        (
            YEAR,
            [declared(ONE_YEAR), declared(None, path="/gone", status=404)],
            Pass("declares HSTS for 365 days", Basis.OBSERVED),
        ),
        (YEAR, [declared(None, path="/gone", status=404)], Unknown(Cause.UNREACHABLE, "showed no page over TLS")),
        (YEAR, [declared(None, status=503)], Unknown(Cause.UNREACHABLE, f"answers / with status 503, {UNCLEAR}")),
        (YEAR, [declared(None, status=429)], Unknown(Cause.THROTTLED, "answers / with status 429")),
        (
            YEAR,
            [declared(None, status=503), declared(0, path="/login")],
            Fail("declares HSTS for 0 days at /login"),
        ),
        (SUBDOMAINS, [declared(ONE_YEAR)], Fail("declares HSTS without includeSubDomains")),
        (
            SUBDOMAINS,
            [declared(ONE_YEAR, "s")],
            Pass("declares HSTS for 365 days, with includeSubDomains", Basis.OBSERVED),
        ),
        (PRELOAD, [declared(ONE_YEAR, "s")], Fail("declares HSTS without preload")),
        (
            PRELOAD,
            [declared(ONE_YEAR, "p")],
            Fail("declares HSTS that browsers do not preload: a year and includeSubDomains are asked for"),
        ),
        (
            PRELOAD,
            [declared(ONE_YEAR - 1, "sp")],
            Fail("declares HSTS that browsers do not preload: a year and includeSubDomains are asked for"),
        ),
        (
            PRELOAD,
            [declared(ONE_YEAR, "sp")],
            Pass("declares HSTS for 365 days, with includeSubDomains and preload", Basis.OBSERVED),
        ),
    ],
)
def test_hsts_is_declared_as_promised(claim: HttpsOnly, seen: list[SecurePage], expected: Outcome) -> None:
    assert judge(hsts, SITE, claim, tuple(seen)) == expected
    assert judge(hsts, SITE, claim, tuple(reversed(seen))) == expected


def test_hsts_of_an_address_without_a_name_protects_nobody() -> None:
    nameless = msgspec.structs.replace(SITE, resource=msgspec.structs.replace(SITE.resource, account="192.0.2.1"))
    found = judge(hsts, nameless, YEAR, (declared(ONE_YEAR),))
    assert isinstance(found, Unknown)
    assert found.cause is Cause.NOT_SUPPORTED
    assert isinstance(judge(hsts, nameless, YEAR, (declared(0),)), Fail)


def test_hsts_that_is_not_claimed_is_not_judged_even_where_nothing_was_read() -> None:
    unread = Incomplete.of((), GAP)
    assert isinstance(judge(hsts, SITE, HttpsOnly(), unread), NotApplicable)
    assert judge(hsts, SITE, YEAR, unread) == Unknown(Cause.TIMEOUT, "silent")
    assert judge(hsts, SITE, YEAR, Incomplete.of((declared(0),), GAP)) == Fail("declares HSTS for 0 days")
    assert judge(hsts, SITE, YEAR, Incomplete.of((declared(ONE_YEAR),), GAP)) == Unknown(Cause.TIMEOUT, "silent")
    assert judge(hsts, SITE, YEAR, ()) == Unknown(Cause.UNREACHABLE, "showed no page over TLS")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("max-age=31536000", (31_536_000, False, False)),
        ('Max-Age="300"; includeSubDomains; preload', (300, True, True)),
        ("includesubdomains ;; max-age=0", (0, True, False)),
        ("includeSubDomains", None),
        ("max-age=", None),
        ("max-age=-1", None),
        ("max-age=1d", None),
        ("max-age=1; max-age=2", None),
        ("max-age=" + "9" * 5000, None),
        ("max-age=" + "9" * 40, (10**12, False, False)),
        ('max-age="31536000', None),
        ("max-age=1; includeSubDomains=false", None),
        ("max-age=1; preload=no", (1, False, False)),
        ("", None),
    ],
)
def test_an_hsts_header_that_clients_ignore_is_none(header: str, expected: tuple[int, bool, bool] | None) -> None:
    parsed = parse_hsts(header)
    assert (parsed and (parsed.seconds, parsed.subdomains, parsed.preload)) == expected


def test_the_hsts_of_real_servers_is_the_truth(lab: EndpointLab) -> None:
    for server in ("good", "weak", "no-policy"):
        header = secure_of(lab, server, "/").hsts
        assert (header and header.seconds) == lab.endpoints[server].truth.hsts_max_age


REPLY: dict[str, Any] = {
    "url": "https://a.example/login",
    "status": 200,
    "headers": {
        "strict-transport-security": ["max-age=1", "max-age=31536000"],
        "content-type": ["Text/HTML; charset=utf-8", "text/plain"],
        "set-cookie": ["id=; Secure", "=; httponly"],
        "permissions-policy": ["camera=()"],
        "content-security-policy": ["img-src *, script-src 'self'"],
    },
    "bytes": 1,
    "truncated": False,
    "text_sha256": None,
    "page": None,
    "closed": False,
}


def login_page(reply: dict[str, Any]) -> SecurePage:
    session = session_of(EndpointSession, Recorded({"http:Get": reply}), place("endpoint", "a.example", "443"))
    wanted = pages.WebPage(resource=page().resource, address="192.0.2.1", path="/login", login=True, paths=PATHS)
    (fact,) = read(pages.secure_page, session, wanted)
    assert isinstance(fact, SecurePage)
    return fact


def test_a_reply_becomes_a_page_and_the_first_hsts_header_counts() -> None:
    fact = login_page(REPLY)
    assert fact.hsts == Hsts(seconds=1, subdomains=False, preload=False)
    assert (fact.media_type, fact.login, fact.markup, fact.permissions_policies) == (
        "text/html",
        True,
        None,
        ("camera=()",),
    )
    assert fact.content_policies == ("img-src *", "script-src 'self'")
    assert [(one.name, one.secure, one.http_only) for one in fact.cookies] == [("id", True, False), ("", False, True)]


@pytest.mark.parametrize(
    ("locations", "leads"),
    [
        (["/privacy"], "/privacy"),
        (["https://a.example"], "/"),
        (["https://a.example/", "/"], "/"),
        (["/privacy", "/"], ""),
        (["/login"], ""),
        (["/elsewhere"], ""),
        (["http://a.example/"], ""),
        (["https://a.example:444/"], ""),
        (["https://b.example/"], ""),
        (["https://[/"], ""),
        (["https://a.example:x/"], ""),
        ([], ""),
    ],
)
def test_a_redirect_leads_to_a_page_that_is_asked_for_or_away(locations: list[str], leads: str) -> None:
    assert login_page(REPLY | {"status": 302, "headers": {"location": locations}}).leads_to == leads


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
def test_a_page_that_cannot_be_had_over_tls_is_a_gap(lab: EndpointLab, server: str, cause: Cause) -> None:
    with pytest.raises(GapFound) as found:
        secure_of(lab, server, "/", Limits(connect=0.4, read=0.4, call=1))
    assert found.value.gap.cause is cause


PUBLISHED = Pass("shows a page at /privacy", Basis.OBSERVED)
FRONT = page(text="cd" * 32)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, PUBLISHED),
        ({"media_type": "application/pdf"}, PUBLISHED),
        ({"truncated": True}, PUBLISHED),
        ({"size": 0}, Fail("shows an empty page at /privacy")),
        (
            {"media_type": "application/json"},
            Unknown(Cause.NOT_SUPPORTED, "answers /privacy with application/json"),
        ),
        ({"media_type": ""}, Unknown(Cause.NOT_SUPPORTED, "answers /privacy with an unnamed media type")),
        ({"status": 404}, Fail("has no page at /privacy (status 404)")),
        ({"status": 410}, Fail("has no page at /privacy (status 410)")),
        ({"status": 401}, Fail("shows /privacy to nobody without a sign-in (status 401)")),
        (
            {"status": 403},
            Unknown(Cause.ACCESS_DENIED, "refuses /privacy to the scanner (status 403), and perhaps to others"),
        ),
        ({"text": NO_WORDS}, Unknown(Cause.NOT_SUPPORTED, "shows no words at /privacy unless its scripts are run")),
        (
            {"status": 302, "locations": ("https://a.example/login",)},
            Unknown(Cause.NOT_SUPPORTED, "redirects /privacy to https://a.example/login, which was not followed"),
        ),
        ({"status": 429}, Unknown(Cause.THROTTLED, "answers /privacy with status 429")),
        ({"status": 500}, Unknown(Cause.UNREACHABLE, f"answers /privacy with status 500, {UNCLEAR}")),
        ({"status": 400}, Unknown(Cause.NOT_SUPPORTED, f"answers /privacy with status 400, {UNCLEAR}")),
    ],
)
def test_the_policy_can_be_read_without_a_sign_in(changes: dict[str, Any], expected: Outcome) -> None:
    seen = page(path="/privacy", **changes)
    assert judge(policy_published, SITE, PolicyPublished(), (FRONT, seen)) == expected
    if not isinstance(expected, Pass):
        assert judge(policy_unchanged, SITE, PolicyUnchanged(sha256="0" * 64), (FRONT, seen)) == expected


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (page(), Unknown(Cause.NOT_SUPPORTED, "shows the same words at /privacy as at /")),
        (page(path="/login"), Unknown(Cause.NOT_SUPPORTED, "shows the same words at /privacy as at /login")),
        (page(path="/privacy-policy"), PUBLISHED),
        (page(path="/login", status=404), PUBLISHED),
        (page(path="/login", text=None), PUBLISHED),
    ],
)
def test_the_front_page_in_place_of_the_policy_is_no_policy(other: SecurePage, expected: Outcome) -> None:
    seen = page(path="/privacy")
    for seen_pages in ((other, seen), (seen, other), Incomplete.of((other, seen), GAP)):
        assert judge(policy_published, SITE, PolicyPublished(), seen_pages) == expected


def test_each_path_has_its_own_answer_and_an_unasked_one_has_none() -> None:
    seen = (FRONT, page(path="/privacy"), page(path="/legal/privacy", status=404))
    missing = judge(policy_published, SITE, PolicyPublished(path="/legal/privacy"), seen)
    assert missing == Fail("has no page at /legal/privacy (status 404)")
    unasked = judge(policy_published, SITE, PolicyPublished(path="/datenschutz"), seen)
    assert unasked == Unknown(Cause.NOT_SUPPORTED, f"was not asked for /datenschutz, only for {', '.join(PATHS)}")
    incomplete = Incomplete.of(seen, GAP)
    assert judge(policy_published, SITE, PolicyPublished(), incomplete) == PUBLISHED
    lost = judge(policy_published, SITE, PolicyPublished(path="/privacy-policy"), incomplete)
    assert lost == Unknown(Cause.TIMEOUT, "silent")


@pytest.mark.parametrize(
    ("sha256", "changes", "expected"),
    [
        ("ab" * 32, {}, Pass("shows the reviewed text at /privacy", Basis.OBSERVED)),
        (" " + "AB" * 32, {}, Pass("shows the reviewed text at /privacy", Basis.OBSERVED)),
        (
            "cd" * 32,
            {},
            Fail(f"shows a text at /privacy with the hash {'ab' * 32}, not the reviewed {'cd' * 32}"),
        ),
        (
            "",
            {},
            Unknown(
                Cause.NOT_SUPPORTED,
                f"shows a text at /privacy with the hash {'ab' * 32}, and the claim has no `sha256` of a reviewed one",
            ),
        ),
        (
            "ab" * 32,
            {"text": None, "media_type": "application/pdf"},
            Unknown(Cause.NOT_SUPPORTED, "shows /privacy as application/pdf, whose words are not read"),
        ),
        (
            "ab" * 32,
            {"text": None, "encoding": "gzip"},
            Unknown(Cause.NOT_SUPPORTED, "shows /privacy as gzip, whose words are not read"),
        ),
        (
            "ab" * 32,
            {"text": None, "truncated": True, "size": 9},
            Unknown(Cause.TRUNCATED, "shows more than 9 bytes at /privacy, which was not read whole"),
        ),
    ],
)
def test_the_policy_is_the_one_that_was_reviewed(sha256: str, changes: dict[str, Any], expected: Outcome) -> None:
    fields: dict[str, Any] = {"path": "/privacy", "text": "ab" * 32} | changes
    assert judge(policy_unchanged, SITE, PolicyUnchanged(sha256=sha256), (page(**fields),)) == expected


def test_the_policy_of_real_servers_is_the_truth(lab: EndpointLab) -> None:
    good, without = secure_of(lab, "good", "/privacy"), secure_of(lab, "no-policy", "/privacy")
    assert (good.status, without.status) == (200, 404)
    assert good.text is not None
    changed = secure_of(lab, "changed-policy", "/privacy")
    assert changed.text not in (None, good.text)
    assert msgspec.structs.replace(changed, resource=good.resource, url=good.url, text=good.text) == good
