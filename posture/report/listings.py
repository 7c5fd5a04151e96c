"""Which findings stand for a listing that was not read: how many things it would have shown is not known."""

from collections.abc import Callable

from posture.coverage import is_inventory
from posture.model import Finding, Store, Unknown, Value
from posture.registry import Registry


class Listing(Value):
    """A listing that was not read: whose (a place or a parent), of what kind; ``store`` where such things hold data."""

    of: str
    kind: str
    store: Store | None


class Unlisted(Value):
    """How many findings of a claim stand for listings that were not read, and how many listings these are."""

    findings: int
    listings: int


Listings = Callable[[Finding], Listing | None]
"""The listing that a finding stands for, or None where it is about one thing that was seen."""


def listings(registry: Registry | None) -> Listings:
    """Tells listings by what the checks judge. Without a registry those are told that stand for a whole place."""
    facts = () if registry is None else tuple(registry.readers)
    stores = {fact.kind: fact.store for fact in facts if fact.store is not None}
    inventories = {fact.__name__: fact for fact in facts if fact.inventory}
    judged = {} if registry is None else {check.id: check.fact for check in registry.checks.values()}
    chains = {fact: [one for one in registry.chain(fact) if one.many] for fact in facts} if registry else {}

    def of(finding: Finding) -> Listing | None:
        if not isinstance(finding.outcome, Unknown) or finding.evidence:
            return None
        name = finding.check
        fact = inventories.get(name.rpartition(".")[2]) if is_inventory(name) else judged.get(name)
        kind = finding.resource.kind if fact is None else fact.kind
        if finding.resource.stands_for_all:
            counts = fact is None or bool(chains[fact])  # else it is one setting of the place
        else:
            counts = (
                fact is not None and finding.resource.kind != kind and any(r.fact.kind == kind for r in chains[fact])
            )
        if not counts:
            return None
        return Listing(of=finding.resource.id, kind=kind, store=stores.get(kind))

    return of
