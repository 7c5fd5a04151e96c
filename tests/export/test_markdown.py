"""The summary for a pull request: counts with denominators, small enough, and plain text in every cell."""

import msgspec
import pytest
from markdown_it import MarkdownIt

from export.conftest import statement
from posture.export import markdown
from posture.report.view import View


def rendered(text: str) -> str:
    return MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(text)


def test_the_counts_have_their_denominators(view: View) -> None:
    page = markdown.render(view)
    assert "**0 of 5 testable statements verified**" in page
    for verdict, symbol in (("contradicted", "✘"), ("unknown", "?"), ("not testable", "–")):
        counts = view.profiles[0].counts
        assert f"| {symbol} {verdict} | {counts.of(verdict.replace(' ', '-'))} of 8 |" in page


def test_contradicted_comes_before_unknown_and_what_no_scan_tests_is_only_counted(view: View) -> None:
    rows = [line.split(" | ")[:2] for line in markdown.render(view).splitlines() if " | C-" in line]
    assert [tuple(row) for row in rows if not row[0].startswith("| Grant")][:5] == [
        ("| ✘ contradicted", "C-1"),
        ("| ✘ contradicted", "C-2"),
        ("| ✘ contradicted", "C-3"),
        ("| ? unknown", "C-5"),
        ("| ◐ partly verified", "C-4"),
    ]
    assert statement(view, "C-6").verdict == "not-testable"
    assert not any(row[1] == "C-6" for row in rows)


def test_what_to_do_and_what_was_not_seen(view: View) -> None:
    page = markdown.render(view)
    assert "### What to do next" in page
    assert "Grant lockers&#58;List" in page
    assert "| shelves&#58;List | throttled | 1 read | south |" in page


def many(view: View, count: int, long: int) -> View:
    """The view with its contradicted statement ``count`` times, each with a long text."""
    (profile,) = view.profiles
    first = msgspec.structs.replace(statement(view, "C-1"), summary="x" * long)
    statements = tuple(msgspec.structs.replace(first, id=f"C-{number}") for number in range(count))
    return msgspec.structs.replace(view, profiles=(msgspec.structs.replace(profile, statements=statements),))


@pytest.mark.parametrize(("count", "long"), [(50, 100), (400, 100), (3000, 5000)])
def test_a_page_is_small_enough_and_says_what_it_leaves_out(view: View, count: int, long: int) -> None:
    page = markdown.render(many(view, count, long))
    assert len(page.encode()) <= markdown.MOST_BYTES
    shown = page.count("| ✘ contradicted | C-")
    left_out = f"*{count - shown:,} more rows of {count:,} left out; the report has all.*"
    assert shown == count or left_out in page
    assert shown >= min(count, 50)


def test_many_documents_are_counted(view: View) -> None:
    whole = many(view, 50, 300)
    page = markdown.render(msgspec.structs.replace(whole, profiles=whole.profiles * 400))
    assert len(page.encode()) <= markdown.MOST_BYTES
    assert "more documents, which the report has.*" in page


@pytest.mark.parametrize(
    "text",
    [
        "a | b",
        "<b>x</b>",
        "[x](https://evil.example)",
        "![x](https://evil.example/i.png)",
        "**bold** _x_ `code` ~~x~~",
        "&lt;",
        "\\| x",
        "https://evil.example",
        "<!-- x",
    ],
)
def test_text_is_shown_as_it_is(text: str) -> None:
    html = rendered(f"| a |\n| --- |\n| {markdown.plain(text)} |\n")
    shown = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert f"<td>{shown}</td>" in html


@pytest.mark.parametrize(("text", "parted"), [("@octocat", "&#64;<!-- -->octocat"), ("#12", "&#35;<!-- -->12")])
def test_nobody_is_called_and_no_issue_is_named(text: str, parted: str) -> None:
    assert markdown.plain(text) == parted


def test_the_address_of_a_page_is_no_link() -> None:
    assert markdown.plain("www.evil.example") == "www&#46;evil.example"
