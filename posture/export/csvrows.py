"""Findings as a table for spreadsheets: RFC 4180, with every cell a plain text that no spreadsheet computes."""

import csv
import io
from collections.abc import Iterable, Iterator

from posture.export.entries import Bearing, Entry
from posture.export.jsonlines import row
from posture.report.inert import inert
from posture.report.statement import ClaimView, StatementView
from posture.report.view import ProfileView, View
from posture.report.words import plain_value, spoken

COLUMNS = (
    "profile",
    "statement",
    "section",
    "summary",
    "class",
    "statement_verdict",
    "claim",
    "parameters",
    "claim_verdict",
    "reading",
    "finding",
    "check",
    "title",
    "severity",
    "outcome",
    "reason",
    "basis",
    "cause",
    "needs",
    "exceptions",
    "cloud",
    "account",
    "region",
    "kind",
    "resource",
    "name",
    "evidence",
)

FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What a cell must not begin with: spreadsheets compute it, in full-width forms too (OWASP, CSV injection)."""

Row = dict[str, str]


def lines(view: View, entries: Iterable[Entry]) -> Iterator[str]:
    """The header; a row for each statement or claim that no finding bears on; a row for each finding × statement."""
    yield _line(COLUMNS)
    for profile in view.profiles:
        for statement in profile.statements:
            for bare in _bare(profile, statement):
                yield _line(bare.get(column, "") for column in COLUMNS)
    statements = {f"{p.id}/{s.id}": (p, s) for p in view.profiles for s in p.statements}
    titles = {c.id: c.title for p in view.profiles for s in p.statements for claim in s.claims for c in claim.checks}
    for entry in entries:
        found = _finding(view.run.started, entry, titles.get(entry.finding.check, ""))
        for bearing in entry.bearings:
            cells = _statement(*statements[bearing.name]) | _claim(bearing) | found
            yield _line(cells[column] for column in COLUMNS)


def guarded(text: str) -> str:
    """``text`` as a cell: nothing in it acts, and an apostrophe stands before what a spreadsheet would compute."""
    plain = inert(text)
    return f"'{plain}" if text.startswith(FORMULA) else plain


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(map(guarded, cells))
    return text.getvalue()


def _bare(profile: ProfileView, statement: StatementView) -> Iterator[Row]:
    """Rows without a finding: no verdict is missing from the table, whatever it rests on."""
    if not statement.claims:
        yield _statement(profile, statement)
    for claim in statement.claims:
        if not _findings(claim):
            yield _statement(profile, statement) | {
                "claim": claim.word,
                "parameters": "; ".join(f"{name} {value}" for name, value in claim.parameters),
                "claim_verdict": claim.verdict,
                "reading": "adopted",
            }


def _findings(claim: ClaimView) -> int:
    tally = claim.tally
    return tally.passed + tally.failed + tally.unknown + tally.not_applicable


def _statement(profile: ProfileView, statement: StatementView) -> Row:
    return {
        "profile": profile.id,
        "statement": statement.id,
        "section": statement.section,
        "summary": statement.summary,
        "class": statement.class_,
        "statement_verdict": statement.verdict,
    }


def _claim(bearing: Bearing) -> Row:
    return {
        "claim": bearing.claim.word,
        "parameters": "; ".join(f"{spoken(k)} {plain_value(v)}" for k, v in bearing.claim.parameters.items()),
        "claim_verdict": bearing.claim.verdict,
        "reading": "adopted" if bearing.adopted else "other",
    }


def _finding(started: str, entry: Entry, title: str) -> Row:
    told = row(started, entry)
    return {
        "finding": told.id,
        "check": told.check,
        "title": title,
        "severity": told.severity,
        "outcome": told.outcome,
        "reason": told.reason,
        "basis": told.basis or "",
        "cause": told.cause or "",
        "needs": told.needs,
        "exceptions": " ".join(told.exceptions),
        "cloud": told.resource.cloud,
        "account": told.resource.account,
        "region": told.resource.region,
        "kind": told.resource.kind,
        "resource": told.resource.id,
        "name": told.resource.name,
        "evidence": " ".join(told.evidence),
    }
