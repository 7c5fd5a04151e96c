"""Annotations: one command a line, at the claim's line, escaped as the runner expects, the worst first."""

import re

import msgspec
import pytest

from export.conftest import statement
from posture.export import annotations
from posture.export.places import Placed
from posture.report.view import View, build
from report import campus
from report.conftest import PROFILE, Scan, locker

COMMAND = re.compile(r"::(notice|warning|error) ([^:]*)::(.*)")


def commands(view: View, standing: dict[str, Placed]) -> list[tuple[str, dict[str, str], str]]:
    found = []
    for line in annotations.render(view, standing).splitlines():
        command = COMMAND.fullmatch(line)
        assert command is not None, line
        pairs = dict(pair.split("=", 1) for pair in command[2].split(","))
        found.append((command[1], {name: unescaped(value) for name, value in pairs.items()}, unescaped(command[3])))
    return found


def unescaped(text: str) -> str:
    """What the runner makes of a value."""
    for code, char in (("%3A", ":"), ("%2C", ","), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, char)
    return text


def test_a_contradicted_claim_is_an_error_at_its_line(view: View, standing: dict[str, Placed]) -> None:
    errors = [(place, text) for level, place, text in commands(view, standing) if level == "error"]
    assert [place["title"].split()[0] for place, _ in errors] == ["C-3", "C-1", "C-2"]  # critical before high
    assert errors[0] == (
        {
            "file": "profiles/campus.yaml",
            "line": str(PROFILE.splitlines().index("      - claim: tls-minimum") + 1),
            "title": "C-3 contradicted: tls-minimum (reading minimum; version TLS 1.2)",
        },
        errors[0][1],
    )
    assert "main gate (4711 north) accepts TLS 1.0. Refuse older versions at the door." in errors[0][1]


def test_what_is_not_known_is_a_warning_the_wholly_unknown_first(view: View, standing: dict[str, Placed]) -> None:
    warnings = [place["title"] for level, place, _ in commands(view, standing) if level == "warning"]
    assert warnings == [
        "C-5 unknown: backups-encrypted",
        "C-4 partly verified: tls-minimum (reading minimum; version SSL 2.0)",
    ]


def test_a_claim_of_several_statements_stands_once(view: View, standing: dict[str, Placed]) -> None:
    (profile,) = view.profiles
    again = msgspec.structs.replace(statement(view, "C-3"), id="C-9")
    profile = msgspec.structs.replace(profile, statements=(*profile.statements, again))
    told = commands(msgspec.structs.replace(view, profiles=(profile,)), standing)
    (text,) = [text for level, place, text in told if level == "error" and "tls-minimum" in place["title"]]
    assert text.endswith(" So for C-9.")


def test_past_the_number_that_is_shown_the_rest_is_counted(view: View, standing: dict[str, Placed]) -> None:
    (profile,) = view.profiles
    first = statement(view, "C-3")
    (claim,) = first.claims
    several = tuple(
        msgspec.structs.replace(
            first, id=f"C-{n}", claims=(msgspec.structs.replace(claim, parameters=(("version", str(n)),)),)
        )
        for n in range(25)
    )
    profile = msgspec.structs.replace(profile, statements=several)
    told = commands(msgspec.structs.replace(view, profiles=(profile,)), standing)
    errors = [text for level, _, text in told if level == "error"]
    assert len(errors) == annotations.MOST
    assert errors[-1] == "and 16 more contradicted claims; the report has all"


@pytest.mark.parametrize("text", ["50% off", "a,b:c", "a\r\nb", "::error::x", "%0A::error::x"])
def test_nothing_in_a_name_ends_the_command(scanned: Scan, standing: dict[str, Placed], text: str) -> None:
    view = build(scanned(campus.Estate(replies={"ListLockers north": [locker(text, "open")]})), campus.registry())
    told = commands(view, {"campus": msgspec.structs.replace(standing["campus"], file=f"{text}.yaml")})
    seen = text.replace("\r", "\\r").replace("\n", "\\n")
    places = [place for level, place, _ in told if level == "error"]
    assert {place["file"] for place in places} == {f"{seen}.yaml"}
    assert all(seen in message for level, _, message in told if level == "error")


def test_what_is_verified_has_no_annotation_but_counts_in_the_headline(
    scanned: Scan, standing: dict[str, Placed]
) -> None:
    estate = campus.Estate(replies={"ListLockers north": [locker("a")], "ListShelves": []}, regions=("north",))
    told = commands(build(scanned(estate), campus.registry()), standing)
    assert told[0][0::2] == ("notice", "Campus, privacy page: 1 of 5 testable statements verified")
    assert [place["title"].split()[0] for level, place, _ in told if level != "notice"] == ["C-3", "C-4", "C-5"]
