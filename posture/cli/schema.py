"""posture schema: the JSON Schemas of the files that people write, and of what programs read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from posture.cli.packages import registry_with
from posture.cli.show import as_json_text
from posture.schemas import attestations_schema, config_schema, exceptions_schema, profile_schema

WRITTEN: dict[str, Callable[[], dict[str, Any]]] = {
    "profile": profile_schema,
    "exceptions": exceptions_schema,
    "attestations": attestations_schema,
}
"""The files of people, but for the configuration, whose targets are those of the installed packages."""

READ = {
    "report": "posture-report-1",
    "findings": "posture-findings-1",
    "diff": "posture-diff-1",
    "runs": "posture-runs-1",
}
"""What `posture report` (json, jsonl), `posture diff` and `posture runs` print as JSON."""


@click.command()
@click.argument("file", type=click.Choice((*WRITTEN, "config", *READ)))
@click.option("--checks-dir", type=click.Path(path_type=Path), help="Folder of further check packages.")
def schema(file: str, checks_dir: Path | None) -> None:
    """Print a JSON Schema: of a file that people write, for editors, or of output that programs read.

    Files are the profile, the configuration, exceptions and attestations. Write the schema beside the file, and name it
    in the file's first line:

    \b
    posture schema profile > profile.schema.json
    # yaml-language-server: $schema=profile.schema.json

    Output is that of `posture report -f json` and `-f jsonl` (findings), `posture diff --json` and `posture runs
    --json`; each says its schema's name and version.
    """
    if file in READ:
        from posture.export.schema import schema as published

        found = published(READ[file])
    elif file == "config":
        found = config_schema(registry_with(checks_dir).providers)
    else:
        found = WRITTEN[file]()
    click.echo(as_json_text(found))
