"""Azure as posture's engine sees it: how to find a tenant's subscriptions, open sessions and print a role."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from posture.model import Cause, Gap
from posture.place import Closed, Place, Where
from posture.provider import Discovery, Limits, SignInFailed
from posture.session import GapFound, Source
from posture_azure.credentials import AzureTarget, Identity
from posture_azure.session import ArmSession, next_page
from posture_azure.source import NO_CREDENTIALS, SIGN_IN, ArmSource

VERSION = "2022-12-01"
SUBSCRIPTIONS = f"Microsoft.Resources/subscriptions@{VERSION}"
LIST = "Microsoft.Resources/subscriptions/read"

OPEN = ("Enabled", "Warned", "PastDue")
"""States in which a subscription answers in full (Microsoft Learn, "Azure subscription states")."""

REMEDIES = {
    Cause.CREDENTIALS_EXPIRED: (
        "Set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET of a valid secret, or sign in with `az login`."
    ),
    Cause.ACCESS_DENIED: "Give the identity a role on the subscriptions; `posture permissions` prints a small one.",
}
"""What to do about a sign-in that failed, by cause."""


class Azure:
    """The provider of Azure subscriptions. All readers list once for each subscription (``Where.ACCOUNT``)."""

    name = "azure"
    target_type = AzureTarget

    def permissions(self) -> tuple[str, ...]:
        """Listing subscriptions needs a role on any part of each."""
        return (LIST,)

    def operations(self) -> tuple[str, ...]:
        """What discovery asks: which subscriptions are visible."""
        return (SUBSCRIPTIONS,)

    def discover(self, name: str, target: AzureTarget, limits: Limits) -> Discovery:
        """Sign in, compare the tenant with the one that was expected, and list the subscriptions with their states."""
        source = ArmSource(target, limits)
        try:
            identity = source.identity()
            _expect(target, identity)
            states = dict(_states(source))
        except GapFound as found:
            nobody = found.gap.detail.startswith(NO_CREDENTIALS)
            cause = Cause.CREDENTIALS_EXPIRED if nobody else found.gap.cause
            remedy = REMEDIES.get(cause, "Check the network, `arm_endpoint` and `authority`, and try again.")
            raise SignInFailed(found.gap, remedy) from found
        wanted = [wish.lower() for wish in target.subscriptions] or list(states)
        if not wanted:
            gap = Gap(cause=Cause.ACCESS_DENIED, detail=f"{identity} sees no subscription", operation=SUBSCRIPTIONS)
            raise SignInFailed(gap, REMEDIES[Cause.ACCESS_DENIED])
        places: list[Place] = []
        closed: list[Closed] = []
        for subscription in sorted(set(wanted)):
            place = Place(provider=self.name, target=name, account=subscription, region="global", where=Where.ACCOUNT)
            shut = _closed(subscription, states.get(subscription))
            if shut is None:
                places.append(place)
            else:
                closed.append(Closed(place=place, gap=shut))
        return Discovery(identity=str(identity), places=tuple(places), closed=tuple(closed))

    def source(self, place: Place, target: AzureTarget, limits: Limits) -> Source:
        """A live source for one subscription."""
        return ArmSource(target, limits)

    def session(self, place: Place, source: Source, now: datetime) -> ArmSession:
        """A session over any source, live or recorded."""
        return ArmSession(place, source, now)

    def policy(self, permissions: Iterable[str]) -> Mapping[str, Any]:
        """A custom role that allows exactly ``permissions``. The subscription in its scope is a placeholder."""
        return {
            "Name": "Posture reader",
            "IsCustom": True,
            "Description": "Reads the configuration that posture judges. Changes nothing and reads no content.",
            "Actions": sorted(set(permissions)),
            "NotActions": [],
            "AssignableScopes": ["/subscriptions/00000000-0000-0000-0000-000000000000"],
        }


def _expect(target: AzureTarget, identity: Identity) -> None:
    """The tenant must be the token's. A domain name cannot be compared with that, so nobody goes on with one."""
    if target.tenant and target.tenant_id is None:
        found = identity.tenant or "unknown"
        gap = Gap(
            cause=Cause.NOT_SUPPORTED,
            detail=f"tenant {target.tenant} was not compared: it is a domain name; signed in to tenant {found}",
            operation=SIGN_IN,
        )
        raise SignInFailed(gap, "Write the id of the tenant that you expect as `tenant`.")
    if target.tenant and target.tenant_id != identity.tenant.lower():
        gap = Gap(
            cause=Cause.DISAGREEMENT,
            detail=f"signed in to tenant {identity.tenant or 'unknown'}, expected {target.tenant}",
            operation=SIGN_IN,
        )
        remedy = "Use credentials of the expected tenant (AZURE_TENANT_ID), or correct `tenant` in the configuration."
        raise SignInFailed(gap, remedy)


def _states(source: ArmSource) -> Iterator[tuple[str, str]]:
    """Every visible subscription with its state, over all pages. Raises GapFound."""
    question: Mapping[str, Any] = {"path": "/subscriptions", "query": {"api-version": VERSION}}
    links: set[str] = set()
    while True:
        page = source.fetch(SUBSCRIPTIONS, question, "global", frozenset()).body
        try:
            yield from ((item["subscriptionId"].lower(), item["state"]) for item in page["value"])
        except (KeyError, TypeError, AttributeError) as error:
            detail = f"a list of subscriptions without ids and states: {error}"
            raise GapFound(Gap(cause=Cause.MALFORMED_REPLY, detail=detail, operation=SUBSCRIPTIONS)) from error
        link = page.get("nextLink")
        if not link:
            return
        if link in links:
            gap = Gap(cause=Cause.TRUNCATED, detail="the list names a page already read", operation=SUBSCRIPTIONS)
            raise GapFound(gap)
        links.add(link)
        question = next_page(link, VERSION)


def _closed(subscription: str, state: str | None) -> Gap | None:
    """Why a subscription stays closed; None if it is open.

    A disabled one still holds its data, so that it counts as not answering, not as empty.
    """
    if state in OPEN:
        return None
    if state is None:
        cause, detail = Cause.ACCESS_DENIED, f"subscription {subscription} is not visible to this identity"
    else:
        cause, detail = Cause.UNREACHABLE, f"subscription {subscription} is {state}"
    return Gap(cause=cause, detail=detail, operation=SUBSCRIPTIONS, permission=LIST)


PROVIDER = Azure()
