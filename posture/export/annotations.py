"""Contradicted and unknown claims as GitHub annotations: workflow commands, one a line, the worst first."""

from collections.abc import Iterator

from posture.export.phrases import NOTHING, OPEN, claim_name, counted, sentence, worst
from posture.export.places import Places
from posture.model import Value, Verdict
from posture.report.inert import inert, inert_value
from posture.report.obstacles import Kind
from posture.report.statement import ClaimView, StatementView
from posture.report.view import ProfileView, View
from posture.report.words import headline, number, spoken

MOST = 10
"""Errors, and warnings, that GitHub shows of one step."""


class Annotation(Value):
    """A message at a line of a file. ``rank`` orders those of one level."""

    rank: int
    file: str
    line: int
    title: str
    message: str


def render(view: View, places: Places) -> str:
    """The commands: a headline, then at most MOST errors and MOST warnings, the last of which counts the rest."""
    view = inert_value(view)
    errors: list[Annotation] = []
    warnings: list[Annotation] = []
    lines = []
    for profile in view.profiles:
        told = headline(profile.counts.verified, profile.counts.testable)
        lines.append(f"::notice title={_property('posture')}::{_data(f'{profile.title}: {told}')}")
        for statement in profile.statements:
            errors += _errors(profile, statement, places)
            warnings += _warnings(profile, statement, places)
    lines += _commands("error", errors, "contradicted claim")
    lines += _commands("warning", warnings, "claim that is unknown in whole or part", "claims unknown in whole or part")
    return "\n".join(lines) + "\n"


def _commands(level: str, found: list[Annotation], noun: str, plural: str = "") -> Iterator[str]:
    ranked = sorted(found, key=lambda one: one.rank)
    shown = ranked if len(ranked) <= MOST else ranked[: MOST - 1]
    for one in shown:
        place = f"file={_property(one.file)},line={one.line},title={_property(one.title)}"
        yield f"::{level} {place}::{_data(one.message)}"
    if len(shown) < len(ranked):
        more = f"and {number(len(ranked) - len(shown), noun, plural)} more, which the report has"
        yield f"::{level} title={_property('posture')}::{_data(more)}"


def _errors(profile: ProfileView, statement: StatementView, places: Places) -> Iterator[Annotation]:
    for place, claim in enumerate(statement.claims):
        if claim.verdict == Verdict.CONTRADICTED:
            yield _annotation(profile, statement, place, claim, places, (Kind.FIX,))


def _warnings(profile: ProfileView, statement: StatementView, places: Places) -> Iterator[Annotation]:
    for place, claim in enumerate(statement.claims):
        if claim.verdict in OPEN:
            kinds = (Kind.GRANT, Kind.RESOLVE, Kind.COVER, Kind.EMPTY, Kind.UNTESTED)
            yield _annotation(profile, statement, place, claim, places, kinds)
    if statement.verdict == Verdict.UNKNOWN and all(claim.verdict == Verdict.VERIFIED for claim in statement.claims):
        placed = places[profile.id]
        yield Annotation(
            rank=0,
            file=placed.file,
            line=placed.line(statement.id),
            title=f"{statement.id} unknown",
            message=f"{statement.summary} – {NOTHING}",
        )


def _annotation(
    profile: ProfileView,
    statement: StatementView,
    place: int,
    claim: ClaimView,
    places: Places,
    kinds: tuple[Kind, ...],
) -> Annotation:
    placed = places[profile.id]
    wanted = "fail" if claim.verdict == Verdict.CONTRADICTED else "unknown"
    first = next((f"First: {sentence(one)}." for one in claim.findings if one.outcome == wanted), "")
    remedy = next((one.remedy for one in statement.between if one.kind in kinds), "")
    message = " ".join(part for part in (f"{statement.summary} – {counted(claim)}.", first, remedy) if part)
    return Annotation(
        rank=worst(claim) if claim.verdict == Verdict.CONTRADICTED else claim.verdict != Verdict.UNKNOWN,
        file=placed.file,
        line=placed.line(statement.id, place),
        title=f"{statement.id} {spoken(claim.verdict)}: {claim_name(claim)}",
        message=message,
    )


def _data(text: str) -> str:
    """A message as the runner reads it back (as @actions/core escapes it)."""
    return inert(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """The value of a property: the separators of properties are escaped as well."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
