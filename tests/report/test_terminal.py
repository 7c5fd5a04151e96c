"""The report in a terminal: it fits, it is legible without colour, and its end of a scan is short."""

import re

import msgspec
import pytest

from posture.report import terminal
from posture.report.obstacles import Action, Kind
from posture.report.publicnames import PublicName
from posture.report.view import View, build
from report import campus
from report.conftest import PROFILE, Scan, agrees_with_page, door, settled

PERMISSION = "Microsoft.Sql/servers/databases/transparentDataEncryption/read"


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


def long_list(view: View, count: int) -> View:
    """The view with so many things to do, each for want of a permission with a long name."""
    actions = tuple(
        Action(
            kind=Kind.GRANT,
            subject=PERMISSION,
            what=f"Grant {PERMISSION} ({number} findings unknown without it)",
            remedy="Grant it.",
            statements=("C-1",),
            count=number,
        )
        for number in range(count)
    )
    return msgspec.structs.replace(view, actions=actions)


@pytest.mark.parametrize(("count", "more"), [(10, ""), (17, "and 7 more; `posture report RUN -f html` has them all")])
def test_at_most_10_things_to_do_are_told_and_the_others_counted(view: View, count: int, more: str) -> None:
    text = terminal.render(long_list(view, count), 120)
    assert text.count(f"Grant {PERMISSION}") == min(count, 10)
    assert (more in text) if more else "more; `posture" not in text


def test_names_of_permissions_are_whole_in_the_summary(view: View) -> None:
    text = terminal.summary(long_list(view, 17))
    assert len(text.splitlines()) <= 25
    assert text.count(PERMISSION) == 4 + 3, "the things to do, and what to grant"
    assert "and 13 more" in text


def test_options_that_are_advised_exist(view: View) -> None:
    names = tuple(
        PublicName(
            host=f"h{number}.example",
            ports=(443,),
            kind="k",
            resource="r",
            account="1",
            region="north",
            looked_at=False,
            judged=False,
        )
        for number in range(40)
    )
    known = msgspec.structs.replace(view, coverage=msgspec.structs.replace(view.coverage, names=names))
    text = terminal.render(known)
    assert "and 28 more; `posture report RUN -f json` has them all" in text
    assert "--json" not in text


def test_a_kind_without_a_check_is_told_with_the_claims(view: View) -> None:
    assert "No check judges campus.shelf for encrypted-at-rest (1 store in scope)" in terminal.render(view)


def test_a_claim_made_twice_shows_its_findings_once(scanned: Scan) -> None:
    again = PROFILE.replace("{version: SSL 2.0}", "{version: TLS 1.2, reading: minimum}")
    run = scanned(campus.Estate(replies={"ListDoors north": [door("gate", "TLS 1.0")]}), profile=again)
    text = terminal.render(build(run, campus.registry()))
    assert text.count("accepts TLS 1.0") == 1
    assert "as under C-3" in text
