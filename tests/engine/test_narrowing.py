"""A claim about one class of data speaks about the stores that hold it, and about all that may."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands import written
from engine import lab, scans
from engine.test_assess import DENIED, NOW, WORTH, exemption
from posture.assess import Assessment, ClaimVerdict, Holders, assess
from posture.claims import DoubleEncrypted
from posture.config import load_config
from posture.coverage import Listed
from posture.export.entries import entries
from posture.identity import finding_id
from posture.model import (
    Cause,
    Fail,
    Finding,
    NotApplicable,
    Outcome,
    Pass,
    Resource,
    Severity,
    Store,
    Unknown,
    Verdict,
)
from posture.place import Place, Where
from posture.profile import Profile
from posture.registry import Registry
from posture.report.terminal import render
from posture.report.view import build
from posture.report.words import holders_words
from posture.run.directory import Run
from posture.scan import evaluate_run, scan
from posture.scope import Holding, Holds, Match, holding
from posture.yamlfile import FileError

CLAIM = DoubleEncrypted()
WORD = CLAIM.word()
HOLDS: dict[str, tuple[Match, ...]] = {
    "uploads": (Match(tag="data=uploads"), Match(kind="lab.box", name="up-*")),
    "logs": (Match(tag="data=logs"), Match(name="log-*")),
}
ALL = scans.profile(WORD)
UPLOADS = scans.profile({"claim": WORD, "data": "uploads"})


def box(name: str, data: str | None = "") -> Resource:
    """A box with a tag that says what it holds, with none (empty), or whose tags were not read."""
    tags = None if data is None else (("data", data),) if data else ()
    return Resource(id=f"lab/{name}", kind="lab.box", cloud="lab", account="1", region="north", name=name, tags=tags)


WHOLE = Place(provider="lab", target="t", account="1", region="north", where=Where.REGION).whole("lab.box")


@pytest.mark.parametrize(
    ("resource", "held"),
    [
        (box("a", "uploads"), Holding.HOLDS),
        (box("up-1"), Holding.HOLDS),
        (box("up-1", "logs"), Holding.HOLDS),
        (box("log-1", "uploads"), Holding.HOLDS),
        (box("up-1", None), Holding.HOLDS),
        (box("a", None), Holding.UNDECIDED),
        (box("log-1", None), Holding.UNDECIDED),
        (WHOLE, Holding.UNDECIDED),
        (box("a"), Holding.UNCLASSIFIED),
        (box("a", "other"), Holding.UNCLASSIFIED),
        (box("a", "logs"), Holding.ELSEWHERE),
        (box("log-1"), Holding.ELSEWHERE),
        (msgspec.structs.replace(box("up-1"), kind="lab.crate"), Holding.UNCLASSIFIED),
    ],
)
def test_only_what_is_known_to_hold_other_data_alone_is_elsewhere(resource: Resource, held: Holding) -> None:
    assert holding(HOLDS, "uploads", resource) is held


def test_a_store_that_another_class_may_hold_is_not_left_out() -> None:
    holds: Holds = {"uploads": (Match(name="up-*"),), "logs": (Match(tag="data=logs"),)}
    assert holding(holds, "uploads", box("a", None)) is Holding.UNCLASSIFIED


def finding(resource: Resource, outcome: Outcome) -> Finding:
    return Finding(
        id=finding_id("lab.check", CLAIM.key(), resource),
        check="lab.check",
        claim=CLAIM.key(),
        resource=resource,
        severity=Severity.LOW,
        outcome=outcome,
        evidence=(),
        profiles=("page",),
    )


def judged(
    found: list[Finding], profile: Profile = UPLOADS, holds: Holds = HOLDS, listed: tuple[Listed, ...] = (), **more: Any
) -> ClaimVerdict:
    assessment = assess([profile], found, listed, (), more.get("exemptions", ()), (), NOW, holds)
    return scans.claim(assessment, WORD)


outcomes: st.SearchStrategy[Outcome] = st.sampled_from(
    [Pass("p"), Fail("f"), DENIED, Unknown(Cause.TIMEOUT, "late"), NotApplicable("n")]
)
resources = st.builds(
    box, st.sampled_from(["a", "b", "up-1", "log-1", "log-2"]), st.sampled_from(["", None, "uploads", "logs", "other"])
)
findings = st.lists(st.builds(finding, resources | st.just(WHOLE), outcomes), max_size=10)
QUIET = settings(max_examples=120, deadline=None, database=None)


@QUIET
@given(findings)
def test_what_is_not_known_to_be_elsewhere_counts_as_without_the_map(found: list[Finding]) -> None:
    inside = [one for one in found if holding(HOLDS, "uploads", one.resource) is not Holding.ELSEWHERE]
    narrowed, whole = judged(found), judged(inside, ALL)
    assert (narrowed.verdict, narrowed.tally, narrowed.causes) == (whole.verdict, whole.tally, whole.causes)


@QUIET
@given(findings, st.sampled_from(["", None, "other"]), st.sampled_from([Fail("f"), DENIED]))
def test_narrowing_never_mends_what_an_unclassified_store_fails_or_leaves_unknown(
    found: list[Finding], data: str | None, outcome: Outcome
) -> None:
    more = [*found, finding(box("x", data), outcome)]
    assert WORTH[judged(more).verdict] <= WORTH[judged(found).verdict]
    assert judged(more).verdict is not Verdict.VERIFIED
    if isinstance(outcome, Fail):
        assert judged(more).verdict is Verdict.CONTRADICTED


@QUIET
@given(findings)
def test_without_the_class_in_the_map_the_claim_speaks_about_all_and_says_so(found: list[Finding]) -> None:
    whole = judged(found, ALL, {})
    for holds in ({}, {"logs": HOLDS["logs"]}):
        narrowed = judged(found, UPLOADS, holds)
        assert narrowed.holders == Holders(data="uploads", mapped=False)
        assert msgspec.structs.replace(narrowed, holders=None) == whole


@QUIET
@given(findings)
def test_a_map_changes_nothing_for_claims_about_all_data(found: list[Finding]) -> None:
    assert judged(found, ALL, HOLDS) == judged(found, ALL, {})


@QUIET
@given(findings, st.randoms())
def test_the_order_of_findings_and_classes_changes_nothing(found: list[Finding], random: Any) -> None:
    before = judged(found)
    random.shuffle(found)
    assert judged(found, holds=dict(reversed(HOLDS.items()))) == before


def test_stores_are_counted_and_the_unclassified_named() -> None:
    found = [
        finding(box("a", "uploads"), Pass("p")),
        finding(box("up-2"), Pass("p")),
        finding(box("b", None), DENIED),
        finding(box("c"), Fail("f")),
        finding(box("log-1"), Fail("f")),
        finding(WHOLE, DENIED),
    ]
    claim = judged(found, exemptions=(exemption(claim=WORD, resource="lab/log-*", broad=True),))
    assert claim.holders == Holders(
        data="uploads", mapped=True, holding=2, undecided=1, unclassified=1, elsewhere=1, named=("c",)
    )
    assert (claim.tally.passed, claim.tally.failed, claim.tally.unknown, claim.excepted) == (2, 1, 2, 0)
    assert claim.holders is not None
    assert holders_words(claim.holders) == (
        "2 stores hold uploads, 1 may (tags not read), 1 not classified (c), 1 left out: other data alone"
    )


def test_many_unclassified_stores_are_named_in_part() -> None:
    claim = judged([finding(box(f"b{number:02}"), Pass("p")) for number in range(40)])
    assert claim.holders is not None
    assert (claim.holders.unclassified, claim.holders.named) == (40, tuple(f"b{n:02}" for n in range(12)))
    assert holders_words(claim.holders).endswith("b11 …)")


def test_a_store_that_no_check_judges_counts_whatever_it_holds() -> None:
    shelf = Listed(fact="F", kind="lab.shelf", store=Store.FILE, inventory=True, listed=1, in_scope={"page": 1})
    found = [finding(box("up-1"), Pass("p"))]
    assert judged(found).verdict is Verdict.VERIFIED
    assert judged(found, listed=(shelf,)).verdict is Verdict.PARTLY_VERIFIED


def test_a_kind_of_which_all_stores_hold_other_data_is_not_taken_for_unjudged() -> None:
    boxes = Listed(fact="F", kind="lab.box", store=Store.OBJECT, inventory=False, listed=1, in_scope={"page": 1})
    claim = judged([finding(box("log-1"), Pass("p"))], listed=(boxes,))
    assert (claim.blind, claim.verdict) == ({}, Verdict.UNKNOWN)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Boxes of which one holds logs and has no lock, one is not classified, and the uploads are in order."""
    boxes = [
        {"id": "up-1", "tags": {}},
        {"id": "a", "tags": {"data": "uploads"}},
        {"id": "b", "tags": {"data": "logs"}},
        {"id": "loose", "tags": {}},
    ]
    answers = scans.estate(ListBoxes={"boxes": boxes}, **{"GetLock b": {"$absent": "NoLock"}})
    statements = [
        {"id": id, "summary": "s", "class": "testable", "claims": [{"claim": "encrypted-at-rest", **use}]}
        for id, use in (("U", {"data": "uploads"}), ("ALL", {}))
    ]
    page = scans.profile(statements=statements)
    ordered = scans.order(Registry([lab]), page, Path(), targets={"t": {"lab": {"answers": answers}}}, holds=HOLDS)
    return scans.run_of(scan(ordered, tmp_path_factory.mktemp("held") / "run", Registry([lab]), now=NOW))


