"""Checks: pure functions from a fact and a claim to an outcome. What they need derives from their signatures."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any, get_args, get_origin, get_type_hints

from posture.claims import Claim
from posture.model import Basis, Fact, Fail, Gap, NotApplicable, Outcome, Pass, Severity, Unknown
from posture.session import GapFound

__all__ = ["Basis", "Check", "CheckError", "Fail", "NotApplicable", "Outcome", "Pass", "Severity", "Unknown", "check"]


class CheckError(TypeError):
    """A check whose signature does not say what it judges."""


class Check:
    """A question with a name. ``fact`` is judged for ``claim``; ``consulted`` facts of the same shard help.

    ``id`` reads platform.service.property; ``title`` is a sentence that is true when the check passes; ``doc`` says
    why it matters; ``remedy`` says what to do about a Fail. ``falsifiers`` are those of the claim that it looks for;
    none where the claim has several and the check does not say.
    """

    __slots__ = (
        "claim", "consulted", "doc", "fact", "falsifiers", "function", "id", "remedy", "revision", "severity", "title"
    )  # fmt: skip

    def __init__(
        self,
        function: Callable[..., Outcome],
        id: str,
        title: str,
        severity: Severity,
        remedy: str,
        revision: int,
        refutes: tuple[str, ...] = (),
    ) -> None:
        self.function = function
        self.id = id
        self.title = title
        self.severity = severity
        self.remedy = remedy
        self.revision = revision
        self.doc = inspect.getdoc(function) or ""
        self.fact, self.claim, self.consulted = _signature(function)
        self.falsifiers = _falsifiers(id, self.claim, refutes)

    def __repr__(self) -> str:
        return f"<check {self.id}>"

    def __call__(self, fact: Fact, claim: Claim, *consulted: tuple[Fact, ...]) -> Outcome:
        """Judge; raises GapFound where the answer hangs on facts that could not be read."""
        return self.function(fact, claim, *consulted)


def check(
    *, id: str, title: str, severity: Severity, remedy: str, revision: int = 1, refutes: str | tuple[str, ...] = ()
) -> Callable[[Callable[..., Outcome]], Check]:
    """Declare a check. ``revision`` grows when the same facts would be judged otherwise than before.

    ``refutes`` names the claim's falsifiers that the check looks for, each by its first words; it may be left out
    where the claim has but one.
    """

    def declare(function: Callable[..., Outcome]) -> Check:
        sought = (refutes,) if isinstance(refutes, str) else refutes
        return Check(function, id, title, severity, remedy, revision, sought)

    return declare


class Incomplete(tuple[Any, ...]):
    """Consulted facts of which some could not be read.

    Those that were read are found as in any tuple. Whoever runs past them, or asks how many there are, would be
    judging by what is not there, and gets the gap instead.
    """

    gap: Gap

    @classmethod
    def of(cls, facts: tuple[Fact, ...], gap: Gap) -> "Incomplete":
        """The facts that were read, and the gap that stands for the others."""
        value = cls(facts)
        value.gap = gap
        return value

    def __iter__(self) -> Iterator[Any]:
        yield from tuple.__iter__(self)
        raise GapFound(self.gap)

    def __len__(self) -> int:
        raise GapFound(self.gap)

    def __bool__(self) -> bool:
        for _ in tuple.__iter__(self):
            return True
        raise GapFound(self.gap)

    def __contains__(self, item: object) -> bool:
        return any(item == fact for fact in self)

    def __getitem__(self, index: Any) -> Any:
        raise GapFound(self.gap)

    def __eq__(self, other: object) -> bool:
        raise GapFound(self.gap)

    def __ne__(self, other: object) -> bool:
        raise GapFound(self.gap)

    __hash__ = tuple.__hash__

    def __add__(self, other: Any) -> Any:
        raise GapFound(self.gap)

    def count(self, value: Any) -> int:
        """Cannot be told."""
        raise GapFound(self.gap)

    def index(self, *value: Any) -> int:
        """Cannot be told either."""
        raise GapFound(self.gap)


def _falsifiers(id: str, claim: type[Claim], refutes: tuple[str, ...]) -> tuple[str, ...]:
    """The falsifiers of the claim that these words begin. Raises CheckError for words that do not settle on one."""
    known = claim.falsifiers
    if not refutes:
        return known if len(known) == 1 else ()
    for words in refutes:
        if sum(falsifier.startswith(words) for falsifier in known) != 1:
            raise CheckError(f"{id}: refutes: {words!r} begins not one of: {'; '.join(known)}")
    return tuple(falsifier for falsifier in known if any(falsifier.startswith(words) for words in refutes))


def _signature(function: Callable[..., Any]) -> tuple[type[Fact], type[Claim], tuple[type[Fact], ...]]:
    hints = get_type_hints(function)
    kinds: list[Any] = [hints.get(name) for name in inspect.signature(function).parameters]
    if len(kinds) < 2 or not _is_a(kinds[0], Fact) or not _is_a(kinds[1], Claim):
        raise CheckError(f"{function.__qualname__}: takes a fact, a claim, and tuples of further facts")
    return kinds[0], kinds[1], tuple(_consulted(function, kind) for kind in kinds[2:])


def _consulted(function: Callable[..., Any], kind: Any) -> type[Fact]:
    arguments = get_args(kind)
    if get_origin(kind) is tuple and len(arguments) == 2 and arguments[1] is ... and _is_a(arguments[0], Fact):
        fact: type[Fact] = arguments[0]
        return fact
    raise CheckError(f"{function.__qualname__}: {kind} is not of the form tuple[Fact, ...]")


def _is_a(kind: Any, base: type) -> bool:
    return isinstance(kind, type) and issubclass(kind, base)
