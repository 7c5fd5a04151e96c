"""posture exceptions and posture attestations: who vouches for what, until when, and whether it still serves."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from posture import yamlfile
from posture.allowances import Attestation, Exemption, attestations_in, documents_in, end_of, exemptions_in, expired
from posture.cli.show import paper
from posture.gate import Exit
from posture.policy import (
    KEPT,
    MAX_DAYS,
    Grade,
    Reach,
    Remark,
    attestation_remarks,
    document_remarks,
    exemption_remarks,
    reach,
    unused_remarks,
)
from posture.profile import Profile, from_data
from posture.registry import find_profile, profile_files
from posture.report.inert import inert
from posture.report.jsontext import json_text
from posture.report.pen import Pen
from posture.report.words import number
from posture.run.directory import Run

FILE = click.argument("file", type=click.Path(path_type=Path))
AT = click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"]),
    metavar="INSTANT",
    help="Judge as of this instant in UTC, such as 2026-11-24T00:00:00Z, instead of now.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
RUN = click.option("--run", type=click.Path(path_type=Path), help="Run whose findings to hold the exceptions against.")


@click.group()
def exceptions() -> None:
    """List exceptions, and check that each is complete, short-lived and of use.

    An exception keeps a finding from the gate until the end of a day in UTC. It never changes a verdict.
    """


@exceptions.command("lint")
@FILE
@click.option(
    "--max-days", type=click.IntRange(min=1), default=MAX_DAYS, show_default=True, help="Longest life of an exception."
)
@RUN
@AT
def lint_exceptions(file: Path, max_days: int, run: Path | None, at: datetime | None) -> int:
    """Check that the exceptions of FILE are complete and keep to the policy.

    Each has an owner, a reason, an approver and an expiry; a broad pattern says `broad: true`; none lasts longer
    than the limit, counted from `created` or else from today. One that ends within 14 days is pointed at. With a
    run, one that matches none of its failing findings is reported as well.

    Exit codes: 0 when nothing is wrong, warnings aside; 2 when one is incomplete or breaks the policy; 7 when one has
    expired or matches nothing.
    """
    loaded = yamlfile.read(file)
    found = exemptions_in(loaded)
    remarks = exemption_remarks(loaded, found, _instant(at), max_days)
    if run is not None:
        remarks += unused_remarks(loaded, found, reach(found, _opened(run).findings()), str(run))
    return _say(loaded, remarks, number(len(found), "exception"))


@exceptions.command("list")
@FILE
@RUN
@AT
@JSON
def list_exceptions(file: Path, run: Path | None, at: datetime | None, as_json: bool) -> None:
    """List the exceptions of FILE, the next to end first; with a run, the failing findings that each speaks about."""
    found = exemptions_in(yamlfile.read(file))
    now = _instant(at)
    reaches = None if run is None else reach(found, _opened(run).findings())
    ordered = sorted(found, key=lambda exemption: (exemption.expires, exemption.id))
    if as_json:
        click.echo(json_text([_exemption_data(exemption, now, reaches) for exemption in ordered]), nl=False)
        return
    pen = Pen(paper().width, colour=False)
    for exemption in ordered:
        _print_exemption(pen, exemption, now)
        if reaches is not None:
            _print_reach(pen, reaches[exemption.id])
    click.echo(number(len(found), "exception"))


@click.group()
def attestations() -> None:
    """List attestations, and check that each is complete and speaks about a statement that exists.

    An attestation vouches for a statement that no scan can test. It never lifts a claim that one can.
    """


@attestations.command("lint")
@FILE
@click.option("-p", "--profile", "profiles", multiple=True, help="File of a profile that is not installed. Repeatable.")
@click.option("--run", type=click.Path(path_type=Path), help="Run whose profiles to look the statements up in.")
@click.option(
    "--documents",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="FOLDER",
    help="Folder of the attested documents, whose hashes to compare.",
)
@AT
def lint_attestations(
    file: Path, profiles: tuple[str, ...], run: Path | None, documents: Path | None, at: datetime | None
) -> int:
    """Check that the attestations of FILE are complete, in force, and about statements that exist.

    Statements are looked up in the installed profiles, and in those that are named. The hash of a document is compared
    where its attestation names a `file`, beside FILE or in the folder of documents; with that folder, also of one that
    lies there under the name in `document`. One that is not at hand is pointed at.

    Exit codes: 0 when nothing is wrong, warnings aside; 2 when one is incomplete, about no known statement, or of
    another document than the one at hand; 7 when one has lapsed.
    """
    loaded = yamlfile.read(file)
    found = attestations_in(loaded)
    wanted = {attestation.statement.partition("/")[0] for attestation in found}
    remarks = attestation_remarks(loaded, found, _known(wanted, profiles, run), _instant(at))
    digests = documents_in(found, documents or file.parent, by_name=documents is not None)
    remarks += document_remarks(loaded, found, digests, by_name=documents is not None)
    return _say(loaded, remarks, number(len(found), "attestation"))


@attestations.command("list")
@FILE
@AT
@JSON
def list_attestations(file: Path, at: datetime | None, as_json: bool) -> None:
    """List the attestations of FILE, the next to lapse first."""
    found = sorted(attestations_in(yamlfile.read(file)), key=lambda one: (one.valid_until, one.id))
    now = _instant(at)
    if as_json:
        data = [{**_plain(one), "lapsed": expired(one.valid_until, now)} for one in found]
        click.echo(json_text(data), nl=False)
        return
    pen = Pen(paper().width, colour=False)
    for one in found:
        _print_attestation(pen, one, now)
    click.echo(number(len(found), "attestation"))


def _instant(at: datetime | None) -> datetime:
    return datetime.now(UTC) if at is None else at.replace(tzinfo=UTC)


def _opened(run: Path) -> Run:
    opened = Run.open(run)
    opened.verify()
    return opened


def _known(wanted: set[str], files: Sequence[str], run: Path | None) -> dict[str, Profile]:
    """The profiles by id: those named, those of the run, and the installed ones that are wanted."""
    found = [find_profile(name) for name in (*sorted(wanted & set(profile_files())), *files)]
    if run is not None:
        found += [from_data(record.data, record.file) for record in _opened(run).head().profiles]
    return {profile.id: profile for profile in found}


def _say(loaded: yamlfile.Loaded, remarks: list[Remark], counted: str) -> int:
    """Print the remarks, one to a line, and the code that they earn."""
    for remark in sorted(remarks, key=lambda remark: (remark.line, remark.id, remark.text)):
        mark = "warning: " if remark.grade is Grade.WARNING else ""
        click.echo(inert(f"{loaded.name}:{remark.line}: {mark}{remark.id} {remark.text}"), err=True)
    grades = {remark.grade for remark in remarks}
    if Grade.BREACH in grades:
        return Exit.USAGE
    if Grade.SPENT in grades:
        return Exit.EXCEPTION_EXPIRED
    warnings = f"; {number(len(remarks), 'warning')}" if remarks else ""
    click.echo(f"{inert(loaded.name)}: {counted}, nothing to complain of{warnings}")
    return Exit.COMPLETE


def _plain(value: Exemption | Attestation) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.to_builtins(value)
    return data


def _exemption_data(exemption: Exemption, now: datetime, reaches: dict[str, Reach] | None) -> dict[str, Any]:
    data = {**_plain(exemption), "expired": expired(exemption.expires, now)}
    if reaches is not None:
        data["covers"] = msgspec.to_builtins(reaches[exemption.id])
    return data


def _print_exemption(pen: Pen, exemption: Exemption, now: datetime) -> None:
    about = f"finding {exemption.finding}" if exemption.finding else f"{exemption.claim} on {exemption.resource}"
    if exemption.broad:
        about += " (broad)"
    details = [
        f"about     {about}",
        f"reason    {' '.join(exemption.reason.split())}",
        f"owner     {exemption.owner}; approved by {exemption.approver}",
    ]
    if exemption.reference:
        details.append(f"reference {exemption.reference}")
    _print(pen, f"{exemption.id}  {_state(exemption.expires, now, 'expired', 'expires')}", details)


def _print_attestation(pen: Pen, one: Attestation, now: datetime) -> None:
    details = [
        f"about     {one.statement}",
        f"by        {one.who}, {one.issued}",
        f"document  {one.document}, sha256 {one.document_sha256[:16]}…",
    ]
    if one.note:
        details.append(f"note      {' '.join(one.note.split())}")
    _print(pen, f"{one.id}  {_state(one.valid_until, now, 'lapsed', 'valid until')}", details)


def _print(pen: Pen, title: str, details: list[str]) -> None:
    lines = pen.wrap(inert(title))
    for detail in details:
        lines += pen.wrap(inert(detail), indent=2, hang=10)
    click.echo("\n".join(lines))


def _print_reach(pen: Pen, found: Reach) -> None:
    if not found.count:
        click.echo("  covers    nothing in the run")
        return
    lines = pen.wrap(f"covers    {number(found.count, 'finding')}", indent=2)
    for named in found.findings:
        lines += pen.wrap(inert(f"{named.name} {named.reason} ({named.check}, {named.id[:12]})"), indent=12, hang=2)
    if found.count > KEPT:
        lines += pen.wrap(f"and {found.count - KEPT:,} more", indent=12)
    click.echo("\n".join(lines))


def _state(day: date, now: datetime, over: str, still: str) -> str:
    if expired(day, now):
        return f"{over} at the end of {day} UTC"
    return f"{still} {day}, {number((end_of(day) - now).days, 'day')} left"
