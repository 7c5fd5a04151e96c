"""posture schema: the JSON Schemas by which an editor completes and checks the files that people write."""

from pathlib import Path

import click

from posture.cli.packages import registry_with
from posture.cli.show import as_json_text
from posture.schemas import config_schema, profile_schema


@click.command()
@click.argument("file", type=click.Choice(("profile", "config")))
@click.option("--checks-dir", type=click.Path(path_type=Path), help="Folder of further check packages.")
def schema(file: str, checks_dir: Path | None) -> None:
    """Print the JSON Schema of a profile or of the configuration, for editors.

    Write it beside the file, and name it in the file's first line:

    \b
    posture schema profile > profile.schema.json
    # yaml-language-server: $schema=profile.schema.json
    """
    registry = registry_with(checks_dir)
    click.echo(as_json_text(profile_schema() if file == "profile" else config_schema(registry.providers)))
