"""Hostile text: what a cloud, a tag or a profile says can neither act nor hide in any rendering."""

import csv
import io
import json
from collections.abc import Callable
from html.parser import HTMLParser
from xml.etree import ElementTree

import msgspec
import pytest
from markdown_it import MarkdownIt

from posture.export import annotations, csvrows, jsonlines, junit, markdown, sarif
from posture.export.entries import entries
from posture.export.pagedata import catalogue
from posture.export.places import places
from posture.report import html, jsonreport, terminal
from posture.report.inert import ACTIVE, inert, inert_value
from posture.report.view import View, build
from posture.run.directory import Run
from report import campus
from report.conftest import Scan, locker

HOSTILE = {
    "markup": "<script>alert(1)</script>",
    "attribute": "\" onmouseover='x' data-verdict=\"verified",
    "entity": "&lt;b&gt;",
    "template": "{{ view }}{% include 'x' %}",
    "escape": "\x1b[32m✔ verified\x1b[0m",
    "title": "\x1b]0;owned\x07",
    "csi": "\x9b2J",
    "newline": "a\n✔ verified         C-9  All is well.",
    "return": "\rverified",
    "bidi": "\u202everified\u202c \u2067x\u2069",
    "zero width": "veri\u200bfied\ufeff",
    "line end": "a\u2028b\u2029c\x85d",
    "tags": "a\U000e0041\U000e007f",
    "backspace": "x\b\b\bverified",
    "long": "n" * 400,
    "formula": '=HYPERLINK("https://evil.example")',
    "formula with a sign": "-2+3+cmd|' /C calc'!A0",
    "full-width formula": "＝1+1",
    "workflow command": "::error file=x,line=1::owned",
    "workflow command on a line of its own": "x\n::set-output name=a::b",
    "escaped line end": "x%0A::error::owned",
    "link": "[x](https://evil.example) ![y](https://evil.example/y.png)",
    "table": "a | b \\| c",
    "mention": "@octocat #1 octocat/x#2",
    "placeholder": "{0} {{1}}",
    "end of CDATA": "]]> <!-- x --> <?x?>",
    "not XML": "a\ufffeb\uffff",
    "quotes": '"a",\'b\',""',
}

RENDERERS: dict[str, Callable[[View, Run], str]] = {
    "terminal 80": lambda view, _: terminal.render(view, 80),
    "terminal 200": lambda view, _: terminal.render(view, 200),
    "summary": lambda view, _: terminal.summary(view),
    "html": lambda view, run: html.render(view, catalogue(view, entries(run))),
    "json": lambda view, _: jsonreport.render(view),
    "jsonl": lambda view, run: "".join(jsonlines.lines(view, entries(run))),
    "csv": lambda view, run: "".join(csvrows.lines(view, entries(run))),
    "junit": lambda view, _: junit.render(view),
    "sarif": lambda view, run: sarif.render(view, entries(run), places(run.head().profiles, {})),
    "markdown": lambda view, _: markdown.render(view),
    "github": lambda view, run: annotations.render(view, places(run.head().profiles, {})),
}


class Tags(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))


def run_of(scanned: Scan, text: str) -> Run:
    """A run in which ``text`` stands wherever text from outside can stand."""
    row = locker(text, "open", text, id=f"campus:locker/{text}")
    odd = locker(f"odd {text}", text)
    estate = campus.Estate(replies={"ListLockers north": [row, odd], "ListShelves": [], "ListDoors": []})
    return scanned(estate)


def view_of(scanned: Scan, text: str) -> View:
    """The view of such a run."""
    return build(run_of(scanned, text), campus.registry())


def said(view: View, text: str) -> View:
    """The view with ``text`` as the profile's own words too."""
    (profile,) = view.profiles
    statements = tuple(
        statement if not statement.claims else msgspec.structs.replace(statement, summary=text, section=text)
        for statement in profile.statements
    )
    profile = msgspec.structs.replace(profile, title=text, statements=statements)
    return msgspec.structs.replace(view, profiles=(profile,))


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_text_neither_acts_nor_hides(scanned: Scan, text: str, renderer: str) -> None:
    run, tame = run_of(scanned, text), run_of(scanned, "tame")
    drawn = RENDERERS[renderer](said(build(run, campus.registry()), text), run)
    tamed = RENDERERS[renderer](said(build(tame, campus.registry()), "tame"), tame)
    assert not ACTIVE.search(drawn.replace("\r\n", "").replace("\n", ""))
    if renderer in KEPT:
        KEPT[renderer](drawn, tamed, text)
    else:
        assert all(len(line) <= (200 if renderer.endswith("200") else 80) for line in drawn.splitlines())
        assert "C-9" not in [line.split()[2] for line in drawn.splitlines() if line.startswith("✔ verified  ")]


