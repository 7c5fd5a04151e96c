"""The report in a terminal: it fits, it is legible without colour, and its end of a scan is short."""

import re

import pytest

from posture.report import terminal
from posture.report.view import View, build
from report import campus
from report.conftest import PROFILE, Scan, agrees_with_page, door, settled


@pytest.mark.parametrize("width", [80, 160])
def test_the_text_is_the_stored_page(view: View, width: int) -> None:
    assert agrees_with_page(f"terminal-{width}.txt", terminal.render(settled(view), width))


def test_the_summary_is_the_stored_page(view: View) -> None:
    assert agrees_with_page("summary.txt", terminal.summary(settled(view)))


@pytest.mark.parametrize("width", [48, 60, 80, 119, 120, 200])
def test_no_line_is_wider_than_the_terminal(view: View, width: int) -> None:
    for text in (terminal.render(view, width), terminal.summary(view, width)):
        assert max(map(len, text.splitlines())) <= width


def test_a_terminal_narrower_than_the_narrowest_gets_the_narrowest(view: View) -> None:
    assert terminal.render(view, 10) == terminal.render(view, 48)


def test_escape_sequences_appear_only_with_colour(view: View) -> None:
    plain, coloured = terminal.render(view, 80), terminal.render(view, 80, colour=True)
    assert "\x1b" not in plain
    assert "\x1b" in coloured
    bare = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in bare.splitlines()] == plain.splitlines()


def test_the_summary_has_at_most_25_lines_however_many_documents(scanned: Scan) -> None:
    more = tuple(PROFILE.replace("id: campus\n", f"id: annex-{number}\n") for number in range(7))
    estate = campus.Estate(replies={"ListDoors north": [door("gate", "TLS 1.0")], "ListLockers": "access-denied"})
    for extra in ((), more[:1], more):
        text = terminal.summary(build(scanned(estate, more=extra), campus.registry()))
        assert len(text.splitlines()) <= 25
        assert "contradicted" in text
        assert "to grant: lockers:List" in text


def test_a_claim_made_twice_shows_its_findings_once(scanned: Scan) -> None:
    again = PROFILE.replace("{version: SSL 2.0}", "{version: TLS 1.2, reading: minimum}")
    run = scanned(campus.Estate(replies={"ListDoors north": [door("gate", "TLS 1.0")]}), profile=again)
    text = terminal.render(build(run, campus.registry()))
    assert text.count("accepts TLS 1.0") == 1
    assert "as under C-3" in text
