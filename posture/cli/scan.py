"""posture plan and posture scan: what a scan would ask, and the scan itself."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import click
import msgspec
from tabulate import tabulate

from posture.cli.order import order_options
from posture.cli.show import paper
from posture.config import Config
from posture.gate import CONTRADICTED, EXCEPTIONS, INCOMPLETE, Exit, Gate, foremost
from posture.plan import Plan
from posture.registry import Registry
from posture.scan import Order, Progress, Scanned, plan_of
from posture.scan import scan as run_scan

FAIL_ON = (CONTRADICTED, INCOMPLETE, EXCEPTIONS, "never")


@click.command()
@order_options
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def plan(order: Order, registry: Registry, config: Config, as_json: bool) -> None:
    """Show what a scan would ask: operations, how often, why, and with which permission. Contacts nothing.

    Without targets, the plan is for every provider that the profile speaks about.
    """
    made = plan_of(order, registry)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(made.steps)).decode())
        return
    rows = [(step.operation, step.each, step.permission or "none", ", ".join(step.claims)) for step in made.steps]
    width = paper().width
    widths = [34, 26, 34, max(20, width - 104)]
    headers = ("operation", "made", "permission", "for the claims")
    click.echo(
        tabulate(rows, headers=headers, tablefmt="simple", maxcolwidths=widths if width > 110 else [26, 18, 24, 24])
    )
    click.echo(_plan_summary(made))


def _plan_summary(made: Plan) -> str:
    operations = {(step.provider, step.operation) for step in made.steps}
    lines = [f"\n{len(operations)} operations of {len(made.works)} providers; all are reads of configuration."]
    lines += [f"No installed check bears on {claim}: it will be unknown." for claim in made.untested]
    return "\n".join(lines)


@click.command()
@order_options
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Run directory to make (default: under posture-runs)."
)
@click.option(
    "--fail-on", multiple=True, type=click.Choice(FAIL_ON), help="What ends with a non-zero code. Repeatable."
)
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
def scan(
    order: Order, registry: Registry, config: Config, out: Path | None, fail_on: tuple[str, ...], as_json: bool
) -> int:
    """Judge the statements of profiles against accounts and endpoints.

    Exit codes: 0 complete and nothing gated; 1 a gated statement is contradicted; 2 usage, profile or configuration
    error; 3 incomplete; 4 no target reachable or sign-in failed; 7 exception expired or unused, where gated; 70
    internal error; 130 interrupted, the partial run is kept.
    """
    if not order.targets:
        raise click.UsageError("name a target: --aws, --azure, --endpoint HOST, or `targets` in the configuration")
    folder = out or Path(config.folder) / config.source.runs / datetime.now(UTC).strftime("%Y-%m-%dT%H%M%SZ")
    meter = ProgressLine(sys.stderr)
    result = run_scan(order, folder, registry, progress=meter.show)
    meter.clear()
    for failure in result.failures:
        click.echo(f"posture: {failure}", err=True)
    _print(result, registry, as_json)
    return foremost(codes(result, Gate(fail_on=frozenset(fail_on)) if fail_on else Gate()))


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
        click.echo(msgspec.json.format(msgspec.json.encode(result.assessment)).decode())
        return
    from posture.report.terminal import summary
    from posture.report.view import build
    from posture.run.directory import Run

    look = paper()
    click.echo(summary(build(Run.open(Path(result.folder)), registry), width=look.width, colour=look.colour))
    click.echo(f"\nRun: {result.folder}   Full report: posture report {result.folder} --format html -o report.html")


class ProgressLine:
    """One line on a terminal that tells how far a scan is, with rate and estimated end; silence elsewhere."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._began = time.monotonic()

    def show(self, progress: Progress) -> None:
        """Say how far the scan is."""
        if not self._live:
            return
        took = max(time.monotonic() - self._began, 0.001)
        left = took / progress.done * (progress.places - progress.done) if progress.done else None
        eta = f", about {left:.0f} s left" if left else ""
        self._stream.write(
            f"\r\x1b[2K{progress.done}/{progress.places} places, {progress.calls} calls ({progress.calls / took:.0f}/s), "
            f"{progress.findings} findings{eta}"
        )
        self._stream.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._live:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()
