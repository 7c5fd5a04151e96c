"""The report as text for a terminal: the document statement by statement, what was not seen, and what to do next."""

from collections.abc import Iterator

from posture.model import Verdict
from posture.report.inert import inert_value
from posture.report.obstacles import Action, Kind
from posture.report.opening import SUMMARIES, partial
from posture.report.pen import Pen
from posture.report.seen import seen
from posture.report.statement import ClaimView, Shown, StatementView
from posture.report.view import ExceptionView, ProfileView, RunFacts, View
from posture.report.words import (
    CLASSES,
    OUTCOMES,
    SYMBOLS,
    headline,
    holders_words,
    listing,
    moment,
    number,
    spoken,
    tally_words,
)

FINDINGS = 4
"""Findings that stand under a claim; the page and the JSON report hold more."""

STEPS = 10
"""Things to do next that are told; the page and the JSON report hold all."""

LABEL = 19
"""Columns of the verdict in front of a statement."""

MOST = 25
"""Lines of the summary at the end of a scan."""

WIDE = 120
"""From this width on, findings show account, check and finding id as well."""


def render(view: View, width: int = 80, colour: bool = False) -> str:
    """The whole report, in lines of at most ``width`` columns; escape sequences only where ``colour`` is set."""
    view = inert_value(view)
    pen = Pen(width, colour)
    lines: list[str] = _opening(pen, view)
    for profile in view.profiles:
        lines += _profile(pen, profile)
    lines += _actions(pen, view.actions)
    lines += seen(pen, view)
    lines += _exceptions(pen, view)
    lines += _run(pen, view.run)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _opening(pen: Pen, view: View) -> list[str]:
    """What has to be known before anything else is read."""
    told = [text for text in (view.run.note, partial(view)) if text]
    lines = [pen.strong(line) for text in told for line in pen.wrap(text)]
    return [*lines, ""] if lines else []


def _profile(pen: Pen, profile: ProfileView) -> Iterator[str]:
    yield pen.strong(pen.short(profile.title))
    document = profile.document
    if document is not None:
        facts = (document.vendor, document.title, document.dated, document.url, f"sha256 {document.sha256[:16]}")
        yield from pen.wrap(" · ".join(fact for fact in facts if fact))
    yield ""
    counts = profile.counts
    yield pen.strong(headline(counts.verified, counts.testable))
    yield from pen.table(
        [
            (pen.verdict(verdict), f"{counts.of(verdict)} of {counts.statements}", _aside(profile, verdict))
            for verdict in Verdict
        ],
        right=(1,),
    )
    yield from pen.faint(pen.wrap(SUMMARIES))
    section = ""
    told: dict[str, str] = {}
    for statement in profile.statements:
        if statement.section != section:
            section = statement.section
            yield from ("", pen.rule(section))
        yield from _statement(pen, statement, told)
    yield ""


def _aside(profile: ProfileView, verdict: str) -> str:
    counts = profile.counts
    if verdict != Verdict.NOT_TESTABLE:
        return ""
    told = [(counts.attested, "attested"), (counts.background, "background")]
    return ", ".join(f"{count} {word}" for count, word in told if count)


def _statement(pen: Pen, statement: StatementView, told: dict[str, str]) -> Iterator[str]:
    """A statement; ``told`` maps claims whose findings stand above to the statement where they do."""
    label = f"{pen.verdict(statement.verdict, LABEL)}"
    first, *rest = pen.wrap(f"{statement.id}  {statement.summary}", indent=LABEL)
    yield label + first[LABEL:]
    yield from rest
    for attested in statement.attested:
        word = "attestation lapsed" if attested.lapsed else "attested until"
        yield from pen.wrap(f"{word} {attested.until}, by {attested.who}", indent=LABEL)
    if not statement.claims:
        if statement.verdict == Verdict.NOT_TESTABLE and not statement.attested:
            yield from pen.faint(pen.wrap(CLASSES[statement.class_], indent=LABEL))
        return
    for claim in statement.claims:
        named = _named(claim)
        excepted = f" ({claim.excepted} under an exception)" if claim.excepted else ""
        counted = tally_words(claim.tally, claim.unlisted, tested=claim.tested)
        yield from pen.wrap(f"{SYMBOLS[claim.verdict]} {named}: {counted}{excepted}", indent=LABEL, hang=2)
        if claim.holders is not None:
            yield from pen.wrap(holders_words(claim.holders), indent=LABEL + 2)
        above = told.setdefault(named, statement.id)
        if above == statement.id:
            yield from _grounds(pen, claim)
        elif claim.tally.failed or claim.missing or claim.blind:
            yield from pen.wrap(f"as under {above}", indent=LABEL + 2)
        if claim.alternative is not None:
            other = _told(claim.alternative.parameters)
            yield from pen.wrap(f"read as {other}: {spoken(claim.alternative.verdict)}", indent=LABEL + 2)
    if statement.remainder:
        yield from pen.wrap(f"no scan can see: {statement.remainder}", indent=LABEL)


