"""Scope: which resources a profile speaks about, and why the others are left out."""

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
        if not all(_fits(pattern, value) for pattern, value, known in pairs if known):
            return False
        undecided = any(pattern for pattern, _, known in pairs if not known)
        if self.tag and resource.tags is not None:
            key, _, value = self.tag.partition("=")
            if not any(_fits(key, name) and _fits(value or "*", text) for name, text in resource.tags):
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
            rule == Exclusion(cloud=rule.cloud, reason=rule.reason) and _fits(rule.cloud, cloud)
            for rule in self.exclude
        )
        return not shut and (not self.include or any(_fits(rule.cloud, cloud) for rule in self.include))


def _fits(pattern: str, value: str) -> bool:
    return not pattern or fnmatchcase(value.lower(), pattern.lower())
