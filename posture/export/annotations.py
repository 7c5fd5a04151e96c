"""Contradicted and unknown claims as GitHub annotations: workflow commands, one a line, the worst first."""

from collections.abc import Iterator

from posture.export.phrases import NOTHING, OPEN, claim_name, counted, sentence, steps, worst
from posture.export.places import Placed, Places
from posture.model import Value, Verdict
from posture.report.inert import inert, inert_value
from posture.report.statement import ClaimView, StatementView
from posture.report.view import ProfileView, View
from posture.report.words import REMEDIES, headline, listing, number, spoken

MOST = 10
"""Errors, and warnings, that GitHub shows of one step."""


class Annotation(Value):
    """A message at a line of a file. ``rank`` orders those of one level; ``also`` names further statements."""

    rank: int
    file: str
    line: int
    title: str
    message: str
    also: tuple[str, ...] = ()


def render(view: View, places: Places) -> str:
    """The commands: a headline for each profile, then at most MOST errors and MOST warnings, the last counts the rest.

    A claim that several statements make stands once, at the first of them.
    """
    view = inert_value(view)
    lines = []
    errors: list[Annotation] = []
    warnings: list[Annotation] = []
    for profile in view.profiles:
        told = headline(profile.counts.verified, profile.counts.testable)
        lines.append(f"::notice title=posture::{_data(f'{profile.title}: {told}')}")
        placed = places[profile.id]
        errors += _annotations(profile, placed, (Verdict.CONTRADICTED,))
        warnings += [*_annotations(profile, placed, OPEN), *_vacuous(profile, placed)]
    lines += _commands("error", errors, "more contradicted claim")
    lines += _commands("warning", warnings, "more claim that is not known", "more claims that are not known")
    return "\n".join(lines) + "\n"


def _commands(level: str, found: list[Annotation], noun: str, plural: str = "") -> Iterator[str]:
    ranked = sorted(found, key=lambda one: one.rank)
    shown = ranked if len(ranked) <= MOST else ranked[: MOST - 1]
    for one in shown:
        place = f"file={_property(one.file)},line={one.line},title={_property(one.title)}"
        also = f" So for {listing(one.also, 8)}." if one.also else ""
        yield f"::{level} {place}::{_data(one.message + also)}"
    if len(shown) < len(ranked):
        more = f"and {number(len(ranked) - len(shown), noun, plural)}; the report has all"
        yield f"::{level} title=posture::{_data(more)}"


def _annotations(profile: ProfileView, placed: Placed, verdicts: tuple[Verdict, ...]) -> Iterator[Annotation]:
    """One for each claim with such a verdict."""
    first: dict[str, tuple[StatementView, int, ClaimView]] = {}
    also: dict[str, list[str]] = {}
    for statement in profile.statements:
        for place, claim in enumerate(statement.claims):
            if claim.verdict in verdicts:
                first.setdefault(claim_name(claim), (statement, place, claim))
                also.setdefault(claim_name(claim), []).append(statement.id)
    for name, (statement, place, claim) in first.items():
        yield Annotation(
            rank=worst(claim) if claim.verdict == Verdict.CONTRADICTED else claim.verdict != Verdict.UNKNOWN,
            file=placed.file,
            line=placed.line(statement.id, place),
            title=f"{statement.id} {spoken(claim.verdict)}: {name}",
            message=_message(statement, claim),
            also=tuple(also[name][1:]),
        )


def _vacuous(profile: ProfileView, placed: Placed) -> Iterator[Annotation]:
    """One for each statement that is unknown although none of its claims is."""
    for statement in profile.statements:
        if statement.verdict == Verdict.UNKNOWN and all(c.verdict == Verdict.VERIFIED for c in statement.claims):
            yield Annotation(
                rank=0,
                file=placed.file,
                line=placed.line(statement.id),
                title=f"{statement.id} unknown",
                message=f"{statement.summary} {NOTHING}.",
            )


def _message(statement: StatementView, claim: ClaimView) -> str:
    """The statement, what came out, an example, and what to do about it."""
    told = f"{statement.summary.removesuffix('.')}: {counted(claim)}."
    wanted = "fail" if claim.verdict == Verdict.CONTRADICTED else "unknown"
    example = next((finding for finding in claim.findings if finding.outcome == wanted), None)
    if example is None:
        return " ".join([told, *steps(claim)[:1]])
    needs = f", {example.needs}" if example.needs else ""
    missing = f"{spoken(example.cause).capitalize()}{needs}. {REMEDIES[example.cause]}" if example.cause else ""
    return f"{told} {sentence(example)}. {missing or example.remedy}".strip()


def _data(text: str) -> str:
    """A message as the runner reads it back (as @actions/core escapes it)."""
    return inert(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """The value of a property: the separators of properties are escaped as well."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
