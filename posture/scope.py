"""Scope: which resources a profile speaks about, why the others are left out, and what data each of them holds."""

from collections.abc import Mapping
from enum import StrEnum
from fnmatch import fnmatchcase

from posture.model import ANY, Resource, Value


class Match(Value):
    """A pattern over resources. Empty fields match anything; ``*`` and ``?`` are wildcards; case is ignored.

    ``tag`` reads ``key=value``. A rule about tags cannot be decided where tags were not read; of a stand-in for all
    resources at a place, a rule about what is not known of it cannot be decided either.
    """

    cloud: str = ""
    account: str = ""
    region: str = ""
    kind: str = ""
    name: str = ""
    id: str = ""
    tag: str = ""

    def matches(self, resource: Resource) -> bool | None:
        """Whether the pattern fits; None where it hangs on what is not known of the resource."""
        named = not resource.stands_for_all
        pairs = (
            (self.cloud, resource.cloud, True),
            (self.account, resource.account, resource.account != ANY),
            (self.region, resource.region, resource.region != ANY),
            (self.kind, resource.kind, named or bool(resource.kind)),
            (self.name, resource.name, named),
            (self.id, resource.id, named),
        )
        if not all(fits(pattern, value) for pattern, value, known in pairs if known):
            return False
        undecided = any(pattern for pattern, _, known in pairs if not known)
        if self.tag and resource.tags is not None:
            key, _, value = self.tag.partition("=")
            if not any(fits(key, name) and fits(value or "*", text) for name, text in resource.tags):
                return False
        elif self.tag:
            undecided = True
        return None if undecided else True


class Exclusion(Match, kw_only=True):
    """A pattern of resources left out, and why."""

    reason: str


class Scope(Value):
    """``include`` empty means everything; what an ``exclude`` rule matches is left out with its reason."""

    include: tuple[Match, ...] = ()
    exclude: tuple[Exclusion, ...] = ()

    def leaves_out(self, resource: Resource) -> str:
        """Why the resource is out of scope; empty when it is in. An undecidable rule keeps it in."""
        for rule in self.exclude:
            if rule.matches(resource):
                return rule.reason
        if self.include and all(rule.matches(resource) is False for rule in self.include):
            return "in no scope"
        return ""

    def may_hold(self, cloud: str) -> bool:
        """Whether any resource of this cloud can be in scope."""
        shut = any(
            rule == Exclusion(cloud=rule.cloud, reason=rule.reason) and fits(rule.cloud, cloud) for rule in self.exclude
        )
        return not shut and (not self.include or any(fits(rule.cloud, cloud) for rule in self.include))


Holds = Mapping[str, tuple[Match, ...]]
"""Classes of data in the user's own words, and the resources that hold each."""


class Holding(StrEnum):
    """How a resource stands to a class of data. Only ``elsewhere`` takes it out of a claim about that class."""

    HOLDS = "holds"
    UNDECIDED = "undecided"
    UNCLASSIFIED = "not-classified"
    ELSEWHERE = "elsewhere"


def holding(holds: Holds, data: str, resource: Resource) -> Holding:
    """Whether a resource holds data of the class ``data``, which is one of the map's.

    ``elsewhere`` says that it is known to hold other classes and known not to hold this one: what is not known, and
    what nobody classified, stays in, because missing data never narrows a claim.
    """
    own = {rule.matches(resource) for rule in holds[data]}
    if True in own:
        return Holding.HOLDS
    if None in own:
        return Holding.UNDECIDED
    others = (rule for name, rules in holds.items() if name != data for rule in rules)
    return Holding.ELSEWHERE if any(rule.matches(resource) for rule in others) else Holding.UNCLASSIFIED


def fits(pattern: str, value: str) -> bool:
    """Whether a field of a pattern fits a value."""
    return not pattern or fnmatchcase(value.lower(), pattern.lower())