def _named(claim: ClaimView) -> str:
    told = _told(claim.parameters)
    about = f" of {claim.holders.data}" if claim.holders is not None else ""
    return f"{claim.word}{about} ({told})" if told else f"{claim.word}{about}"


def _told(parameters: tuple[tuple[str, str], ...]) -> str:
    return "; ".join(f"{name} {value}" for name, value in parameters)


def _grounds(pen: Pen, claim: ClaimView) -> Iterator[str]:
    """What speaks against a claim, and what is missing for it."""
    inset = LABEL + 2 if pen.width >= WIDE else LABEL // 2
    shown = [finding for finding in claim.findings if finding.outcome == "fail"][:FINDINGS]
    if shown:
        yield from pen.table([_finding(pen, finding) for finding in shown], indent=inset)
    if claim.tally.failed > len(shown):
        yield from pen.wrap(f"and {claim.tally.failed - len(shown):,} more", indent=inset)
    for row in claim.missing[:FINDINGS]:
        needs = f", {row.needs}" if row.needs else _example(claim, row.cause)
        yield from pen.wrap(f"{row.count:,} unknown: {spoken(row.cause)}{needs}", indent=LABEL + 2)
    if len(claim.missing) > FINDINGS:
        rest = sum(row.count for row in claim.missing[FINDINGS:])
        yield from pen.wrap(f"{rest:,} unknown for other causes", indent=LABEL + 2)
    for kind, count in claim.blind.items():
        yield from pen.wrap(
            f"{number(count, 'store')} of kind {kind} that no check judges for {claim.word}", indent=LABEL + 2
        )


def _example(claim: ClaimView, cause: str) -> str:
    for finding in claim.findings:
        if finding.cause == cause and not finding.needs:
            return f": {finding.resource.name or finding.resource.id} {finding.reason}"
    return ""


def _finding(pen: Pen, finding: Shown) -> tuple[str, ...]:
    resource = finding.resource
    row = (OUTCOMES[finding.outcome][0], resource.name or resource.id, resource.region, finding.reason)
    if pen.width < WIDE:
        return row
    return (*row, resource.account, finding.check, finding.id[:12])


def _actions(pen: Pen, actions: tuple[Action, ...]) -> Iterator[str]:
    if not actions:
        return
    yield pen.rule("what to do next")
    said = ""
    for place, action in enumerate(actions[:STEPS], 1):
        yield from pen.wrap(_asked(action), indent=5, lead=f"{place:>3}. ")
        if action.remedy != said:
            said = action.remedy
            yield from pen.wrap(action.remedy, indent=5)
        if action.statements:
            yield from pen.faint(pen.wrap(f"for {listing(action.statements, 12)}", indent=5))
    if len(actions) > STEPS:
        yield from pen.wrap(f"and {len(actions) - STEPS} more; `posture report RUN -f html` has them all", indent=5)
    yield ""


def _asked(action: Action) -> str:
    grave = f"[{action.severity}] " if action.severity else ""
    return f"{grave}{action.what}"


def _exceptions(pen: Pen, view: View) -> Iterator[str]:
    if view.exceptions:
        yield pen.rule("exceptions (they silence the gate, never a verdict)")
        yield from pen.table(
            [
                (
                    row.id,
                    _covered(row),
                    f"{'expired' if row.expired else 'until'} {row.expires}",
                    row.owner,
                )
                for row in view.exceptions
            ],
            headers=("exception", "covers", "term", "owner"),
        )
        yield ""


