"""Assessment: findings become verdicts, whatever their order, and nothing that people say changes one."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import scans
from posture.allowances import Attestation, Exemption
from posture.assess import UNCONFIRMED, Assessment, assess
from posture.claims import Claim, DoubleEncrypted, EncryptedAtRest, NoPublicAccess
from posture.coverage import Listed
from posture.identity import finding_id
from posture.model import (
    Basis,
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
from posture.profile import Profile

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CLAIMS: tuple[Claim, ...] = (EncryptedAtRest(), DoubleEncrypted(), NoPublicAccess())
PAGE = scans.profile(
    {"claim": "encrypted-at-rest", "empty": "acceptable", "empty_reason": "r"},
    {"claim": "double-encrypted"},
    {"claim": "no-public-access"},
)
WORTH = {Verdict.CONTRADICTED: 0, Verdict.UNKNOWN: 1, Verdict.PARTLY_VERIFIED: 2, Verdict.VERIFIED: 3}
DENIED = Unknown(Cause.ACCESS_DENIED, "could not be read", "lab:Read")

outcomes: st.SearchStrategy[Outcome] = st.sampled_from(
    [Pass("p"), Pass("p", Basis.OBSERVED), Fail("f"), DENIED, Unknown(Cause.TIMEOUT, "late"), NotApplicable("n")]
)


def finding(claim: Claim, number: int, outcome: Outcome, kind: str = "lab.box") -> Finding:
    where = Resource(id=f"lab/{number}", kind=kind, cloud="lab", account="1111", region="north", name=str(number))
    return Finding(
        id=finding_id("lab.check", claim.key(), where),
        check="lab.check",
        claim=claim.key(),
        resource=where,
        severity=Severity.LOW,
        outcome=outcome,
        evidence=(),
        profiles=("page",),
    )


findings = st.lists(
    st.builds(finding, st.sampled_from(CLAIMS), st.integers(0, 9), outcomes, st.sampled_from(["lab.box", "lab.crate"])),
    max_size=12,
)
rows = st.lists(
    st.builds(
        lambda kind, inventory, count: Listed(
            fact="F", kind=kind, store=Store.OBJECT, inventory=inventory, listed=count, in_scope={"page": count}
        ),
        st.sampled_from(["lab.box", "lab.crate", "lab.shelf"]),
        st.booleans(),
        st.integers(0, 3),
    ),
    max_size=3,
)


def exemption(id: str = "E-1", expires: date = date(2027, 1, 1), **pattern: Any) -> Exemption:
    given = pattern or {"claim": "encrypted-at-rest", "resource": "lab/*", "broad": True}
    return Exemption(id=id, reason="r", owner="o", approver="a", expires=expires, **given)


def attestation(statement: str, until: date = date(2027, 1, 1)) -> Attestation:
    return Attestation(
        id="A-1",
        statement=statement,
        who="somebody",
        issued=date(2026, 1, 1),
        valid_until=until,
        document="report.pdf",
        document_sha256="0" * 64,
    )


def judged(
    found: list[Finding],
    listed: list[Listed] | None = None,
    *,
    profile: Profile = PAGE,
    exemptions: tuple[Exemption, ...] = (),
    attestations: tuple[Attestation, ...] = (),
    untested: tuple[str, ...] = (),
) -> Assessment:
    return assess([profile], found, listed or [], untested, exemptions, attestations, NOW)


def all_verdicts(assessment: Assessment) -> list[Any]:
    return [(s.verdict, [c.verdict for c in s.claims]) for p in assessment.profiles for s in p.statements]


QUIET = settings(max_examples=60, deadline=None, database=None)


@QUIET
@given(findings, rows, st.randoms())
def test_the_order_of_findings_and_places_changes_nothing(
    found: list[Finding], listed: list[Listed], random: Any
) -> None:
    before = msgspec.json.encode(judged(found, listed))
    random.shuffle(found)
    random.shuffle(listed)
    assert msgspec.json.encode(judged(found, listed)) == before


@QUIET
@given(findings, st.sampled_from(CLAIMS))
def test_an_unknown_finding_never_improves_a_verdict(found: list[Finding], claim: Claim) -> None:
    before = judged(found)
    after = judged([*found, finding(claim, 99, DENIED)])
    for (was, _), (now, _) in zip(all_verdicts(before), all_verdicts(after), strict=True):
        assert WORTH[now] <= WORTH[was]
    assert scans.claim(after, claim.word()).verdict is not Verdict.VERIFIED


@QUIET
@given(findings, findings, rows, st.sampled_from(CLAIMS))
def test_a_failed_finding_is_never_undone(
    found: list[Finding], more: list[Finding], listed: list[Listed], claim: Claim
) -> None:
    failed = [*found, finding(claim, 99, Fail("f"))]
    for judged_again in (judged(failed), judged([*failed, *more], listed)):
        assert scans.verdicts(judged_again)[claim.word()] is Verdict.CONTRADICTED


@QUIET
@given(findings, rows)
def test_exceptions_never_change_a_verdict(found: list[Finding], listed: list[Listed]) -> None:
    exemptions = (
        exemption(),
        exemption("E-2", claim="double-encrypted", resource="*", broad=True),
        exemption("E-3", finding=found[0].id if found else "none"),
    )
    excepted = judged(found, listed, exemptions=exemptions)
    assert all_verdicts(excepted) == all_verdicts(judged(found, listed))


@QUIET
@given(findings, rows)
def test_attestations_never_change_a_verdict(found: list[Finding], listed: list[Listed]) -> None:
    vouched = tuple(attestation(f"page/{claim.word()}") for claim in CLAIMS)
    attested = judged(found, listed, attestations=vouched)
    assert all_verdicts(attested) == all_verdicts(judged(found, listed))
    assert all(statement.attested for profile in attested.profiles for statement in profile.statements)


@QUIET
@given(findings, rows)
def test_counts_have_a_denominator(found: list[Finding], listed: list[Listed]) -> None:
    (profile,) = judged(found, listed).profiles
    assert sum(profile.counts.values()) == len(profile.statements)
    assert set(profile.counts) == set(Verdict)


def claim_of(*found: Outcome, listed: list[Listed] | None = None, **options: Any) -> Any:
    made = [finding(DoubleEncrypted(), number, outcome) for number, outcome in enumerate(found)]
    return scans.claim(judged(made, listed, **options), "double-encrypted")


def test_a_claim_tells_why_outcomes_are_unknown_and_what_would_mend_it() -> None:
    claim = claim_of(Pass("p"), Pass("p", Basis.OBSERVED), DENIED, DENIED, Unknown(Cause.TIMEOUT, "late"))
    assert claim.causes == {"access-denied": 2, "timeout": 1}
    assert claim.needs == {"lab:Read": 2}
    assert claim.bases == {"configuration": 1, "observed": 1}
    assert claim.verdict is Verdict.PARTLY_VERIFIED


def test_a_store_that_nothing_judges_keeps_a_claim_from_being_verified() -> None:
    shelf = Listed(
        fact="F", kind="lab.shelf", store=Store.FILE, inventory=True, listed=2, in_scope={"page": 2, "other": 5}
    )
    assert claim_of(Pass("p")).verdict is Verdict.VERIFIED
    claim = claim_of(Pass("p"), listed=[shelf])
    assert (claim.verdict, claim.blind, claim.tally.population) == (Verdict.PARTLY_VERIFIED, {"lab.shelf": 2}, 3)
    assert claim_of(listed=[shelf]).verdict is Verdict.UNKNOWN
    elsewhere = msgspec.structs.replace(shelf, in_scope={"other": 5})
    assert claim_of(Pass("p"), listed=[elsewhere]).verdict is Verdict.VERIFIED


def test_a_claim_without_a_check_is_unknown_and_says_so() -> None:
    claim = claim_of(untested=(DoubleEncrypted().key(),))
    assert (claim.verdict, claim.tested) == (Verdict.UNKNOWN, False)
    accepted = judged([], untested=(EncryptedAtRest().key(),))
    assert scans.claim(accepted, "encrypted-at-rest").verdict is Verdict.UNKNOWN


def test_an_empty_estate_verifies_nothing() -> None:
    assert set(scans.verdicts(judged([])).values()) == {Verdict.UNKNOWN}
    assert scans.claim(judged([]), "encrypted-at-rest").verdict is Verdict.VERIFIED, "vacuously, as the profile says"


def test_findings_of_another_profile_do_not_count() -> None:
    other = msgspec.structs.replace(finding(DoubleEncrypted(), 1, Fail("f")), profiles=("other",))
    assert scans.claim(judged([other]), "double-encrypted").tally.failed == 0


def test_both_readings_of_an_ambiguous_claim_are_judged_and_the_adopted_one_decides() -> None:
    page = scans.profile({"claim": "encrypted-at-rest", "alternative": {"algorithm": "any"}})
    lenient = EncryptedAtRest(algorithm="any")
    found = [finding(EncryptedAtRest(), 1, Fail("f")), finding(lenient, 1, Pass("p"))]
    claim = scans.claim(judged(found, profile=page), "encrypted-at-rest")
    assert claim.alternative is not None
    assert (claim.verdict, claim.alternative.verdict) == (Verdict.CONTRADICTED, Verdict.VERIFIED)
    assert scans.verdicts(judged(found, profile=page))["encrypted-at-rest"] is Verdict.CONTRADICTED


def statement(**given: Any) -> Profile:
    source = {"id": "S", "summary": "A sentence.", "class": "testable"} | given
    return scans.profile(statements=[source])


def test_a_remainder_keeps_a_statement_from_being_verified_outright() -> None:
    page = statement(
        **{"class": "partly-testable", "remainder": "what nobody sees", "claims": [{"claim": "double-encrypted"}]}
    )
    found = [finding(DoubleEncrypted(), 1, Pass("p"))]
    assert scans.verdicts(judged(found, profile=page)) == {"S": Verdict.PARTLY_VERIFIED}
    assert scans.verdicts(judged([], profile=page)) == {"S": Verdict.UNKNOWN}


DRAFT = {"words": "w", "meaning": "m", "author": "a", "date": date(2026, 1, 1), "reason": "r", "confirmed": False}


@pytest.mark.parametrize("where", ["statement", "claim"])
@QUIET
@given(found=findings, listed=rows)
def test_a_reading_that_nobody_confirmed_verifies_nothing_and_hides_nothing(
    where: str, found: list[Finding], listed: list[Listed]
) -> None:
    own = {"reading": DRAFT} if where == "statement" else {}
    uses = [{"claim": claim.word(), **({} if own else {"reading": DRAFT})} for claim in CLAIMS]
    read = {**DRAFT, "confirmed": True}
    sure = [{"claim": claim.word(), **({} if own else {"reading": read})} for claim in CLAIMS]
    draft = statement(claims=uses, **own)
    confirmed = statement(claims=sure, **({"reading": read} if own else {}))
    ((now,),) = ([s for p in judged(found, listed, profile=draft).profiles for s in p.statements],)
    ((was,),) = ([s for p in judged(found, listed, profile=confirmed).profiles for s in p.statements],)
    expected = Verdict.PARTLY_VERIFIED if was.verdict is Verdict.VERIFIED else was.verdict
    assert (now.verdict, now.claims) == (expected, was.claims)
    assert (now.remainder, was.remainder) == (UNCONFIRMED, "")


def test_a_draft_is_verified_once_its_reading_is_confirmed() -> None:
    found = [finding(DoubleEncrypted(), 1, Pass("p"))]
    for confirmed, verdict in ((False, Verdict.PARTLY_VERIFIED), (True, Verdict.VERIFIED)):
        use = {"claim": "double-encrypted", "reading": {**DRAFT, "confirmed": confirmed}}
        assert scans.verdicts(judged(found, profile=statement(claims=[use]))) == {"S": verdict}


@pytest.mark.parametrize(("until", "lapsed"), [(date(2026, 11, 24), False), (date(2026, 11, 23), True)])
def test_a_statement_that_no_machine_can_test_may_be_attested_until_a_day(until: date, lapsed: bool) -> None:
    page = statement(**{"class": "organisational"})
    (profile,) = judged([], profile=page, attestations=(attestation("page/S", until), attestation("other/S"))).profiles
    (found,) = profile.statements
    assert found.verdict is Verdict.NOT_TESTABLE
    assert [(one.until, one.lapsed) for one in found.attested] == [(until.isoformat(), lapsed)]


def test_exceptions_count_what_they_cover_and_the_late_ones_cover_nothing() -> None:
    found = [finding(EncryptedAtRest(), n, Fail("f")) for n in range(3)] + [finding(EncryptedAtRest(), 9, Pass("p"))]
    made = judged(
        found,
        exemptions=(
            exemption("one", finding=found[0].id),
            exemption("all"),
            exemption("late", date(2026, 11, 23)),
            exemption("none", finding="0" * 64),
        ),
    )
    assert made.exceptions == {"one": 1, "all": 3, "late": 0, "none": 0}
    assert made.expired_exceptions == ("late",)
    assert scans.claim(made, "encrypted-at-rest").excepted == 3
