"""Hostile text: what a cloud, a tag or a profile says can neither act nor hide in any rendering."""

import json
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from posture.report import html, jsonreport, terminal
from posture.report.inert import ACTIVE, inert, inert_value
from posture.report.view import View, build
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
}

RENDERERS: dict[str, Callable[[View], str]] = {
    "terminal 80": lambda view: terminal.render(view, 80),
    "terminal 200": lambda view: terminal.render(view, 200),
    "summary": terminal.summary,
    "html": html.render,
    "json": jsonreport.render,
}


class Tags(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))


def view_of(scanned: Scan, text: str) -> View:
    """A view in which ``text`` stands wherever text from outside can stand."""
    row = locker(text, "open", text, id=f"campus:locker/{text}")
    odd = locker(f"odd {text}", text)
    estate = campus.Estate(replies={"ListLockers north": [row, odd], "ListShelves": [], "ListDoors": []})
    return build(scanned(estate), campus.registry())


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_text_neither_acts_nor_hides(scanned: Scan, text: str, renderer: str) -> None:
    view = view_of(scanned, text)
    drawn = RENDERERS[renderer](view)
    assert not ACTIVE.search(drawn.replace("\n", ""))
    if renderer == "html":
        tame = html.render(view_of(scanned, "tame"))
        assert Tags(drawn).found == Tags(tame).found
    elif renderer == "json":
        assert json.loads(drawn)["profiles"][0]["statements"][1]["claims"][0]["findings"][0]["resource"]["name"] == text
    else:
        assert all(len(line) <= (200 if renderer.endswith("200") else 80) for line in drawn.splitlines())
        assert "C-9" not in [line.split()[2] for line in drawn.splitlines() if line.startswith("✔ verified  ")]


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
