"""Facts of a site whose pages are as they should be, for tests that change one thing about them."""

from typing import Any

import msgspec

from kit import Recorded, place, session_of
from posture_endpoint.http.pages import Listed, Markup, SecurePage, Site, Tracked, WebPage
from posture_endpoint.session import EndpointSession
from posture_endpoint.target import PAGES

PATHS = PAGES
_ID = "a.example|192.0.2.1|443"
_SESSION = session_of(EndpointSession, Recorded({}), place("endpoint", "a.example", "443"))

SITE = Site(resource=_SESSION.resource(Site.kind, _ID, "a.example:443@192.0.2.1"), address="192.0.2.1", paths=PATHS)
_TRACKED = Tracked(problem="", name="Some list", date="2026-03-20", sha256="cd" * 32, days=10, listed=(), doubtful=())
_MARKUP = Markup(complete=True, hosts=(), hosts_count=0, insecure=(), insecure_count=0, policies=(), tracked=_TRACKED)


def tracked(**changes: Any) -> Markup:
    """The markup of a page of which a tracker list says something."""
    listed = {
        name: tuple(Listed(host=host, rule=host) for host in changes.pop(name, ())) for name in ("listed", "doubtful")
    }
    return msgspec.structs.replace(_MARKUP, tracked=msgspec.structs.replace(_TRACKED, **listed, **changes))


def markup(**changes: Any) -> Markup:
    """The markup of a page."""
    return msgspec.structs.replace(_MARKUP, **changes)


def page(*, path: str = "/", **changes: Any) -> SecurePage:
    """A page that answers with status 200, sets nothing and names nothing."""
    whole = SecurePage(
        resource=_SESSION.resource(WebPage.kind, f"{_ID}|{path}", f"a.example:443@192.0.2.1{path}"),
        path=path,
        login=path == "/login",
        url=f"https://a.example{path}",
        status=200,
        media_type="text/html",
        encoding="",
        size=10,
        truncated=False,
        text="ab" * 32,
        locations=(),
        leads_to="",
        hsts=None,
        cookies=(),
        content_policies=(),
        reported_policies=(),
        permissions_policies=(),
        markup=_MARKUP,
    )
    return msgspec.structs.replace(whole, **changes)
