"""The pages of an address that are asked for, and what each answers over TLS."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import ClassVar
from urllib.parse import urljoin, urlsplit

from posture.model import Fact, Value
from posture.reader import GapFound, reader
from posture.reply import Reply
from posture_endpoint.http.content_policy import single
from posture_endpoint.http.cookie import Cookie, parse_cookie
from posture_endpoint.http.transport_security import Hsts, parse_hsts
from posture_endpoint.names import Address
from posture_endpoint.session import EndpointSession

HTML = ("text/html", "application/xhtml+xml")
"""Media types that browsers show as pages."""

REDIRECTS = (301, 302, 303, 307, 308)
"""Statuses that send a browser elsewhere."""


class Site(Fact):
    """Which paths an address is asked for. There is none where the endpoint begins in another protocol than TLS."""

    kind: ClassVar[str] = Address.kind

    address: str
    paths: tuple[str, ...]


class WebPage(Fact):
    """One path of an address; ``login`` where people sign in there, as the target says. It need not exist.

    ``paths`` are all that are asked for.
    """

    kind: ClassVar[str] = "endpoint.page"

    address: str
    path: str
    login: bool
    paths: tuple[str, ...]


class Listed(Value):
    """A host that a page names, and the rule of the tracker list under which its address falls."""

    host: str
    rule: str


class Tracked(Value):
    """What a tracker list says of a page. ``doubtful`` are hosts in scripts, or named by elements of another kind.

    ``problem`` says why there was no list; ``sha256`` is that of its text. ``days`` is its age at the run's instant,
    None where it names no date.
    """

    problem: str
    name: str
    date: str
    sha256: str
    days: int | None
    listed: tuple[Listed, ...]
    doubtful: tuple[Listed, ...]


class Markup(Value):
    """What an HTML page names as it is served, with no script run.

    ``insecure`` are elements and their addresses without TLS, the first of ``insecure_count``; ``hosts_count`` counts
    the hosts that are not the page's own. ``complete`` is False where not all of the page was looked at.
    """

    complete: bool
    hosts: tuple[str, ...]
    hosts_count: int
    insecure: tuple[str, ...]
    insecure_count: int
    policies: tuple[str, ...]
    tracked: Tracked


class SecurePage(Fact):
    """What a path answers over TLS, without signing in.

    ``text`` is the SHA-256 of the visible words, where there are any; ``markup`` is None for what is no HTML page, or
    is not whole. ``hsts`` is None where no header came, or one that clients must ignore. ``leads_to`` is the path of
    this site to which it redirects, if that is asked for too; empty otherwise.
    """

    kind: ClassVar[str] = WebPage.kind

    path: str
    login: bool
    url: str
    status: int
    media_type: str
    encoding: str
    size: int
    truncated: bool
    text: str | None
    locations: tuple[str, ...]
    leads_to: str
    hsts: Hsts | None
    cookies: tuple[Cookie, ...]
    content_policies: tuple[str, ...]
    reported_policies: tuple[str, ...]
    permissions_policies: tuple[str, ...]
    markup: Markup | None


@reader(operation="target:Pages", permission="", shared=True)
def site(endpoint: EndpointSession, address: Address) -> Iterator[Site]:
    """The paths that the target names; nobody is contacted for them."""
    if not endpoint.starttls:
        paths, _ = _asked_for(endpoint)
        yield Site(resource=address.resource, address=address.address, paths=paths)


@reader(operation="target:Pages", permission="", shared=True)
def web_pages(endpoint: EndpointSession, site: Site) -> Iterator[WebPage]:
    """Each path of a site as a page of its own."""
    paths, logins = _asked_for(endpoint)
    for path in paths:
        yield WebPage(
            resource=endpoint.resource(WebPage.kind, f"{site.resource.id}|{path}", f"{site.resource.name}{path}"),
            address=site.address,
            path=path,
            login=path in logins,
            paths=paths,
        )


@reader(operation="http:Get", permission="")
def secure_page(endpoint: EndpointSession, page: WebPage) -> SecurePage:
    """One request over TLS. A certificate that is not trusted is a gap: no client sees the page."""
    reply = endpoint.get(scheme="https", address=page.address, path=page.path)
    media, encoding, locations = (header(reply, name) for name in ("content-type", "content-encoding", "location"))
    declared = header(reply, "strict-transport-security")
    markup = _markup(reply, endpoint)
    return SecurePage(
        resource=page.resource,
        path=page.path,
        login=page.login,
        url=reply["url"],
        status=reply["status"],
        media_type=media[0].partition(";")[0].strip().lower() if media else "",
        encoding=", ".join(encoding),
        size=reply["bytes"],
        truncated=reply["truncated"],
        text=reply["text_sha256"],
        locations=locations,
        leads_to=_leads_to(reply["url"], locations, page),
        hsts=parse_hsts(declared[0]) if declared else None,
        cookies=tuple(parse_cookie(cookie, endpoint.now) for cookie in header(reply, "set-cookie")),
        content_policies=(*single(header(reply, "content-security-policy")), *(markup.policies if markup else ())),
        reported_policies=header(reply, "content-security-policy-report-only"),
        permissions_policies=header(reply, "permissions-policy"),
        markup=markup,
    )


def known(pages: tuple[SecurePage, ...]) -> list[SecurePage]:
    """The pages that were read, by path, whether or not others could not be: enough to convict, never to clear."""
    found = []
    with suppress(GapFound):
        for page in pages:
            found.append(page)
    return sorted(found, key=lambda page: page.path)


def header(reply: Reply, name: str) -> tuple[str, ...]:
    """All values of a header, in their order."""
    return tuple(reply["headers"].get(name, ()))


def _asked_for(endpoint: EndpointSession) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """All paths, and those of sign-in pages; both are read whoever asks, since the reply is shared."""
    reply = endpoint.get()
    return tuple(reply["pages"]), tuple(reply["login_pages"])


def _leads_to(url: str, locations: tuple[str, ...], page: WebPage) -> str:
    """The other path to which all locations lead, at the same host and port over TLS; empty where they lead away."""
    here = urlsplit(url)
    paths = set()
    for location in locations:
        try:
            there = urlsplit(urljoin(url, location))
            if (there.scheme, there.hostname, there.port) != (here.scheme, here.hostname, here.port):
                return ""
        except ValueError:
            return ""
        paths.add(there.path or "/")
    leads = paths.pop() if len(paths) == 1 else ""
    return leads if leads in page.paths and leads != page.path else ""


def _markup(reply: Reply, endpoint: EndpointSession) -> Markup | None:
    page = reply["page"]
    if page is None:
        return None
    trackers = reply["trackers"]
    day = trackers["date"]
    return Markup(
        complete=page["complete"],
        hosts=tuple(page["hosts"]),
        hosts_count=page["hosts_count"],
        insecure=tuple(page["insecure"]),
        insecure_count=page["insecure_count"],
        policies=tuple(policy for policy in page["policies"] if policy.strip()),
        tracked=Tracked(
            problem=trackers["problem"],
            name=trackers["name"],
            date=day,
            sha256=trackers["sha256"],
            days=(endpoint.now.date() - date.fromisoformat(day)).days if day else None,
            listed=tuple(Listed(host=one["host"], rule=one["rule"]) for one in page["listed"]),
            doubtful=tuple(Listed(host=one["host"], rule=one["rule"]) for one in page["doubtful"]),
        ),
    )
