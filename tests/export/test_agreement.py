"""Every format says the same of every statement as verdicts.json, for the three states of the demo."""

import csv
import io
import json
import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from jsonschema import Draft4Validator, Draft202012Validator
from lxml import etree

from demos import STATES, Demo
from export.conftest import SCHEMAS, exported
from posture.export import schema
from posture.export.entries import entries
from posture.registry import Registry, installed
from posture.report import html, jsonreport
from posture.report.view import build
from posture.report.words import spoken

Verdicts = dict[tuple[str, str], str]

ENDS = {
    "contradicted": {"failure"},
    "verified": {"pass", "skipped"},
    "partly-verified": {"pass", "skipped", "error"},
    "unknown": {"error", "skipped"},
    "not-testable": {"skipped"},
}
"""How the cases of a statement may end under each verdict; one failure is enough to contradict."""


@pytest.fixture(scope="module")
def registry() -> Registry:
    return installed()


def of_html(page: str) -> list[str]:
    """The verdict words of the statements, in the order of the page."""
    return re.findall(r'<(?:li|article|details|section|div|tr)[^>]*\bdata-verdict="([a-z-]+)"', page)


def of_json(text: str) -> Verdicts:
    return {(p["id"], s["id"]): s["verdict"] for p in json.loads(text)["profiles"] for s in p["statements"]}


def of_csv(text: str) -> Verdicts:
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    found = {(row["profile"], row["statement"]): row["statement_verdict"] for row in rows}
    assert len({(row["profile"], row["statement"], row["statement_verdict"]) for row in rows}) == len(found)
    return found


def of_junit(text: str) -> Verdicts:
    found = {}
    for suite in ElementTree.fromstring(text.encode()):
        for row in suite.iter("property"):
            word, _, id = row.attrib["name"].partition(" ")
            if word == "verdict":
                found[suite.attrib["name"], id] = row.attrib["value"]
    return found


def of_sarif(text: str) -> Verdicts:
    return {
        (run["automationDetails"]["id"].split("/")[1], id): verdict
        for run in json.loads(text)["runs"]
        for id, verdict in run["properties"]["verdicts"].items()
    }


READERS: dict[str, Callable[[str], Verdicts]] = {
    "json": of_json,
    "csv": of_csv,
    "junit": of_junit,
    "sarif": of_sarif,
}


@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize("state", STATES)
def test_every_verdict_is_the_one_of_the_assessment(demo: Demo, registry: Registry, state: str) -> None:
    run = demo.run(state)
    verdicts = {(p.id, s.id): str(s.verdict) for p in demo.assessment(state).profiles for s in p.statements}
    view = build(run, registry)
    texts = {**exported(run, registry), "json": jsonreport.render(view)}
    for form, read in READERS.items():
        assert read(texts[form]) == verdicts, form
    assert of_html(html.render(view)) == list(verdicts.values())
    ends = junit_ends(texts["junit"])
    for name, verdict in verdicts.items():
        assert ends[name] <= ENDS[verdict] or (verdict == "contradicted" and "failure" in ends[name]), name
        assert ("failure" in ends[name]) == (verdict == "contradicted"), name
        assert verdict != "unknown" or "error" in ends[name], name
    alerts = sarif_levels(texts["sarif"])
    for name, verdict in verdicts.items():
        assert ("error" in alerts.get(name, set())) == (verdict == "contradicted"), name
        assert verdict not in ("verified", "not-testable") or name not in alerts, name
        assert verdict != "unknown" or alerts[name] == {"warning"}, name
    for (_, id), verdict in verdicts.items():
        if verdict in ("contradicted", "unknown", "partly-verified"):
            assert re.search(rf"^\| . {spoken(verdict)} \| {re.escape(id)} \|", texts["markdown"], re.M), id


@pytest.mark.xdist_group("demo")
@pytest.mark.parametrize("state", STATES)
def test_the_formats_keep_their_schemas(demo: Demo, registry: Registry, state: str) -> None:
    run = demo.run(state)
    texts = exported(run, registry)
    official = json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
    Draft4Validator(official).validate(json.loads(texts["sarif"]))
    etree.XMLSchema(etree.parse(SCHEMAS / "junit-10.xsd")).assertValid(etree.fromstring(texts["junit"].encode()))
    report = Draft202012Validator(schema.schema("posture-report-1"))
    report.validate(json.loads(jsonreport.render(build(run, registry))))
    row = Draft202012Validator(schema.schema("posture-findings-1"))
    lines = texts["jsonl"].splitlines()
    for line in lines:
        row.validate(json.loads(line))
    assert len(lines) == sum(1 for _ in entries(run))


def junit_ends(text: str) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for case in ElementTree.fromstring(text.encode()).iter("testcase"):
        profile, _, id = case.attrib["classname"].partition(".")
        found.setdefault((profile, id), set()).add(case[0].tag if len(case) else "pass")
    return found


def sarif_levels(text: str) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for run in json.loads(text)["runs"]:
        profile = run["automationDetails"]["id"].split("/")[1]
        for result in run["results"]:
            for id in result["properties"]["statements"]:
                found.setdefault((profile, id), set()).add(result["level"])
    return found
