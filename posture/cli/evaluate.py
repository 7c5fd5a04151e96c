"""posture evaluate and posture verify: judge a recorded run again, and prove that it is intact."""

from pathlib import Path

import click

from posture.assess import Assessment
from posture.cli.packages import registry_for
from posture.cli.show import as_json_text
from posture.gate import Gate, foremost
from posture.identity import canonical
from posture.run.directory import IntegrityError, Run


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
@click.option("--checks-dir", type=click.Path(path_type=Path), help="Folder of the further check packages of the run.")
def evaluate(run: Path, as_json: bool, checks_dir: Path | None) -> int:
    """Judge RUN again, offline, from its recorded replies, and compare with the verdicts it was sealed with.

    Nothing is contacted and nothing is written. The same run gives the same bytes on any day.

    Exit codes: 5 when the run was altered or its verdicts do not follow from its replies; else 1 when a statement is
    contradicted, 3 when something that a statement needs is unknown, 0 when neither.
    """
    from posture.scan import evaluate_run

    opened = Run.open(run)
    opened.verify()
    registry_for(opened, checks_dir)
    assessment = evaluate_run(opened)
    sealed = opened.read("verdicts.json", Assessment)
    if as_json:
        click.echo(as_json_text(assessment))
    else:
        for profile in assessment.profiles:
            for statement in profile.statements:
                click.echo(f"{profile.id}\t{statement.id}\t{statement.verdict}")
    if canonical(assessment) != canonical(sealed):
        raise IntegrityError(f"{run}: the sealed verdicts do not follow from the recorded replies under this posture")
    return foremost(Gate().codes(assessment))


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
def verify(run: Path) -> None:
    """Prove that every file of RUN is there and unchanged since it was sealed, and every reply matches its digest."""
    opened = Run.open(run)
    opened.verify()
    click.echo(f"{run} is intact: {sum(1 for _ in opened.calls())} calls, seal {opened.seal_digest()}")
