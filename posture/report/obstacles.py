"""What stands between a statement and "verified", and what to do next, the most important first."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

from posture.assess import ClaimVerdict, StatementVerdict
from posture.model import Severity, Value, Verdict
from posture.profile import StatementClass
from posture.report.sample import Sample, gravity
from posture.report.words import DENIALS, REMEDIES, listing, number, spoken

T = TypeVar("T")


class Kind(StrEnum):
    """What kind of obstacle it is, in the order in which it is worth removing."""

    FIX = "fix"
    GRANT = "grant"
    RESOLVE = "resolve"
    COVER = "cover"
    EMPTY = "empty"
    UNTESTED = "untested"
    ATTEST = "attest"
    REMAINDER = "remainder"
    UNTESTABLE = "untestable"


class Obstacle(Value):
    """One thing that stands between a statement and "verified", and what to do about it.

    ``subject`` is the check, permission or kind it hangs on: obstacles of one kind with one subject fall together.
    ``claim`` is the key of the claim it keeps open, empty when it is the statement itself; ``count`` counts findings;
    ``needs`` is the permission that a read exercised in vain.
    """

    kind: Kind
    subject: str
    what: str
    remedy: str
    claim: str = ""
    count: int = 0
    severity: Severity | None = None
    needs: str = ""


class Action(Value):
    """Something to do, and the statements that it would move."""

    kind: Kind
    subject: str
    what: str
    remedy: str
    statements: tuple[str, ...]
    count: int
    severity: Severity | None = None


About = Callable[[str], tuple[str, str]]
"""A check's title and remedy, by its id."""


def between(
    verdict: StatementVerdict, reason: str, sample: Callable[[ClaimVerdict], Sample], about: About
) -> tuple[Obstacle, ...]:
    """What stands between the statement and "verified"; nothing for one that is verified or asserts nothing."""
    if verdict.class_ == StatementClass.BACKGROUND:
        return ()
    found = [obstacle for claim in verdict.claims for obstacle in _of_claim(claim, sample(claim), about)]
    if verdict.remainder:
        found.append(Obstacle(kind=Kind.REMAINDER, subject="", what=f"no scan can see: {verdict.remainder}", remedy=""))
    if not verdict.claims:
        found.append(_untestable(verdict, reason))
    return tuple(sorted(found, key=_rank))


def actions(statements: Iterable[tuple[str, Sequence[Obstacle]]]) -> tuple[Action, ...]:
    """What to do, over all statements (each with the name that a reader knows it by)."""
    groups: dict[tuple[Kind, str], list[tuple[str, Obstacle]]] = {}
    for name, obstacles in statements:
        for obstacle in obstacles:
            if obstacle.kind not in (Kind.REMAINDER, Kind.UNTESTABLE):
                groups.setdefault((obstacle.kind, obstacle.subject), []).append((name, obstacle))
    return tuple(sorted((_action(group) for group in groups.values()), key=_urgency))


def _of_claim(claim: ClaimVerdict, sample: Sample, about: About) -> list[Obstacle]:
    if not claim.tested:
        what = f"no check at these targets bears on {claim.word}"
        remedy = "Install a check package that judges it, or scan a target of a provider that has one."
        return [Obstacle(kind=Kind.UNTESTED, subject=claim.word, what=what, remedy=remedy, claim=claim.claim)]
    found = [*_failing(claim, sample, about), *_unread(claim, sample)]
    for kind, count in claim.blind.items():
        what = f"no check judges {number(count, 'store')} of kind {kind} for {claim.word}"
        remedy = "Install or write a check for the kind, or leave it out of the scope with a reason."
        found.append(_obstacle(Kind.COVER, kind, what, remedy, claim, count))
    if claim.verdict == Verdict.UNKNOWN and not claim.tally.population:
        what = f"{claim.word} found nothing to judge"
        remedy = "Check targets and scope; where an empty estate keeps the promise, the profile may say so."
        found.append(_obstacle(Kind.EMPTY, claim.word, what, remedy, claim, 0))
    return found


def _failing(claim: ClaimVerdict, sample: Sample, about: About) -> list[Obstacle]:
    found = []
    for row in sample.judged():
        if row.tally.failed:
            title, remedy = about(row.check)
            what = f"{number(row.tally.failed, 'finding')} against: {title}"
            found.append(_obstacle(Kind.FIX, row.check, what, remedy, claim, row.tally.failed, row.severity))
    return found


