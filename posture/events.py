"""What an observation tells as it goes: facts seen, facts missed, and the point from which checks can judge."""

from posture.model import Fact, Gap, Resource, Value

Lineage = tuple[tuple[type[Fact], str], ...]
"""The facts that led to a fact, from the listing to itself: the type of each and the id of its resource."""


class Seen(Value):
    """A fact that was read, and the digests of the replies that carry it, its parents' included."""

    fact: Fact
    evidence: tuple[str, ...]
    lineage: Lineage = ()


class Missed(Value):
    """Facts of one type that could not be read, below ``resource`` or, for a listing, at the whole place.

    ``lineage`` ends with the fact below which they are missing; it is empty for a listing.
    """

    fact: type[Fact]
    resource: Resource
    gap: Gap
    lineage: Lineage = ()


class Ready(Value):
    """All consulted facts are in: checks that need them can judge from here on."""


class Lost(Value):
    """A read that was given up, for the record: replaying it gives up at the same point.

    ``delivered`` counts the facts that had arrived before.
    """

    reader: str
    parent: str
    delivered: int
    gap: Gap


Event = Seen | Missed | Ready
