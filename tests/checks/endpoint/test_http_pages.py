"""How pages are judged: cookies, mixed content, declared policies and trackers."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kit import judge
from posture.check import Basis, Fail, NotApplicable, Outcome, Pass, Unknown
from posture.claims import ContentPolicyDeclared, NoMixedContent, NoTrackers, SecureCookies
from posture.model import Cause
from posture_endpoint.http.content_policy import single, weakness
from posture_endpoint.http.cookie import Cookie, parse_cookie
from posture_endpoint.http.cookies import secure_cookies
from posture_endpoint.http.declared import content_policy
from posture_endpoint.http.mixed import mixed_content
from posture_endpoint.http.permissions import is_permissions_policy
from posture_endpoint.http.trackers import no_trackers
from web import markup, page, tracked

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def cookie(name: str = "id", *, words: str = "secure httponly") -> Cookie:
    return Cookie(
        name=name,
        secure="secure" in words,
        http_only="httponly" in words,
        deleted="deleted" in words,
        unclear="unclear" in words,
    )


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("id=; Secure; HttpOnly", cookie()),
        ("id=;secure;HTTPONLY", cookie()),
        ("id=; Secure=false; httponly=0", cookie()),
        ("id=; Secured; NotHttpOnly", cookie(words="")),
        ("id=", cookie(words="")),
        ("=; Secure", cookie("", words="secure")),
        (" id =; Secure", cookie(words="secure")),
        ("id=; Max-Age=0; Secure", cookie(words="secure deleted")),
        ("id=; Max-Age=-1", cookie(words="deleted")),
        ("id=; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", cookie(words="")),
        ("id=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", cookie(words="deleted")),
        ("id=; Expires=Fri, 01 Jan 2038 00:00:00 GMT", cookie(words="")),
        ("id=; Expires=Thu, 01 Jan 1970 00:00:00 -0000", cookie(words="deleted")),
        ("id=; Expires=yesterday; Max-Age=soon", cookie(words="")),
        ("id=; Expires=" + "9" * 5000, cookie(words="")),
        ("id=;\x00 Secure", cookie(words="unclear")),
        ("i\r\n d=; Secure", cookie("i\r\n d", words="secure unclear")),
        ("", cookie("", words="")),
    ],
)
def test_a_cookie_is_read_as_clients_read_it(header: str, expected: Cookie) -> None:
    assert parse_cookie(header, NOW) == expected


BOTH, ALONE = SecureCookies(http_only=True), SecureCookies()


@pytest.mark.parametrize(
    ("claim", "changes", "expected"),
    [
        (ALONE, {"cookies": (cookie(),)}, Pass("sets its cookies at / with Secure: id", Basis.OBSERVED)),
        (ALONE, {"cookies": (cookie(words="httponly"),)}, Fail("sets cookies without Secure at /: id")),
        (
            ALONE,
            {"status": 302, "cookies": (cookie(), cookie("b", words=""))},
            Fail("sets cookies without Secure at /: b"),
        ),
        (ALONE, {"cookies": (cookie("", words=""),)}, Fail("sets cookies without Secure at /: one without a name")),
        (
            ALONE,
            {"cookies": (cookie("\x1b[31m", words=""),)},
            Fail("sets cookies without Secure at /: ?[31m"),
        ),
        (ALONE, {"cookies": (cookie(words="secure"),)}, Pass("sets its cookies at / with Secure: id", Basis.OBSERVED)),
        (BOTH, {"cookies": (cookie(words="secure"),)}, Pass("sets its cookies at / with Secure: id", Basis.OBSERVED)),
        (
            BOTH,
            {"path": "/login", "cookies": (cookie(words="secure"),)},
            Fail("sets cookies without HttpOnly at /login: id"),
        ),
        (
            BOTH,
            {"path": "/login", "cookies": (cookie(),)},
            Pass("sets its cookies at /login with Secure and HttpOnly: id", Basis.OBSERVED),
        ),
        (ALONE, {"cookies": (cookie(words="deleted"),)}, NotApplicable("sets no cookie at /")),
        (ALONE, {}, NotApplicable("sets no cookie at /")),
        (ALONE, {"status": 404}, NotApplicable("has no page at / (status 404)")),
        (ALONE, {"status": 404, "cookies": (cookie(),)}, NotApplicable("has no page at / (status 404)")),
        (ALONE, {"status": 404, "cookies": (cookie(words=""),)}, Fail("sets cookies without Secure at /: id")),
        (
            BOTH,
            {"status": 404, "path": "/login", "cookies": (cookie(words="secure"),)},
            NotApplicable("has no page at /login (status 404)"),
        ),
        (ALONE, {"status": 429}, Unknown(Cause.THROTTLED, "answers / with status 429")),
        (
            ALONE,
            {"status": 502, "cookies": (cookie(words=""),)},
            Fail("sets cookies without Secure at /: id"),
        ),
        (
            ALONE,
            {"status": 502, "cookies": (cookie(),)},
            Unknown(Cause.UNREACHABLE, "answers / with status 502, which says neither yes nor no"),
        ),
        (
            ALONE,
            {"cookies": (cookie(words="unclear"), cookie("b"))},
            Unknown(Cause.MALFORMED_REPLY, "sets cookies with control characters at /: id"),
        ),
        (
            ALONE,
            {"cookies": (cookie(words="unclear"), cookie("b", words=""))},
            Fail("sets cookies without Secure at /: b"),
        ),
        (
            ALONE,
            {"cookies": tuple(cookie(str(number), words="") for number in range(12))},
            Fail("sets cookies without Secure at /: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"),
        ),
    ],
)
def test_cookies_are_kept_to_tls_and_from_scripts(
    claim: SecureCookies, changes: dict[str, Any], expected: Outcome
) -> None:
    assert judge(secure_cookies, page(**changes), claim) == expected


UNSEEN: list[tuple[dict[str, Any], Outcome]] = [
    ({"status": 404}, NotApplicable("has no page at / (status 404)")),
    ({"status": 301, "leads_to": "/login"}, NotApplicable("redirects / to /login, which is asked for too")),
    (
        {"status": 301, "locations": ("https://b.example/\x1b",)},
        Unknown(
            Cause.NOT_SUPPORTED,
            "redirects / to https://b.example/?, which was not followed: `pages` may name where the page is",
        ),
    ),
    ({"status": 429}, Unknown(Cause.THROTTLED, "answers / with status 429")),
    ({"size": 0}, NotApplicable("shows an empty page at /")),
    ({"status": 204, "size": 0, "media_type": "", "markup": None}, NotApplicable("shows an empty page at /")),
    (
        {"status": 401},
        Unknown(Cause.NOT_SUPPORTED, "answers / with status 401, which says neither yes nor no"),
    ),
    (
        {"status": 503},
        Unknown(Cause.UNREACHABLE, "answers / with status 503, which says neither yes nor no"),
    ),
    (
        {"markup": None, "truncated": True, "size": 9},
        Unknown(Cause.TRUNCATED, "shows more than 9 bytes at /, which was not read whole"),
    ),
    ({"markup": None, "encoding": "br"}, Unknown(Cause.NOT_SUPPORTED, "sends / in the encoding br, unasked")),
    ({"markup": None, "media_type": ""}, Unknown(Cause.NOT_SUPPORTED, "does not say what it shows at /")),
    (
        {"markup": None, "truncated": True, "media_type": "application/pdf"},
        NotApplicable("shows no HTML page at /, but application/pdf"),
    ),
]


@pytest.mark.parametrize(("changes", "expected"), UNSEEN)
def test_what_is_no_page_or_was_not_read_is_neither_good_nor_bad(changes: dict[str, Any], expected: Outcome) -> None:
    seen = page(**changes)
    assert judge(mixed_content, seen, NoMixedContent()) == expected
    assert judge(content_policy, seen, ContentPolicyDeclared()) == expected
    assert judge(no_trackers, seen, NoTrackers()) == expected


INSECURE = markup(insecure=("img http://b.example/",), insecure_count=1)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Pass("names no address without TLS in / as it is served", Basis.OBSERVED)),
        ({"markup": INSECURE}, Fail("names addresses without TLS at /: img http://b.example/")),
        (
            {"markup": markup(insecure=tuple("abcdef"), insecure_count=7)},
            Fail("names addresses without TLS at /: a, b, c, d, e and 2 more"),
        ),
        (
            {"markup": INSECURE, "content_policies": ("default-src 'self'; Upgrade-Insecure-Requests",)},
            Pass("has browsers ask over TLS for all that / names without it", Basis.OBSERVED),
        ),
        (
            {"markup": INSECURE, "content_policies": ("default-src 'self', upgrade-insecure-requests",)},
            Fail("names addresses without TLS at /: img http://b.example/"),
        ),
        (
            {"markup": INSECURE, "content_policies": ("img-src *", "upgrade-insecure-requests")},
            Pass("has browsers ask over TLS for all that / names without it", Basis.OBSERVED),
        ),
        (
            {"markup": INSECURE, "reported_policies": ("upgrade-insecure-requests",)},
            Fail("names addresses without TLS at /: img http://b.example/"),
        ),
        (
            {"markup": markup(complete=False)},
            Unknown(Cause.TRUNCATED, "names more addresses at / than were looked at"),
        ),
        (
            {"markup": markup(complete=False, insecure=("a",), insecure_count=1)},
            Fail("names addresses without TLS at /: a"),
        ),
    ],
)
def test_pages_load_nothing_without_tls(changes: dict[str, Any], expected: Outcome) -> None:
    assert judge(mixed_content, page(**changes), NoMixedContent()) == expected


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("default-src 'self'", ""),
        ("default-src 'none'", ""),
        ("script-src", ""),
        ("Script-Src 'self' https://cdn.example", ""),
        ("default-src *; script-src 'self'", ""),
        ("img-src 'self'", "does not restrict scripts"),
        ("", "does not restrict scripts"),
        ("script-src 'self' 'unsafe-inline'", "allows all inline scripts"),
        ("script-src 'self' 'UNSAFE-INLINE'", "allows all inline scripts"),
        ("script-src 'unsafe-inline' 'nonce-abc'", ""),
        ("script-src 'unsafe-inline' 'sha256-abc='", ""),
        ("script-src 'unsafe-inline' https: 'strict-dynamic' 'nonce-abc'", ""),
        ("script-src 'unsafe-inline' 'nonce-'", "allows all inline scripts"),
        ("script-src *", "allows scripts from *"),
        ("script-src 'self' https:", "allows scripts from https:"),
        ("script-src HTTP:", "allows scripts from http:"),
        ("script-src https://*:443", "allows scripts from https://*:443"),
        ("script-src *.com", "allows scripts from *.com"),
        ("script-src */x", "allows scripts from */x"),
        ("script-src *.a.example https://b.example", ""),
        ("script-src 'unsafe-inline' 'nonce-{nonce}'", "allows all inline scripts"),
        ("script-src 'nonce-abc' data:", "allows scripts from data:"),
        ("default-src https:", "allows scripts from https:"),
        ("script-src 'self'; script-src *", ""),
        ("script-src *; script-src 'self'", "allows scripts from *"),
        ("script-src 'self'; script-src-elem *", "allows scripts from *"),
        ("script-src 'self'; script-src-attr 'unsafe-inline'", "allows all inline scripts"),
        ("script-src-elem 'self'", "does not restrict scripts"),
        ("script-src-elem 'self'; script-src-attr 'none'", ""),
        (";;; ; default-src\t'self' ;", ""),
    ],
)
def test_a_policy_counts_when_it_keeps_foreign_scripts_out(policy: str, expected: str) -> None:
    assert weakness((policy,)) == expected


@pytest.mark.parametrize(
    ("policies", "expected"),
    [
        (("script-src https:", "default-src 'self' 'unsafe-inline'"), ""),
        (("default-src 'self' 'unsafe-inline'", "script-src https:"), ""),
        (("img-src *", "script-src 'self'"), ""),
        (("img-src *", "script-src 'self' 'unsafe-inline'"), "does not restrict scripts"),
        (("script-src https: 'unsafe-inline'", "script-src 'unsafe-inline'"), "allows all inline scripts"),
        (("script-src https:", "script-src *"), "allows scripts from https:"),
        (("script-src-elem 'self'", "script-src 'self'; script-src-elem *"), ""),
        ((), ""),
    ],
)
def test_what_one_policy_keeps_out_stays_out(policies: tuple[str, ...], expected: str) -> None:
    assert weakness(policies) == expected


def test_a_header_may_carry_several_policies() -> None:
    assert single(("img-src *, script-src 'self'", " ", ",a,")) == ("img-src *", "script-src 'self'", "a")


@pytest.mark.parametrize(
    ("header", "readable"),
    [
        ("geolocation=()", True),
        ('camera=(self "https://a.example"), microphone=()', True),
        ("fullscreen=*, payment=self", True),
        ("camera=( self );report-to=x, usb=()", True),
        (" geolocation=() ", True),
        ("geolocation", True),
        ("", False),
        ("geolocation 'none'; camera 'self'", False),
        ("geolocation=()x", False),
        ("geolocation=(),", False),
        ("Geolocation=()", False),
        ('camera=("https://a.example)', False),
        ("camera=(self", False),
        ("camera=(self'none')" + "(" * 5000, False),
        ("a=(" + "b " * 30_000, False),
        ("a=(" + "b;c " * 15_000 + '"', False),
        ("a;" * 30_000, False),
    ],
)
def test_a_permissions_policy_counts_when_browsers_can_read_it(header: str, readable: bool) -> None:
    assert is_permissions_policy(header) is readable


STRONG = {"content_policies": ("script-src 'self'",)}


@pytest.mark.parametrize(
    ("claim", "changes", "expected"),
    [
        ({}, STRONG, Pass("restricts scripts at /", Basis.OBSERVED)),
        ({}, {}, Fail("declares no Content-Security-Policy at /")),
        (
            {},
            {"reported_policies": ("script-src 'self'",)},
            Fail("declares no Content-Security-Policy at / and only reports with one"),
        ),
        (
            {},
            {"content_policies": ("img-src *",)},
            Fail("declares a Content-Security-Policy at / that does not restrict scripts"),
        ),
        ({}, {"content_policies": ("img-src *", "script-src 'self'")}, Pass("restricts scripts at /", Basis.OBSERVED)),
        (
            {},
            {"content_policies": ("img-src *, script-src 'self'",)},
            Fail("declares a Content-Security-Policy at / that does not restrict scripts"),
        ),
        ({"permissions": True}, STRONG, Fail("declares no Permissions-Policy at /")),
        (
            {"permissions": True},
            STRONG | {"permissions_policies": ("camera 'none'",)},
            Fail("declares a Permissions-Policy at / that browsers cannot read"),
        ),
        (
            {"permissions": True},
            STRONG | {"permissions_policies": ("camera=()", "usb=()")},
            Pass("restricts scripts and declares a Permissions-Policy at /", Basis.OBSERVED),
        ),
        (
            {"permissions": True, "content_security": False},
            {"permissions_policies": ("camera=()",)},
            Pass("declares a Permissions-Policy at /", Basis.OBSERVED),
        ),
    ],
)
def test_pages_declare_what_they_may_load_and_use(
    claim: dict[str, bool], changes: dict[str, Any], expected: Outcome
) -> None:
    assert judge(content_policy, page(**changes), ContentPolicyDeclared(**claim)) == expected


LISTED = tracked(listed=("ads.b.example", "t.c.example"))
DOUBTFUL = "in a script that was not run, or otherwise than the list Some list of 2026-03-20 means"


@pytest.mark.parametrize(
    ("allowed", "seen", "expected"),
    [
        (
            (),
            markup(hosts_count=3),
            Pass(
                "names no host of the list Some list of 2026-03-20 in / as it is served (3 hosts besides its own)",
                Basis.OBSERVED,
            ),
        ),
        ((), LISTED, Fail("names ads.b.example, t.c.example at /: in the list Some list of 2026-03-20")),
        (("b.example",), LISTED, Fail("names t.c.example at /: in the list Some list of 2026-03-20")),
        (
            ("B.example", "t.c.example"),
            LISTED,
            Pass(
                "names no host of the list Some list of 2026-03-20 in / as it is served (0 hosts besides its own)",
                Basis.OBSERVED,
            ),
        ),
        (
            ("example.org", "s.b.example"),
            LISTED,
            Fail("names ads.b.example, t.c.example at /: in the list Some list of 2026-03-20"),
        ),
        ((), tracked(doubtful=("t.c.example",)), Unknown(Cause.NOT_SUPPORTED, f"names t.c.example at / {DOUBTFUL}")),
        (
            ("c.example",),
            tracked(doubtful=("t.c.example",), days=365),
            Pass(
                "names no host of the list Some list of 2026-03-20 in / as it is served (0 hosts besides its own)",
                Basis.OBSERVED,
            ),
        ),
        (
            (),
            tracked(days=366),
            Unknown(Cause.STALE, "names no host at / of the list Some list, which is 366 days old"),
        ),
        (
            (),
            tracked(days=None, date=""),
            Unknown(Cause.STALE, "names no host at / of the list Some list, which names no date"),
        ),
        (
            (),
            tracked(days=366, listed=("t.c.example",)),
            Fail("names t.c.example at /: in the list Some list of 2026-03-20"),
        ),
        (
            (),
            tracked(problem="trackers: no such file"),
            Unknown(Cause.TOOL_ERROR, "was held against no list: trackers: no such file"),
        ),
        ((), markup(complete=False), Unknown(Cause.TRUNCATED, "names more addresses at / than were looked at")),
    ],
)
def test_pages_name_no_tracker(allowed: tuple[str, ...], seen: Any, expected: Outcome) -> None:
    assert judge(no_trackers, page(markup=seen), NoTrackers(allowed=allowed)) == expected
