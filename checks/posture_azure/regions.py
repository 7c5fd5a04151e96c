"""Azure's regions and their pairs, to which several services copy what they keep."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Fail, Outcome, Pass, Unknown
from posture.claims import HostedIn
from posture.model import Cause, Fact, Resource
from posture.reader import Where, reader
from posture_azure.answers import hosted_in, named
from posture_azure.bodies import part
from posture_azure.session import ArmSession


class Region(Fact):
    """A region that the subscription can use.

    ``pairs`` names the regions paired with it; some have none. It is None where ARM does not tell.
    """

    kind: ClassVar[str] = "microsoft.resources/subscriptions/locations"

    pairs: tuple[str, ...] | None


@reader(
    operation="subscriptions/locations@2022-12-01",
    permission="Microsoft.Resources/subscriptions/locations/read",
    where=Where.ACCOUNT,
)
def regions(arm: ArmSession) -> Iterator[Region]:
    """The regions of the subscription."""
    for item in arm.items():
        name = item["name"].lower()
        pairs = part(item, "metadata").get("pairedRegion")
        yield Region(
            resource=arm.resource(Region.kind, f"/subscriptions/{arm.place.account}/locations/{name}".lower(), name),
            pairs=None if pairs is None else tuple(pair["name"].lower() for pair in pairs),
        )


def hosted_with_pair(resource: Resource, claim: HostedIn, known: tuple[Region, ...], copies: str) -> Outcome:
    """Judge a resource of which ``copies`` are kept in the region paired with its own."""
    outcome = hosted_in(resource, claim)
    if isinstance(outcome, Fail):
        return outcome
    region = next((one for one in known if one.resource.name == resource.region), None)
    if region is None:
        return Unknown(Cause.DISAGREEMENT, f"lies in {resource.region}, which is not among the subscription's regions")
    if region.pairs is None:
        return Unknown(
            Cause.NOT_SUPPORTED, f"lies in {resource.region} and keeps {copies} in its pair, which ARM does not tell"
        )
    away = [pair for pair in region.pairs if pair not in named(claim)]
    if away:
        return Fail(f"lies in {resource.region} and keeps {copies} in {', '.join(away)}")
    return Pass(f"lies in {resource.region}, {copies} included: {', '.join(region.pairs) or 'the region has no pair'}")
