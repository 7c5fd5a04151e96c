"""The block of all findings: complete, in a fixed order, safe where it stands, and bounded with a word about it."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from posture.export.entries import entries
from posture.export.pagedata import catalogue
from posture.report.catalogue import Catalogue, block
from posture.report.view import View, build
from posture.run.directory import Run
from report import campus, large
from report.conftest import PROFILE, Scan

ORDER = ["fail", "unknown", "pass", "not-applicable"]


def rows(listed: Catalogue) -> list[dict[str, Any]]:
    """The rows with their texts put back."""
    data = json.loads(listed.data)
    found = []
    for id, outcome, check, resource, reason, note, bearing, proof in data["rows"]:
        found.append(
            {
                "id": id,
                "outcome": data["outcomes"][outcome][0],
                "check": data["checks"][check],
                "resource": data["resources"][resource],
                "reason": data["texts"][reason],
                "note": data["texts"][note],
                "claims": [data["claims"][place] for place in data["bearings"][bearing]],
                "evidence": [data["digests"][place] for place in data["proofs"][proof]],
            }
        )
    return found


def test_every_finding_of_the_run_is_in_it_with_its_evidence(view: View, run: Run) -> None:
    listed = catalogue(view, entries(run))
    assert (listed.held, listed.total) == (view.run.findings, view.run.findings)
    expected = {
        (one.id, one.check, one.resource.id, one.resource.region, one.outcome.reason, one.evidence)
        for one in run.findings()
    }
    told = {
        (row["id"], row["check"][0], row["resource"][1], row["resource"][4], row["reason"], tuple(row["evidence"]))
        for row in rows(listed)
    }
    assert told == expected


def test_the_gravest_come_first(view: View, run: Run) -> None:
    listed = [ORDER.index(row["outcome"]) for row in rows(catalogue(view, entries(run)))]
    assert listed == sorted(listed)
    assert set(listed) == {0, 1, 2, 3}
    bounded = rows(catalogue(view, entries(run), room=7))
    assert bounded == rows(catalogue(view, entries(run)))[:7]


def test_a_bounded_block_knows_what_it_leaves_out(view: View, run: Run) -> None:
    listed = catalogue(view, entries(run), room=7)
    assert (listed.held, listed.total) == (7, view.run.findings)


def test_the_order_of_the_findings_changes_nothing(view: View, run: Run) -> None:
    mixed = list(entries(run))
    random.Random(1).shuffle(mixed)
    assert catalogue(view, mixed) == catalogue(view, entries(run))


def test_claims_are_named_by_their_anchors_and_the_other_reading_is_marked(view: View, run: Run) -> None:
    claims = {
        (id, anchor, statement, word)
        for row in rows(catalogue(view, entries(run)))
        for anchor, statement, id, word in row["claims"]
    }
    assert ("C-1", "s1-2-1", "s1-2", "encrypted at rest") in claims
    assert ("C-3", "s1-4-1", "s1-4", "tls minimum") in claims
    assert ("C-3", "", "s1-4", "tls minimum, read the other way") in claims


def test_notes_say_why_something_is_unknown_holds_or_is_excepted(view: View, run: Run) -> None:
    notes = {(row["outcome"], row["note"]) for row in rows(catalogue(view, entries(run)))}
    assert ("unknown", "access denied, lockers:List") in notes
    assert ("pass", "the provider guarantees it") in notes
    assert ("fail", "under exception E-1") in notes
    assert ("not-applicable", "") in notes


def test_statements_of_two_documents_have_anchors_of_their_own(scanned: Scan) -> None:
    run = scanned(campus.Estate(), more=(PROFILE.replace("id: campus\n", "id: annex\n"),))
    shown = build(run, campus.registry())
    anchors = {statement for row in rows(catalogue(shown, entries(run))) for _, statement, *_ in row["claims"]}
    assert {anchor.partition("-")[0] for anchor in anchors} <= {"s1", "s2"}


@pytest.mark.parametrize("text", ["</script><b>", "<!--<script>", "]]>&amp;", "\u2028\u202e\x1b[1m", '"\\'])
def test_no_text_of_a_block_ends_it_or_acts(text: str) -> None:
    told = block({"texts": [text, (text, 1)]})
    assert not set(told) & set("<>&\u2028\u202e\x1b")
    again = json.loads(told)["texts"]
    assert again[0] == again[1][0]


def test_a_block_of_20000_findings_stays_below_ten_megabytes(tmp_path: Path) -> None:
    run = large.run(20_000, tmp_path / "run")
    listed = catalogue(build(run, campus.registry()), entries(run))
    assert listed.held == listed.total >= 20_000
    assert len(listed.data.encode()) < 10_000_000