def test_the_map_is_kept_in_the_run_and_evaluates_to_the_same_bytes(run: Run) -> None:
    assert run.head().holds == HOLDS
    assessment = run.read("verdicts.json", Assessment)
    assert scans.verdicts(assessment) == {"U": Verdict.VERIFIED, "ALL": Verdict.CONTRADICTED}
    again = msgspec.json.encode(evaluate_run(run, Registry([lab])), order="deterministic")
    assert (run.folder / "verdicts.json").read_bytes() == again + b"\n"


def test_a_report_shows_what_the_claim_speaks_about_and_no_finding_beyond(run: Run) -> None:
    view = build(run, Registry([lab]))
    narrowed, whole = view.profiles[0].statements[0], view.profiles[0].statements[1]
    assert {finding.resource.name for finding in narrowed.claims[0].findings} == {"up-1", "a", "loose"}
    assert {finding.resource.name for finding in whole.claims[0].findings} == {"up-1", "a", "loose", "b"}
    assert narrowed.between == ()
    text = " ".join(render(view, width=200).split())
    assert "encrypted-at-rest of uploads (algorithm AES-256): 3 of 3 findings hold" in text
    assert "2 stores hold uploads, 1 not classified (loose), 1 left out: other data alone" in text
    assert json.loads(msgspec.json.encode(narrowed.claims[0]))["holders"]["elsewhere"] == 1
    assert b'"holders"' not in msgspec.json.encode(whole.claims[0])


def test_an_exported_finding_bears_on_no_claim_that_leaves_its_store_out(run: Run) -> None:
    bearing = {
        entry.finding.resource.name: [bearing.statement.id for bearing in entry.bearings]
        for entry in entries(run)
        if entry.finding.check == "lab.box.encryption"
    }
    assert bearing == {"up-1": ["U", "ALL"], "a": ["U", "ALL"], "loose": ["U", "ALL"], "b": ["ALL"]}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("holds:\n  uploads: []\n", "c.yaml:2: holds: 'uploads' needs a name and at least one pattern"),
        ("holds:\n  uploads:\n  - {tag: a}\n  - {}\n", "c.yaml:4: holds: uploads: the pattern is empty"),
        ("holds:\n  uploads:\n  - {tags: a}\n", "unknown key 'tags'; did you mean 'tag'"),
        ("holds:\n  '': [{tag: a}]\n", "c.yaml:2: holds: '' needs a name"),
    ],
)
def test_a_map_that_would_classify_by_accident_is_refused(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(FileError) as raised:
        load_config(written(tmp_path / "c.yaml", text), {})
    assert told in str(raised.value)
