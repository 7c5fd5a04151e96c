"""Places that are scanned after others: those that the names of the accounts add, and what hides such names."""

from collections.abc import Iterator

from msgspec.structs import replace

from posture.config import Target
from posture.context import Context
from posture.model import ANY, Exposed, Resource
from posture.place import Closed, Place, Where
from posture.provider import Following

_PROBE = Exposed(
    host="name.invalid",
    ports=(443,),
    resource=Resource(id="", kind="", cloud="", account="", region="", name=""),
)
"""A name that nobody has (RFC 6761, 6.4), to learn whether a target asks for the names of the accounts."""


def added(context: Context) -> list[Place]:
    """The places that public names of the accounts add, each once."""
    found: dict[str, Place] = {}
    for provider, target in _following(context):
        names = context.exposed
        found |= {place.id: place for place in provider.follow(target.name, target.settings, names)}
    return [place for id, place in found.items() if id not in context.places]


def hidden(context: Context) -> list[Closed]:
    """A stand-in for the places of names that could not be read, for each target that asks for names.

    What is claimed of all endpoints was not seen to hold while some of them are not known.
    """
    gap = context.run.unnamed()
    if gap is None:
        return []
    gap = replace(gap, detail=f"public names of the accounts: {gap.detail}"[:500])
    return [
        Closed(
            place=Place(provider=target.provider, target=target.name, account=ANY, region=ANY, where=Where.REGION),
            gap=gap,
        )
        for provider, target in _following(context)
        if provider.follow(target.name, target.settings, (_PROBE,))
    ]


def _following(context: Context) -> Iterator[tuple[Following, Target]]:
    """The targets that were entered and whose places follow others."""
    for target in context.targets.values():
        provider = context.registry.providers[target.provider]
        if isinstance(provider, Following) and target.name in context.head.identities:
            yield provider, target
