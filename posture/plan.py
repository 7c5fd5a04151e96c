"""Plans a scan: from the claims of the profiles to the checks, facts and calls they need, and to nothing else."""

from collections.abc import Iterable

from posture.check import Check
from posture.claims import Claim
from posture.model import Fact, Value
from posture.place import Where
from posture.profile import Profile
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
    """A claim that quantifies over stores, and the profiles that make it at this provider."""

    claim: Claim
    profiles: tuple[str, ...]


class Work(Value):
    """What to read and judge at the places of one provider."""

    provider: str
    bindings: dict[type[Fact], tuple[Binding, ...]]
    readers: tuple[Reader, ...]
    consulted: frozenset[type[Fact]]
    covering: tuple["Covering", ...]

    def roots(self, where: Where) -> list[Reader]:
        """The listings made at such a place."""
        return [reader for reader in self.readers if reader.parent is None and reader.where == where]

    def below(self, fact: type[Fact]) -> list[Reader]:
        """The readers asked once for each fact of this type."""
        return [reader for reader in self.readers if reader.parent is fact]


class Plan(Value):
    """All work of a scan. ``untested`` names claims that no installed check bears on."""

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
    uses = list(scoped)
    bindings = [binding for provider in sorted(set(providers)) for binding in _bindings(registry, uses, provider)]
    works = {
        name: _work(registry, name, [b for b in bindings if registry.provider_of(b.check.fact) == name])
        for name in sorted(set(providers))
    }
    tested = {binding.claim.key() for binding in bindings}
    claims = {claim.key(): claim for use in uses for claim in use.profile.claims()}
    return Plan(
        works=works,
        steps=tuple(step for name in works for step in _steps(registry, works[name])),
        untested=tuple(sorted(key for key in claims if key not in tested)),
    )


def _bindings(registry: Registry, uses: list[Scoped], provider: str) -> list[Binding]:
    wanted: dict[str, tuple[Claim, list[str]]] = {}
    for use in uses:
        if use.may_hold(provider):
            for claim in use.profile.claims():
                wanted.setdefault(claim.key(), (claim, []))[1].append(use.profile.id)
    checks = sorted(registry.checks.values(), key=lambda check: check.id)
    return [
        Binding(check=check, claim=claim, profiles=tuple(profiles))
        for claim, profiles in wanted.values()
        for check in checks
        if check.claim is type(claim) and registry.provider_of(check.fact) == provider
    ]


def _work(registry: Registry, provider: str, bindings: list[Binding]) -> Work:
    by_fact: dict[type[Fact], list[Binding]] = {}
    consulted: set[type[Fact]] = set()
    facts: list[type[Fact]] = []
    for binding in bindings:
        by_fact.setdefault(binding.check.fact, []).append(binding)
        consulted.update(binding.check.consulted)
        facts += [binding.check.fact, *binding.check.consulted]
    if any(binding.claim.covers for binding in bindings):
        facts += [reader.fact for reader in registry.inventory(provider)]
    readers = {reader.name: reader for fact in facts for reader in registry.chain(fact)}
    return Work(
        provider=provider,
        bindings={fact: tuple(found) for fact, found in by_fact.items()},
        readers=tuple(readers[name] for name in sorted(readers)),
        consulted=frozenset(consulted),
        covering=tuple(
            Covering(claim=claim, profiles=profiles)
            for claim, profiles in {b.claim.key(): (b.claim, b.profiles) for b in bindings}.values()
            if claim.covers
        ),
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
                claims=tuple(sorted({use.claim.word() for use in uses})) or ("population",),
                checks=tuple(sorted({use.check.id for use in uses})),
            )
        )
    return sorted(steps, key=lambda step: (step.provider, step.operation, step.each))


def _needs(registry: Registry, check: Check) -> set[Reader]:
    return {reader for fact in (check.fact, *check.consulted) for reader in registry.chain(fact)}
