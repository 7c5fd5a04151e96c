"""Finds patterns of a scope or of the map of data that matched nothing in a run: misspelt ones look like this."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from posture.model import Resource
from posture.plan import Scoped
from posture.run.directory import Run
from posture.scope import Holds, Match


def unmatched(scoped: Iterable[Scoped], holds: Holds, run: Run) -> tuple[str, ...]:
    """The patterns, in words, that fit no resource which was judged or left out.

    A pattern that may fit what was not read is not among them.
    """
    left = _named(scoped, holds)
    for resource in _resources(run):
        if not left:
            break
        left = {told: rule for told, rule in left.items() if rule.matches(resource) is False}
    return tuple(left)


def _named(scoped: Iterable[Scoped], holds: Holds) -> dict[str, Match]:
    """Every pattern under what it is called; a pattern that stands in several places alike goes once."""
    named: dict[str, Match] = {}
    for use in scoped:
        for scope in use.scopes:
            named |= {f"scope include {_words(rule)}": rule for rule in scope.include}
            named |= {f"scope exclude {_words(rule)}": rule for rule in scope.exclude}
    for data, rules in holds.items():
        named |= {f"holds {data} {_words(rule)}": rule for rule in rules}
    return named


def _words(rule: Match) -> str:
    fields: Mapping[str, str] = msgspec.to_builtins(rule)
    told = ", ".join(f"{name}: {value}" for name, value in fields.items() if value and name != "reason")
    return f"{{{told}}}"


def _resources(run: Run) -> Iterator[Resource]:
    yield from (finding.resource for finding in run.findings())
    yield from (left_out.resource for left_out in run.left_out())