def _covered(row: ExceptionView) -> str:
    if row.expired:
        return "nothing any more"
    return number(row.matches, "finding") if row.matches else "nothing here"


def _short_exceptions(pen: Pen, view: View) -> Iterator[str]:
    late = [row.id for row in view.exceptions if row.expired]
    idle = [row.id for row in view.exceptions if not row.expired and not row.matches]
    if late:
        yield pen.short(f"exceptions that have expired: {listing(late, 4)}")
    if idle:
        yield pen.short(f"exceptions that match no finding: {listing(idle, 4)}")


def _run(pen: Pen, run: RunFacts) -> Iterator[str]:
    yield pen.rule("the run")
    yield from pen.wrap(_counted(run))
    yield from pen.wrap(f"seal {run.seal}" if run.seal else "NOT SEALED: the scan ended before it was complete")


def _counted(run: RunFacts) -> str:
    cut = f"; {f'stopped by {run.stopped}' if run.stopped else 'interrupted'} before its end" if run.interrupted else ""
    return (
        f"{moment(run.started)}, posture {run.tool}: {number(run.places, 'place')}, {number(run.calls, 'call')}, "
        f"{run.gaps:,} without an answer, {number(run.findings, 'finding')}{cut}"
    )


def summary(view: View, width: int = 80, colour: bool = False) -> str:
    """The report in at most MOST lines, for the end of a scan; a narrow terminal may take some more."""
    view = inert_value(view)
    pen = Pen(width, colour)
    top = [line for line in _opening(pen, view) if line]
    top += [line for profile in view.profiles[:5] for line in _short_profile(pen, profile, len(view.profiles))]
    if len(view.profiles) > 5:
        top.append(f"and {number(len(view.profiles) - 5, 'more profile')}")
    end = [*_short_actions(pen, view.actions), "", *_short_unseen(pen, view), *_short_exceptions(pen, view)]
    end += pen.wrap(_counted(view.run))[:2]
    end.append(f"seal {view.run.seal[:32]}" if view.run.seal else "NOT SEALED")
    broken = [s for profile in view.profiles for s in profile.statements if s.verdict == Verdict.CONTRADICTED]
    room = max(0, MOST - 1 - len(top) - len(end))
    middle = [pen.verdict(s.verdict, LABEL) + pen.short(f"{s.id}  {s.summary}", LABEL) for s in broken[:room]]
    if len(broken) > room:
        middle.append(" " * LABEL + f"and {len(broken) - room} more contradicted")
    return "\n".join(line.rstrip() for line in (*top, *middle, *end)) + "\n"


def _short_actions(pen: Pen, actions: tuple[Action, ...]) -> Iterator[str]:
    """The first things to do, their names in full."""
    if not actions:
        return
    yield from ("", pen.strong("next"))
    told = [pen.wrap(f"{place}. {_asked(action)}", hang=3) for place, action in enumerate(actions[:4], 1)]
    while len(told) > 1 and sum(map(len, told)) > 8:
        told.pop()
    yield from (line for lines in told for line in lines)
    if len(actions) > len(told):
        yield f"and {len(actions) - len(told)} more"


def _short_profile(pen: Pen, profile: ProfileView, profiles: int) -> list[str]:
    counts = profile.counts
    told = "   ".join(f"{counts.of(verdict)} {spoken(verdict)}" for verdict in Verdict if counts.of(verdict))
    first = f"{profile.title}: {headline(counts.verified, counts.testable)}"
    if profiles > 2:
        return [pen.short(f"{SYMBOLS[Verdict.CONTRADICTED]} {counts.contradicted} contradicted  {first}")]
    return [pen.strong(pen.short(first)), pen.short(f"  {told}")]


def _short_unseen(pen: Pen, view: View) -> Iterator[str]:
    refused = sum(row.count for row in view.coverage.unread)
    if refused:
        needed = [action.subject for action in view.actions if action.kind is Kind.GRANT]
        more = f"; to grant: {listing(needed, 3)}" if needed else ""
        yield from pen.wrap(f"not read: {number(refused, 'read')}{more}", hang=2)
