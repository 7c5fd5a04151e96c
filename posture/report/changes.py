"""The difference of two runs as text for a terminal and as JSON for programs."""

from collections.abc import Iterable, Iterator

import msgspec

from posture.diff.between import Between
from posture.diff.comparison import RunName, Summary
from posture.diff.findings import FindingChange, Side
from posture.diff.statements import ProfileChange, StatementChange
from posture.report.inert import inert_value
from posture.report.jsontext import json_text
from posture.report.pen import Pen
from posture.report.words import OUTCOMES, listing, moment, number, spoken, verdict_label

SCHEMA = "posture-diff/1"

NAMED = 4
"""Names that stand for a group; the others are counted."""

_PARTS = {
    "documents": "text changed",
    "profiles": "profile changed",
    "scopes": "scope changed",
    "checks_revised": "checks revised",
    "checks_new": "checks new",
    "checks_gone": "checks gone",
    "targets": "other targets",
    "identities": "other identity",
    "began": "vouched now",
    "ended": "vouched no more",
    "altered": "vouched otherwise",
    "cut_short": "cut short",
}
_LABEL = 19


def render(summary: Summary, width: int = 80, colour: bool = False) -> str:
    """The difference, in lines of at most ``width`` columns; escape sequences only where ``colour`` is set."""
    tame = inert_value(summary)
    pen = Pen(width, colour)
    lines = [*_run(pen, "before", tame.before), *_run(pen, "after", tame.after)]
    lines += _between(pen, tame.between)
    for word, ids in (("before", tame.only_before), ("after", tame.only_after)):
        if ids:
            lines += pen.wrap(f"Judged {word} only, and not compared: {listing(ids)}")
    for profile in tame.profiles:
        lines += _profile(pen, profile)
    lines += _end(pen, tame)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def json_parts(summary: Summary, changes: Iterable[FindingChange]) -> Iterator[str]:
    """The difference as JSON, bit by bit: the summary, then every changed finding."""
    data = {"schema": SCHEMA, "equal": summary.equal, **msgspec.to_builtins(summary)}
    yield json_text(data).removesuffix("\n}\n") + ',\n  "findings": ['
    mark = "\n    "
    for change in changes:
        yield mark + json_text(msgspec.to_builtins(change), indent=None).rstrip("\n")
        mark = ",\n    "
    yield "\n  ]\n}\n"


def _run(pen: Pen, word: str, run: RunName) -> list[str]:
    return pen.wrap(f"{moment(run.started)}  {run.folder}", indent=8, lead=word)


def _between(pen: Pen, found: Between) -> Iterator[str]:
    yield ""
    if found.empty:
        yield from pen.wrap("Both runs were made alike: same posture, documents, scopes, checks, targets, exceptions.")
        return
    yield pen.strong("What differs in how they were made")
    if found.backwards:
        before, after = map(moment, found.backwards)
        told = f"the run named first is of {before}, the other of {after}: name the earlier one first"
        yield from pen.wrap(told, indent=_LABEL, lead="  wrong way round")
    if found.tool:
        yield from pen.wrap(" → ".join(found.tool), indent=_LABEL, lead="  posture")
    for name, label in _PARTS.items():
        ids: tuple[str, ...] = getattr(found, name)
        if ids:
            yield from pen.wrap(listing(ids, NAMED), indent=_LABEL, lead=f"  {label}")


def _profile(pen: Pen, profile: ProfileChange) -> Iterator[str]:
    counted = f"{len(profile.changed)} of {number(profile.statements, 'statement')} changed"
    yield ""
    yield from map(pen.strong, pen.wrap(f"{profile.id}: {counted}"))
    for change in profile.changed:
        yield from _statement(pen, change)


def _statement(pen: Pen, change: StatementChange) -> Iterator[str]:
    """A statement: how its verdict turned, why, and the gravest of the findings behind it."""
    yield ""
    yield from pen.wrap(f"{_turn(change)}  {change.id}  {change.summary}", hang=2)
    told = f"cause: {spoken(change.cause)}"
    if change.causes:
        told += f" ({_counted(change.causes)})"
    notes = [told]
    if change.words_changed:
        notes.append("the document puts it in other words")
    if change.unlisted:
        notes.append(f"{change.unlisted:,} of them for want of a listing")
    notes += [f"the gate now sees it {word}" for word in change.worse]
    notes += [f"the gate no longer sees it {word}" for word in change.better]
    yield from pen.wrap("; ".join(notes), indent=4)
    for finding in change.findings:
        yield from _finding(pen, finding)
    more = sum(change.causes.values()) - change.unlisted - len(change.findings)
    if more > 0 and change.findings:
        yield from pen.wrap(f"and {more:,} more", indent=6)


def _turn(change: StatementChange) -> str:
    if change.before is None and change.after is not None:
        return f"new: {verdict_label(change.after)}"
    if change.after is None and change.before is not None:
        return f"gone: was {verdict_label(change.before)}"
    assert change.before is not None
    assert change.after is not None
    if change.before == change.after:
        return f"{verdict_label(change.after)} as before"
    return f"{verdict_label(change.before)} → {verdict_label(change.after)}"


def _counted(causes: dict[str, int]) -> str:
    ranked = sorted(causes.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{spoken(cause)} {count:,}" for cause, count in ranked)


def _finding(pen: Pen, change: FindingChange) -> Iterator[str]:
    turned = f"{_side(change.before)} → {_side(change.after)}"
    yield from pen.wrap(f"{change.resource.name}: {turned}", indent=6, hang=2)
    yield from pen.wrap(f"{spoken(change.cause)}: {change.detail} ({change.check}, {change.id[:12]})", indent=8, hang=2)


def _side(side: Side) -> str:
    if side.outcome not in OUTCOMES:
        return "no finding"
    symbol, _ = OUTCOMES[side.outcome]
    excepted = f" (under {listing(side.exceptions, NAMED)})" if side.exceptions else ""
    return f"{symbol} {side.reason}{excepted}"


def _end(pen: Pen, summary: Summary) -> Iterator[str]:
    yield ""
    if summary.equal:
        yield pen.strong("Nothing changed.")
    else:
        changed = sum(len(profile.changed) for profile in summary.profiles)
        findings = sum(summary.causes.values())
        by = f": {_counted(summary.causes)}" if findings else ""
        counted = f"{number(changed, 'statement')} and {number(findings, 'finding')} changed{by}"
        yield from map(pen.strong, pen.wrap(f"{counted}."))
    if summary.reworded:
        yield from pen.wrap(f"{number(summary.reworded, 'finding')} came out alike for another reason.")
