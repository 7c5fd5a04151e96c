"""Evaluation: facts and gaps become findings; what is missing is unknown, and only where it matters."""

from collections.abc import Iterable
from typing import Any

import msgspec
import pytest

from engine import lab, scans
from engine.lab import Box, Grade, Key, KeyOwner, Lock, Recorder, Shelf
from posture.claims import CustomerManagedKeys, EncryptedAtRest
from posture.coverage import LeftOut, Unread
from posture.evaluate import Evaluation, closed_findings, gap_outcome
from posture.events import Event, Missed, Ready, Seen
from posture.model import Cause, Fact, Fail, Finding, Gap, Pass, Resource, Severity, Unknown
from posture.place import Closed, Place, Where
from posture.plan import Scoped, Work, plan
from posture.registry import Registry
from posture.scope import Exclusion, Match, Scope

ALL = Scope()
HERE = Place(provider="lab", target="t", account="1111", region="north", where=Where.REGION)
GAP = Gap(cause=Cause.ACCESS_DENIED, detail="refused", operation="lab:Op", permission="lab:Permit")
REFUSED = Unknown(Cause.ACCESS_DENIED, "could not be read: lab:Op: refused", "lab:Permit")


def work(*scoped: Scoped) -> Work:
    return plan(Registry([lab]), scoped, ["lab"]).works["lab"]  # type: ignore[list-item]


def resource(id: str, kind: str = "lab.box") -> Resource:
    return Resource(id=f"lab/{id}", kind=kind, cloud="lab", account="1111", region="north", name=id)


def box(id: str) -> Seen:
    return seen(Box(resource=resource(id), box=id, public=False))


def lock(id: str, cipher: str | None = "AES-256", **more: str) -> Seen:
    given = {"key": "k", "grade": "double", "copy": ""} | more
    fact = Lock(resource=resource(id), cipher=cipher, **given)
    return seen(fact, (Box, fact.resource.id))


def seen(fact: Fact, *parents: tuple[type[Fact], str]) -> Seen:
    return Seen(fact=fact, evidence=("e",), lineage=(*parents, (type(fact), fact.resource.id)))


def missed(kind: type[Fact], where: Resource | None = None, gap: Gap = GAP, *lineage: tuple[type[Fact], str]) -> Missed:
    return Missed(fact=kind, resource=where or HERE.whole(kind.kind), gap=gap, lineage=lineage)


def owner(key: str, whose: str = "us") -> Seen:
    where = resource(key, "lab.key")
    return seen(KeyOwner(resource=where, key=key, owner=whose), (Key, where.id))


def judged(events: Iterable[Event], *claims: Any, scope: Scope = ALL, notes: list[Any] | None = None) -> list[Finding]:
    use = scans.scoped(scans.profile(*claims), scope)
    note = (lambda note: None) if notes is None else notes.append
    return list(Evaluation(work(use), [use], note).findings(events))


def outcomes(findings: Iterable[Finding]) -> dict[str, Any]:
    return {finding.resource.id: finding.outcome for finding in findings}


def test_a_finding_says_who_asked_what_of_which_resource_and_on_what_ground() -> None:
    (finding,) = judged([Ready(), lock("a")], "encrypted-at-rest")
    assert finding == Finding(
        id=finding.id,
        check="lab.box.encryption",
        claim=EncryptedAtRest().key(),
        resource=resource("a"),
        severity=Severity.HIGH,
        outcome=Pass("is locked with AES-256"),
        evidence=("e",),
        profiles=("page",),
    )


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        (lock("a"), Pass("is locked with AES-256")),
        (lock("a", None), Fail("has no lock")),
        (lock("a", "rot13"), Unknown(Cause.NOT_SUPPORTED, "has a lock of a kind that is not known: rot13")),
        (missed(Lock, resource("a")), REFUSED),
        (
            lock("a", "break"),
            Unknown(Cause.TOOL_ERROR, "the check lab.box.encryption broke: RuntimeError: the check is broken"),
        ),
    ],
)
def test_each_fact_and_each_gap_has_its_outcome(event: Event, outcome: Any) -> None:
    assert outcomes(judged([Ready(), event], "encrypted-at-rest")) == {"lab/a": outcome}


