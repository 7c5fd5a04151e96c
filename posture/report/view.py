"""One typed view of a run, which all renderers share: nothing is judged here, and nothing is left to look up."""

from collections.abc import Sequence

from posture.allowances import Exemption
from posture.assess import Assessment, ProfileVerdict
from posture.identity import digest
from posture.model import Value, Verdict
from posture.narrowing import Narrowing
from posture.profile import StatementClass, from_data
from posture.registry import Registry
from posture.report.ledger import Coverage, LeftOutRow, StoreRow, coverage, left_out, stores
from posture.report.listings import listings
from posture.report.obstacles import About, Action, actions
from posture.report.sample import Survey
from posture.report.statement import Building, StatementView, statement_view
from posture.report.tracks import Tracks
from posture.report.words import one_line
from posture.run.directory import Run
from posture.run.record import Head


class DocumentFacts(Value):
    """The document that a profile reads."""

    title: str
    vendor: str
    sha256: str
    dated: str
    url: str
    note: str


class Counts(Value):
    """Statements by verdict. ``testable`` make a claim; ``attested`` and ``background`` are among those that do not."""

    statements: int
    testable: int
    verified: int
    contradicted: int
    partly_verified: int
    unknown: int
    not_testable: int
    attested: int
    background: int

    def of(self, verdict: str) -> int:
        """How many statements have this verdict."""
        count: int = getattr(self, verdict.replace("-", "_"))
        return count


class ProfileView(Value):
    """A document, statement by statement, and how the scan covered what it speaks about."""

    id: str
    title: str
    version: int
    document: DocumentFacts | None
    counts: Counts
    statements: tuple[StatementView, ...]
    stores: tuple[StoreRow, ...]
    left_out: tuple[LeftOutRow, ...]


class ExceptionView(Value):
    """An exception, how many findings it covers, and whether its day is over."""

    id: str
    reason: str
    owner: str
    approver: str
    expires: str
    matches: int
    expired: bool


class RunFacts(Value):
    """When and with what a run was made. ``gaps`` counts calls without an answer; ``seal`` is empty if unsealed.

    ``stopped`` says who ended it before its end, where that is known: "Ctrl-C" or "the time limit"; ``note`` is what
    the run wants said first.
    """

    started: str
    tool: str
    places: int
    calls: int
    gaps: int
    findings: int
    interrupted: bool
    seal: str
    stopped: str = ""
    note: str = ""


class View(Value):
    """All that a report of a run says."""

    run: RunFacts
    profiles: tuple[ProfileView, ...]
    actions: tuple[Action, ...]
    exceptions: tuple[ExceptionView, ...]
    coverage: Coverage


def build(run: Run, registry: Registry | None) -> View:
    """The view of a run. Without a registry, checks go by their ids. Raises IntegrityError.

    Findings are read once, from disk, and at most sample.SHOWN of a claim are kept.
    """
    head = run.head()
    assessment = run.read("verdicts.json", Assessment)
    tracks = Tracks(run, head)
    about = _about(registry)
    known = {record.data["id"]: from_data(record.data, record.file) for record in head.profiles}
    survey = Survey(run, Narrowing(known.values(), head.holds), listings(registry))
    profiles = tuple(
        _profile(Building(run, head, survey, tracks, about, known[verdict.id]), verdict)
        for verdict in assessment.profiles
    )
    return View(
        run=_facts(run, head, tracks, survey),
        profiles=profiles,
        actions=actions(
            (_name(profile, statement, profiles), statement.between)
            for profile in profiles
            for statement in profile.statements
        ),
        exceptions=tuple(_exception(exemption, assessment) for exemption in head.exemptions),
        coverage=coverage(run, head, tracks),
    )


def _profile(of: Building, verdict: ProfileVerdict) -> ProfileView:
    source = of.profile.source
    statements = tuple(
        statement_view(of, statement, judged)
        for statement, judged in zip(of.profile.statements, verdict.statements, strict=True)
    )
    document = source.document
    return ProfileView(
        id=verdict.id,
        title=one_line(verdict.title),
        version=source.version,
        document=None
        if document is None
        else DocumentFacts(
            title=one_line(document.title),
            vendor=one_line(document.vendor),
            sha256=document.sha256,
            dated=one_line(document.dated),
            url=document.url,
            note=one_line(document.note),
        ),
        counts=_counts(verdict, statements),
        statements=statements,
        stores=stores(of.run, of.tracks, of.survey, verdict.id),
        left_out=left_out(of.run.left_out(), verdict.id),
    )


def _counts(verdict: ProfileVerdict, statements: Sequence[StatementView]) -> Counts:
    def count(word: Verdict) -> int:
        return verdict.counts[word]

    return Counts(
        statements=len(statements),
        testable=len(statements) - count(Verdict.NOT_TESTABLE),
        verified=count(Verdict.VERIFIED),
        contradicted=count(Verdict.CONTRADICTED),
        partly_verified=count(Verdict.PARTLY_VERIFIED),
        unknown=count(Verdict.UNKNOWN),
        not_testable=count(Verdict.NOT_TESTABLE),
        attested=sum(
            statement.verdict == Verdict.NOT_TESTABLE and any(not one.lapsed for one in statement.attested)
            for statement in statements
        ),
        background=sum(statement.class_ == StatementClass.BACKGROUND for statement in statements),
    )


def _exception(exemption: Exemption, assessment: Assessment) -> ExceptionView:
    return ExceptionView(
        id=exemption.id,
        reason=one_line(exemption.reason),
        owner=exemption.owner,
        approver=exemption.approver,
        expires=exemption.expires.isoformat(),
        matches=assessment.exceptions.get(exemption.id, 0),
        expired=exemption.id in assessment.expired_exceptions,
    )


def _facts(run: Run, head: Head, tracks: Tracks, survey: Survey) -> RunFacts:
    results = [result for result in tracks.results.values() if result is not None]
    sealed = (run.folder / "manifest.json").is_file()
    return RunFacts(
        started=head.started,
        tool=head.tool,
        places=sum(result.shut is None for result in results),
        calls=sum(result.calls for result in results),
        gaps=sum(result.gaps for result in results),
        findings=survey.findings,
        interrupted=tracks.interrupted,
        seal=digest(run.read("manifest.json", dict[str, str])) if sealed else "",
        stopped=tracks.stopped or "",
        note=one_line(head.note),
    )


def _about(registry: Registry | None) -> About:
    def about(check: str) -> tuple[str, str]:
        known = None if registry is None else registry.checks.get(check)
        return (check, "") if known is None else (known.title, known.remedy)

    return about


def _name(profile: ProfileView, statement: StatementView, profiles: Sequence[ProfileView]) -> str:
    return statement.id if len(profiles) == 1 else f"{profile.id}/{statement.id}"
