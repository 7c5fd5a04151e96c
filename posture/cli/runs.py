"""posture runs and posture diff: which runs there are, and what changed between two of them."""

from pathlib import Path

import click

from posture.cli.show import paper
from posture.gate import CONTRADICTED, INCOMPLETE, Exit
from posture.run.directory import Run

NEVER = "never"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("posture-runs"))
@click.option("--verify", is_flag=True, help="Compare the content of every file with the seal; takes longer.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def runs(folder: Path, verify: bool, as_json: bool) -> int:
    """List the runs in FOLDER (by default posture-runs), the latest first.

    `sealed` says that a run has a seal and the files that it lists; only --verify looks whether they were altered.
    A run that cannot be read is listed with the reason.

    Exit codes: 5 when a run is altered or cannot be read; else 0.
    """
    from posture.report.runlist import render, render_json
    from posture.run.listing import Seal, rows

    found = rows(folder, verify=verify)
    click.echo(render_json(found) if as_json else render(found, folder, width=paper().width), nl=False)
    bad = any(row.seal is Seal.ALTERED or (row.problem and not row.started) for row in found)
    return Exit.INTEGRITY if bad else Exit.COMPLETE


@click.command()
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option(
    "--fail-on",
    multiple=True,
    type=click.Choice((CONTRADICTED, INCOMPLETE, NEVER)),
    help="Which turn for the worse ends with 1 (default: both). Repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON, with every changed finding.")
def diff(before: Path, after: Path, fail_on: tuple[str, ...], as_json: bool) -> int:
    """Tell what changed from the run BEFORE to the run AFTER, per statement and finding, each with one cause.

    \b
    environment     what was read differs, or time went by
    new-resource    the resource is in the later run only
    gone-resource   the resource is in the earlier run only
    document        the published text, or what the profile takes from it
    scope           targets, regions or rules of scope
    check-revision  a check judges otherwise, came or went
    permission      access was lost or gained
    availability    a read did not answer for another reason
    exception       an exception or attestation began, ended or was changed
    tool            posture is another version, or broke

    What could not be read is never taken for gone. Of several causes behind a statement, the most frequent is named.

    Exit codes: 0 when no statement got worse, changed or not; 1 when the gate newly sees one contradicted or
    incomplete, exceptions considered; 5 when a run was altered.
    """
    from posture.diff.comparison import compared
    from posture.report.changes import json_parts, render

    old, new = Run.open(before), Run.open(after)
    old.verify()
    new.verify()
    with compared(old, new) as comparison:
        summary = comparison.summary()
        if as_json:
            for part in json_parts(summary, comparison.changes()):
                click.echo(part, nl=False)
        else:
            look = paper()
            click.echo(render(summary, width=look.width, colour=look.colour), nl=False)
    gated = frozenset(fail_on) or frozenset({CONTRADICTED, INCOMPLETE})
    return Exit.CONTRADICTED if gated & summary.worse() else Exit.COMPLETE