def test_a_refused_listing_is_unknown_for_every_check_below_it() -> None:
    events = [Ready(), *map(missed, (Box, Lock, Grade))]
    found = judged(events, "encrypted-at-rest", "no-public-access", "double-encrypted")
    assert {finding.check: finding.outcome for finding in found} == dict.fromkeys(
        ["lab.box.encryption", "lab.box.public", "lab.box.layers"], REFUSED
    )
    assert {finding.resource for finding in found} == {HERE.whole("lab.box")}


@pytest.mark.parametrize("scope", [Match(name="prod-*"), Match(id="lab/a"), Match(tag="team=red")])
def test_a_refused_listing_is_unknown_in_a_scope_that_names_things(scope: Match) -> None:
    found = judged([Ready(), missed(Box)], "no-public-access", scope=Scope(include=(scope,)))
    assert [finding.outcome for finding in found] == [REFUSED]


def test_a_refused_account_listing_is_unknown_in_a_scope_of_other_regions() -> None:
    home = Place(provider="lab", target="t", account="1111", region="home", where=Where.ACCOUNT)
    event = missed(lab.Seal, home.whole("lab.seal"))
    found = judged([Ready(), event], "vault-protected", scope=Scope(include=(Match(region="north"),)))
    assert [finding.outcome for finding in found] == [REFUSED]
    elsewhere = judged([Ready(), event], "vault-protected", scope=Scope(include=(Match(account="2222"),)))
    assert elsewhere == []


def test_what_is_out_of_scope_is_noted_once_and_not_judged() -> None:
    notes: list[Any] = []
    scope = Scope(include=(Match(name="a"), Match(name="b")), exclude=(Exclusion(name="b", reason="a test box"),))
    events = [Ready(), *map(box, "abc"), *map(lock, "abc")]
    found = judged(events, "encrypted-at-rest", "no-public-access", scope=scope, notes=notes)
    assert {finding.resource.id for finding in found} == {"lab/a"}
    assert [(note.resource.id, note.reason) for note in notes] == [("lab/b", "a test box"), ("lab/c", "in no scope")]
    assert all(isinstance(note, LeftOut) for note in notes)


def test_what_could_not_be_read_is_noted() -> None:
    notes: list[Any] = []
    judged([Ready(), missed(Lock, resource("a"))], "encrypted-at-rest", notes=notes)
    assert notes == [Unread(fact="Lock", resource=resource("a"), gap=GAP)]


def test_checks_judge_once_the_consulted_facts_are_in() -> None:
    events = [lock("a"), owner("other"), owner("k"), Ready()]
    assert outcomes(judged(events, "customer-managed-keys")) == {"lab/a": Pass("is under a key of ours")}


def test_missing_consulted_facts_are_unknown_only_to_who_runs_past_them() -> None:
    events = [
        owner("k"),
        missed(KeyOwner, resource("l", "lab.key"), GAP, (Key, "lab/l")),
        Ready(),
        lock("finds"),
        lock("lacks", key="m"),
        lock("needs none", key=""),
    ]
    assert outcomes(judged(events, "customer-managed-keys")) == {
        "lab/finds": Pass("is under a key of ours"),
        "lab/lacks": REFUSED,
        "lab/needs none": Fail("has no key of its own"),
    }


def test_complete_consulted_facts_prove_an_absence() -> None:
    events = [owner("k"), Ready(), lock("a", key="m")]
    assert outcomes(judged(events, "customer-managed-keys")) == {"lab/a": Fail("is under a key that does not exist")}


def test_a_check_gets_all_of_the_listing_that_its_own_fact_comes_from() -> None:
    events = [box("a"), box("b"), Ready(), lock("a", copy="b"), lock("b", copy="z")]
    assert outcomes(judged(events, "backups-exist")) == {"lab/a": Pass("has a copy"), "lab/b": Fail("has no copy")}


