"""Whole scans: the same answers however they are run, no question too many, and nothing missing shown as a result."""

import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine import scans
from posture.allowances import Exemption
from posture.gate import Exit, Gate, foremost
from posture.model import Cause, Unknown, Verdict
from posture.registry import Registry
from posture.scan import Progress, Scanned, evaluate_run, plan_of, scan
from posture.scope import Exclusion, Match, Scope

ALL = Scope()
EVERY_CLAIM = (
    "encrypted-at-rest",
    "double-encrypted",
    "customer-managed-keys",
    "no-public-access",
    "backups-exist",
    "deleted-within",
    "configuration-recorded",
    "vault-protected",
)
CLAIMS = ("encrypted-at-rest", "configuration-recorded", "vault-protected")
V, C, P, U = Verdict.VERIFIED, Verdict.CONTRADICTED, Verdict.PARTLY_VERIFIED, Verdict.UNKNOWN

Scan = Callable[..., Scanned]


@pytest.fixture
def scanned(registry: Registry, checks_dir: Path, tmp_path: Path) -> Scan:
    """Scans targets, or one account of the lab with given answers; each scan has a folder of its own."""
    count = iter(range(100))

    def run(
        answers: dict[str, Any] | None = None,
        claims: tuple[Any, ...] = CLAIMS,
        *,
        targets: dict[str, Any] | None = None,
        scope: Scope = ALL,
        executor: Executor | None = None,
        progress: Callable[[Progress], None] = lambda _: None,
        profile: dict[str, Any] | None = None,
        **settings: Any,
    ) -> Scanned:
        if targets is None:
            targets = {"t": {"lab": {"answers": answers, "regions": ("north", "south")} | settings}}
        use = scans.scoped(scans.profile(*claims, **(profile or {})), scope)
        ordered = scans.order(registry, use, checks_dir, targets=targets)
        return scan(ordered, tmp_path / f"run-{next(count)}", registry, executor=executor, progress=progress)

    return run


def code(found: Scanned) -> Exit:
    return foremost(Gate().codes(found.assessment))


def ids(found: Scanned) -> list[str]:
    return sorted(finding.id for finding in scans.run_of(found).findings())


def test_an_estate_in_order_is_verified(scanned: Scan) -> None:
    found = scanned(scans.estate("a", "b"))
    assert scans.verdicts(found.assessment) == dict.fromkeys(CLAIMS, V)
    assert (code(found), found.failures, found.reached, found.interrupted) == (Exit.COMPLETE, (), 1, False)


def test_one_box_without_a_lock_contradicts_whatever_else_is_missing(scanned: Scan) -> None:
    answers = scans.estate("a", "b", "c", **{"GetLock a": {"$absent": "NoLock"}, "GetLock b": {"$gap": "throttled"}})
    found = scanned(answers | {"lab:ListBoxes@south": {"$gap": "access-denied"}})
    assert scans.verdicts(found.assessment)["encrypted-at-rest"] is C
    assert code(found) is Exit.CONTRADICTED


def test_two_scans_have_the_same_finding_ids(scanned: Scan) -> None:
    answers = scans.estate("a", "b", "c", **{"GetLock b": {"$gap": "access-denied"}})
    first, second = scanned(answers, EVERY_CLAIM), scanned(answers, EVERY_CLAIM)
    assert ids(first) == ids(second)
    assert len(set(ids(first))) == len(ids(first))


def test_finding_ids_survive_renames_reordering_and_other_tags(scanned: Scan) -> None:
    boxes = [{"id": id, "name": f"box {id}", "tags": {"Team": "Red"}} for id in "abc"]
    renamed = [{"id": id, "name": f"BOX {id}", "tags": {"team": "RED", "new": ""}} for id in "cba"]
    first = scanned(scans.estate(ListBoxes={"boxes": boxes}), EVERY_CLAIM)
    second = scanned(scans.estate(ListBoxes={"boxes": renamed}), EVERY_CLAIM)
    assert ids(first) == ids(second)
    assert msgspec.json.encode(first.assessment) == msgspec.json.encode(second.assessment)


def test_outcomes_do_not_enter_the_ids(scanned: Scan) -> None:
    good, bad = scanned(scans.estate("a")), scanned(scans.estate("a", **{"GetLock a": {"cipher": None}}))
    assert ids(good) == ids(bad)
    assert good.assessment != bad.assessment


