"""HTTP at each address: what answers without TLS, whether HSTS is declared, and whether the policy can be read."""

import re
from typing import ClassVar

from posture.check import Basis, Fail, NotApplicable, Outcome, Pass, Severity, Unknown, check
from posture.claims import HttpsOnly, PolicyPublished
from posture.model import Cause, Fact, Value
from posture.reader import reader
from posture.reply import Reply
from posture_endpoint.names import Address
from posture_endpoint.session import EndpointSession

POLICY_PATHS = ("/privacy", "/privacy-policy", "/legal/privacy")
"""Where privacy policies usually stand: the paths that are asked for, since a reader does not know the claims."""

READABLE = ("text/html", "application/xhtml+xml", "text/plain", "application/pdf")
"""Media types that a person can read as a page."""

_DAY = 86_400
_REDIRECTS = (301, 302, 303, 307, 308)
_SHOWN = 200


class PlainHttp(Fact):
    """What the address answers to plain HTTP at ``url``; status 0 where the port is closed.

    Closed is what refuses a connection while the TLS port takes one. ``locations`` are the targets of a redirect.
    """

    kind: ClassVar[str] = Address.kind

    url: str
    closed: bool
    status: int
    locations: tuple[str, ...]


class SecureSite(Fact):
    """The front page over TLS, for its Strict-Transport-Security header.

    ``hsts_seconds`` is the declared age; None where no header came, or one that clients must ignore.
    """

    kind: ClassVar[str] = Address.kind

    url: str
    status: int
    hsts_seconds: int | None
    hsts_includes_subdomains: bool


class PolicyPage(Value):
    """What one of POLICY_PATHS answers over TLS. ``text`` is the SHA-256 of the visible words, where there are any."""

    path: str
    status: int
    media_type: str
    size: int
    text: str | None
    locations: tuple[str, ...]


class PolicyPages(Fact):
    """The answers of an address to all of POLICY_PATHS, asked without signing in."""

    kind: ClassVar[str] = Address.kind

    pages: tuple[PolicyPage, ...]


@reader(operation="http:Get", permission="")
def plain_http(endpoint: EndpointSession, address: Address) -> PlainHttp:
    """The front page without TLS, on the target's ``http_port``; no redirect is followed."""
    reply = endpoint.get(scheme="http", address=address.address, path="/")
    closed = reply["closed"]
    return PlainHttp(
        resource=address.resource,
        url=reply["url"],
        closed=closed,
        status=0 if closed else reply["status"],
        locations=() if closed else _header(reply, "location"),
    )


@reader(operation="http:Get", permission="")
def secure_site(endpoint: EndpointSession, address: Address) -> SecureSite:
    """The front page over TLS. A certificate that is not trusted is a gap: clients ignore HSTS there."""
    reply = endpoint.get(scheme="https", address=address.address, path="/")
    declared = _header(reply, "strict-transport-security")
    seconds, subdomains = parse_hsts(declared[0]) if declared else (None, False)
    return SecureSite(
        resource=address.resource,
        url=reply["url"],
        status=reply["status"],
        hsts_seconds=seconds,
        hsts_includes_subdomains=subdomains,
    )


@reader(operation="http:Get", permission="")
def policy_pages(endpoint: EndpointSession, address: Address) -> PolicyPages:
    """One request for each of POLICY_PATHS; where one is not answered, nothing is said of any."""
    # Each reply is read before the next call: evidence keeps what was read until then.
    pages = [_page(path, endpoint.get(scheme="https", address=address.address, path=path)) for path in POLICY_PATHS]
    return PolicyPages(resource=address.resource, pages=tuple(pages))


@check(
    id="endpoint.http.plain-closed",
    title="Plain HTTP is closed or redirects to HTTPS",
    severity=Severity.HIGH,
    refutes="content",
    remedy="Close the port of plain HTTP, or let it answer every path with a redirect to https.",
)
def plain_closed(seen: PlainHttp, claim: HttpsOnly) -> Outcome:
    """What is served in clear text can be read and changed on its way.

    Judged by the front page. A refusal of that page over plain HTTP says nothing about the other pages.
    """
    if seen.closed:
        return Pass("refuses connections without TLS", Basis.OBSERVED)
    if 200 <= seen.status < 300:
        return Fail(f"serves content without TLS at {seen.url} (status {seen.status})")
    if seen.status == 401:
        return Fail(f"asks for credentials without TLS at {seen.url}")
    if seen.status in _REDIRECTS and seen.locations:
        target = ", ".join(seen.locations)[:_SHOWN]
        if all(location.lower().startswith("https://") for location in seen.locations):
            return Pass(f"redirects plain HTTP to {target}", Basis.OBSERVED)
        return Unknown(Cause.NOT_SUPPORTED, f"redirects plain HTTP to {target}, which was not followed")
    return _unclear(seen.status, "plain HTTP")


