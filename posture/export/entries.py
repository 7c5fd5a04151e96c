"""The findings of a run in a fixed order, each with the claims of statements that it bears on."""

from collections.abc import Iterator
from datetime import datetime

from posture.assess import Assessment, ClaimVerdict, StatementVerdict
from posture.model import Fail, Finding, Value
from posture.narrowing import Narrowing
from posture.run.directory import Run


class Bearing(Value):
    """A claim of a statement that a finding speaks for or against.

    ``number`` is the claim's place in the statement. ``adopted`` is false where the finding belongs to the other
    reading of the words: it is shown beside the verdict and moves nothing.
    """

    profile: str
    statement: StatementVerdict
    number: int
    claim: ClaimVerdict
    adopted: bool

    @property
    def data(self) -> str:
        """The class of data that the claim is about, empty for all data."""
        return self.claim.holders.data if self.claim.holders is not None else ""

    @property
    def name(self) -> str:
        """The statement as ``profile/statement-id``."""
        return f"{self.profile}/{self.statement.id}"


class Entry(Value):
    """A finding with what it bears on, in the order of the documents, and the exceptions that cover it.

    ``exceptions`` keep a Fail from the gate; no verdict heeds them.
    """

    finding: Finding
    bearings: tuple[Bearing, ...]
    exceptions: tuple[str, ...]


def entries(run: Run) -> Iterator[Entry]:
    """Every finding, place by place, by id within a place: memory holds one place. Raises IntegrityError."""
    head = run.head()
    now = datetime.fromisoformat(head.started)
    known = _bearings(run.read("verdicts.json", Assessment))
    narrowing = Narrowing((), head.holds)
    for place in run.place_ids():
        findings = run.lines(place, "findings.jsonl", Finding)
        for finding in sorted(findings, key=lambda finding: (finding.id, finding.resource.id)):
            failed = isinstance(finding.outcome, Fail)
            yield Entry(
                finding=finding,
                bearings=tuple(
                    bearing
                    for bearing in known.get(finding.claim, ())
                    if bearing.profile in finding.profiles and not narrowing.leaves_out(bearing.data, finding)
                ),
                exceptions=tuple(e.id for e in head.exemptions if failed and e.covers(finding, now)),
            )


def _bearings(assessment: Assessment) -> dict[str, list[Bearing]]:
    found: dict[str, list[Bearing]] = {}
    for profile in assessment.profiles:
        for statement in profile.statements:
            for number, claim in enumerate(statement.claims):
                for read in (claim, claim.alternative):
                    if read is not None:
                        bearing = Bearing(
                            profile=profile.id, statement=statement, number=number, claim=read, adopted=read is claim
                        )
                        found.setdefault(read.claim, []).append(bearing)
    return found
