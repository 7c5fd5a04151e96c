"""The published schemas: shipped as the types have them, kept by real runs, and not kept by anything else."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import posture.export
from posture.export import jsonlines, schema
from posture.export.entries import entries
from posture.report import jsonreport
from posture.report.view import View
from posture.run.directory import Run

FOLDER = Path(posture.export.__file__).parent / "schemas"


@pytest.mark.parametrize("name", sorted(schema.documents()))
def test_a_shipped_schema_says_what_the_types_say(name: str) -> None:
    """With POSTURE_WRITE_PAGES=1 the file is written. A change that old reports do not keep needs another number."""
    text = schema.documents()[name]
    if os.environ.get("POSTURE_WRITE_PAGES") == "1":
        (FOLDER / name).write_text(text, encoding="utf-8")
    assert (FOLDER / name).read_text(encoding="utf-8") == text
    Draft202012Validator.check_schema(json.loads(text))


def test_every_shipped_schema_has_its_type() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(schema.documents())
    assert sorted(f"{name}.schema.json" for name in schema.NAMES) == sorted(schema.documents())


def errors(name: str, data: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(schema.schema(name)).iter_errors(data)]


def test_a_report_keeps_its_schema(view: View) -> None:
    assert errors("posture-report-1", json.loads(jsonreport.render(view))) == []


def test_every_line_keeps_its_schema(run: Run, view: View) -> None:
    rows = [json.loads(line) for line in jsonlines.lines(view, entries(run))]
    assert len(rows) == view.run.findings
    assert [message for row in rows for message in errors("posture-findings-1", row)] == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"outcome": "maybe"}, "'maybe' is not one of"),
        ({"cause": ""}, "not valid under any of the given schemas"),
        ({"colour": "red"}, "Additional properties are not allowed"),
        ({"schema": "posture-findings/2"}, "'posture-findings/2' is not one of"),
        ({"statements": None}, "None is not of type 'array'"),
    ],
)
def test_a_line_that_says_something_else_does_not(run: Run, view: View, change: dict[str, Any], told: str) -> None:
    row = json.loads(next(iter(jsonlines.lines(view, entries(run)))))
    (message,) = errors("posture-findings-1", row | change)
    assert told in message


def test_a_report_without_its_schema_or_its_counts_does_not(view: View) -> None:
    data = json.loads(jsonreport.render(view))
    assert errors("posture-report-1", {**data, "schema": "posture-report/9"})
    del data["profiles"][0]["counts"]["unknown"]
    assert errors("posture-report-1", data) == ["'unknown' is a required property"]
