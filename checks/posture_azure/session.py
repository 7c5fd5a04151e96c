"""How Azure readers ask: ARM paths built from the operation's type, pages by nextLink. No SDK is imported here."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from posture.model import Cause, Gap, Resource
from posture.reply import Items, Reply
from posture.session import GapFound, Session

UNREGISTERED = "MissingSubscriptionRegistration"
"""ARM's code (409) for a resource provider that the subscription has not registered.

A provider with resources left in a subscription cannot be unregistered (Microsoft Learn, "Azure resource providers and
types"), so a listing over the subscription that is answered so has no items: a fact, not a gap.
"""


class ArmSession(Session):
    """A session of one subscription. ``place.account`` is the subscription id.

    An operation reads ``Microsoft.Storage/storageAccounts/blobServices/default@2023-05-01``: the type path, then the
    api-version pinned for it. A type path of ``subscriptions/…`` is asked of the subscription itself.
    """

    def get(self, parent: str) -> Reply:
        """The one object that the operation names below ``parent`` (an ARM id)."""
        reply = self.call(self._question(parent))
        assert reply is not None, "a call without absent codes has a reply"
        return reply

    def find(self, absent: str, parent: str) -> Reply | None:
        """The object, or None where ARM answers one of the blank-separated error codes for "there is none"."""
        return self.call(self._question(parent), absent=absent)

    def items(self, parent: str = "", **query: str) -> Iterator[Reply]:
        """Every item of a listing below ``parent``, or of the subscription, over all pages.

        A link to a page that was read already would never end; it is a gap, and so is a page without its list.
        """
        question = self._question(parent, **query)
        seen: set[Any] = set()
        while True:
            page = self.call(question, absent="" if parent or seen else UNREGISTERED)
            if page is None:
                return
            listed = page.get("value")
            if not isinstance(listed, Items):
                raise GapFound(self.gap(Cause.MALFORMED_REPLY, "a listing without a list of values"))
            yield from listed
            link = page.get("nextLink")
            if not link:
                return
            seen.add(_page(question))
            question = next_page(link, question["query"]["api-version"])
            if _page(question) in seen:
                raise GapFound(self.gap(Cause.TRUNCATED, "the page names as its next one a page already read"))

    def arm_resource(self, item: Reply, kind: str, *, id: str = "") -> Resource:
        """The resource behind an ARM object; ids are compared in lower case, names shown as they came."""
        found = id or item["id"]
        pairs = (item.get("tags") or {}).items() if "tags" in item else ()
        region = (item.get("location") or "global").replace(" ", "").lower()
        return self.resource(kind, found.lower(), found.rsplit("/", 1)[-1], region=region, tags=list(pairs))

    def gap(self, cause: Cause, detail: str) -> Gap:
        """A gap of the reader's own operation."""
        return Gap(cause=cause, detail=detail, operation=self.operation, permission=self.permission)

    def _question(self, parent: str, **query: str) -> dict[str, Any]:
        kind, _, version = self.operation.partition("@")
        return {"path": self._path(kind, parent), "query": {**query, "api-version": version}}

    def _path(self, kind: str, parent: str) -> str:
        subscription = f"/subscriptions/{self.place.account}"
        if kind.startswith("subscriptions/"):
            return f"{subscription}/{kind.removeprefix('subscriptions/')}"
        if not parent:
            return f"{subscription}/providers/{kind}"
        above = type_of(parent)
        if kind.lower().startswith(above.lower() + "/"):
            return f"{parent}/{kind[len(above) + 1 :]}"
        if kind.lower() == above.lower():
            return parent
        return f"{parent}/providers/{kind}"


def next_page(link: str, version: str) -> dict[str, Any]:
    """The question that a nextLink asks, with the api-version that the listing is pinned to.

    ``origin`` keeps where the link leads, so that the source can refuse to follow it out of Resource Manager.
    """
    parts = urlsplit(link)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = {name: value for name, value in pairs if name.lower() != "api-version"}
    origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
    return {"path": unquote(parts.path), "query": {**query, "api-version": version}, "origin": origin}


def type_of(arm_id: str) -> str:
    """The type path of an ARM id: ``Microsoft.Sql/servers/databases`` of ``…/Microsoft.Sql/servers/a/databases/b``."""
    namespace, *rest = arm_id.strip("/").rpartition("/providers/")[2].removeprefix("providers/").split("/")
    return "/".join([namespace, *rest[::2]])


def properties(item: Reply) -> Reply:
    """The properties of an ARM object; an object without them reads as one with none."""
    found = item.get("properties")
    return found if isinstance(found, Reply) else Reply({})


def _page(question: dict[str, Any]) -> tuple[str, tuple[tuple[str, str], ...]]:
    return question["path"].lower(), tuple(sorted(question["query"].items()))
