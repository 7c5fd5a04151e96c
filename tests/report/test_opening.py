"""What a report says first: the note of the run, that it is partial, and whose accounts it looked at."""

import re

import msgspec
import pytest

from posture.export import markdown
from posture.report import html, jsonreport, terminal
from posture.report.opening import SUMMARIES, partial, whose
from posture.report.view import View, build
from report import campus
from report.conftest import FULL, Scan

NOTE = "Rooms of a model campus: nobody lives there."


def test_a_place_that_was_not_entered_makes_the_run_partial(view: View) -> None:
    told = "partial: not entered: target-0 4711 east (unreachable), target-1 (credentials expired)"
    assert partial(view) == told
    assert " ".join(terminal.render(view).split()).startswith(told)
    assert " ".join(terminal.summary(view).split()).startswith(told)
    assert f"? <bdi>{told}</bdi>" in html.render(view).partition("<main>")[0]
    assert "**partial&#58; not entered&#58;" in markdown.render(view).partition("###")[0]


def test_a_run_that_saw_everything_is_not_partial(scanned: Scan) -> None:
    estate = campus.Estate(replies=FULL, regions=("north",), closed={"west": "region-not-enabled"})
    view = build(scanned(estate), campus.registry())
    assert partial(view) == ""
    for text in (terminal.render(view), terminal.summary(view), html.render(view), markdown.render(view)):
        assert "partial:" not in text


@pytest.mark.parametrize("by", ["Ctrl-C", "the time limit"])
def test_whoever_stopped_the_scan_is_named_first(view: View, by: str) -> None:
    stopped = msgspec.structs.replace(view, run=msgspec.structs.replace(view.run, interrupted=True, stopped=by))
    told = f"partial: stopped by {by}; not entered: "
    assert partial(stopped).startswith(told)
    for text in (terminal.render(stopped), html.render(stopped), markdown.render(stopped)):
        plain = text.replace("&#58;", ":")
        assert told in " ".join(plain.split())
        assert f"stopped by {by}" in plain.partition(told)[2]
        assert "interrupted" not in plain


def test_a_run_that_broke_off_unsaid_is_partial(scanned: Scan) -> None:
    view = build(scanned(campus.Estate(replies=FULL, regions=("north",))), campus.registry())
    cut = msgspec.structs.replace(view, run=msgspec.structs.replace(view.run, interrupted=True))
    assert partial(cut) == "partial: ended before it was complete"


def test_the_note_of_a_run_stands_before_all_else(scanned: Scan) -> None:
    view = build(scanned(campus.Estate(replies=FULL, regions=("north",)), note=NOTE), campus.registry())
    assert terminal.render(view).startswith(f"{NOTE}\n")
    assert terminal.summary(view).startswith(f"{NOTE}\n")
    assert f"<bdi>{NOTE}</bdi>" in html.render(view).partition("<main>")[0]
    assert markdown.render(view).splitlines()[2] == "**Rooms of a model campus&#58; nobody lives there.**"
    assert f'"note": "{NOTE}"' in jsonreport.render(view)


def test_the_page_says_whose_accounts_when_and_by_what(view: View) -> None:
    head = html.render(view).partition("<main>")[0]
    found = {
        name: re.sub("<[^>]+>", "", text) for name, text in re.findall("<dt>(Whose|When|By)</dt><dd>(.*)</dd>", head)
    }
    assert found == {
        "Whose": "target-0 (campus, 4711) as campus/auditor; target-1 (campus) could not sign in",
        "When": "2026-11-24 12:00 UTC",
        "By": f"posture {view.run.tool}, 6 calls at 2 places",
    }
    assert whose(view)[1] == "target-1 (campus) could not sign in"


def test_summaries_are_said_to_be_ours_before_the_first_statement(view: View) -> None:
    assert SUMMARIES in terminal.render(view).partition("C-0")[0]
    page = html.render(view)
    assert "words, not the document" in page[: page.index('class="sentence"')]