@check(
    id="endpoint.http.hsts",
    title="Endpoints declare HTTP Strict Transport Security for the promised time",
    severity=Severity.MEDIUM,
    refutes="a TLS endpoint",
    remedy="Send Strict-Transport-Security with a max-age of at least the promised days on every answer over TLS.",
)
def hsts(address: Address, claim: HttpsOnly, sites: tuple[SecureSite, ...]) -> Outcome:
    """Without HSTS a browser tries plain HTTP first, where a redirect can be intercepted (RFC 6797)."""
    if claim.hsts_days <= 0:
        return NotApplicable("need not declare HSTS: the claim asks for none")
    site = next((site for site in sites if site.resource.id == address.resource.id), None)
    if site is None:
        return Unknown(Cause.UNREACHABLE, "showed no page over TLS")
    if site.hsts_seconds is None:
        if site.status >= 500:
            return _unclear(site.status, "HTTPS")
        return Fail("declares no HSTS")
    if site.hsts_seconds < claim.hsts_days * _DAY:
        return Fail(f"declares HSTS for {site.hsts_seconds // _DAY} days")
    return Pass(f"declares HSTS for {site.hsts_seconds // _DAY} days", Basis.OBSERVED)


@check(
    id="endpoint.policy.published",
    title="The privacy policy can be read by anybody over TLS",
    severity=Severity.MEDIUM,
    remedy="Publish the policy at the promised path, without a sign-in.",
)
def policy_published(seen: PolicyPages, claim: PolicyPublished) -> Outcome:
    """A promise that nobody can read binds nobody.

    The claim's path has to be one of POLICY_PATHS: of any other nothing is known. Redirects are not followed, since
    they may end at a sign-in page. The words of the page are not judged: what it shows with status 200 counts.
    """
    page = next((page for page in seen.pages if page.path == claim.path), None)
    if page is None:
        return Unknown(Cause.NOT_SUPPORTED, f"was not asked for {claim.path}, only for {', '.join(POLICY_PATHS)}")
    if page.status in (401, 403):
        return Fail(f"shows {page.path} to nobody without a sign-in (status {page.status})")
    if page.status in (404, 410):
        return Fail(f"has no page at {page.path} (status {page.status})")
    if page.status in _REDIRECTS:
        target = ", ".join(page.locations)[:_SHOWN] or "nowhere"
        return Unknown(Cause.NOT_SUPPORTED, f"redirects {page.path} to {target}, which was not followed")
    if page.status != 200:
        return _unclear(page.status, page.path)
    if page.media_type not in READABLE:
        return Unknown(
            Cause.NOT_SUPPORTED, f"answers {page.path} with {page.media_type[:_SHOWN] or 'an unnamed media type'}"
        )
    if page.size == 0:
        return Fail(f"shows an empty page at {page.path}")
    return Pass(f"shows a page at {page.path}", Basis.OBSERVED)


def parse_hsts(header: str) -> tuple[int | None, bool]:
    """The age in seconds and whether it includes subdomains; None for a header that clients must ignore (RFC 6797)."""
    directives: dict[str, str] = {}
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        name = name.strip().lower()
        if name in directives:
            return None, False
        if name:
            directives[name] = value.strip().strip('"')
    age = directives.get("max-age", "")
    if not re.fullmatch(r"[0-9]{1,15}", age):
        return None, False
    return int(age), "includesubdomains" in directives


def _page(path: str, reply: Reply) -> PolicyPage:
    media = _header(reply, "content-type")
    return PolicyPage(
        path=path,
        status=reply["status"],
        media_type=media[0].partition(";")[0].strip().lower() if media else "",
        size=reply["bytes"],
        text=reply["text_sha256"],
        locations=_header(reply, "location"),
    )


def _header(reply: Reply, name: str) -> tuple[str, ...]:
    return tuple(reply["headers"].get(name, ()))


def _unclear(status: int, what: str) -> Unknown:
    if status == 429:
        return Unknown(Cause.THROTTLED, f"answers {what} with status 429")
    cause = Cause.UNREACHABLE if status >= 500 else Cause.NOT_SUPPORTED
    return Unknown(cause, f"answers {what} with status {status}, which says neither yes nor no")
