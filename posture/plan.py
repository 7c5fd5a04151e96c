"""Plans a scan: from the claims of the profiles to the checks, facts and calls they need, and to nothing else."""

from collections.abc import Iterable

from posture.check import Check
from posture.claims import Claim
from posture.model import Fact, Value
from posture.place import Where
from posture.profile import Profile
from posture.provider import Following
from posture.reader import Reader
from posture.registry import Registry
from posture.scope import Scope


class Scoped(Value):
    """A profile together with the scopes that both its file and the configuration put on it."""

    profile: Profile
    scopes: tuple[Scope, ...]

    def may_hold(self, cloud: str) -> bool:
        """Whether any resource of the cloud can be in scope."""
        return all(scope.may_hold(cloud) for scope in self.scopes)


class Binding(Value):
    """A check that judges a claim, and the profiles that make the claim."""

    check: Check
    claim: Claim
    profiles: tuple[str, ...]


class Step(Value):
    """A line of the plan: one operation, how often it is made, what it needs and what it is for."""

    provider: str
    operation: str
    permission: str
    each: str
    claims: tuple[str, ...]
    checks: tuple[str, ...]


class Covering(Value):
    """A claim that quantifies over stores, and the profiles that make it at this provider.

    ``unjudged`` are the facts that show such stores without any check judging them: they are read so that what is
    there can keep the claim from being verified.
    """

    claim: Claim
    profiles: tuple[str, ...]
    unjudged: frozenset[type[Fact]]


class Work(Value):
    """What to read and judge at the places of one provider. ``exposing`` are the facts that are read for names."""

    provider: str
    bindings: dict[type[Fact], tuple[Binding, ...]]
    readers: tuple[Reader, ...]
    consulted: frozenset[type[Fact]]
    covering: tuple["Covering", ...]
    exposing: frozenset[type[Fact]]

    def roots(self, where: Where) -> list[Reader]:
        """The listings made at such a place."""
        return [reader for reader in self.readers if reader.parent is None and reader.where == where]

    def below(self, fact: type[Fact]) -> list[Reader]:
        """The readers asked once for each fact of this type."""
        return [reader for reader in self.readers if reader.parent is fact]


class Plan(Value):
    """All work of a scan. ``untested`` names claims that no check at the targets bears on."""

    works: dict[str, Work]
    steps: tuple[Step, ...]
    untested: tuple[str, ...]

    def permissions(self, provider: str) -> list[str]:
        """The permissions that the reads of a provider need."""
        return sorted({step.permission for step in self.steps if step.provider == provider and step.permission})

    def operations(self, provider: str) -> frozenset[str]:
        """The operations that the reads of a provider perform."""
        return frozenset(step.operation for step in self.steps if step.provider == provider)


def plan(registry: Registry, scoped: Iterable[Scoped], providers: Iterable[str]) -> Plan:
    """The plan for judging profiles over the given providers."""
    uses, names = list(scoped), sorted(set(providers))
    told = _told_names(registry, names)
    works = {name: _work(registry, name, _wanted(uses, name), told) for name in names}
    tested = {b.claim.key() for work in works.values() for found in work.bindings.values() for b in found}
    claims = {claim.key(): claim for use in uses for claim in use.profile.claims()}
    return Plan(
        works=works,
        steps=tuple(step for name in works for step in _steps(registry, works[name])),
        untested=tuple(sorted(key for key in claims if key not in tested)),
    )


def _wanted(uses: list[Scoped], provider: str) -> list[tuple[Claim, tuple[str, ...]]]:
    """The distinct claims of the profiles that may speak about a provider, each with those profiles."""
    wanted: dict[str, tuple[Claim, list[str]]] = {}
    for use in uses:
        if use.may_hold(provider):
            for claim in use.profile.claims():
                wanted.setdefault(claim.key(), (claim, []))[1].append(use.profile.id)
    return [(claim, tuple(profiles)) for claim, profiles in wanted.values()]


