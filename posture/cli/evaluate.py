"""posture evaluate and posture verify: judge a recorded run again, and prove that it is intact."""

from pathlib import Path

import click
import msgspec

from posture.assess import Assessment
from posture.gate import Gate, foremost
from posture.run.directory import IntegrityError, Run


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the verdicts as JSON.")
def evaluate(run: Path, as_json: bool) -> int:
    """Judge RUN again, offline, from its recorded replies, and compare with the verdicts it was sealed with.

    Nothing is contacted and nothing is written. The same run gives the same bytes on any day. Exit code 5 when the
    run was altered or its verdicts do not follow from its replies.
    """
    from posture.scan import evaluate_run

    opened = Run.open(run)
    opened.verify()
    assessment = evaluate_run(opened)
    sealed = opened.read("verdicts.json", Assessment)
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(assessment, order="deterministic")).decode())
    else:
        for profile in assessment.profiles:
            for statement in profile.statements:
                click.echo(f"{profile.id}\t{statement.id}\t{statement.verdict}")
    if assessment != sealed:
        raise IntegrityError(f"{run}: the sealed verdicts do not follow from the recorded replies under this posture")
    return foremost(Gate().codes(assessment))


@click.command()
@click.argument("run", type=click.Path(path_type=Path))
def verify(run: Path) -> None:
    """Prove that every file of RUN is there and unchanged since it was sealed, and every reply matches its digest."""
    opened = Run.open(run)
    opened.verify()
    click.echo(f"{run} is intact: {sum(1 for _ in opened.calls())} calls, seal {opened.seal_digest()}")
