"""posture checks: what can be asked, and what each question needs."""

from pathlib import Path

import click
from tabulate import tabulate

from posture.check import Check
from posture.claims import vocabulary
from posture.cli.packages import registry_with
from posture.cli.show import as_json_text, paper
from posture.registry import Registry
from posture.yamlfile import nearest


@click.group()
def checks() -> None:
    """List the checks, or show one."""


@checks.command("list")
@click.option("--claim", help="Only checks of this claim.")
@click.option("--provider", help="Only checks of this provider.")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.option("--checks-dir", type=click.Path(path_type=Path), help="Folder of further check packages.")
def list_checks(claim: str | None, provider: str | None, as_json: bool, checks_dir: Path | None) -> None:
    """List the installed checks with the claim each bears on."""
    registry = registry_with(checks_dir)
    _check_known("claim", claim, list(vocabulary()))
    _check_known("provider", provider, list(registry.providers))
    found = [
        check
        for check in sorted(registry.checks.values(), key=lambda check: check.id)
        if claim in (None, check.claim.word()) and provider in (None, registry.provider_of(check.fact))
    ]
    if as_json:
        click.echo(as_json_text([_data(check, registry) for check in found]))
        return
    click.echo(_table(found, paper().width))
    click.echo(f"\n{len(found)} checks")


def _check_known(what: str, word: str | None, known: list[str]) -> None:
    """An empty list must mean that no check is there, not that a word was mistyped."""
    if word is not None and word not in known:
        raise click.UsageError(f"there is no {what} {word!r}{nearest(word, known)}")


def _table(found: list[Check], width: int) -> str:
    """A column for each thing where they fit; on a narrow terminal, claim and severity stand below the id."""
    longest = max((len(check.id) for check in found), default=0)
    if width >= longest + 70:
        rows = [(check.id, check.claim.word(), check.severity, check.title) for check in found]
        headers = ["check", "claim", "severity", "true when it passes"]
        return tabulate(rows, headers=headers, maxcolwidths=[None, None, None, width - longest - 38])
    pairs = [(f"{check.id}\n  {check.claim.word()}, {check.severity}", check.title) for check in found]
    return tabulate(pairs, headers=["check", "true when it passes"], maxcolwidths=[None, width - longest - 2])


@checks.command("show")
@click.argument("id")
@click.option("--checks-dir", type=click.Path(path_type=Path), help="Folder of further check packages.")
def show_check(id: str, checks_dir: Path | None) -> None:
    """Show what the check ID asks, why, what it reads, what it needs, and what to do when it fails."""
    registry = registry_with(checks_dir)
    check = registry.check(id)
    claim = check.claim
    controls = claim.controls()
    click.echo(f"{check.id}  ({check.severity}, revision {check.revision})\n{check.title}\n\n{check.doc}\n")
    click.echo(f"Claim: {claim.word()}\n  {(claim.__doc__ or '').strip()}\n")
    click.echo(f"When it fails: {check.remedy}\n\nReads:")
    for fact in (check.fact, *check.consulted):
        for reader in registry.chain(fact):
            needs = f" (needs {reader.permission})" if reader.permission else ""
            click.echo(f"  {reader.operation}{needs}: {reader.doc.splitlines()[0]}")
    click.echo(
        f"\nControls: NIST 800-53r5 {', '.join(controls.nist_800_53r5)}; ISO 27001:2022 "
        f"{', '.join(controls.iso_27001_2022)}; SOC 2 {', '.join(controls.soc2)}; "
        f"HECVAT 4 {', '.join(controls.hecvat_4)}"
    )


def _data(check: Check, registry: Registry) -> dict[str, object]:
    readers = [reader for fact in (check.fact, *check.consulted) for reader in registry.chain(fact)]
    return {
        "id": check.id,
        "title": check.title,
        "claim": check.claim.word(),
        "severity": check.severity,
        "remedy": check.remedy,
        "revision": check.revision,
        "provider": registry.provider_of(check.fact),
        "permissions": sorted({reader.permission for reader in readers if reader.permission}),
        "operations": sorted({reader.operation for reader in readers}),
    }
