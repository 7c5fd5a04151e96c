"""A summary in Markdown for a pull request: counts, what is contradicted or unknown, what to do next."""

import re
from collections.abc import Iterator, Sequence

from posture.export.phrases import claim_name, counted
from posture.model import Verdict
from posture.report.inert import inert, inert_value
from posture.report.ledger import Coverage
from posture.report.obstacles import Action
from posture.report.opening import partial
from posture.report.statement import StatementView
from posture.report.view import ProfileView, View
from posture.report.words import SYMBOLS, headline, listing, moment, number, spoken

MOST_BYTES = 60_000
"""A comment on a pull request holds 65,536 characters; some room is left for what others add."""

SHOWN = (300, 100, 30, 10, 3, 1)
"""Rows that a table may show: the first number with which the page is small enough."""

LONGEST = 300
"""Characters of a text that are shown."""

SHARP = re.compile(r"[\\`*_\[\]#|~<>&@:$]|(?<=[wW]{3})\.")
"""Characters that Markdown, HTML or GitHub (mentions, issues, links, emoji, formulas) may give a meaning in a line."""

TOLD = (Verdict.CONTRADICTED, Verdict.UNKNOWN, Verdict.PARTLY_VERIFIED)


def render(view: View) -> str:
    """The page, of at most MOST_BYTES; what is left out is counted."""
    view = inert_value(view)
    for most in SHOWN:
        page = "\n".join(_page(view, most)) + "\n"
        if len(page.encode()) <= MOST_BYTES:
            break
    return page


def plain(text: str) -> str:
    """``text`` as text: each character that could act is a character reference, which Markdown reads as a letter."""
    whole = inert(text)
    short = whole if len(whole) <= LONGEST else f"{whole[: LONGEST - 1]}…"
    return SHARP.sub(_reference, short)


def _reference(found: re.Match[str]) -> str:
    sharp = f"&#{ord(found[0])};"
    return f"{sharp}<!-- -->" if found[0] in "@#" else sharp  # the comment parts a name from its sign


def _page(view: View, most: int) -> Iterator[str]:
    yield "## posture"
    told = [plain(text) for text in (view.run.note, partial(view)) if text]
    for text in told:
        yield from ("", f"**{text}**")
    for profile in view.profiles[:most]:
        yield from _profile(profile, most)
    if len(view.profiles) > most:
        yield from ("", f"*{number(len(view.profiles) - most, 'more document')}, which the report has.*")
    yield from _actions(view.actions, most)
    yield from _unseen(view.coverage, most)
    run = view.run
    facts = (number(run.calls, "call"), f"{run.gaps:,} without an answer", number(run.findings, "finding"))
    ended = f"stopped by {run.stopped}" if run.stopped else "interrupted"
    ended = f"; **the scan was {ended}**" if run.interrupted else ""
    yield from ("", f"<sub>posture {plain(run.tool)}, {moment(run.started)}: {', '.join(facts)}{ended}.</sub>")


def _profile(profile: ProfileView, most: int) -> Iterator[str]:
    counts = profile.counts
    yield from ("", f"### {plain(profile.title)}", "", f"**{headline(counts.verified, counts.testable)}**", "")
    yield from ("| verdict | statements |", "| --- | ---: |")
    for verdict in Verdict:
        yield f"| {_verdict(verdict)} | {counts.of(verdict)} of {counts.statements} |"
    told = [statement for verdict in TOLD for statement in profile.statements if statement.verdict == verdict]
    if told:
        rows = [(_verdict(s.verdict), plain(s.id), plain(s.summary), _grounds(s)) for s in told]
        yield ""
        yield from _table(("verdict", "statement", "in our words", "what was found"), rows, most)


def _grounds(statement: StatementView) -> str:
    """What came out for each claim that is not verified, and what no scan can see."""
    parts = [
        f"{SYMBOLS[claim.verdict]} {plain(claim_name(claim))}: {plain(counted(claim))}"
        for claim in statement.claims
        if claim.verdict != Verdict.VERIFIED
    ]
    if statement.remainder:
        parts.append(f"no scan can see: {plain(statement.remainder)}")
    return "<br>".join(parts) or "nothing that could break it, and nothing that keeps it"


def _actions(actions: Sequence[Action], most: int) -> Iterator[str]:
    if actions:
        yield from ("", "### What to do next", "")
        rows = [(plain(a.what), plain(a.remedy), plain(listing(a.statements, 8))) for a in actions]
        yield from _table(("what", "how", "statements"), rows, most)


def _unseen(coverage: Coverage, most: int) -> Iterator[str]:
    """What the scan did not see: reads without an answer, places that were not entered."""
    rows = [
        (plain(row.permission), plain(spoken(row.cause)), number(row.count, "read"), plain(listing(row.regions, 6)))
        for row in coverage.unread
    ]
    rows += [(plain(s.where), plain(spoken(s.cause)), "not entered", "") for s in coverage.shut if not s.harmless]
    if rows:
        yield from ("", "### What was not seen", "")
        yield from _table(("what", "why", "how much", "where"), rows, most)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], most: int) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows[:most]:
        yield f"| {' | '.join(row)} |"
    if len(rows) > most:
        yield from ("", f"*{number(len(rows) - most, 'more row')} of {len(rows):,} left out; the report has all.*")


def _verdict(verdict: str) -> str:
    return f"{SYMBOLS[verdict]} {spoken(verdict)}"