def test_every_call_belongs_to_the_plan_and_no_question_is_asked_twice_in_a_place(
    scanned: Scan, registry: Registry, checks_dir: Path
) -> None:
    found = scanned(scans.estate(*[f"b{n}" for n in range(20)]), EVERY_CLAIM)
    run = scans.run_of(found)
    ordered = scans.order(registry, scans.profile(*EVERY_CLAIM), checks_dir, targets={"t": {"lab": {}}})
    calls = list(run.calls())
    assert {call.operation for call in calls} == plan_of(ordered, registry).operations("lab")
    asked = Counter(
        (id, call.question()) for id in run.place_ids() for call in run.lines(id, "calls.jsonl", type(calls[0]))
    )
    assert set(asked.values()) == {1}
    assert len(calls) == 1 + 2 * (len(["boxes", "keys", "key", "shelves", "recorder", "grade"]) + 20)


def test_no_claim_no_call(scanned: Scan) -> None:
    assert list(scans.run_of(scanned(scans.estate("a"), ())).calls()) == []
    untestable = scanned(scans.estate("a"), ("tls-minimum",))
    assert list(scans.run_of(untestable).calls()) == []
    assert scans.verdicts(untestable.assessment) == {"tls-minimum": U}


def test_an_empty_estate_verifies_nothing(scanned: Scan) -> None:
    found = scanned(scans.estate(ListSeals={"seals": []}), ("encrypted-at-rest", "vault-protected", "no-public-access"))
    assert set(scans.verdicts(found.assessment).values()) == {U}
    assert scans.claim(found.assessment, "encrypted-at-rest").tally.population == 0
    assert code(found) is Exit.INCOMPLETE


def test_an_empty_estate_may_be_acceptable_where_it_was_read_to_its_end(scanned: Scan) -> None:
    accepted = ({"claim": "encrypted-at-rest", "empty": "acceptable", "empty_reason": "no box, no leak"},)
    empty, refused = scanned(scans.estate(), accepted), scanned(scans.estate(ListBoxes={"$gap": "timeout"}), accepted)
    assert (code(empty), code(refused)) == (Exit.COMPLETE, Exit.INCOMPLETE)
    assert scans.claim(refused.assessment, "encrypted-at-rest").verdict is U


SETS_OF_ONE = ["ListBoxes", "GetLock b", "ListShelves"]


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause is not Cause.REGION_NOT_ENABLED])
def test_no_cause_of_a_gap_is_ever_a_result(scanned: Scan, cause: Cause) -> None:
    for operation in SETS_OF_ONE:
        answers = scans.estate("a", "b") | {f"lab:{operation}@north": {"$gap": cause}}
        found = scanned(answers)
        claim = scans.claim(found.assessment, "encrypted-at-rest")
        assert (claim.verdict, claim.causes) == (P, {cause: 1})
        assert claim.needs
        assert code(found) is Exit.INCOMPLETE


# Targets, regions, providers.


def lab_target(account: str, *boxes: str, **settings: Any) -> dict[str, Any]:
    return {"lab": {"account": account, "answers": scans.estate(*boxes)} | settings}


def test_a_target_that_cannot_be_entered_leaves_the_others_and_is_unknown(scanned: Scan) -> None:
    found = scanned(
        targets={"one": lab_target("1"), "two": lab_target("2", "a"), "three": lab_target("3", refuses="unreachable")}
    )
    assert found.reached == 2
    assert found.failures == ("three: the door stays shut (unreachable). Bring the right key.",)
    claim = scans.claim(found.assessment, "encrypted-at-rest")
    assert (claim.verdict, claim.tally.passed, set(claim.causes)) == (P, 1, {"unreachable"})
    assert set(scans.verdicts(found.assessment).values()) == {P}
    assert code(found) is Exit.INCOMPLETE
    assert evaluate_run(scans.run_of(found)) == found.assessment


@pytest.mark.parametrize(
    "pattern", [{"account": "1"}, {"region": "north"}, {"name": "a"}, {"id": "lab/a"}, {"tag": "team=red"}]
)
def test_a_target_that_cannot_be_entered_is_unknown_in_a_scope_that_names_things(
    scanned: Scan, pattern: dict[str, str]
) -> None:
    two = {"one": lab_target("1", "a"), "two": lab_target("2", refuses="access-denied")}
    found = scanned(claims=("encrypted-at-rest",), targets=two, scope=Scope(include=(Match(**pattern),)))
    assert scans.verdicts(found.assessment) == {"encrypted-at-rest": P}


def test_when_no_target_can_be_entered_nothing_is_verified(scanned: Scan) -> None:
    found = scanned(targets={"one": lab_target("1", refuses="unreachable"), "two": lab_target("2", refuses="timeout")})
    assert (found.reached, len(found.failures)) == (0, 2)
    assert set(scans.verdicts(found.assessment).values()) == {U}
    assert list(scans.run_of(found).calls()) == []
    scans.run_of(found).verify()


