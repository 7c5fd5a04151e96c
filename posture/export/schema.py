"""The published JSON Schemas of what programs read: made from the types, and shipped as files."""

from importlib.resources import files
from typing import Any, Literal

import msgspec

from posture.diff.comparison import Summary
from posture.diff.findings import FindingChange
from posture.export.jsonlines import FindingRow
from posture.model import Value
from posture.report import jsonreport
from posture.report.jsontext import json_text
from posture.report.view import View
from posture.run.listing import RunRow

NAMES = ("posture-report-1", "posture-findings-1", "posture-diff-1", "posture-runs-1")


def schema(name: str) -> Any:
    """A schema as it is shipped."""
    text = files("posture.export").joinpath("schemas", f"{name}.schema.json").read_text(encoding="utf-8")
    return msgspec.json.decode(text)


def documents() -> dict[str, str]:
    """Each schema as the types say it today, by the name of its file."""
    return {
        "posture-report-1.schema.json": json_text(_report()),
        "posture-findings-1.schema.json": json_text(_schema(FindingRow, "Findings of a posture run, one a line")),
        "posture-diff-1.schema.json": json_text(_schema(Difference, "What changed between two runs of posture")),
        "posture-runs-1.schema.json": json_text(_schema(Runs, "Runs of posture in a folder, the latest first")),
    }


class Runs(Value):
    """What ``posture runs --json`` prints."""

    schema: Literal["posture-runs/1"]
    runs: tuple[RunRow, ...]


class Difference(Summary):
    """What ``posture diff --json`` prints: the summary, and every finding that changed."""

    schema: Literal["posture-diff/1"]
    equal: bool
    findings: tuple[FindingChange, ...]


def _report() -> dict[str, Any]:
    """The view, with the name of its schema beside its parts."""
    found = _schema(View, "Report of a posture run")
    view = found["$defs"]["View"]
    view["properties"] = {"schema": {"const": jsonreport.SCHEMA}, **view["properties"]}
    view["required"] = ["schema", *view["required"]]
    return found


def _schema(kind: type, title: str) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **_described(msgspec.json.schema(kind)),
    }


def _described(data: Any) -> Any:
    """The schema with its texts as they read, not as they are indented in the code."""
    if isinstance(data, list):
        return [_described(item) for item in data]
    if not isinstance(data, dict):
        return data
    return {
        key: " ".join(item.split()) if key == "description" and isinstance(item, str) else _described(item)
        for key, item in data.items()
    }
