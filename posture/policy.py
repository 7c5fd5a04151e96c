"""What is asked of exceptions and attestations beyond being complete: short lives, a warning in time, and some use."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from posture.allowances import Attestation, Exemption, end_of, expired
from posture.model import Fail, Finding, Value
from posture.profile import Profile
from posture.yamlfile import Loaded, nearest

MAX_DAYS = 90
"""Days that an exception may last unless the caller says otherwise."""

WARN_DAYS = 14
"""Days before its end from which an allowance is pointed at."""

KEPT = 20
"""Findings under an exception that are kept by name; the others are counted."""


class Grade(StrEnum):
    """How much a remark weighs: ``breach`` breaks the policy, ``spent`` is of no use any more, ``warning`` will be."""

    BREACH = "breach"
    SPENT = "spent"
    WARNING = "warning"


class Remark(Value):
    """Something to say of an allowance: where it stands in its file, how much it weighs, and what it is."""

    line: int
    id: str
    grade: Grade
    text: str


class Named(Value):
    """A finding that an exception speaks about."""

    id: str
    check: str
    resource: str
    name: str
    reason: str


class Reach(Value):
    """What an exception speaks about in a run: how many findings that fail, and the first of them by id."""

    count: int
    findings: tuple[Named, ...]


def exemption_remarks(
    loaded: Loaded, found: Sequence[Exemption], now: datetime, max_days: int = MAX_DAYS
) -> list[Remark]:
    """What the policy says of the exceptions of a file at the instant ``now``."""
    remarks = []
    for place, exemption in enumerate(found):
        line = loaded.line(("exceptions", place, "expires"))
        today = now.astimezone(UTC).date()
        start = exemption.created or today
        days = (exemption.expires - start).days
        if exemption.created is not None and exemption.created > today:
            remarks.append(_remark(line, exemption.id, Grade.BREACH, f"was created on {start}, which is yet to come"))
        if days > max_days:
            since = "from today" if exemption.created is None else f"from {start}"
            text = f"expires on {exemption.expires}, {days} days {since}; the limit is {max_days}"
            remarks.append(_remark(line, exemption.id, Grade.BREACH, text))
        remarks += _end(line, exemption.id, exemption.expires, now)
    return remarks


def attestation_remarks(
    loaded: Loaded, found: Sequence[Attestation], profiles: dict[str, Profile], now: datetime
) -> list[Remark]:
    """What is to be said of the attestations of a file at ``now``. ``profiles`` holds the known profiles by id."""
    remarks = []
    for place, attestation in enumerate(found):
        where = ("attestations", place)
        if attestation.issued > now.astimezone(UTC).date():
            text = f"was issued on {attestation.issued}, which is yet to come"
            remarks.append(_remark(loaded.line((*where, "issued")), attestation.id, Grade.BREACH, text))
        remarks += _about(loaded.line((*where, "statement")), attestation, profiles)
        remarks += _end(loaded.line((*where, "valid_until")), attestation.id, attestation.valid_until, now)
    return remarks


def document_remarks(
    loaded: Loaded, found: Sequence[Attestation], digests: Mapping[str, str], *, by_name: bool
) -> list[Remark]:
    """What a look at the attested documents shows.

    ``digests`` holds the SHA-256 of those at hand, by attestation. Without ``by_name`` only those that say where their
    ``file`` lies were looked for.
    """
    remarks = []
    for place, attestation in enumerate(found):
        where = ("attestations", place)
        named = attestation.file or attestation.document
        digest = digests.get(attestation.id)
        if digest is None and not (attestation.file or by_name):
            continue
        if digest is None:
            text = f"the document {named!r} is not at hand, so its hash was not compared"
            remarks.append(_remark(loaded.line((*where, "file")), attestation.id, Grade.WARNING, text))
        elif digest != attestation.document_sha256:
            text = f"the document {named!r} has the SHA-256 {digest}, not the one that was attested"
            remarks.append(_remark(loaded.line((*where, "document_sha256")), attestation.id, Grade.BREACH, text))
    return remarks


def unused_remarks(loaded: Loaded, found: Sequence[Exemption], reaches: dict[str, Reach], run: str) -> list[Remark]:
    """The exceptions that speak about no finding of a run."""
    return [
        _remark(
            loaded.line(("exceptions", place)), exemption.id, Grade.SPENT, f"matches no finding that fails in {run}"
        )
        for place, exemption in enumerate(found)
        if not reaches[exemption.id].count
    ]


def reach(found: Sequence[Exemption], findings: Iterable[Finding]) -> dict[str, Reach]:
    """What each exception speaks about, whether it is in force or not. Findings are gone over once."""
    counts = {exemption.id: 0 for exemption in found}
    kept: dict[str, list[Named]] = {exemption.id: [] for exemption in found}
    for finding in findings:
        if not isinstance(finding.outcome, Fail):
            continue
        for exemption in found:
            if exemption.names(finding):
                counts[exemption.id] += 1
                names = kept[exemption.id]
                names.append(_named(finding, finding.outcome))
                if len(names) > 2 * KEPT:
                    kept[exemption.id] = _first(names)
    return {id: Reach(count=counts[id], findings=tuple(_first(names))) for id, names in kept.items()}


def _first(names: list[Named]) -> list[Named]:
    return sorted(names, key=lambda named: named.id)[:KEPT]


def _named(finding: Finding, outcome: Fail) -> Named:
    resource = finding.resource
    return Named(id=finding.id, check=finding.check, resource=resource.id, name=resource.name, reason=outcome.reason)


def _about(line: int, attestation: Attestation, profiles: dict[str, Profile]) -> list[Remark]:
    profile, _, id = attestation.statement.partition("/")
    if profile not in profiles:
        text = f"speaks about a profile that is not known: {profile!r}"
        return [_remark(line, attestation.id, Grade.BREACH, text)]
    statements = {statement.id: statement for statement in profiles[profile].statements}
    if id not in statements:
        text = f"{profile} has no statement {id!r}{nearest(id, list(statements))}"
        return [_remark(line, attestation.id, Grade.BREACH, text)]
    statement = statements[id]
    if statement.asserted and not statement.source.remainder:
        text = f"{attestation.statement} is tested whole by scans, so vouching for it changes nothing"
        return [_remark(line, attestation.id, Grade.WARNING, text)]
    return []


def _end(line: int, id: str, day: date, now: datetime) -> list[Remark]:
    if expired(day, now):
        return [_remark(line, id, Grade.SPENT, f"expired at the end of {day} UTC")]
    if now >= end_of(day) - timedelta(days=WARN_DAYS):
        return [_remark(line, id, Grade.WARNING, f"expires at the end of {day} UTC, {_left(day, now)}")]
    return []


def _left(day: date, now: datetime) -> str:
    days = (end_of(day) - now).days
    return f"in {days} {'day' if days == 1 else 'days'}" if days else "within a day"


def _remark(line: int, id: str, grade: Grade, text: str) -> Remark:
    return Remark(line=line, id=id, grade=grade, text=text)
