"""HTML: what a browser shows counts, and each block is a line."""

import pytest

from posture.documents import DocumentError
from posture.documents.htmlfile import read_html
from posture.documents.sentences import sentences


def shown(page: str) -> list[str]:
    return sentences(read_html(page, "a.html").text)


@pytest.mark.parametrize(
    ("page", "lines"),
    [
        ("<p>Keys <b>rot</b>ate.</p><p>Logs stay.</p>", ["Keys rotate.", "Logs stay."]),
        ("<h2>Storage</h2>Keys rotate.<div>Logs stay.</div>", ["Storage", "Keys rotate.", "Logs stay."]),
        ("<ul><li>all keys<li>all logs</ul>", ["all keys", "all logs"]),
        ("<table><tr><th>Store<td>encrypted<tr><th>Log<td>kept</table>", ["Store", "encrypted", "Log", "kept"]),
        ("<dl><dt>Keys<dd>rotate</dl>", ["Keys", "rotate"]),
        ("<p>Keys\n   rotate\tyearly.</p>", ["Keys rotate yearly."]),
        ("<p>Keys<br>Logs</p>", ["Keys", "Logs"]),
        ("<pre>Keys\nLogs</pre>", ["Keys", "Logs"]),
        ("<p>Keys<!-- never --> rotate.</p>", ["Keys rotate."]),
        ("<p>A &amp; B &lt;C&gt; &#8220;D&#8221;</p>", ['A & B <C> "D"']),
        ("<details><summary>Keys?</summary>They rotate.</details>", ["Keys?", "They rotate."]),
        ('<p>Keys <a href="/x">rotate</a>.</p>', ["Keys rotate."]),
        ("Keys rotate.", ["Keys rotate."]),
        ("<p>All of our keys, the ones of every customer, are kept apart<p>by name", 2),
    ],
)
def test_blocks_are_lines(page: str, lines: list[str] | int) -> None:
    found = shown(page)
    assert (len(found) if isinstance(lines, int) else found) == lines


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>Never.</script>",
        "<style>p { color: red }</style>",
        "<template><p>Never.</p></template>",
        "<noscript>Never.</noscript>",
        "<p hidden>Never.</p>",
        '<p style="color: red; display:none">Never.</p>',
        '<p style="VISIBILITY : hidden">Never.</p>',
        "<div hidden><p>Never. <b>Never.</b></p></div>",
        "<dialog>Never.</dialog>",
        "<svg><text>Never.</text></svg>",
        "<!-- Never. -->",
        '<input type="hidden" value="Never.">',
        "<select><option>Never.</select>",
        "<iframe>Never.</iframe>",
    ],
)
def test_what_a_browser_does_not_show_does_not_count(hidden: str) -> None:
    page = f"<title>Never.</title><p>Keys rotate.</p>{hidden}<p>Logs stay.</p>"
    assert shown(page) == ["Keys rotate.", "Logs stay."]


def test_text_after_something_hidden_counts() -> None:
    assert shown("<p>Keys <span hidden>never </span>rotate.</p>") == ["Keys rotate."]


def test_a_deep_page_is_read_to_its_end_or_not_at_all() -> None:
    def deep(levels: int) -> str:
        return "<div>" * levels + "Keys rotate." + "</div>" * levels + "<p>Logs stay.</p>"

    assert shown(deep(1_000)) == ["Keys rotate.", "Logs stay."]
    with pytest.raises(DocumentError, match=r"^a\.html: cannot be read to its end \(Excessive depth"):
        shown(deep(5_000))


def test_a_page_keeps_its_title_apart() -> None:
    assert read_html("<title> Our\nsecurity </title><p>Keys rotate.", "a.html").title == "Our security"
