"""posture demo: two published documents against three embedded estates, in three states."""

import time
from pathlib import Path

import click
import msgspec
from tabulate import tabulate

from posture.assess import Assessment
from posture.cli.show import Paper, paper
from posture.config import Target
from posture.model import Verdict
from posture.plan import Scoped
from posture.provider import Limits
from posture.registry import Registry, find_profile, installed
from posture.run.directory import Run
from posture.scan import Order, scan
from posture.scope import Scope

PROFILES = ("coding-rooms", "proctorio")

LIMITS = Limits(connect=3.0, read=6.0, call=20.0, kind=60.0, place=90.0, run=180.0, attempts=2)
"""The estates answer at once or not at all, so the demo need not wait long for those that are refused."""

NOTE = "Emulated estates of the posture demo: nothing here is about a real account."
"""What every report of a demo's run says first: the documents are real, the accounts are not their makers'."""

COLOURS = {
    Verdict.VERIFIED: "green",
    Verdict.CONTRADICTED: "red",
    Verdict.PARTLY_VERIFIED: "cyan",
    Verdict.UNKNOWN: "yellow",
    Verdict.NOT_TESTABLE: "bright_black",
}


@click.command()
@click.option(
    "--state", "states", multiple=True, type=click.Choice(["good", "drifted", "refused"]), help="Only this state."
)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Folder to make for runs and reports.")
@click.option(
    "--serve",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Scan nothing: serve the estates of one state (by default good) until Ctrl-C, with a configuration in FOLDER.",
)
def demo(states: tuple[str, ...], out: Path | None, serve: Path | None) -> None:
    """Judge two published documents against three embedded estates.

    An AWS account, an Azure tenant and TLS endpoints are started on this machine, scanned through the real clients,
    and stopped again: once as the documents say, once drifted, once with some reads refused. Nothing leaves loopback.

    With --serve they stay, and FOLDER gets a posture.yaml and an environment.sh, so that every command can be tried.
    """
    if serve is not None:
        _serve(serve, states, out)
        return
    folder = out or _fresh(Path("posture-demo"))
    registry = installed()
    began = time.monotonic()
    found = {state: _judge(state, folder, registry) for state in states or ("good", "drifted", "refused")}
    click.echo(_table(found, paper()))
    click.echo(
        f"\nJudged in {time.monotonic() - began:.0f} s. Open a report in a browser, or read a run again offline:"
    )
    for state in found:
        click.echo(f"  {folder / state}.html     posture evaluate {folder / state}")


def _serve(folder: Path, states: tuple[str, ...], out: Path | None) -> None:
    if out is not None:
        raise click.UsageError("--serve makes no runs, so it takes no --out")
    if len(states) > 1:
        raise click.UsageError("--serve takes one --state: the estates of one state are served at a time")
    from posture.cli.serve import serve
    from posture_estates.demo import STATES, estates, scopes

    (state,) = states or ("good",)
    click.echo(f"{state}: {STATES[state]} …", err=True)
    serve(folder, state, estates, scopes, PROFILES, LIMITS, NOTE)


def _fresh(base: Path) -> Path:
    """A folder that does not exist yet: nothing is overwritten."""
    number = 1
    folder = base
    while folder.exists():
        number += 1
        folder = base.with_name(f"{base.name}-{number}")
    return folder


def _judge(state: str, folder: Path, registry: Registry) -> Assessment:
    from posture.export.entries import entries
    from posture.export.pagedata import catalogue
    from posture.report import html
    from posture.report.view import build
    from posture_estates.demo import STATES, estates, scopes

    click.echo(f"{state}: {STATES[state]} …", err=True)
    with estates(state) as targets:
        own = msgspec.convert(scopes(targets), dict[str, Scope])
        order = Order(
            scoped=tuple(
                Scoped(profile=profile, scopes=(profile.source.scope, own[profile.id]))
                for profile in map(find_profile, PROFILES)
            ),
            targets=tuple(_target(name, settings, registry) for name, settings in targets.items()),
            limits=LIMITS,
            note=NOTE,
        )
        result = scan(order, folder / state, registry)
    for failure in result.failures:
        click.echo(f"posture: {failure}", err=True)
    run = Run.open(folder / state)
    view = build(run, registry)
    page = folder / f"{state}.html"
    page.write_text(html.render(view, catalogue(view, entries(run))), encoding="utf-8")
    return result.assessment


def _target(name: str, settings: object, registry: Registry) -> Target:
    ((provider, data),) = msgspec.convert(settings, dict[str, dict[str, object]]).items()
    return Target(
        name=name, provider=provider, settings=msgspec.convert(data, registry.providers[provider].target_type)
    )


def _table(found: dict[str, Assessment], look: Paper) -> str:
    first = next(iter(found.values()))
    return "\n".join(_profile_table(place, found, look) for place in range(len(first.profiles)))


def _profile_table(place: int, found: dict[str, Assessment], look: Paper) -> str:
    """The statements that a scan can say something about, and how many have which verdict."""
    profiles = [assessment.profiles[place] for assessment in found.values()]
    rows: list[tuple[str, ...]] = []
    for index, statement in enumerate(profiles[0].statements):
        if statement.claims:
            verdicts = (_word(profile.statements[index].verdict, look) for profile in profiles)
            rows.append((statement.id, statement.summary, *verdicts))
    rows += [("", f"statements {verdict}", *(str(p.counts[verdict]) for p in profiles)) for verdict in Verdict]
    width = max(24, look.width - 10 - 18 * len(found))
    table = tabulate(rows, headers=("", "in our words", *found), tablefmt="simple", maxcolwidths=[8, width])
    return f"\n{profiles[0].title}: {len(profiles[0].statements)} statements\n{table}"


def _word(verdict: Verdict, look: Paper) -> str:
    return click.style(verdict, fg=COLOURS[verdict]) if look.colour else str(verdict)
