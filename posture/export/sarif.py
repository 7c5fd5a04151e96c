"""Contradictions and what is unknown as SARIF 2.1.0 (OASIS), for code scanning and editors.

Passes are left out: whoever takes SARIF shows each result as an alert. A Fail is an error under the rule of its check.
Something unknown is a warning under a rule that says what went wrong: that what a statement rests on can be read, be
judged, be found. So no check is ever said to have failed where it had nothing to judge.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from posture.export.entries import Bearing, Entry
from posture.export.phrases import Hole, holes
from posture.export.places import Placed, Places
from posture.identity import digest
from posture.model import Fail, Severity, Unknown, Value
from posture.report.inert import inert
from posture.report.jsontext import json_text
from posture.report.obstacles import Kind
from posture.report.sample import gravity
from posture.report.statement import StatementView
from posture.report.view import ProfileView, View
from posture.report.words import REMEDIES, number, one_line, spoken

ADDRESS = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.0"}
"""Severities on the scale of ``security-severity``, by which code scanning orders alerts."""

HOLES = {
    Kind.COVER: "Every store that a statement speaks about is judged by a check",
    Kind.UNTESTED: "Every claim of a statement is tested by an installed check",
    Kind.EMPTY: "There is something to judge for every claim of a statement",
}

Json = dict[str, Any]


class Rule(Value):
    """What a result is an instance of. ``score`` is empty where no severity applies."""

    id: str
    title: str
    help: str
    level: str
    score: str


class Found(Value):
    """A result with what it is ordered by: errors first, the gravest first, then by fingerprint."""

    order: tuple[bool, int, str]
    rule: Rule
    body: Json


def render(view: View, entries: Iterable[Entry], places: Places) -> str:
    """The log: a run for each profile. The same findings give the same text, in whatever order they come."""
    reasons = {exception.id: exception.reason for exception in view.exceptions}
    found: dict[str, list[Found]] = {profile.id: [] for profile in view.profiles}
    about = {
        check.id: (check.title, check.remedy)
        for profile in view.profiles
        for statement in profile.statements
        for claim in statement.claims
        for check in claim.checks
    }
    for entry in entries:
        if isinstance(entry.finding.outcome, Fail | Unknown):
            for id, results in found.items():
                bearings = [b for b in entry.bearings if b.adopted and b.profile == id]
                if bearings:
                    results.append(_finding(entry, bearings, places[id], about, reasons))
    for profile in view.profiles:
        for statement in profile.statements:
            found[profile.id] += [_hole(profile, statement, hole, places[profile.id]) for hole in holes(statement)]
    runs = [_run(view, profile, found[profile.id]) for profile in view.profiles]
    return json_text({"$schema": ADDRESS, "version": "2.1.0", "runs": runs})


def _run(view: View, profile: ProfileView, found: list[Found]) -> Json:
    rules = sorted({one.rule.id: one.rule for one in found}.values(), key=lambda rule: rule.id)
    index = {rule.id: place for place, rule in enumerate(rules)}
    driver = {"name": "posture", "version": inert(view.run.tool), "rules": [_rule(rule) for rule in rules]}
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"posture/{inert(profile.id)}/"},
        "invocations": [_invocation(view)],
        "results": [
            {"ruleId": one.rule.id, "ruleIndex": index[one.rule.id], "level": one.rule.level, **one.body}
            for one in sorted(found, key=lambda one: one.order)
        ],
        "properties": {"verdicts": {inert(s.id): s.verdict for s in profile.statements}},
    }


def _rule(rule: Rule) -> Json:
    score = {"security-severity": rule.score} if rule.score else {}
    return {
        "id": rule.id,
        "shortDescription": {"text": _message(rule.title)},
        "fullDescription": {"text": _message(rule.title)},
        "help": {"text": _message(rule.help or rule.title)},
        "defaultConfiguration": {"level": rule.level},
        "properties": {"tags": ["posture", "security"], **score},
    }


def _invocation(view: View) -> Json:
    """How the scan went: reads without an answer and places that were not entered are told here as well."""
    started = datetime.fromisoformat(view.run.started).astimezone(UTC)
    said = [f"{number(r.count, 'read')} without an answer: {r.permission} {r.cause}" for r in view.coverage.unread]
    said += [f"not entered: {s.where}: {s.cause}, {s.detail}" for s in view.coverage.shut if not s.harmless]
    return {
        "executionSuccessful": not view.run.interrupted,
        "startTimeUtc": started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "toolExecutionNotifications": [{"level": "warning", "message": {"text": _message(text)}} for text in said],
    }


def _finding(
    entry: Entry, bearings: list[Bearing], placed: Placed, about: dict[str, tuple[str, str]], reasons: dict[str, str]
) -> Found:
    finding, first = entry.finding, bearings[0]
    resource, outcome = finding.resource, finding.outcome
    rule = _rule_of(entry, about)
    why = (spoken(outcome.cause), outcome.needs) if isinstance(outcome, Unknown) else ()
    because = f" ({', '.join(filter(None, why))})" if why else ""
    said = f"{resource.name or resource.id} {outcome.reason}{because}."
    logical = {"name": inert(resource.name), "fullyQualifiedName": inert(resource.id), "kind": "resource"}
    location = {**_location(placed, first.statement.id, first.number), "logicalLocations": [logical]}
    body: Json = {
        "message": {"text": _message(f"{said} {_says(first.statement.id, first.statement.summary)}")},
        "locations": [location],
        "relatedLocations": [
            {"id": place, **_location(placed, b.statement.id, b.number), "message": {"text": _message(b.name)}}
            for place, b in enumerate(bearings[1:], 1)
        ],
        "partialFingerprints": _fingerprints(finding.id),
        "suppressions": [
            {"kind": "external", "status": "accepted", "justification": inert(f"{id}: {reasons.get(id, '')}")}
            for id in entry.exceptions
        ],
        "properties": {
            "outcome": "unknown" if isinstance(outcome, Unknown) else "fail",
            "statements": {inert(b.statement.id): b.statement.verdict for b in bearings},
            "claim": inert(finding.claim),
            "check": inert(finding.check),
            "severity": finding.severity,
            "evidence": list(finding.evidence),
        },
    }
    return Found(order=(rule.level != "error", gravity(finding.severity), finding.id), rule=rule, body=body)


def _rule_of(entry: Entry, about: dict[str, tuple[str, str]]) -> Rule:
    finding, outcome = entry.finding, entry.finding.outcome
    if isinstance(outcome, Unknown):
        title = f"What a statement rests on can be read and judged ({spoken(outcome.cause)})"
        id = f"posture.unknown.{outcome.cause}"
        return Rule(id=id, title=title, help=REMEDIES[outcome.cause], level="warning", score="")
    title, remedy = about.get(finding.check, (finding.check, ""))
    return Rule(
        id=inert(finding.check), title=title, help=remedy, level="error", score=SCORES[Severity(finding.severity)]
    )


def _hole(profile: ProfileView, statement: StatementView, hole: Hole, placed: Placed) -> Found:
    rule = Rule(id=f"posture.unknown.{hole.kind}", title=HOLES[hole.kind], help=hole.remedy, level="warning", score="")
    claim = statement.claims[hole.number]
    mark = digest(["hole/1", profile.id, statement.id, hole.kind, hole.subject, claim.word, claim.parameters])
    body: Json = {
        "message": {"text": _message(f"{hole.what}. {_says(statement.id, statement.summary)}")},
        "locations": [_location(placed, statement.id, hole.number)],
        "partialFingerprints": _fingerprints(mark),
        "suppressions": [],
        "properties": {"outcome": "unknown", "statements": {inert(statement.id): statement.verdict}},
    }
    return Found(order=(True, len(SCORES), mark), rule=rule, body=body)


def _location(placed: Placed, statement: str, number: int) -> Json:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(inert(placed.file))},
            "region": {"startLine": placed.line(statement, number)},
        }
    }


def _fingerprints(mark: str) -> Json:
    """The finding's id; code scanning tells alerts apart by the second name."""
    return {"postureFinding/v1": mark, "primaryLocationLineHash": mark}


def _says(statement: str, summary: str) -> str:
    return f"{statement} says: {one_line(summary)}"


def _message(text: str) -> str:
    """Text in which nothing is a link or a placeholder (SARIF 2.1.0, 3.11.5 and 3.11.6)."""
    plain = inert(text).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return plain.replace("{", "{{").replace("}", "}}")