@pytest.mark.parametrize("cloud", ["barn", "Barn", "BARN"])
def test_a_cloud_that_the_profile_speaks_about_and_no_target_is_in_is_unknown(scanned: Scan, cloud: str) -> None:
    both = {"scope": {"include": [{"cloud": "lab"}, {"cloud": cloud}]}}
    found = scanned(claims=("encrypted-at-rest",), targets={"one": lab_target("1", "a")}, profile=both)
    claim = scans.claim(found.assessment, "encrypted-at-rest")
    assert (claim.verdict, claim.causes) == (P, {"unreachable": 2})
    assert {f.resource.cloud for f in scans.run_of(found).findings()} == {"lab", "barn"}
    assert found.failures == ()


def test_two_clouds_are_judged_together(scanned: Scan) -> None:
    barn = {"barn": {"answers": scans.estate("a", cloud="barn", **{"GetLock a": {"cipher": None}})}}
    found = scanned(targets={"one": lab_target("1", "a"), "two": barn})
    assert scans.claim(found.assessment, "encrypted-at-rest").tally.passed == 1
    assert scans.verdicts(found.assessment) == {
        "encrypted-at-rest": C,
        "configuration-recorded": V,
        "vault-protected": V,
    }


@pytest.mark.parametrize(
    ("cause", "verdict"),
    [("region-not-enabled", V), ("region-unreachable", P), ("unreachable", P), ("access-denied", P)],
)
def test_a_region_that_is_not_enabled_takes_nothing_away_and_any_other_closed_one_does(
    scanned: Scan, cause: str, verdict: Verdict
) -> None:
    found = scanned(scans.estate("a"), closed={"west": cause})
    assert scans.verdicts(found.assessment) == {
        "encrypted-at-rest": verdict,
        "configuration-recorded": verdict,
        "vault-protected": V,
    }
    assert evaluate_run(scans.run_of(found)) == found.assessment


def test_a_closed_region_out_of_scope_takes_nothing_away(scanned: Scan) -> None:
    here = Scope(include=(Match(region="north"), Match(region="home")))
    found = scanned(scans.estate("a"), closed={"west": "region-unreachable"}, scope=here)
    assert set(scans.verdicts(found.assessment).values()) == {V}


# Inventory and scope.


def shelves(*ids: str) -> dict[str, Any]:
    return {"shelves": [{"id": id} for id in ids]}


def test_a_kind_of_store_that_no_check_judges_keeps_a_claim_from_verified(scanned: Scan) -> None:
    found = scanned(scans.estate("a", ListShelves=shelves("s", "t")))
    claim = scans.claim(found.assessment, "encrypted-at-rest")
    assert (claim.verdict, claim.blind) == (P, {"lab.shelf": 4})
    assert scans.verdicts(found.assessment)["configuration-recorded"] is V
    assert code(found) is Exit.INCOMPLETE


def test_nothing_but_stores_that_no_check_judges_is_unknown(scanned: Scan) -> None:
    found = scanned(scans.estate(ListShelves=shelves("s")))
    assert scans.verdicts(found.assessment)["encrypted-at-rest"] is U


def test_an_inventory_that_was_not_read_is_unknown(scanned: Scan) -> None:
    found = scanned(scans.estate("a", ListShelves={"$gap": "access-denied"}))
    claim = scans.claim(found.assessment, "encrypted-at-rest")
    assert (claim.verdict, claim.needs) == (P, {"lab:ListShelves": 2})


def test_stores_out_of_scope_do_not_count(scanned: Scan) -> None:
    out = Scope(exclude=(Exclusion(kind="lab.shelf", reason="shelves are empty"),))
    found = scanned(scans.estate("a", ListShelves=shelves("s")), scope=out)
    assert scans.verdicts(found.assessment)["encrypted-at-rest"] is V


def test_what_is_left_out_is_listed_with_the_reason(scanned: Scan) -> None:
    scope = Scope(
        include=(Match(kind="lab.box"), Match(kind="lab.recorder")),
        exclude=(Exclusion(name="b", reason="a test box"),),
    )
    found = scanned(scans.estate("a", "b", ListShelves=shelves("s")), scope=scope)
    left = {(row.resource.id, row.reason) for row in scans.run_of(found).left_out()}
    assert left == {("lab/b", "a test box"), ("lab/s", "in no scope"), ("lab/s", "in no scope")}
    assert not [call for call in scans.run_of(found).calls() if call.params == {"box": "b"}]
    assert scans.verdicts(found.assessment) == {
        "encrypted-at-rest": V,
        "configuration-recorded": V,
        "vault-protected": U,
    }


