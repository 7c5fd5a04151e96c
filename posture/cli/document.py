"""posture document: a profile held against its document's text of today, and first drafts of profiles."""

import re
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from posture.cli.show import as_json_text, paper
from posture.documents import NotFetchedError
from posture.documents.draft import Naming, draft
from posture.documents.drift import AnchorDrift, Drift, Sentence, Standing, drift
from posture.documents.text import Text, read_file
from posture.gate import Exit
from posture.registry import find_profile
from posture.report.inert import inert, inert_value


@click.group()
def document() -> None:
    """Hold a profile against its document, or draft a profile for another document."""


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@document.command("check")
@click.option("-p", "--profile", required=True, help="The profile: an installed id or a file.")
@click.option("-f", "--file", "path", type=_FILE, help="The document: text, Markdown, HTML, PDF or DOCX.")
@click.option("--url", help="Fetch the document from this https:// address instead.")
@click.option("--follow", is_flag=True, help="Follow a redirect of the address to another host.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def check(profile: str, path: Path | None, url: str | None, follow: bool, as_json: bool) -> int:
    """Prove every anchor of a profile against its document of today.

    An anchor is the same, moved, edited or removed; sentences that no statement accounts for are listed. Ends with 6
    where the document drifted from the profile, with 0 where nothing did, with 4 where the address gave no document.
    """
    found = find_profile(profile)
    text = _text(path, url, follow)
    result = drift(found, text.text)
    if as_json:
        click.echo(as_json_text(_data(result, text)))
    else:
        for line in _lines(inert_value(result), inert(path.name if path else str(url)), paper().width):
            click.echo(line)
    for part in text.unread:
        click.echo(f"posture: not compared: {inert(part)}", err=True)
    return Exit.DRIFT if result.drifted else Exit.COMPLETE


@document.command("draft")
@click.option(
    "-f", "--file", "path", type=_FILE, required=True, help="The document: text, Markdown, HTML, PDF or DOCX."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the profile to a new file.")
@click.option("--id", "id", help="The id of the profile; by default from the name of the file.")
@click.option("--title", help="The title; by default the document's own, or the name of the file.")
@click.option("--vendor", default="unknown", show_default=True, help="Whose document it is.")
@click.option("--text/--no-text", "quoted", default=True, help="Keep each sentence as a comment to work from.")
def draft_profile(path: Path, output: Path | None, id: str | None, title: str | None, vendor: str, quoted: bool) -> int:
    """Draft a profile for a document: sentences anchored and classed, claims suggested from their wording.

    Everything suggested is marked `confirmed: false`, which `posture profile lint` refuses until a person has read it.
    """
    text = read_file(path)
    slug = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "document"
    naming = Naming(
        id=id or slug,
        title=title or text.title or path.stem,
        vendor=vendor,
        source=path.name,
        day=datetime.now(UTC).date(),
        quoted=quoted,
    )
    made = draft(text.text, naming)
    if output is None:
        click.echo(made.text, nl=False)
    else:
        with output.open("x", encoding="utf-8") as file:
            file.write(made.text)
    counts = ", ".join(f"{count} {kind}" for kind, count in made.classes.items())
    click.echo(f"posture: {sum(made.classes.values())} sentences: {counts}; confirm or change each", err=True)
    for part in text.unread:
        click.echo(f"posture: not read: {inert(part)}", err=True)
    return Exit.COMPLETE


def _text(path: Path | None, url: str | None, follow: bool) -> Text:
    if (path is None) == (url is None):
        raise click.UsageError("name the document with --file or with --url")
    if path is not None:
        return read_file(path)
    from posture.documents.fetch import fetch

    if url is None:
        raise NotFetchedError("no address")
    return fetch(url, follow)


def _data(result: Drift, text: Text) -> dict[str, Any]:
    counts = {str(standing): result.count(standing) for standing in Standing}
    return {
        "drifted": result.drifted,
        "same_document": result.same_document,
        "counts": {**counts, "unaccounted": len(result.unaccounted)},
        "unread": text.unread,
        "drift": result,
    }


def _lines(result: Drift, name: str, width: int) -> list[str]:
    lines = [_headline(result, name)]
    if result.same_document is not True:
        lines += _limits(result)
    for found in result.anchors:
        if found.standing is not Standing.SAME:
            lines += ["", *_wrapped(_changed(found), width)]
            if found.sentence is not None:
                lines += _anchored(found.sentence, width)
    for sentence in result.unaccounted:
        lines += ["", *_wrapped(f"unaccounted  sentence {sentence.place}", width), *_anchored(sentence, width)]
    counts = ", ".join(f"{result.count(standing)} {standing}" for standing in Standing)
    lines += ["", f"{len(result.anchors)} anchors: {counts}"]
    lines.append(f"{result.sentences} sentences, {len(result.unaccounted)} of them unaccounted for")
    return lines


def _headline(result: Drift, name: str) -> str:
    word = {True: "is the document that", False: "is not the document that", None: "is held against"}
    end = f" ({result.sha256[:16]}…)" if result.same_document is not None else ", which records no document hash"
    return f"{name} {word[result.same_document]} {result.profile}{' read' if result.recorded else ''}{end}"


def _limits(result: Drift) -> list[str]:
    lines = []
    if not result.ordered:
        lines.append("Not every anchor records its place: those without are never called moved.")
    if not result.sketched:
        lines.append("Not every anchor records a sketch: an edited sentence of those without counts as removed.")
    return lines


def _changed(found: AnchorDrift) -> str:
    detail = {
        Standing.MOVED: f"from sentence {found.place} to {found.now}",
        Standing.EDITED: f"{(found.alike or 0):.0%} of its words stayed; sentence {found.now} now reads",
        Standing.REMOVED: "no sentence matches it",
    }[found.standing]
    return f"{found.standing:11}  {found.statement}  {found.locator}: {detail}"


def _anchored(sentence: Sentence, width: int) -> list[str]:
    """The sentence, and its anchor as a profile would hold it."""
    return [
        *_wrapped(f"“{sentence.text}”", width, "    "),
        f"    sha256: {sentence.sha256}",
        f"    place: {sentence.place}",
        *_wrapped(f'sketch: "{sentence.sketch}"', width, "    "),
    ]


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        width,
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
