"""posture profile: which documents are known, what their statements are, and whether a profile is sound."""

import textwrap

import click
from tabulate import tabulate

from posture.cli.show import paper
from posture.gate import Exit
from posture.profile import Profile, Statement
from posture.registry import find_profile, profile_files


@click.group()
def profile() -> None:
    """List, show and lint profiles."""


@profile.command("list")
def list_profiles() -> None:
    """List the installed profiles."""
    rows = []
    for name in profile_files():
        found = find_profile(name)
        claims = sum(bool(statement.asserted) for statement in found.statements)
        rows.append((name, found.source.title, len(found.statements), claims))
    click.echo(tabulate(rows, headers=("profile", "title", "statements", "with claims")))


@profile.command("show")
@click.argument("name")
def show_profile(name: str) -> None:
    """Show the statements of profile NAME (an installed id or a file) with their readings and claims."""
    found = find_profile(name)
    width = paper().width
    click.echo(found.source.title)
    if found.source.document is not None:
        document = found.source.document
        click.echo(
            f"Document: {document.title} ({document.vendor}, {document.dated or 'undated'}); {document.sha256[:16]}…"
        )
    for statement in found.statements:
        click.echo()
        click.echo(textwrap.fill(f"{statement.id}  [{statement.source.class_}]  {statement.source.summary}", width))
        for line in _details(statement):
            click.echo(textwrap.fill(line, width, initial_indent="    ", subsequent_indent="      "))


@profile.command("lint")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
def lint(names: tuple[str, ...]) -> int:
    """Check that profiles can be used: they load, their claims are known, their readings are confirmed.

    Exit codes: 0 when nothing is wrong; 2 when a reading is unconfirmed or a profile cannot be loaded.
    """
    sound = [_is_sound(name) for name in names]
    return Exit.COMPLETE if all(sound) else Exit.USAGE


def _is_sound(name: str) -> bool:
    found = find_profile(name)
    drafts = _unconfirmed(found)
    for line in drafts:
        click.echo(line, err=True)
    if not drafts:
        counts = f"{len(found.statements)} statements, {len(found.claims())} distinct claims"
        click.echo(f"{name}: {counts}, nothing to complain of")
    return not drafts


def _unconfirmed(found: Profile) -> list[str]:
    lines = []
    for statement in found.statements:
        readings = [statement.source.reading, *(asserted.use.reading for asserted in statement.asserted)]
        for reading in readings:
            if reading is not None and not reading.confirmed:
                lines.append(
                    f"{found.file}:{statement.line}: {statement.id}: the reading of {reading.words!r} is unconfirmed"
                )
    return lines


def _details(statement: Statement) -> list[str]:
    source = statement.source
    lines = []
    if source.reading is not None:
        lines.append(f"reading of {source.reading.words!r}: {source.reading.meaning} ({source.reading.reason})")
    for asserted in statement.asserted:
        parameters = ", ".join(f"{key} {value}" for key, value in asserted.use.parameters.items())
        lines.append(f"claim {asserted.use.claim}{': ' + parameters if parameters else ''}")
        if asserted.use.reading is not None:
            lines.append(f"read as: {asserted.use.reading.meaning} ({asserted.use.reading.reason})")
    if source.remainder:
        lines.append(f"no scan can see: {source.remainder}")
    if source.reason:
        lines.append(f"no claims: {source.reason}")
    return lines
