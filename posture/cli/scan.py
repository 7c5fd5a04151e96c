"""posture plan and posture scan: what a scan would ask, and the scan itself."""

import os
import shlex
import shutil
import signal
import sys
import textwrap
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import click
import msgspec
from tabulate import tabulate

from posture.cli.notices import notices
from posture.cli.obstacles import obstacles
from posture.cli.order import depth_options, order_options, require_targets
from posture.cli.show import as_json_text, paper
from posture.config import Config
from posture.gate import CONTRADICTED, EXCEPTIONS, INCOMPLETE, Exit, Gate, foremost
from posture.plan import Plan
from posture.provider import Cost
from posture.registry import Registry
from posture.run.directory import Run, RunError
from posture.scan import Order, Progress, Scanned, costs_of, plan_of
from posture.scan import scan as run_scan

FAIL_ON = (CONTRADICTED, INCOMPLETE, EXCEPTIONS, "never")


@click.command()
@order_options
@depth_options
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def plan(order: Order, registry: Registry, config: Config, as_json: bool) -> None:
    """Show what a scan would ask: operations, how often, why, and with which permission. Contacts nothing."""
    require_targets(order)
    made = plan_of(order, registry)
    costs = costs_of(order, made, registry)
    if as_json:
        click.echo(as_json_text({"steps": made.steps, "costs": costs, "untested": made.untested}))
        return
    width = paper().width
    table = _plan_table(made)
    click.echo(table if len(table.partition("\n")[2].partition("\n")[0]) <= width else _plan_list(made, width))
    click.echo(_plan_summary(made))
    for name, lines in costs.items():
        click.echo(_cost_list(name, lines, width))


def _plan_table(made: Plan) -> str:
    rows = [(step.operation, step.each, step.permission or "none", ", ".join(step.claims)) for step in made.steps]
    return tabulate(
        rows, headers=("operation", "made", "permission", "for the claims"), maxcolwidths=[None, None, None, 40]
    )


def _plan_list(made: Plan, width: int) -> str:
    """The steps one below the other, where a table would cut the names that people search for."""
    lines = []
    for step in made.steps:
        lines.append(f"{step.operation} ({step.each})")
        told = f"needs {step.permission or 'no permission'}; for {', '.join(step.claims)}"
        lines += textwrap.wrap(
            told,
            width,
            initial_indent="    ",
            subsequent_indent="      ",
            break_on_hyphens=False,
            break_long_words=False,
        )
    return "\n".join(lines)


def _plan_summary(made: Plan) -> str:
    from posture.report.words import number

    operations = {(step.provider, step.operation) for step in made.steps}
    counted = f"{number(len(operations), 'operation')} of {number(len(made.works), 'provider')}"
    lines = [f"\n{counted}; all are reads of configuration."]
    lines += [f"No check at these targets bears on {claim}: it will be unknown." for claim in made.untested]
    return "\n".join(lines)


def _cost_list(name: str, lines: Sequence[Cost], width: int) -> str:
    """What one target may see of the scan at most, a line each."""
    told = [line.what if line.count is None else f"{line.what}: {line.count:,}" for line in lines]
    wrapped = [textwrap.fill(one, width, initial_indent="  ", subsequent_indent="    ") for one in told]
    return "\n".join((f"\nTarget {name}:", *wrapped))


@click.command()
@order_options
@depth_options
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Run directory to make (default: under posture-runs)."
)
@click.option(
    "--fail-on", multiple=True, type=click.Choice(FAIL_ON), help="What ends with a non-zero code. Repeatable."
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="End after so long; what was not read by then is unknown.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
def scan(
    order: Order,
    registry: Registry,
    config: Config,
    out: Path | None,
    fail_on: tuple[str, ...],
    timeout: float | None,
    as_json: bool,
) -> int:
    """Judge the statements of profiles against accounts and endpoints.

    Exit codes: 0 complete and nothing gated; 1 a gated statement is contradicted; 2 usage, profile or configuration
    error; 3 incomplete; 4 no target reachable or sign-in failed; 7 exception expired or unused, where gated; 70
    internal error; 130 interrupted, the partial run is kept.
    """
    require_targets(order)
    folder = out or Path(config.folder) / config.source.runs / datetime.now(UTC).strftime("%Y-%m-%dT%H%M%SZ")
    _check_free(folder)
    if timeout is not None:
        order = msgspec.structs.replace(order, limits=msgspec.structs.replace(order.limits, run=timeout))
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a cancelled job keeps its partial run, as Ctrl-C does
    meter = ProgressLine(sys.stderr)
    try:
        result = run_scan(order, folder, registry, progress=meter.show)
    finally:
        meter.clear()
    for line in (*obstacles(result), *notices(order, Run.open(folder))):
        click.echo(f"posture: {line}", err=True)
    _print(result, registry, as_json)
    return foremost(codes(result, Gate(fail_on=frozenset(fail_on)) if fail_on else Gate()))


def _check_free(folder: Path) -> None:
    """Refuse a folder that is there or cannot be made, before anybody is contacted. Raises RunError."""
    if os.path.lexists(folder):
        raise RunError(f"{folder} exists already; name another folder with --out")
    above = next(parent for parent in folder.absolute().parents if parent.exists())
    if not (above.is_dir() and os.access(above, os.W_OK | os.X_OK)):
        raise RunError(f"{folder} cannot be made: {above} is no folder to write to; name another with --out")


def codes(result: Scanned, gate: Gate) -> set[Exit]:
    """Every exit code that a scan earns."""
    found = gate.codes(result.assessment)
    if not result.reached:
        found.add(Exit.UNREACHED)
    if result.interrupted:
        found.add(Exit.INTERRUPTED)
    return found


def _print(result: Scanned, registry: Registry, as_json: bool) -> None:
    if as_json:
        click.echo(as_json_text(result.assessment))
        return
    from posture.report.terminal import summary
    from posture.report.view import build

    look = paper()
    click.echo(summary(build(Run.open(Path(result.folder)), registry), width=look.width, colour=look.colour))
    folder = shlex.quote(result.folder)
    click.echo(f"Run:    {result.folder}\nReport: posture report {folder}")
    click.echo(f"Page:   posture report {folder} -f html -o report.html\nAgain:  posture evaluate {folder}")


class ProgressLine:
    """One line on a terminal that tells how far a scan is, with rate and estimated end; silence elsewhere."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._live = stream.isatty() and os.environ.get("TERM") != "dumb"
        self._began = time.monotonic()
        self._write("signing in …")

    def show(self, progress: Progress) -> None:
        """Say how far the scan is."""
        took = max(time.monotonic() - self._began, 0.001)
        left = took / progress.done * (progress.places - progress.done) if progress.done else None
        eta = f", about {left:.0f} s left" if left else ""
        self._write(
            f"{progress.done}/{progress.places} places, {progress.calls} calls ({progress.calls / took:.0f}/s), "
            f"{progress.findings} findings{eta}"
        )

    def clear(self) -> None:
        """Take the line away."""
        self._write("")

    def _write(self, text: str) -> None:
        if self._live:
            self._stream.write(f"\r\x1b[2K{text[: shutil.get_terminal_size().columns - 1]}")
            self._stream.flush()
