"""Plain HTTP: whether anything but a redirect to https is served without TLS, on every path that is asked for."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Basis, Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import HttpsOnly
from posture.model import Cause, Fact
from posture.reader import reader
from posture_endpoint.http.pages import REDIRECTS, Site, header
from posture_endpoint.http.unseen import shown, unclear
from posture_endpoint.names import Address
from posture_endpoint.session import EndpointSession


class PlainPage(Fact):
    """What a path answers without TLS; ``status`` is 0 where the port is closed.

    Closed is what refuses a connection while the TLS port takes one. ``locations`` are the targets of a redirect.
    """

    kind: ClassVar[str] = Address.kind

    path: str
    url: str
    closed: bool
    status: int
    locations: tuple[str, ...]


@reader(operation="http:Get", permission="")
def plain_pages(endpoint: EndpointSession, site: Site) -> Iterator[PlainPage]:
    """Every path without TLS, on the target's ``http_port``; a port that is closed is asked once. Follows nothing."""
    for path in site.paths:
        reply = endpoint.get(scheme="http", address=site.address, path=path)
        closed = reply["closed"]
        yield PlainPage(
            resource=site.resource,
            path=path,
            url=reply["url"],
            closed=closed,
            status=0 if closed else reply["status"],
            locations=() if closed else header(reply, "location"),
        )
        if closed:
            return


@check(
    id="endpoint.http.plain-closed",
    title="Plain HTTP is closed or redirects to HTTPS",
    severity=Severity.HIGH,
    remedy="Close the port of plain HTTP, or let it answer every path with a redirect to https.",
    revision=2,
)
def plain_closed(site: Site, claim: HttpsOnly, pages: tuple[PlainPage, ...]) -> Outcome:
    """What is served in clear text can be read and changed on its way.

    Judged by every path that is asked for: one that serves content, or asks for credentials, settles it. A path that
    is refused there, or does not exist, says neither yes nor no.
    """
    unsettled: list[Unknown] = []
    redirected: list[PlainPage] = []
    for page in pages:
        outcome = _judge(page)
        if isinstance(outcome, Fail):
            return outcome
        if isinstance(outcome, Unknown):
            unsettled.append(outcome)
        elif page.closed:
            return outcome
        else:
            redirected.append(page)
    if unsettled:
        return unsettled[0]
    if not redirected:
        return Unknown(Cause.UNREACHABLE, "was not asked for any page without TLS")
    return Pass(f"redirects {', '.join(page.path for page in redirected)} from plain HTTP to https", Basis.OBSERVED)


def _judge(page: PlainPage) -> Pass | Fail | Unknown:
    if page.closed:
        return Pass("refuses connections without TLS", Basis.OBSERVED)
    if 200 <= page.status < 300:
        return Fail(f"serves content without TLS at {page.url} (status {page.status})")
    if page.status == 401:
        return Fail(f"asks for credentials without TLS at {page.url}")
    if page.status in REDIRECTS and page.locations:
        target = shown(", ".join(page.locations))
        if all(location.lower().startswith("https://") for location in page.locations):
            return Pass(f"redirects {page.url} to {target}", Basis.OBSERVED)
        return Unknown(Cause.NOT_SUPPORTED, f"redirects {page.url} to {target}, which was not followed")
    return unclear(page.status, page.url)