def _unread(claim: ClaimVerdict, sample: Sample) -> list[Obstacle]:
    found = []
    for row in sample.missing():
        remedy = REMEDIES[row.cause]
        if row.cause in DENIALS and row.needs:
            what = f"{number(row.count, 'finding')} unknown without {row.needs}"
            found.append(_obstacle(Kind.GRANT, row.needs, what, remedy, claim, row.count))
        else:
            read = f", {row.needs}" if row.needs else ""
            what = f"{number(row.count, 'finding')} unknown: {spoken(row.cause)}{read}"
            found.append(_obstacle(Kind.RESOLVE, row.cause, what, remedy, claim, row.count, needs=row.needs))
    return found


def _untestable(verdict: StatementVerdict, reason: str) -> Obstacle:
    if any(not attested.lapsed for attested in verdict.attested):
        return Obstacle(kind=Kind.UNTESTABLE, subject="", what="no scan can test it; it is attested", remedy="")
    what = "its attestation has lapsed" if verdict.attested else "no scan can test it, and nobody vouches for it"
    return Obstacle(kind=Kind.ATTEST, subject="lapsed" if verdict.attested else "", what=what, remedy=reason)


def _obstacle(
    kind: Kind,
    subject: str,
    what: str,
    remedy: str,
    claim: ClaimVerdict,
    count: int,
    severity: Severity | None = None,
    needs: str = "",
) -> Obstacle:
    return Obstacle(
        kind=kind,
        subject=subject,
        what=what,
        remedy=remedy,
        claim=claim.claim,
        count=count,
        severity=severity,
        needs=needs,
    )


_ASKED: Mapping[Kind, Callable[[str, int], str]] = {
    Kind.GRANT: lambda subject, count: f"Grant {subject} ({number(count, 'finding')} unknown without it)",
    Kind.RESOLVE: lambda subject, count: f"{spoken(subject).capitalize()} ({number(count, 'finding')} unknown)",
    Kind.EMPTY: lambda subject, count: f"Nothing to judge for {subject}",
    Kind.UNTESTED: lambda subject, count: f"No check at these targets bears on {subject}",
}


def _action(group: list[tuple[str, Obstacle]]) -> Action:
    first = group[0][1]
    names = _distinct(name for name, _ in group)
    by_claim: dict[tuple[str, str], int] = {}
    for _, obstacle in group:  # two statements may make one claim: its findings count once
        key = (obstacle.claim, obstacle.needs)
        by_claim[key] = max(obstacle.count, by_claim.get(key, 0))
    count = sum(by_claim.values())
    what, remedy = first.what, first.remedy
    if first.kind is Kind.FIX:
        what = f"{first.what.partition(': ')[2]} ({number(count, 'finding')} against)"
    elif first.kind is Kind.COVER:
        count = max(by_claim.values())
        words = sorted({json.loads(obstacle.claim)[0] for _, obstacle in group})
        what = f"No check judges {first.subject} for {listing(words, 3)} ({number(count, 'store')} in scope)"
    elif first.kind is Kind.ATTEST:
        lapsed = "lapsed attestations" if first.subject else "no attestation"
        what = f"{number(len(names), 'statement')} that no scan can test: {lapsed}"
        remedy = "Have somebody vouch for what the profile names, with a document and a day on which that ends."
    else:
        read = listing(sorted({obstacle.needs for _, obstacle in group} - {""}), 4)
        what = _ASKED[first.kind](first.subject, count) + (f": {read}" if read else "")
    return Action(
        kind=first.kind,
        subject=first.subject,
        what=what,
        remedy=remedy,
        statements=names,
        count=count,
        severity=first.severity,
    )


def _rank(obstacle: Obstacle) -> tuple[int, int]:
    return list(Kind).index(obstacle.kind), gravity(obstacle.severity) if obstacle.severity else 0


def _urgency(action: Action) -> tuple[int, int, int, int, str]:
    grave = gravity(action.severity) if action.severity else 0
    return list(Kind).index(action.kind), grave, -len(action.statements), -action.count, action.subject


def _distinct(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))
