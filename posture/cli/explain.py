"""posture explain: what stands behind a statement, a claim, a check or a finding."""

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from posture import explain as explaining
from posture.assess import Assessment
from posture.claims import vocabulary
from posture.cli.packages import registry_for, registry_with
from posture.cli.show import as_json_text, paper
from posture.explain import DIGITS, Explanation
from posture.model import Finding
from posture.narrowing import Narrowing
from posture.profile import Profile, Statement, from_data
from posture.registry import Registry, find_profile, profile_files
from posture.report.inert import inert_value
from posture.run.directory import Run
from posture.tried import Tried
from posture.yamlfile import nearest


def _ids(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """What a shell offers for ID: statements of the installed profiles, claims and checks."""
    statements = [f"{p.id}/{own.id}" for p in _profiles(None, ()) for own in p.statements]
    return [id for id in (*statements, *vocabulary(), *registry_with(None).checks) if id.startswith(incomplete)]


@click.command()
@click.argument("id", shell_complete=_ids)
@click.option("--run", "folder", type=click.Path(path_type=Path), metavar="RUN", help="Say what this run tried, too.")
@click.option(
    "-p", "--profile", "profiles", multiple=True, help="Profile to look in: an installed id or a file. Repeatable."
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.option("--checks-dir", type=click.Path(path_type=Path), help="Folder of further check packages.")
def explain(id: str, folder: Path | None, profiles: tuple[str, ...], as_json: bool, checks_dir: Path | None) -> None:
    """Explain ID: a statement (coding-rooms/CR-9, or CR-9), a claim, a check, or a finding of a run.

    Shows how it is read, which tests bear on it, what would refute it and which checks look for that, and what to do.
    With --run, also what was tried and what came out, and which ways to refute it were not tried and why; a finding (at
    least 8 digits of its id) is shown with the file and digest of its evidence and a link to the provider's console.
    """
    run = Run.open(folder) if folder is not None else None
    if run is not None:
        run.verify()
    registry = registry_for(run, checks_dir) if run is not None else registry_with(checks_dir)
    found = _explained(id, run, registry, _profiles(run, profiles))
    click.echo(as_json_text(found) if as_json else _text(inert_value(found), paper().width))


def _profiles(run: Run | None, named: Sequence[str]) -> list[Profile]:
    """Where statements are looked for: the named profiles, else the run's, else the installed ones."""
    if named:
        return [find_profile(name) for name in named]
    if run is not None:
        return [from_data(record.data, record.file) for record in run.head().profiles]
    return [find_profile(name) for name in profile_files()]


def _explained(id: str, run: Run | None, registry: Registry, profiles: list[Profile]) -> Explanation:
    """What the id names, explained. Raises click.UsageError with the nearest words where it names nothing."""
    statements = [(profile, own) for profile in profiles for own in profile.statements]
    chosen = [(p, own) for p, own in statements if id in (own.id, f"{p.id}/{own.id}")]
    if len(chosen) > 1:
        raise click.UsageError(f"several profiles have {id!r}: {', '.join(f'{p.id}/{own.id}' for p, own in chosen)}")
    if chosen:
        profile, own = chosen[0]
        words = {asserted.claim.word() for asserted in own.asserted}
        return _statement(profile, own, registry, run, _tried(run, words))
    if id in vocabulary():
        return explaining.claim(id, registry, profiles, _tried(run, {id}))
    if id in registry.checks:
        return explaining.check(registry.checks[id], registry, _tried(run, ()))
    if re.fullmatch(rf"[0-9a-f]{{{DIGITS},}}", id):
        if run is None:
            raise click.UsageError(f"{id!r} looks like a finding: name its run with --run")
        return explaining.finding(run, _finding(run, id), registry, run.read("verdicts.json", Assessment))
    known = [*(f"{p.id}/{own.id}" for p, own in statements), *(own.id for _, own in statements)]
    hint = nearest(id, [*known, *vocabulary(), *registry.checks])
    raise click.UsageError(f"there is no statement, claim or check {id!r}{hint}")


def _tried(run: Run | None, words: Iterable[str]) -> Tried | None:
    """What the run tried; which resources it looked at for the claims of these words."""
    if run is None:
        return None
    return Tried(run.findings(), _narrowing(run), words, [str(target["provider"]) for target in run.head().targets])


def _narrowing(run: Run) -> Narrowing:
    head = run.head()
    return Narrowing([from_data(record.data, record.file) for record in head.profiles], head.holds)


def _statement(
    profile: Profile, own: Statement, registry: Registry, run: Run | None, tried: Tried | None
) -> Explanation:
    verdicts = run.read("verdicts.json", Assessment).profiles if run is not None else ()
    judged = [s for verdict in verdicts if verdict.id == profile.id for s in verdict.statements if s.id == own.id]
    if run is None or not judged:
        return explaining.statement(profile, own, registry, None, None)
    breaks = explaining.broken(own, profile, run.findings(), _narrowing(run))
    return explaining.statement(profile, own, registry, judged[0], tried, breaks)


def _finding(run: Run, prefix: str) -> Finding:
    found = {finding.id: finding for finding in run.findings() if finding.id.startswith(prefix)}
    if not found:
        raise click.UsageError(f"{run.folder} has no finding whose id begins with {prefix!r}")
    if len(found) > 1:
        raise click.UsageError(f"{len(found)} findings of {run.folder} begin with {prefix!r}: give more digits")
    (finding,) = found.values()
    return finding


def _text(found: Explanation, width: int) -> str:
    return "\n".join(_lines(found, width))


def _lines(found: Explanation, width: int) -> Iterator[str]:
    yield from textwrap.wrap(f"{found.kind} {found.id}", width, break_long_words=False)
    yield from textwrap.wrap(found.title, width)
    for part in found.parts:
        yield ""
        yield part.heading
        for line in part.lines:
            indent = "    " if line.startswith("  ") else "  "
            yield from textwrap.wrap(
                line.strip(), width, initial_indent=indent, subsequent_indent=indent + "  ",
                break_long_words=False, break_on_hyphens=False,
            )  # fmt: skip
