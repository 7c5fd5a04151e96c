"""posture doctor: whether a scan could work, before it is run."""

import math
import os
import textwrap
from collections.abc import Iterator

import click

from posture.cli.order import order_options, require_targets
from posture.cli.show import as_json_text, paper
from posture.clock import OFF, REFUSED
from posture.config import Config
from posture.doctor import Attempt, Diagnosis, State, Visit, examine
from posture.registry import Registry
from posture.report.inert import inert_value
from posture.report.words import listing, number, spoken
from posture.scan import Order

SYMBOLS = {State.REFUSED: "✘", State.ERROR: "?", State.OK: "✔"}


@click.command()
@order_options
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def doctor(order: Order, registry: Registry, config: Config, as_json: bool) -> int:
    """Try what a scan needs: who you are on each target, which listings answer, what a refusal would cost, and clocks.

    Every listing of the plan is asked once, for its first page, at the first place of each target, read-only as in a
    scan, and every endpoint is sent one connection to each of its addresses. What is asked per resource is not tried;
    `posture permissions` prints all that a scan needs.

    Your clock is compared with the one of each provider, as its replies tell it.

    Exit codes: 0 when all is well; 3 when something was refused or failed, or a clock is off by more than a minute; 4
    when no target could be entered; 2 usage, profile or configuration error.
    """
    require_targets(order)
    found = examine(order, registry, os.environ)
    if as_json:
        click.echo(as_json_text(found))
    else:
        click.echo("\n".join(_lines(inert_value(found), paper().width)))
    return found.exit()


def _lines(found: Diagnosis, width: int) -> Iterator[str]:
    for visit in found.visits:
        for line in _visit(visit):
            indent = " " * (len(line) - len(line.lstrip()))
            yield from textwrap.wrap(
                line, width, subsequent_indent=indent + "  ", break_long_words=False, break_on_hyphens=False
            )
        yield ""
    for around in found.surroundings:
        problem = f" – {around.problem}" if around.problem else ""
        yield f"environment: {around.name}={around.value}{problem}"
    if not found.surroundings:
        yield "environment: no proxy and no authorities of your own are set"


def _visit(visit: Visit) -> Iterator[str]:
    yield f"{visit.target} ({visit.provider})"
    if visit.failure:
        yield f"  ✘ not entered: {visit.failure}"
        yield _clock(visit)
        yield from _suffering(visit.statements)
        return
    yield f"  ✔ signed in as {visit.identity}, {number(visit.places, 'place')} to scan"
    yield _clock(visit)
    for attempt in visit.attempts:
        yield from _attempt(attempt)
    if visit.untried:
        yield f"  – not tried, because they are asked per resource: {number(len(visit.untried), 'permission')}"


def _clock(visit: Visit) -> str:
    clock = visit.clock
    if clock is None:
        return "  – clock: not known, no reply told the time"
    if clock.is_off:
        which = "ahead of" if clock.least > 0 else "behind"
        seconds = f"at least {clock.off:,.0f} s {which} {visit.provider}"
        then = "are refused" if clock.off > REFUSED else f"are refused from {REFUSED:.0f} s on"
        return f"  ✘ clock: {seconds}: signatures and tokens {then}; set it by a time server (NTP)"
    if clock.within > OFF:
        return f"  – clock: not known, {visit.provider} took too long to answer"
    return f"  ✔ clock: within {math.ceil(clock.within)} s of {visit.provider}"


def _attempt(attempt: Attempt) -> Iterator[str]:
    needs = f" (needs {attempt.permission})" if attempt.permission not in ("", attempt.operation) else ""
    why = f" at {attempt.place}: {spoken(attempt.gap.cause)}: {attempt.gap.detail}" if attempt.gap else ""
    yield f"  {SYMBOLS[attempt.state]} {attempt.state} {attempt.operation}{needs}{why}"
    if attempt.gap:
        yield from _suffering(attempt.statements)


def _suffering(statements: tuple[str, ...]) -> Iterator[str]:
    yield f"      statements that cannot be verified without it: {listing(statements, 12) or 'none'}"
