"""Statements as a report shows them: verdict, claims, checks, a bounded choice of findings, and what is missing."""

from datetime import datetime

from posture.assess import ClaimVerdict, Holders, StatementVerdict
from posture.claims import Claim
from posture.model import Basis, Cause, Finding, Pass, Resource, Severity, Unknown, Value, Verdict
from posture.profile import Asserted, ClaimUse, Profile, Reading, Statement
from posture.report.listings import Unlisted
from posture.report.obstacles import About, Obstacle, between
from posture.report.sample import Missing, Sample, Survey, outcome_word
from posture.report.tracks import Tracks
from posture.report.words import meaning, one_line, parameters
from posture.run.directory import Run
from posture.run.record import Head
from posture.verdict import Tally


class Shown(Value):
    """A finding as it is shown. ``exceptions`` names those that keep it from the gate; the verdict ignores them."""

    id: str
    check: str
    title: str
    remedy: str
    severity: Severity
    resource: Resource
    outcome: str
    reason: str
    basis: Basis | None
    cause: Cause | None
    needs: str
    exceptions: tuple[str, ...]
    evidence: tuple[str, ...]


class CheckView(Value):
    """A check that judged a claim, and how its findings came out."""

    id: str
    title: str
    remedy: str
    severity: Severity
    tally: Tally


class ReadingView(Value):
    """What ambiguous words are taken to mean, by whom, when and why."""

    words: str
    meaning: str
    author: str
    date: str
    reason: str
    confirmed: bool


class AlternativeView(Value, omit_defaults=True):
    """The verdict under the other reading of the words, where it is another one."""

    parameters: tuple[tuple[str, str], ...]
    verdict: Verdict
    tally: Tally
    unlisted: Unlisted | None = None


class ClaimView(Value, omit_defaults=True):
    """A claim of a statement. Counts are the assessment's; ``findings`` is a bounded choice of them, worst first.

    ``holders`` is there where the claim is about one class of data; ``unlisted`` where findings stand for listings
    that were not read.
    """

    word: str
    meaning: str
    parameters: tuple[tuple[str, str], ...]
    reading: ReadingView | None
    quantifier: str
    empty_reason: str
    verdict: Verdict
    tested: bool
    tally: Tally
    excepted: int
    bases: dict[str, int]
    causes: dict[str, int]
    needs: dict[str, int]
    blind: dict[str, int]
    missing: tuple[Missing, ...]
    alternative: AlternativeView | None
    falsifiers: tuple[str, ...]
    checks: tuple[CheckView, ...]
    findings: tuple[Shown, ...]
    holders: Holders | None = None
    unlisted: Unlisted | None = None


class AttestedView(Value):
    """Who vouches for a statement, with what document, until when."""

    id: str
    who: str
    document: str
    document_sha256: str
    until: str
    lapsed: bool


class StatementView(Value):
    """A statement with its verdict, its claims, and what stands between it and "verified"."""

    id: str
    section: str
    summary: str
    class_: str
    verdict: Verdict
    locators: tuple[str, ...]
    attested: tuple[AttestedView, ...]
    remainder: str
    reason: str
    reading: ReadingView | None
    claims: tuple[ClaimView, ...]
    between: tuple[Obstacle, ...]


class Building:
    """What the views of one profile are made of."""

    def __init__(self, run: Run, head: Head, survey: Survey, tracks: Tracks, about: About, profile: Profile) -> None:
        self.run = run
        self.head = head
        self.survey = survey
        self.tracks = tracks
        self.about = about
        self.profile = profile
        self.now = datetime.fromisoformat(head.started)

    def sample(self, claim: ClaimVerdict) -> Sample:
        return self.survey.sample(self.profile.id, claim)


def statement_view(of: Building, statement: Statement, verdict: StatementVerdict) -> StatementView:
    source = statement.source
    documents = {attestation.id: attestation.document for attestation in of.head.attestations}
    return StatementView(
        id=verdict.id,
        section=one_line(source.section),
        summary=one_line(verdict.summary),
        class_=verdict.class_,
        verdict=verdict.verdict,
        locators=tuple(anchor.locator for anchor in source.anchors),
        attested=tuple(
            AttestedView(
                id=attested.id,
                who=attested.who,
                document=documents.get(attested.id, ""),
                document_sha256=attested.document_sha256,
                until=attested.until,
                lapsed=attested.lapsed,
            )
            for attested in verdict.attested
        ),
        remainder=one_line(verdict.remainder),
        reason=one_line(source.reason),
        reading=_reading(source.reading),
        claims=tuple(
            _claim(of, asserted, judged) for asserted, judged in zip(statement.asserted, verdict.claims, strict=True)
        ),
        between=between(verdict, one_line(source.reason), of.sample, of.about),
    )


def _claim(of: Building, asserted: Asserted, verdict: ClaimVerdict) -> ClaimView:
    claim: Claim = asserted.claim
    use: ClaimUse = asserted.use
    sample = of.sample(verdict)
    return ClaimView(
        word=verdict.word,
        meaning=meaning(verdict.word, verdict.parameters),
        parameters=parameters(verdict.parameters),
        reading=_reading(use.reading),
        quantifier=use.quantifier,
        empty_reason=one_line(use.empty_reason),
        verdict=verdict.verdict,
        tested=verdict.tested,
        tally=verdict.tally,
        excepted=verdict.excepted,
        bases=verdict.bases,
        causes=verdict.causes,
        needs=verdict.needs,
        blind=verdict.blind,
        missing=tuple(sample.missing()),
        alternative=_alternative(of, verdict),
        falsifiers=type(claim).falsifiers,
        checks=tuple(
            CheckView(
                id=row.check,
                title=of.about(row.check)[0],
                remedy=of.about(row.check)[1],
                severity=row.severity,
                tally=row.tally,
            )
            for row in sample.judged()
        ),
        findings=tuple(_shown(of, finding) for finding in sample.chosen()),
        holders=verdict.holders,
        unlisted=sample.unlisted(),
    )


def _alternative(of: Building, verdict: ClaimVerdict) -> AlternativeView | None:
    other = verdict.alternative
    if other is None or other.verdict == verdict.verdict:
        return None
    return AlternativeView(
        parameters=parameters(other.parameters),
        verdict=other.verdict,
        tally=other.tally,
        unlisted=of.sample(other).unlisted(),
    )


def _shown(of: Building, finding: Finding) -> Shown:
    outcome = finding.outcome
    title, remedy = of.about(finding.check)
    word = outcome_word(finding)
    return Shown(
        id=finding.id,
        check=finding.check,
        title=title,
        remedy=remedy,
        severity=finding.severity,
        resource=finding.resource,
        outcome=word,
        reason=outcome.reason,
        basis=outcome.basis if isinstance(outcome, Pass) else None,
        cause=outcome.cause if isinstance(outcome, Unknown) else None,
        needs=outcome.needs if isinstance(outcome, Unknown) else "",
        exceptions=tuple(e.id for e in of.head.exemptions if word == "fail" and e.covers(finding, of.now)),
        evidence=finding.evidence,
    )


def _reading(reading: Reading | None) -> ReadingView | None:
    if reading is None:
        return None
    return ReadingView(
        words=one_line(reading.words),
        meaning=one_line(reading.meaning),
        author=reading.author,
        date=reading.date.isoformat(),
        reason=one_line(reading.reason),
        confirmed=reading.confirmed,
    )
