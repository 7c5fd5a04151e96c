"""JSON Lines: a finding a line, with every statement that it bears on, and one type for each key."""

import json
from typing import Any

from posture.export import jsonlines
from posture.export.entries import entries
from posture.report.view import View
from posture.run.directory import Run


def rows(run: Run, view: View) -> list[dict[str, Any]]:
    return [json.loads(line) for line in jsonlines.lines(view, entries(run))]


def of(found: list[dict[str, Any]], resource: str, check: str = "campus.locker.locked") -> dict[str, Any]:
    return next(row for row in found if row["resource"]["id"] == resource and row["check"] == check)


def test_a_fail_names_its_statement_and_the_exceptions_that_cover_it(run: Run, view: View) -> None:
    row = next(
        row
        for row in rows(run, view)
        if row["resource"]["id"] == "campus:locker/open-00"
        and row["parameters"] == {"algorithm": "AES-256"}
        and row["check"] == "campus.locker.locked"
    )
    assert {key: row[key] for key in row if key not in ("id", "evidence", "resource")} == {
        "schema": "posture-findings/1",
        "run": "2026-11-24T12:00:00+00:00",
        "profiles": ["campus"],
        "statements": ["campus/C-1"],
        "other_readings": [],
        "claim": "encrypted-at-rest",
        "parameters": {"algorithm": "AES-256"},
        "check": "campus.locker.locked",
        "severity": "high",
        "outcome": "fail",
        "reason": "stands open",
        "basis": None,
        "cause": None,
        "needs": "",
        "exceptions": ["E-1"],
    }
    assert row["evidence"]


def test_an_unknown_says_why_and_what_it_needs(run: Run, view: View) -> None:
    (row,) = [
        row
        for row in rows(run, view)
        if row["cause"] == "access-denied"
        and row["check"] == "campus.locker.locked"
        and row["statements"] == ["campus/C-2"]
    ]
    assert (row["outcome"], row["needs"], row["basis"]) == ("unknown", "lockers:List", None)


def test_what_tests_the_other_reading_is_said_to_move_no_verdict(run: Run, view: View) -> None:
    gate = [row for row in rows(run, view) if row["resource"]["id"] == "campus:door/main gate"]
    told = {(row["parameters"]["reading"], row["parameters"]["version"]): row for row in gate}
    assert told["supported", "TLS 1.2"]["statements"] == []
    assert told["supported", "TLS 1.2"]["other_readings"] == ["campus/C-3"]
    assert told["minimum", "TLS 1.2"]["outcome"] == "fail"


def test_a_key_has_one_type_on_every_line(run: Run, view: View) -> None:
    types: dict[str, set[str]] = {}
    for row in rows(run, view):
        for key, value in row.items():
            types.setdefault(key, set()).add(type(value).__name__)
    assert {key: found - {"NoneType"} for key, found in types.items() if len(found - {"NoneType"}) != 1} == {}


def test_a_line_has_sorted_keys(run: Run, view: View) -> None:
    for line in jsonlines.lines(view, entries(run)):
        assert json.dumps(json.loads(line), sort_keys=True, ensure_ascii=False) + "\n" == line
