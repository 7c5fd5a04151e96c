"""posture report: a run as text, HTML or JSON."""

from pathlib import Path

import click

from posture.cli.packages import registry_for
from posture.cli.show import paper
from posture.run.directory import Run

FORMATS = ("text", "html", "json")


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "-f", "--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="What to render."
)
@click.option("-o", "--out", type=click.Path(path_type=Path), help="File to write instead of standard output.")
@click.option("--force", is_flag=True, help="Overwrite the file.")
@click.option("--checks-dir", type=click.Path(path_type=Path), help="Folder of the further check packages of the run.")
def report(run: Path, form: str, out: Path | None, force: bool, checks_dir: Path | None) -> None:
    """Render RUN. Text goes to the terminal; HTML is one self-contained page; JSON is for programs."""
    from posture.report import html, jsonreport, terminal
    from posture.report.view import build

    if out is not None and out.exists() and not force:
        raise click.UsageError(f"{out} exists already; name another file or say --force")
    opened = Run.open(run)
    opened.verify()
    view = build(opened, registry_for(opened, checks_dir))
    if form == "html":
        text = html.render(view)
    elif form == "json":
        text = jsonreport.render(view)
    else:
        look = paper()
        text = terminal.render(view, width=look.width, colour=look.colour and out is None)
    if out is None:
        click.echo(text)
        return
    out.write_text(text, encoding="utf-8")
    click.echo(f"written: {out}", err=True)
