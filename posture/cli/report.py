"""posture report: a run as text and page for people, and in the formats of other programs."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from posture.cli.packages import registry_for
from posture.cli.show import paper
from posture.profile import Profile, from_data, load_profile
from posture.registry import profile_files
from posture.run.directory import Run
from posture.yamlfile import nearest

if TYPE_CHECKING:
    from posture.export.places import Places
    from posture.report.view import View

FORMATS = ("text", "html", "json", "jsonl", "csv", "junit", "sarif", "markdown", "github")
PLACED = ("sarif", "github")
"""Formats whose results stand at lines of the profile's file."""


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "-f", "--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="What to render."
)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="File to write instead of standard output.")
@click.option("--force", is_flag=True, help="Overwrite the file.")
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File of a judged profile, by its path in the repository: sarif and github point at its lines.",
)
@click.option("--checks-dir", type=click.Path(path_type=Path), help="Folder of the further check packages of the run.")
def report(
    run: Path, form: str, out: Path | None, force: bool, profiles: tuple[Path, ...], checks_dir: Path | None
) -> None:
    """Render RUN for people or programs.

    text goes to the terminal; html is one self-contained page; markdown is a summary for a pull request. json is the
    whole report (schema posture-report/1) and jsonl its findings (posture-findings/1); csv has a row for each finding
    and statement; junit a test case for each claim; sarif and github (annotations) what is contradicted or unknown.
    """
    from posture.export.places import places
    from posture.report.view import build

    if out is not None and out.exists() and not force:
        raise click.UsageError(f"{out} exists already; name another file or say --force")
    if profiles and form not in PLACED:
        raise click.UsageError("--profile goes with -f sarif or -f github")
    opened = Run.open(run)
    opened.verify()
    registry = registry_for(opened, checks_dir)
    placed = places(opened.head().profiles, _files(opened, profiles)) if form in PLACED else {}
    texts = _texts(form, opened, build(opened, registry), placed, to_file=out is not None)
    if out is None:
        for text in texts:
            click.echo(text, nl=not text.endswith("\n"))
        return
    with out.open("w", encoding="utf-8", newline="") as file:
        file.writelines(texts)
    click.echo(f"written: {out}", err=True)


def _texts(form: str, run: Run, view: "View", placed: "Places", *, to_file: bool) -> Iterable[str]:
    """The rendering, whole or line by line."""
    from posture.export import annotations, csvrows, jsonlines, junit, markdown, sarif
    from posture.export.entries import entries
    from posture.export.pagedata import catalogue
    from posture.report import html, jsonreport, terminal

    match form:
        case "html":
            return [html.render(view, catalogue(view, entries(run)))]
        case "json":
            return [jsonreport.render(view)]
        case "jsonl":
            return jsonlines.lines(view, entries(run))
        case "csv":
            return csvrows.lines(view, entries(run))
        case "junit":
            return [junit.render(view)]
        case "sarif":
            return [sarif.render(view, entries(run), placed)]
        case "markdown":
            return [markdown.render(view)]
        case "github":
            return [annotations.render(view, placed)]
        case _:
            look = paper()
            return [terminal.render(view, width=look.width, colour=look.colour and not to_file)]


def _files(run: Run, given: tuple[Path, ...]) -> dict[str, tuple[str, Profile]]:
    """The files of the judged profiles: those that are named, else the installed ones. Raises click.UsageError."""
    judged = {record.data["id"]: record for record in run.head().profiles}
    installed = profile_files()
    files = {id: (record.file, load_profile(installed[id])) for id, record in judged.items() if id in installed}
    for path in given:
        profile = load_profile(path)
        record = judged.get(profile.id)
        if record is None:
            raise click.UsageError(
                f"{path}: the run did not judge the profile {profile.id!r}{nearest(profile.id, list(judged))}"
            )
        if from_data(record.data, record.file).source != profile.source:
            raise click.UsageError(f"{path}: the profile has changed since the run; scan again, or name it as it was")
        files[profile.id] = (path.as_posix(), profile)
    return files
