"""What changed between two runs, and why: each cause has a pair of runs that shows it and no other."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine import scans
from posture.allowances import Attestation, Exemption
from posture.check import Check, Fail, Outcome
from posture.diff.cause import Why
from posture.diff.comparison import Summary, compared
from posture.diff.findings import FindingChange
from posture.gate import CONTRADICTED, INCOMPLETE
from posture.model import Verdict
from posture.profile import Profile, from_data, to_data
from posture.registry import Registry
from posture.report.changes import render
from posture.run.directory import IntegrityError, Run
from posture.scan import scan
from posture.scope import Exclusion, Scope

V, C, P, U = Verdict.VERIFIED, Verdict.CONTRADICTED, Verdict.PARTLY_VERIFIED, Verdict.UNKNOWN
MONDAY, TUESDAY = datetime(2026, 11, 23, 12, tzinfo=UTC), datetime(2026, 11, 24, 12, tzinfo=UTC)
LOCKS = "encrypted-at-rest"
NO_LOCK = {"GetLock a": {"$absent": "NoLock"}}

Make = Callable[..., Run]


@pytest.fixture
def made(registry: Registry, checks_dir: Path, tmp_path: Path) -> Make:
    """Runs over an account of the lab, each in a folder of its own."""
    count = iter(range(100))

    def make(
        answers: dict[str, Any],
        *claims: Any,
        profile: Profile | None = None,
        scope: tuple[Scope, ...] = (),
        settings: dict[str, Any] | None = None,
        target: str = "t",
        now: datetime = MONDAY,
        **rest: Any,
    ) -> Run:
        targets = {target: {"lab": {"answers": answers, **(settings or {})}}}
        use = scans.scoped(profile or scans.profile(*(claims or (LOCKS,))), *scope)
        ordered = scans.order(registry, use, checks_dir, targets=targets, **rest)
        return scans.run_of(scan(ordered, tmp_path / f"run-{next(count)}", registry, now=now))

    return make


def diff(old: Run, new: Run) -> tuple[Summary, list[FindingChange]]:
    with compared(old, new) as comparison:
        summary, changes = comparison.summary(), list(comparison.changes())
    assert sum(summary.causes.values()) == len(changes)
    return summary, changes


def turns(summary: Summary) -> dict[str, tuple[Verdict | None, Verdict | None, Why]]:
    """Each changed statement: its verdict before and after, and the cause."""
    return {s.id: (s.before, s.after, s.cause) for profile in summary.profiles for s in profile.changed}


def rows(changes: list[FindingChange]) -> set[tuple[str, str, str, Why]]:
    """Each changed finding: the name of the resource, its outcome before and after, and the cause."""
    return {(c.resource.name, c.before.outcome, c.after.outcome, c.cause) for c in changes}


def detail(changes: list[FindingChange]) -> str:
    (change,) = changes
    return change.detail


def test_two_runs_of_the_same_estate_are_equal(made: Make) -> None:
    old, new = (made(scans.estate("a", "b"), now=now) for now in (MONDAY, TUESDAY))
    summary, changes = diff(old, new)
    assert summary.equal
    assert summary.between.empty
    assert (changes, summary.worse(), summary.causes) == ([], frozenset(), {})
    assert [(p.id, p.statements, p.changed) for p in summary.profiles] == [("page", 1, ())]


# -- environment


def test_environment_other_facts(made: Make) -> None:
    summary, changes = diff(made(scans.estate("a", "b")), made(scans.estate("a", "b", **NO_LOCK)))
    assert turns(summary) == {LOCKS: (V, C, Why.ENVIRONMENT)}
    assert rows(changes) == {("a", "pass", "fail", Why.ENVIRONMENT)}
    assert detail(changes) == "the replies differ"
    assert summary.worse() == {CONTRADICTED}


def test_a_change_for_the_better_is_no_turn_for_the_worse(made: Make) -> None:
    summary, changes = diff(made(scans.estate("a", "b", **NO_LOCK)), made(scans.estate("a", "b")))
    assert turns(summary) == {LOCKS: (C, V, Why.ENVIRONMENT)}
    (statement,) = summary.profiles[0].changed
    assert (statement.worse, statement.better) == ((), (CONTRADICTED,))
    assert rows(changes) == {("a", "fail", "pass", Why.ENVIRONMENT)}


def test_more_of_the_same_is_told_and_gates_nothing_new(made: Make) -> None:
    more = {**NO_LOCK, "GetLock b": {"$absent": "NoLock"}}
    summary, _ = diff(made(scans.estate("a", "b", **NO_LOCK)), made(scans.estate("a", "b", **more)))
    assert turns(summary) == {LOCKS: (C, C, Why.ENVIRONMENT)}
    assert summary.worse() == frozenset()


def test_the_same_outcome_for_another_reason_is_counted_and_no_change(made: Make) -> None:
    other = {"GetLock a": {"cipher": "ROT-13"}}, {"GetLock a": {"cipher": "ROT-26"}}
    summary, changes = diff(made(scans.estate("a", **other[0])), made(scans.estate("a", **other[1])))
    assert (summary.equal, changes, summary.reworded) == (True, [], 1)


# -- new and gone resources


def test_a_resource_that_is_new(made: Make) -> None:
    summary, changes = diff(made(scans.estate("b")), made(scans.estate("a", "b", **NO_LOCK)))
    assert turns(summary) == {LOCKS: (V, C, Why.NEW)}
    assert rows(changes) == {("a", "absent", "fail", Why.NEW)}
    assert summary.worse() == {CONTRADICTED}


def test_a_resource_that_is_gone(made: Make) -> None:
    summary, changes = diff(made(scans.estate("a", "b", **NO_LOCK)), made(scans.estate("b")))
    assert turns(summary) == {LOCKS: (C, V, Why.GONE)}
    assert rows(changes) == {("a", "fail", "absent", Why.GONE)}


def test_a_store_that_no_check_judges(made: Make) -> None:
    old = made(scans.estate("a"))
    new = made(scans.estate("a", ListShelves={"shelves": [{"id": "s"}]}))
    summary, changes = diff(old, new)
    assert turns(summary) == {LOCKS: (V, P, Why.NEW)}
    assert changes == []
    assert summary.worse() == {INCOMPLETE}
    assert turns(diff(new, old)[0]) == {LOCKS: (P, V, Why.GONE)}


# -- document


def document(sha256: str, words: str, *statements: str, **more: Any) -> Profile:
    """A profile of a document: its hash, the hash of each sentence, a statement for each claim."""
    anchor = [{"locator": "1", "sha256": words * 64}]
    return from_data(
        {
            "id": "page",
            "title": "A page",
            "document": {"title": "d", "vendor": "v", "sha256": sha256 * 64},
            "statements": [
                {
                    "id": f"S-{place}",
                    "summary": "s",
                    "class": "testable",
                    "anchors": anchor,
                    "claims": [{"claim": claim, **more}],
                }
                for place, claim in enumerate(statements)
            ],
        },
        "page.yaml",
    )


def test_document_a_statement_in_other_words(made: Make) -> None:
    answers = scans.estate("a")
    summary, changes = diff(
        made(answers, profile=document("1", "a", LOCKS)), made(answers, profile=document("2", "b", LOCKS))
    )
    assert turns(summary) == {"S-0": (V, V, Why.DOCUMENT)}
    assert summary.profiles[0].changed[0].words_changed
    assert (changes, summary.between.documents, summary.worse()) == ([], ("page",), frozenset())


def test_document_a_statement_that_came_and_one_that_went(made: Make) -> None:
    answers = scans.estate("a", **NO_LOCK)
    old = made(answers, profile=document("1", "a", "no-public-access"))
    new = made(answers, profile=document("2", "a", "no-public-access", LOCKS))
    summary, changes = diff(old, new)
    assert turns(summary) == {"S-1": (None, C, Why.DOCUMENT)}
    assert rows(changes) == {("a", "absent", "fail", Why.DOCUMENT)}
    assert summary.worse() == {CONTRADICTED}
    summary, changes = diff(new, old)
    assert turns(summary) == {"S-1": (C, None, Why.DOCUMENT)}
    assert rows(changes) == {("a", "fail", "absent", Why.DOCUMENT)}


def test_document_a_statement_that_claims_otherwise(made: Make) -> None:
    answers = scans.estate("a", GetRecorder={"on": False})
    old = made(answers, profile=document("1", "a", "no-public-access"))
    new = made(answers, profile=document("2", "b", "configuration-recorded"))
    summary, changes = diff(old, new)
    assert turns(summary) == {"S-0": (V, C, Why.DOCUMENT)}
    assert rows(changes) == {
        ("a", "pass", "absent", Why.DOCUMENT),
        ("the recorder", "absent", "fail", Why.DOCUMENT),
    }


def test_a_sentence_that_moved_is_no_change(made: Make) -> None:
    data = to_data(document("1", "a", LOCKS))
    data["statements"][0]["anchors"][0]["locator"] = "9"
    answers = scans.estate("a")
    old, new = (made(answers, profile=use) for use in (document("1", "a", LOCKS), from_data(data, "page.yaml")))
    assert diff(old, new)[0].equal


def test_a_profile_that_one_run_alone_judged_is_named_and_not_compared(made: Make) -> None:
    answers = scans.estate("a", **NO_LOCK)
    old = made(answers, profile=scans.profile(LOCKS, id="one"))
    new = made(answers, profile=scans.profile(LOCKS, id="two"))
    summary, changes = diff(old, new)
    assert (summary.only_before, summary.only_after, summary.profiles, changes) == (("one",), ("two",), (), [])


# -- scope


def test_scope_a_rule(made: Make) -> None:
    answers = scans.estate("a", "b", **NO_LOCK)
    without = Scope(exclude=(Exclusion(name="a", reason="a sample"),))
    old, new = made(answers), made(answers, scope=(without,))
    summary, changes = diff(old, new)
    assert turns(summary) == {LOCKS: (C, V, Why.SCOPE)}
    assert rows(changes) == {("a", "fail", "absent", Why.SCOPE)}
    assert summary.between.scopes == ("page",)
    assert turns(diff(new, old)[0]) == {LOCKS: (V, C, Why.SCOPE)}


def test_scope_fewer_regions(made: Make) -> None:
    answers = scans.estate("a", "b", **NO_LOCK) | {"lab:ListBoxes@south": {"boxes": [{"id": "c"}]}}
    both, north = {"regions": ("north", "south")}, {"regions": ("north",)}
    summary, changes = diff(made(answers, settings=both), made(answers, settings=north))
    assert rows(changes) == {("c", "pass", "absent", Why.SCOPE)}
    assert turns(summary) == {LOCKS: (C, C, Why.SCOPE)}
    assert summary.between.targets == ("t",)


def test_scope_another_target(made: Make) -> None:
    answers = scans.estate("a")
    old = made(answers, target="one", settings={"account": "1"})
    new = made(answers, target="two", settings={"account": "2"})
    assert rows(diff(old, new)[1]) == {("a", "pass", "absent", Why.SCOPE), ("a", "absent", "pass", Why.SCOPE)}


def test_what_leaves_the_scope_by_its_tags_is_the_environment(made: Make) -> None:
    without = Scope(exclude=(Exclusion(tag="kind=sample", reason="a sample"),))
    old, new = (
        made(
            scans.estate(ListBoxes={"boxes": [{"id": "a", "tags": {"kind": kind}}, {"id": "b", "tags": {}}]}),
            scope=(without,),
        )
        for kind in ("live", "sample")
    )
    assert rows(diff(old, new)[1]) == {("a", "pass", "absent", Why.ENVIRONMENT)}


# -- check revision


def revise(registry: Registry, revision: int, function: Callable[..., Outcome]) -> None:
    check = registry.checks["lab.box.encryption"]
    registry.checks[check.id] = Check(function, check.id, check.title, check.severity, check.remedy, revision)


def test_check_revision(made: Make, registry: Registry) -> None:
    old = made(scans.estate("a"))
    kind = registry.checks["lab.box.encryption"]

    def stricter(lock: Any, claim: Any) -> Outcome:
        return Fail("is locked with a cipher that is out of favour")

    stricter.__annotations__ |= {"lock": kind.fact, "claim": kind.claim}
    revise(registry, 2, stricter)
    summary, changes = diff(old, made(scans.estate("a")))
    assert turns(summary) == {LOCKS: (V, C, Why.CHECK)}
    assert detail(changes) == "lab.box.encryption went from revision 1 to 2; the replies are the same"
    assert summary.between.checks_revised == ("lab.box.encryption",)


def test_a_check_that_is_new_or_gone(made: Make, registry: Registry) -> None:
    check = registry.checks.pop("lab.recorder.on")
    old = made(scans.estate("a"), "configuration-recorded")
    registry.checks[check.id] = check
    new = made(scans.estate("a"), "configuration-recorded")
    summary, changes = diff(old, new)
    assert turns(summary) == {"configuration-recorded": (U, V, Why.CHECK)}
    assert rows(changes) == {("the recorder", "absent", "pass", Why.CHECK)}
    assert turns(diff(new, old)[0]) == {"configuration-recorded": (V, U, Why.CHECK)}


# -- permission


@pytest.mark.parametrize("cause", ["access-denied", "denied-by-organisation-policy", "credentials-expired"])
def test_permission_a_resource_that_may_not_be_read(made: Make, cause: str) -> None:
    old, new = made(scans.estate("a", "b")), made(scans.estate("a", "b", **{"GetLock a": {"$gap": cause}}))
    summary, changes = diff(old, new)
    assert turns(summary) == {LOCKS: (V, P, Why.PERMISSION)}
    assert rows(changes) == {("a", "pass", "unknown", Why.PERMISSION)}
    assert detail(changes).startswith(cause)
    assert summary.worse() == {INCOMPLETE}
    assert turns(diff(new, old)[0]) == {LOCKS: (P, V, Why.PERMISSION)}


def test_what_may_not_be_listed_is_not_taken_for_gone(made: Make) -> None:
    old, new = made(scans.estate("a", **NO_LOCK)), made(scans.estate("a", ListBoxes={"$gap": "access-denied"}))
    summary, changes = diff(old, new)
    assert turns(summary) == {LOCKS: (C, U, Why.PERMISSION)}
    whole = "all lab.box of 1111 north"
    assert rows(changes) == {
        ("a", "fail", "absent", Why.PERMISSION),
        (whole, "absent", "unknown", Why.PERMISSION),
    }
    assert rows(diff(new, old)[1]) == {
        ("a", "absent", "fail", Why.PERMISSION),
        (whole, "unknown", "absent", Why.PERMISSION),
    }


def test_findings_lost_to_one_listing_are_told_once_by_what_stands_for_it(made: Make) -> None:
    boxes = "abcdefg"
    old = made(scans.estate(*boxes))
    new = made(scans.estate(*boxes, ListBoxes={"$gap": "access-denied"}))
    for pair, turn in (((old, new), ("absent", "unknown")), ((new, old), ("unknown", "absent"))):
        summary, changes = diff(*pair)
        (statement,) = summary.profiles[0].changed
        assert len(changes) == 8
        assert (statement.causes, statement.unlisted) == ({"permission": 8}, 7)
        assert [(f.before.outcome, f.after.outcome) for f in statement.findings] == [turn]
        told = " ".join(render(summary).split())
        assert "all lab.box of 1111 north: " in told
        assert "cause: permission (permission 8); 7 of them for want of a listing" in told
        assert " more" not in told


def test_a_run_that_stands_in_the_wrong_place_and_one_that_broke_off_are_told(made: Make) -> None:
    old, new = made(scans.estate("a")), made(scans.estate("a"), now=TUESDAY)
    assert diff(old, new)[0].between.empty
    turned = diff(new, old)[0]
    assert turned.between.backwards == (new.head().started, old.head().started)
    assert "name the earlier one first" in " ".join(render(turned).split())
    for place in new.places()[:1]:
        result = new.finished(place.id)
        assert result is not None
        cut = msgspec.structs.replace(result, interrupted=True)
        (new.place(place.id) / "result.json").write_bytes(msgspec.json.encode(cut))
    found = diff(old, new)[0]
    assert found.between.cut_short == ("after",)
    assert "Both runs were made alike" not in render(found)
    assert "cut short after" in " ".join(render(found).split())


def test_a_target_that_lets_nobody_in_is_not_taken_for_empty(made: Make) -> None:
    answers = scans.estate("a", **NO_LOCK)
    old, new = made(answers), made(answers, settings={"refuses": "credentials-expired"})
    assert {change.cause for change in diff(old, new)[1]} == {Why.PERMISSION}
    assert turns(diff(old, new)[0]) == {LOCKS: (C, U, Why.PERMISSION)}


# -- availability


@pytest.mark.parametrize("cause", ["throttled", "timeout", "unreachable", "truncated", "malformed-reply"])
def test_availability(made: Make, cause: str) -> None:
    old, new = made(scans.estate("a", "b")), made(scans.estate("a", "b", **{"GetLock a": {"$gap": cause}}))
    assert rows(diff(old, new)[1]) == {("a", "pass", "unknown", Why.AVAILABILITY)}
    new = made(scans.estate("a", "b", ListBoxes={"$gap": cause}))
    assert {(c.before.outcome, c.cause) for c in diff(old, new)[1]} == {
        ("pass", Why.AVAILABILITY),
        ("absent", Why.AVAILABILITY),
    }


def test_a_region_that_is_shut_is_not_taken_for_empty(made: Make) -> None:
    answers = scans.estate("a", **NO_LOCK)
    old = made(answers)
    new = made(answers, settings={"regions": (), "closed": {"north": "region-unreachable"}})
    assert {change.cause for change in diff(old, new)[1]} == {Why.AVAILABILITY}


# -- exception


def exemption(expires: date) -> Exemption:
    return Exemption(id="E-1", reason="r", owner="o", approver="a", expires=expires, claim=LOCKS, resource="lab/a")


def test_exception_that_began_and_one_whose_day_is_over(made: Make) -> None:
    answers = scans.estate("a", **NO_LOCK)
    bare = made(answers)
    covered = made(answers, exemptions=(exemption(date(2026, 11, 23)),))
    lapsed = made(answers, exemptions=(exemption(date(2026, 11, 23)),), now=TUESDAY)
    summary, changes = diff(bare, covered)
    assert turns(summary) == {LOCKS: (C, C, Why.EXCEPTION)}
    assert (detail(changes), summary.between.began, summary.worse()) == ("E-1 covers it now", ("E-1",), frozenset())
    assert summary.profiles[0].changed[0].better == (CONTRADICTED,)
    summary, changes = diff(covered, lapsed)
    assert turns(summary) == {LOCKS: (C, C, Why.EXCEPTION)}
    assert (detail(changes), summary.between.ended) == ("E-1 covers it no more", ("E-1",))
    assert summary.worse() == {CONTRADICTED}


def test_a_failure_under_an_exception_is_no_turn_for_the_worse(made: Make) -> None:
    vouched = (exemption(date(2026, 12, 31)),)
    old = made(scans.estate("a"), exemptions=vouched)
    summary, _ = diff(old, made(scans.estate("a", **NO_LOCK), exemptions=vouched))
    assert turns(summary) == {LOCKS: (V, C, Why.ENVIRONMENT)}
    assert summary.worse() == frozenset()


def test_an_attestation_that_lapsed(made: Make) -> None:
    attestation = Attestation(
        id="A-1",
        statement=f"page/{LOCKS}",
        who="w",
        issued=date(2026, 1, 1),
        valid_until=date(2026, 11, 23),
        document="d",
        document_sha256="0" * 64,
    )
    old, new = (made(scans.estate("a"), attestations=(attestation,), now=now) for now in (MONDAY, TUESDAY))
    summary, _ = diff(old, new)
    assert turns(summary) == {LOCKS: (V, V, Why.EXCEPTION)}
    assert summary.between.ended == ("A-1",)


# -- tool


def test_tool_another_version_that_judges_the_same_replies_otherwise(
    made: Make, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = made(scans.estate("a"))
    kind = registry.checks["lab.box.encryption"]

    def broken(lock: Any, claim: Any) -> Outcome:
        return Fail("is misjudged")

    broken.__annotations__ |= {"lock": kind.fact, "claim": kind.claim}
    revise(registry, 1, broken)
    monkeypatch.setattr("posture.scan.__version__", "9.9")
    summary, changes = diff(old, made(scans.estate("a")))
    assert turns(summary) == {LOCKS: (V, C, Why.TOOL)}
    assert summary.between.tool[1] == "9.9"
    assert detail(changes).startswith("the replies are the same; posture went from ")


def test_tool_a_check_that_breaks(made: Make) -> None:
    old, new = made(scans.estate("a")), made(scans.estate("a", **{"GetLock a": {"cipher": "break"}}))
    assert rows(diff(old, new)[1]) == {("a", "pass", "unknown", Why.TOOL)}


# -- several


def test_the_most_frequent_cause_names_the_statement_and_all_are_counted(made: Make) -> None:
    old = made(scans.estate("a", "b"))
    bare = {f"GetLock {id}": {"$absent": "NoLock"} for id in "acd"}
    summary, _ = diff(old, made(scans.estate("a", "b", "c", "d", **bare)))
    (statement,) = summary.profiles[0].changed
    assert (statement.cause, statement.causes) == (Why.NEW, {"environment": 1, "new-resource": 2})
    assert [change.after.outcome for change in statement.findings] == ["fail"] * 3


def test_a_verdict_is_explained_by_what_turned_it(made: Make) -> None:
    old = made(scans.estate("a"))
    new = made(scans.estate("a", "b", "c", **NO_LOCK))
    summary, changes = diff(old, new)
    assert rows(changes) == {
        ("a", "pass", "fail", Why.ENVIRONMENT),
        ("b", "absent", "pass", Why.NEW),
        ("c", "absent", "pass", Why.NEW),
    }
    assert turns(summary) == {LOCKS: (V, C, Why.ENVIRONMENT)}


def test_a_run_that_is_cut_short_is_an_error(made: Make) -> None:
    old, new = made(scans.estate("a")), made(scans.estate("a"))
    (path,) = new.folder.glob("places/*region*/findings.jsonl")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(IntegrityError, match="cut short or altered"), compared(old, new):
        pass
