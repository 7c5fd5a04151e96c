"""The report for programs: one schema, sorted keys, and the view without loss."""

import json
from typing import Any

import msgspec

from posture.report import jsonreport
from posture.report.view import View, build
from posture.run.directory import Run
from report import campus
from report.conftest import agrees_with_page, settled


def test_the_json_is_the_stored_page(view: View) -> None:
    assert agrees_with_page("report.json", jsonreport.render(settled(view)))


def test_the_json_names_its_schema_and_holds_the_whole_view(view: View) -> None:
    data = json.loads(jsonreport.render(view))
    assert data.pop("schema") == "posture-report/1"
    assert msgspec.convert(data, View) == view


def test_keys_are_sorted_at_every_depth(view: View) -> None:
    def pairs(items: list[tuple[str, Any]]) -> None:
        assert [key for key, _ in items] == sorted(key for key, _ in items)

    json.loads(jsonreport.render(view), object_pairs_hook=pairs)


def test_a_run_has_one_json(run: Run, view: View) -> None:
    assert jsonreport.render(build(run, campus.registry())) == jsonreport.render(view)
