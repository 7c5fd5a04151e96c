"""Findings as JSON Lines, one finding a line, for programs and data stores: the schema posture-findings/1."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec

from posture.export.entries import Entry
from posture.model import Basis, Cause, Pass, Resource, Severity, Unknown, Value
from posture.report.jsontext import json_text
from posture.report.sample import outcome_word
from posture.report.view import View

SCHEMA: Literal["posture-findings/1"] = "posture-findings/1"


class FindingRow(Value):
    """A finding. Every key is on every line, and keeps its type; what does not apply is null or empty.

    ``run`` is the instant at which the scan began. ``statements`` names what the finding bears on as
    ``profile/statement-id``; ``other_readings`` the statements of which it tests the reading that was not adopted, so
    that it moves no verdict. ``parameters`` are those of the claim. ``reason`` completes "<resource> …". ``basis`` says
    why a pass holds; ``cause`` and ``needs`` why something is unknown, and which permission or limit is behind it.
    ``exceptions`` keep a fail from the gate, never from the verdict. ``evidence`` lists the SHA-256 digests of replies.
    """

    schema: Literal["posture-findings/1"]
    run: str
    id: str
    profiles: tuple[str, ...]
    statements: tuple[str, ...]
    other_readings: tuple[str, ...]
    claim: str
    parameters: dict[str, Any]
    check: str
    severity: Severity
    resource: Resource
    outcome: Literal["pass", "fail", "unknown", "not-applicable"]
    reason: str
    basis: Basis | None
    cause: Cause | None
    needs: str
    exceptions: tuple[str, ...]
    evidence: tuple[str, ...]


def lines(view: View, entries: Iterable[Entry]) -> Iterator[str]:
    """A line for each finding. Text is whole; characters that would act in a terminal are JSON escapes."""
    for entry in entries:
        yield json_text(msgspec.to_builtins(row(view.run.started, entry)), indent=None)


def row(started: str, entry: Entry) -> FindingRow:
    """The row of one finding."""
    finding, outcome = entry.finding, entry.finding.outcome
    word, parameters = json.loads(finding.claim)
    return FindingRow(
        schema=SCHEMA,
        run=started,
        id=finding.id,
        profiles=finding.profiles,
        statements=_names(entry, adopted=True),
        other_readings=_names(entry, adopted=False),
        claim=word,
        parameters=parameters,
        check=finding.check,
        severity=finding.severity,
        resource=finding.resource,
        outcome=outcome_word(finding),  # type: ignore[arg-type]
        reason=outcome.reason,
        basis=outcome.basis if isinstance(outcome, Pass) else None,
        cause=outcome.cause if isinstance(outcome, Unknown) else None,
        needs=outcome.needs if isinstance(outcome, Unknown) else "",
        exceptions=entry.exceptions,
        evidence=finding.evidence,
    )


def _names(entry: Entry, *, adopted: bool) -> tuple[str, ...]:
    return tuple(dict.fromkeys(bearing.name for bearing in entry.bearings if bearing.adopted is adopted))