def same_elements(drawn: str, tamed: str, text: str) -> None:
    assert Tags(drawn).found == Tags(tamed).found
    block, _, after = drawn.partition('<script type="application/json" id="catalogue">')[2].partition("<")
    assert after.startswith("/script>\n<script>")
    assert inert(text) in {name for name, *_ in json.loads(block)["resources"]}


def whole_in_json(drawn: str, tamed: str, text: str) -> None:
    assert json.loads(drawn)["profiles"][0]["statements"][1]["claims"][0]["findings"][0]["resource"]["name"] == text


def whole_on_a_line(drawn: str, tamed: str, text: str) -> None:
    lines = drawn.split("\n")
    assert len(lines) == len(tamed.split("\n"))
    assert text in {json.loads(line)["resource"]["name"] for line in lines if line}


def cells_of_text(drawn: str, tamed: str, text: str) -> None:
    rows, others = (list(csv.reader(io.StringIO(one, newline=""), strict=True)) for one in (drawn, tamed))
    assert [len(row) for row in rows] == [len(row) for row in others]
    assert not [cell for row in rows for cell in row if cell.startswith(csvrows.FORMULA)]
    named = {row[csvrows.COLUMNS.index("name")].removeprefix("'") for row in rows}
    assert inert(text) in named


def same_cases(drawn: str, tamed: str, text: str) -> None:
    def shape(page: str) -> list[tuple[str, list[str]]]:
        return [(element.tag, sorted(element.attrib)) for element in ElementTree.fromstring(page.encode()).iter()]

    assert shape(drawn) == shape(tamed)


def messages_of_text(drawn: str, tamed: str, text: str) -> None:
    results, others = (json.loads(one)["runs"][0]["results"] for one in (drawn, tamed))
    assert [result["level"] for result in results] == [result["level"] for result in others]
    told = [result["message"]["text"] for result in results]
    bare = [words.replace("\\\\", "").replace("\\[", "").replace("\\]", "") for words in told]
    assert not [words for words in bare if "[" in words or "]" in words]
    assert all(not set("{}") & set(words.replace("{{", "").replace("}}", "")) for words in bare)


def rendered_alike(drawn: str, tamed: str, text: str) -> None:
    made, other = (MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(page) for page in (drawn, tamed))
    assert Tags(made).found == Tags(other).found


def one_command_a_line(drawn: str, tamed: str, text: str) -> None:
    starts = [[line.split(" ")[0] for line in one.split("\n")] for one in (drawn, tamed)]
    assert starts[0] == starts[1]
    commands = [line.split("::", 2) for line in drawn.splitlines()]
    assert all(len(parts) == 3 and not parts[0] for parts in commands)
    assert all(part.count("title=") == 1 for _, part, _ in commands)


KEPT: dict[str, Callable[[str, str, str], None]] = {
    "html": same_elements,
    "json": whole_in_json,
    "jsonl": whole_on_a_line,
    "csv": cells_of_text,
    "junit": same_cases,
    "sarif": messages_of_text,
    "markdown": rendered_alike,
    "github": one_command_a_line,
}
"""What else a rendering keeps, compared with one of a tame text: its form, and the text where it is for programs."""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, ünïcode, 日本, 🎒", "plain, ünïcode, 日本, 🎒"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[31m\x9b\x7f\x00", "\\x1b[31m\\x9b\\x7f\\x00"),
        ("\u202e\u2066\u200b\ufeff", "\\u202e\\u2066\\u200b\\ufeff"),
        ("\U000e0041", "\\U000e0041"),
        ("", ""),
    ],
)
def test_active_characters_are_spelled_out(text: str, shown: str) -> None:
    assert inert(text) == shown
    assert inert(shown) == shown


def test_no_text_of_a_value_escapes(scanned: Scan) -> None:
    view = view_of(scanned, "\x1b[1m")
    tame = inert_value(view)
    assert "\\x1b[1m" in tame.profiles[0].statements[1].claims[0].findings[0].resource.name
    assert "\x1b" not in repr(tame).replace("\\x1b", "")
    assert tame.run == view.run
