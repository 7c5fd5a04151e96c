"""What is said of a statement in few words: on paper, where nobody can open it, and in the list of what stands open."""

from posture.model import Value, Verdict
from posture.report.obstacles import Kind
from posture.report.statement import Shown, StatementView
from posture.report.view import ProfileView

FOREMOST = 3
"""Findings that stand on paper under a statement that nobody opened."""


class Foremost(Value):
    """The findings to look at first, and how many more of the statement's findings break it or are unknown."""

    findings: tuple[Shown, ...]
    more: int


class Standing(Value):
    """Statements of one verdict that the same things keep from "verified", by number in the document and by id."""

    verdict: Verdict
    statements: tuple[tuple[int, str], ...]
    what: tuple[str, ...]


def foremost(statement: StatementView) -> Foremost:
    """At most FOREMOST findings that break the statement or are unknown, the claims having their turns."""
    open_ = [[one for one in claim.findings if one.outcome in ("fail", "unknown")] for claim in statement.claims]
    turns = [
        (one.outcome != "fail", turn, number, one)
        for number, claim in enumerate(open_)
        for turn, one in enumerate(claim)
    ]
    chosen: dict[str, Shown] = {}
    for *_, finding in sorted(turns, key=lambda row: row[:3]):
        if len(chosen) < FOREMOST:
            chosen.setdefault(finding.id, finding)
    total = sum(claim.tally.failed + claim.tally.unknown for claim in statement.claims)
    return Foremost(findings=tuple(chosen.values()), more=max(0, total - len(chosen)))


def stands(statement: StatementView) -> tuple[str, ...]:
    """What stands between the statement and "verified", each thing once. The remainder has a line of its own."""
    return tuple(dict.fromkeys(one.what for one in statement.between if one.kind is not Kind.REMAINDER))


def standing(profile: ProfileView) -> tuple[Standing, ...]:
    """What stands between statements and "verified", told once for all statements of which it is true."""
    groups: dict[tuple[Verdict, tuple[str, ...]], list[tuple[int, str]]] = {}
    for number, statement in enumerate(profile.statements, 1):
        if statement.between:
            what = tuple(dict.fromkeys(one.what for one in statement.between))
            if not statement.claims:  # nothing of it can be seen, whatever its remainder says
                what = stands(statement) or what
            groups.setdefault((statement.verdict, what), []).append((number, statement.id))
    return tuple(
        Standing(verdict=verdict, statements=tuple(statements), what=what)
        for (verdict, what), statements in groups.items()
    )
