"""posture ranges: whose range an address lies in, and a newer snapshot of the ranges from the providers' own files."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click
from tabulate import tabulate

from posture.cli.show import as_json_text
from posture_endpoint.ranges import published
from posture_endpoint.ranges.snapshot import Section, Snapshot, packed, snapshot, written

FILE = click.Path(path_type=Path)


@click.group()
def ranges() -> None:
    """Look addresses up in the ranges that providers publish, or renew the snapshot of them.

    A target of endpoints names a snapshot in `ranges`; without one, that which posture brings is used.
    """


@ranges.command()
@click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS...")
@click.option("--ranges", "file", type=FILE, help="Look in this snapshot instead of the one that posture brings.")
@click.option("--format", "style", type=click.Choice(("text", "json")), default="text", show_default=True)
def show(addresses: tuple[str, ...], file: Path | None, style: str) -> None:
    """Tell whose ADDRESS is, its region, and the day of the list that says so."""
    known = snapshot(str(file) if file else "")
    try:
        found = {address: known.find(address) for address in addresses}
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if style == "json":
        click.echo(as_json_text({"dates": known.dates(), "found": found}))
        return
    rows: list[tuple[str, ...]] = []
    for address, listed in found.items():
        rows += [(address, one.provider, one.region or "-", one.service or "-", one.prefix, one.date) for one in listed]
        rows += [] if listed else [(address, "in no range", "-", "-", "-", "-")]
    click.echo(tabulate(rows, headers=("address", "provider", "region", "service", "prefix", "as of")))
    days = ", ".join(f"{provider} {day}" for provider, day in known.dates().items())
    click.echo(f"Looked in: {days}", err=True)


@ranges.command()
@click.option("--aws", type=FILE, metavar="FILE", help="ip-ranges.json, as AWS publishes it.")
@click.option("--azure", type=FILE, metavar="FILE", help="ServiceTags_Public_YYYYMMDD.json, as Microsoft publishes it.")
@click.option("--azure-date", type=click.DateTime(["%Y-%m-%d"]), help="Its date, where the file's name has lost it.")
@click.option("--google", type=FILE, metavar="FILE", help="cloud.json, as Google Cloud publishes it.")
@click.option("-o", "--out", type=FILE, required=True, help="Where to write; compressed if the name ends with .gz.")
def refresh(aws: Path | None, azure: Path | None, azure_date: datetime | None, google: Path | None, out: Path) -> None:
    """Write a newer snapshot from files that you downloaded; nothing is fetched.

    Providers whose file is not given stay as in the snapshot that posture brings, with its date. FILE is replaced.
    """
    day = azure_date.date() if azure_date else None
    readers: list[tuple[Path | None, Callable[[Path], Section]]] = [
        (aws, published.read_aws),
        (azure, lambda path: published.read_azure(path, day)),
        (google, published.read_google),
    ]
    renewed = [read(path) for path, read in readers if path is not None]
    if not renewed:
        raise click.UsageError("name at least one file: --aws, --azure or --google")
    whole = Snapshot([*snapshot().sections.values(), *renewed])
    _replace(out, written(whole))
    for section in renewed:
        click.echo(f"{section.provider}: {len(section.rows)} prefixes of {section.day.isoformat()}", err=True)
    click.echo(f"Wrote {out}; name it in `ranges` of a target of endpoints.", err=True)


def _replace(out: Path, text: str) -> None:
    """The whole file or none: a scan that runs meanwhile reads either the old or the new."""
    draft = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        draft.write_bytes(packed(text) if out.suffix == ".gz" else text.encode("utf-8"))
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
