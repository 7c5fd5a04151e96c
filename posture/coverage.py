"""The coverage ledger: what was listed, what is in scope, what was left out and why."""

from collections import Counter

from posture.events import Missed, Seen
from posture.model import Fact, Gap, Resource, Store, Value


class Listed(Value):
    """How many resources of a kind one type of fact showed, and how many of them each profile speaks about.

    ``inventory`` marks counts from a listing that only tells what is there.
    """

    fact: str
    kind: str
    store: Store | None
    inventory: bool
    listed: int
    in_scope: dict[str, int]


class LeftOut(Value):
    """A resource that a profile does not speak about, and why."""

    profile: str
    resource: Resource
    reason: str


class Unread(Value):
    """A read that did not answer: which facts are missing, of what, and why."""

    fact: str
    resource: Resource
    gap: Gap


def inventory_check(provider: str, fact: type[Fact]) -> str:
    """The name under which findings stand that an inventory which did not answer leaves unknown."""
    return f"{provider}.inventory.{fact.__name__}"


def is_inventory(check: str) -> bool:
    """Whether a finding's check is the name of an inventory: it judges no store."""
    return check.split(".")[1:2] == ["inventory"]


class Ledger:
    """Counts what one place shows."""

    def __init__(self) -> None:
        self._listed: Counter[tuple[str, str, Store | None, bool]] = Counter()
        self._in_scope: Counter[tuple[tuple[str, str, Store | None, bool], str]] = Counter()
        self._left_out: set[tuple[str, str]] = set()

    def seen(self, event: Seen, out: dict[str, str]) -> list[LeftOut]:
        """Count a fact. ``out`` maps each profile to the reason why the resource is out of its scope, empty if in."""
        fact, resource = event.fact, event.fact.resource
        row = (type(fact).__name__, resource.kind, fact.holds(), fact.inventory)
        self._listed[row] += 1
        fresh = []
        for profile, reason in out.items():
            if not reason:
                self._in_scope[row, profile] += 1
            elif (profile, resource.id) not in self._left_out:
                self._left_out.add((profile, resource.id))
                fresh.append(LeftOut(profile=profile, resource=resource, reason=reason))
        return fresh

    def rows(self) -> list[Listed]:
        """The counts, in a fixed order."""
        return [
            Listed(
                fact=row[0],
                kind=row[1],
                store=row[2],
                inventory=row[3],
                listed=count,
                in_scope={p: n for (other, p), n in sorted(self._in_scope.items(), key=str) if other == row},
            )
            for row, count in sorted(self._listed.items(), key=str)
        ]


def unread(event: Missed) -> Unread:
    """The ledger's line for facts that could not be read."""
    return Unread(fact=event.fact.__name__, resource=event.resource, gap=event.gap)


def blind_kinds(rows: list[Listed], profile: str, stores: frozenset[Store], judged: set[str]) -> dict[str, int]:
    """The kinds of store that a claim quantifies over and that no finding judges, with how many there are.

    A kind of which an inventory shows more than its own listing does is blind too, by the difference.
    """
    inventoried: Counter[str] = Counter()
    listed: Counter[str] = Counter()
    for row in rows:
        if row.store in stores and row.in_scope.get(profile):
            (inventoried if row.inventory else listed)[row.kind] += row.in_scope[profile]
    blind = {}
    for kind in sorted(inventoried | listed):
        if kind not in judged:
            blind[kind] = max(inventoried[kind], listed[kind])
        elif listed[kind] and inventoried[kind] > listed[kind]:
            blind[kind] = inventoried[kind] - listed[kind]
    return blind