def test_a_check_gets_the_facts_below_its_own_and_not_those_of_others() -> None:
    grades = [seen(Grade(resource=resource(id), layers=2), (Box, f"lab/{id}"), (Lock, f"lab/{id}")) for id in "ab"]
    refused = missed(Grade, resource("c"), GAP, (Box, "lab/c"), (Lock, "lab/c"))
    events = [*grades, refused, Ready(), *map(lock, "abc")]
    passed = Pass("has a grade of its own")
    assert outcomes(judged(events, "deleted-within")) == {"lab/a": passed, "lab/b": passed, "lab/c": REFUSED}


@pytest.mark.parametrize(
    ("cause", "count"), [(Cause.REGION_NOT_ENABLED, 0), (Cause.REGION_UNREACHABLE, 1), (Cause.UNREACHABLE, 1)]
)
def test_a_region_that_is_not_enabled_holds_nothing_and_others_are_unknown(cause: Cause, count: int) -> None:
    use = scans.scoped(scans.profile("configuration-recorded"))
    closed = Closed(place=HERE, gap=Gap(cause=cause, detail="closed", operation="lab:ListRegions"))
    found = list(closed_findings(work(use), [use], closed))
    assert [finding.outcome for finding in found] == [gap_outcome(closed.gap)] * count


def test_a_closed_place_is_unknown_for_all_that_would_have_been_judged_there_and_no_more() -> None:
    use = scans.scoped(scans.profile("encrypted-at-rest", "configuration-recorded", "vault-protected"))
    closed = Closed(place=HERE, gap=GAP)
    regional = {finding.check for finding in closed_findings(work(use), [use], closed)}
    assert regional == {"lab.box.encryption", "lab.recorder.on", "lab.inventory.Shelf"}
    home = Closed(place=msgspec.structs.replace(HERE, where=Where.ACCOUNT), gap=GAP)
    assert {finding.check for finding in closed_findings(work(use), [use], home)} == {"lab.seal.unbroken"}


def test_an_inventory_that_was_not_read_is_unknown_for_claims_that_quantify_over_its_stores() -> None:
    found = judged([Ready(), missed(Shelf)], "encrypted-at-rest", "configuration-recorded", "customer-managed-keys")
    assert {finding.check for finding in found} == {"lab.inventory.Shelf"}
    assert {finding.claim for finding in found} == {EncryptedAtRest().key(), CustomerManagedKeys().key()}
    assert {finding.outcome for finding in found} == {REFUSED}


def test_one_fact_answers_every_claim_of_every_profile_that_holds_it() -> None:
    uses = [
        scans.scoped(scans.profile("encrypted-at-rest", id="one")),
        scans.scoped(scans.profile("encrypted-at-rest", id="two"), Scope(include=(Match(name="b"),))),
    ]
    found = Evaluation(work(*uses), uses).findings([Ready(), lock("a"), lock("b")])
    assert {finding.resource.id: finding.profiles for finding in found} == {"lab/a": ("one",), "lab/b": ("one", "two")}


def test_only_what_some_profile_speaks_about_is_wanted() -> None:
    use = scans.scoped(scans.profile("encrypted-at-rest"), Scope(include=(Match(name="a"),)))
    evaluation = Evaluation(work(use), [use])
    assert evaluation.wanted(resource("a"))
    assert not evaluation.wanted(resource("b"))


def test_facts_that_no_check_judges_are_counted_all_the_same() -> None:
    use = scans.scoped(scans.profile("encrypted-at-rest"))
    evaluation = Evaluation(work(use), [use])
    shelf = seen(Shelf(resource=resource("s", "lab.shelf")))
    recorder = seen(Recorder(resource=resource("r", "lab.recorder"), on=True))
    assert list(evaluation.findings([Ready(), shelf, recorder])) == []
    assert [(row.fact, row.listed) for row in evaluation.ledger.rows()] == [("Recorder", 1), ("Shelf", 1)]
