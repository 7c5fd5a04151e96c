"""SARIF: the official schema is kept, every result stands at its claim, and each alert is one finding."""

import json
from typing import Any

from jsonschema import Draft4Validator

from export.conftest import SCHEMAS
from posture.export import sarif
from posture.export.entries import entries
from posture.export.places import Placed
from posture.identity import digest
from posture.model import Fail, Unknown
from posture.report.view import View, build
from posture.run.directory import Run
from report import campus
from report.conftest import PROFILE, Scan, locker


def log(run: Run, view: View, standing: dict[str, Placed]) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(sarif.render(view, entries(run), standing))
    official = json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
    assert [error.message for error in Draft4Validator(official).iter_errors(data)] == []
    return data


def line_of(text: str) -> int:
    return PROFILE.splitlines().index(text) + 1


def test_a_result_is_a_finding_that_fails_or_is_unknown(run: Run, view: View, standing: dict[str, Placed]) -> None:
    (only,) = log(run, view, standing)["runs"]
    found = {
        r["partialFingerprints"]["postureFinding/v1"]: r["level"]
        for r in only["results"]
        if r["properties"].get("check")
    }
    wanted = {
        entry.finding.id: "error" if isinstance(entry.finding.outcome, Fail) else "warning"
        for entry in entries(run)
        if isinstance(entry.finding.outcome, Fail | Unknown) and any(b.adopted for b in entry.bearings)
    }
    assert found == wanted


def test_a_fail_stands_at_its_claim_under_the_rule_of_its_check(
    run: Run, view: View, standing: dict[str, Placed]
) -> None:
    (only,) = log(run, view, standing)["runs"]
    (result,) = [r for r in only["results"] if r["ruleId"] == "campus.door.version"]
    rule = only["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["id"] == "campus.door.version"
    assert rule["shortDescription"]["text"] == "Doors speak TLS 1.2 or newer"
    assert rule["help"]["text"] == "Refuse older versions at the door."
    assert rule["properties"]["security-severity"] == "9.5"
    (location,) = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "profiles/campus.yaml"},
        "region": {"startLine": line_of("      - claim: tls-minimum")},
    }
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "campus:door/main gate"
    assert result["level"] == "error"
    assert result["message"]["text"] == "main gate accepts TLS 1.0. C-3 says: Doors speak TLS 1.2."


def test_something_unknown_is_a_warning_under_a_rule_about_reading(
    run: Run, view: View, standing: dict[str, Placed]
) -> None:
    (only,) = log(run, view, standing)["runs"]
    unknown = [r for r in only["results"] if r["properties"]["outcome"] == "unknown"]
    assert {r["level"] for r in unknown} == {"warning"}
    assert {r["ruleId"] for r in unknown} >= {"posture.unknown.access-denied", "posture.unknown.untested"}
    assert all(r["ruleId"].startswith("posture.unknown.") for r in unknown)


def test_a_claim_that_no_check_bears_on_is_a_warning_at_its_line(
    run: Run, view: View, standing: dict[str, Placed]
) -> None:
    (only,) = log(run, view, standing)["runs"]
    (result,) = [r for r in only["results"] if r["ruleId"] == "posture.unknown.untested"]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": line_of("    claims: [{claim: backups-encrypted}]")}


def test_an_exception_suppresses_and_changes_no_level(run: Run, view: View, standing: dict[str, Placed]) -> None:
    (only,) = log(run, view, standing)["runs"]
    suppressed = [r for r in only["results"] if r["suppressions"]]
    assert suppressed
    for result in suppressed:
        assert result["level"] == "error"
        assert result["suppressions"] == [
            {"kind": "external", "status": "accepted", "justification": "E-1: the lock is on order"}
        ]


def test_a_statement_that_is_contradicted_or_unknown_has_a_result(
    run: Run, view: View, standing: dict[str, Placed]
) -> None:
    (only,) = log(run, view, standing)["runs"]
    told = {id: verdict for result in only["results"] for id, verdict in result["properties"]["statements"].items()}
    wanted = {s.id: s.verdict for s in view.profiles[0].statements if s.verdict in ("contradicted", "unknown")}
    assert {id: verdict for id, verdict in told.items() if id in wanted} == wanted
    assert only["properties"]["verdicts"] == {s.id: s.verdict for s in view.profiles[0].statements}


def test_fingerprints_tell_results_apart_and_hold(run: Run, view: View, standing: dict[str, Placed]) -> None:
    (only,) = log(run, view, standing)["runs"]
    marks = [r["partialFingerprints"]["primaryLocationLineHash"] for r in only["results"]]
    assert len(set(marks)) == len(marks)
    assert digest(log(run, build(run, campus.registry()), standing)) == digest(log(run, view, standing))


def test_nothing_in_a_message_is_a_link_or_a_placeholder(scanned: Scan, standing: dict[str, Placed]) -> None:
    run = scanned(campus.Estate(replies={"ListLockers north": [locker("[x](https://evil.example) {0}", "open")]}))
    (only,) = log(run, build(run, campus.registry()), standing)["runs"]
    text = next(r["message"]["text"] for r in only["results"] if r["level"] == "error")
    assert text.startswith("\\[x\\](https://evil.example) {{0}} stands open.")


def test_what_was_not_read_is_a_notification(run: Run, view: View, standing: dict[str, Placed]) -> None:
    (only,) = log(run, view, standing)["runs"]
    (invocation,) = only["invocations"]
    told = " ".join(note["message"]["text"] for note in invocation["toolExecutionNotifications"])
    assert "lockers:List access-denied" in told
    assert "credentials-expired" in told
    assert "region-not-enabled" not in told
    assert invocation["startTimeUtc"] == "2026-11-24T12:00:00Z"


def test_a_run_for_each_profile(scanned: Scan, standing: dict[str, Placed]) -> None:
    other = PROFILE.replace("id: campus", "id: other", 1)
    run = scanned(campus.Estate(replies={"ListLockers north": [locker("a", "open")]}), more=(other,))
    found = log(run, build(run, campus.registry()), {**standing, "other": standing["campus"]})["runs"]
    assert [one["automationDetails"]["id"] for one in found] == ["posture/campus/", "posture/other/"]
    assert [len([r for r in one["results"] if r["level"] == "error"]) for one in found] == [2, 2]