def _told_names(registry: Registry, providers: Iterable[str]) -> frozenset[type[Claim]]:
    """The claims that providers judge whose places follow others, and which are told the names that were seen there."""
    following = [name for name in providers if isinstance(registry.providers[name], Following)]
    return frozenset(check.claim for name in following for check in registry.checks_of(name))


def _work(
    registry: Registry,
    provider: str,
    wanted: list[tuple[Claim, tuple[str, ...]]],
    told: frozenset[type[Claim]],
) -> Work:
    checks = registry.checks_of(provider)
    bindings = [
        Binding(check=check, claim=claim, profiles=profiles)
        for claim, profiles in wanted
        for check in checks
        if check.claim is type(claim)
    ]
    covering = [
        Covering(claim=claim, profiles=profiles, unjudged=_unjudged(registry, provider, claim))
        for claim, profiles in wanted
        if claim.covers
    ]
    by_fact: dict[type[Fact], list[Binding]] = {}
    for binding in bindings:
        by_fact.setdefault(binding.check.fact, []).append(binding)
    consulted = frozenset(fact for binding in bindings for fact in binding.check.consulted)
    exposing = _exposing(registry, provider, wanted, told)
    facts = {*by_fact, *consulted, *exposing, *(fact for cover in covering for fact in cover.unjudged)}
    readers = {reader.name: reader for fact in facts for reader in registry.chain(fact)}
    return Work(
        provider=provider,
        bindings={fact: tuple(found) for fact, found in by_fact.items()},
        readers=tuple(readers[name] for name in sorted(readers)),
        consulted=consulted,
        covering=tuple(covering),
        exposing=exposing,
    )


def _exposing(
    registry: Registry,
    provider: str,
    wanted: list[tuple[Claim, tuple[str, ...]]],
    told: frozenset[type[Claim]],
) -> frozenset[type[Fact]]:
    """The facts that know public names, where a claim about endpoints is made, or one that is judged by names."""
    if not any(claim.faces_network or type(claim) in told for claim, _ in wanted):
        return frozenset()
    return frozenset(reader.fact for reader in registry.readers_of(provider) if reader.fact.is_exposing())


def _unjudged(registry: Registry, provider: str, claim: Claim) -> frozenset[type[Fact]]:
    """The facts that show stores which a claim speaks about and no check judges for it, inventories included."""
    judged = {check.fact.kind for check in registry.checks_of(provider) if check.claim is type(claim)}
    return frozenset(
        reader.fact
        for reader in registry.readers_of(provider)
        if (reader.fact.inventory and reader.fact.store is None)
        or (reader.fact.store in claim.covers and reader.fact.kind not in judged)
    )


def _steps(registry: Registry, work: Work) -> list[Step]:
    steps = []
    for reader in work.readers:
        uses = [b for found in work.bindings.values() for b in found if reader in _needs(registry, b.check)]
        each = f"per {reader.parent.kind}" if reader.parent is not None else f"per {reader.where}"
        steps.append(
            Step(
                provider=work.provider,
                operation=reader.operation,
                permission=reader.permission,
                each=each + (", paged" if reader.many else ""),
                claims=tuple(sorted({use.claim.word() for use in uses})) or (_purpose(registry, work, reader),),
                checks=tuple(sorted({use.check.id for use in uses})),
            )
        )
    return sorted(steps, key=lambda step: (step.provider, step.operation, step.each))


def _purpose(registry: Registry, work: Work, reader: Reader) -> str:
    """Why something is read that no check judges: to count stores, or for the names that accounts have."""
    unjudged = {fact for cover in work.covering for fact in cover.unjudged}
    return "population" if any(reader in registry.chain(fact) for fact in unjudged) else "public names"


def _needs(registry: Registry, check: Check) -> set[Reader]:
    return {reader for fact in (check.fact, *check.consulted) for reader in registry.chain(fact)}