def test_what_was_not_read_is_listed(scanned: Scan) -> None:
    found = scanned(scans.estate("a", "b", **{"GetLock b": {"$gap": "throttled"}}), regions=("north",))
    rows = [(row.fact, row.resource.id, row.gap.cause, row.gap.permission) for row in scans.run_of(found).unread()]
    assert rows == [("Lock", "lab/b", Cause.THROTTLED, "lab:ReadLock")]


def test_an_exception_quiets_the_gate_and_not_the_verdict(registry: Registry, checks_dir: Path, tmp_path: Path) -> None:
    from datetime import date

    exemption = Exemption(
        id="E-1",
        reason="r",
        owner="o",
        approver="a",
        expires=date(2100, 1, 1),
        claim="encrypted-at-rest",
        resource="lab/a",
    )
    ordered = scans.order(
        registry,
        scans.profile("encrypted-at-rest"),
        checks_dir,
        targets={"t": {"lab": {"answers": scans.estate("a", **{"GetLock a": {"cipher": None}})}}},
        exemptions=(exemption,),
    )
    found = scan(ordered, tmp_path / "run", registry)
    assert scans.verdicts(found.assessment) == {"encrypted-at-rest": C}
    assert code(found) is Exit.COMPLETE
    assert evaluate_run(scans.run_of(found)) == found.assessment


# Executors.


def mixed() -> dict[str, Any]:
    answers = scans.estate(*"abcdef", ListShelves=shelves("s"), **{"GetLock b": {"$absent": "NoLock"}})
    answers |= {"lab:GetLock c": {"$gap": "throttled"}, "lab:ListKeys@south": {"$gap": "access-denied"}}
    return answers | {
        "lab:ListBoxes@north": {"boxes": [{"id": "a"}, {"id": "b"}], "next": "2"},
        "lab:ListBoxes 2": {"boxes": [{"id": "c"}]},
    }


def content(found: Scanned) -> tuple[bytes, list[bytes], bytes]:
    run = scans.run_of(found)
    run.verify()
    findings = sorted(msgspec.json.encode(finding) for finding in run.findings())
    return (run.folder / "verdicts.json").read_bytes(), findings, msgspec.json.encode(run.coverage())


def test_every_executor_finds_the_same(scanned: Scan) -> None:
    default = scanned(mixed(), EVERY_CLAIM)
    with ThreadPoolExecutor(1) as one:
        threaded = scanned(mixed(), EVERY_CLAIM, executor=one)
    spawning = {"mp_context": get_context("spawn"), "initializer": scans.isolate_worker, "initargs": (sys.path,)}
    with ProcessPoolExecutor(2, **spawning) as two:
        spawned = scanned(mixed(), EVERY_CLAIM, executor=two)
    assert content(threaded) == content(default)
    assert content(spawned) == content(default)
    assert len(set(scans.verdicts(default.assessment).values())) > 1
    again = evaluate_run(scans.run_of(spawned))
    assert msgspec.json.encode(again, order="deterministic") + b"\n" == content(default)[0]


def test_progress_is_told_to_the_end(scanned: Scan) -> None:
    told: list[Progress] = []
    found = scanned(scans.estate("a"), progress=told.append)
    calls = sum(1 for _ in scans.run_of(found).calls())
    findings = sum(1 for _ in scans.run_of(found).findings())
    assert told[-1] == Progress(calls=calls, findings=findings, done=3, places=3)


def test_a_place_that_breaks_down_is_unknown_and_the_others_are_judged(
    registry: Registry, checks_dir: Path, tmp_path: Path
) -> None:
    provider = registry.providers["lab"]
    real = provider.source

    def source(place: Any, settings: Any, limits: Any) -> Any:
        if place.region == "south":
            raise RuntimeError("no way in")
        return real(place, settings, limits)

    targets = {"t": {"lab": {"answers": scans.estate("a"), "regions": ("north", "south")}}}
    ordered = scans.order(registry, scans.scoped(scans.profile(*CLAIMS)), checks_dir, targets=targets)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provider, "source", source)
        result = scan(ordered, tmp_path / "run", registry)
    run = scans.run_of(result)
    run.verify()
    by_region: dict[str, set[str]] = {}
    for finding in run.findings():
        outcome = finding.outcome
        by_region.setdefault(finding.resource.region, set()).add(
            outcome.cause if isinstance(outcome, Unknown) else type(outcome).__name__
        )
    assert by_region["south"] == {Cause.TOOL_ERROR}
    assert Cause.TOOL_ERROR not in by_region["north"]
    assert evaluate_run(run) == result.assessment
