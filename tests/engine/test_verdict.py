"""The verdict algebra: a truth table, and one property for each invariant."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.model import Verdict
from posture.verdict import Tally, claim_verdict, is_vacuous, statement_verdict

V, C, P, U, N = (
    Verdict.VERIFIED,
    Verdict.CONTRADICTED,
    Verdict.PARTLY_VERIFIED,
    Verdict.UNKNOWN,
    Verdict.NOT_TESTABLE,
)
WORTH = {C: 0, N: 1, U: 1, P: 2, V: 3}

settings.register_profile("engine", max_examples=60, deadline=None, database=None)
settings.load_profile("engine")

counts = st.integers(0, 3)
tallies = st.builds(Tally, passed=counts, failed=counts, unknown=counts, not_applicable=counts, blind=counts)
verdicts = st.sampled_from(list(Verdict))
flags = st.booleans()


@pytest.mark.parametrize(
    ("tally", "tested", "empty", "verdict"),
    [
        (Tally(passed=2), True, False, V),
        (Tally(passed=2, not_applicable=5), True, False, V),
        (Tally(passed=2, unknown=1), True, False, P),
        (Tally(passed=2, blind=1), True, False, P),
        (Tally(passed=9, failed=1), True, False, C),
        (Tally(failed=1, unknown=9, blind=9), True, False, C),
        (Tally(failed=1), True, True, C),
        (Tally(unknown=1), True, False, U),
        (Tally(blind=1), True, False, U),
        (Tally(), True, False, U),
        (Tally(not_applicable=3), True, False, U),
        (Tally(), True, True, V),
        (Tally(not_applicable=3), True, True, V),
        (Tally(unknown=1), True, True, U),
        (Tally(blind=1), True, True, U),
        (Tally(), False, False, U),
        (Tally(), False, True, U),
        (Tally(passed=1), False, True, U),
    ],
)
def test_the_verdict_of_a_claim(tally: Tally, tested: bool, empty: bool, verdict: Verdict) -> None:
    assert claim_verdict(tally, tested=tested, empty_acceptable=empty) is verdict


@pytest.mark.parametrize(
    ("claims", "vacuous", "verdict"),
    [
        ([], False, N),
        ([N], False, N),
        ([V], False, V),
        ([V, V], False, V),
        ([V, N], False, P),
        ([V, P], False, P),
        ([V, U], False, P),
        ([P], False, P),
        ([U], False, U),
        ([U, N], False, U),
        ([C, V, V], False, C),
        ([C, U, N, P], False, C),
        ([], True, U),
        ([N], True, U),
        ([V], True, V),
        ([P], True, P),
        ([U], True, U),
        ([C], True, C),
    ],
)
def test_the_verdict_of_a_statement(claims: list[Verdict], vacuous: bool, verdict: Verdict) -> None:
    assert statement_verdict(claims, vacuous=vacuous) is verdict


@given(tallies, flags, flags, st.sampled_from([Tally(unknown=1), Tally(blind=1)]))
def test_an_unknown_never_improves_a_claim(tally: Tally, tested: bool, empty: bool, more: Tally) -> None:
    before = claim_verdict(tally, tested=tested, empty_acceptable=empty)
    after = claim_verdict(tally + more, tested=tested, empty_acceptable=empty)
    assert WORTH[after] <= WORTH[before]
    assert after is not V


@given(tallies, tallies, flags, flags)
def test_a_fail_is_never_undone_by_more_data(tally: Tally, more: Tally, tested: bool, empty: bool) -> None:
    failed = tally + Tally(failed=1)
    assert claim_verdict(failed, tested=tested, empty_acceptable=empty) is C
    assert claim_verdict(failed + more, tested=tested, empty_acceptable=empty) is C


@given(tallies, flags)
def test_verified_needs_a_whole_population_of_passes(tally: Tally, empty: bool) -> None:
    if claim_verdict(tally, empty_acceptable=empty) is V:
        assert tally.population == tally.passed
        assert tally.passed or empty
    else:
        assert tally.population != tally.passed or not tally.passed


@given(tallies, flags)
def test_a_claim_is_vacuous_only_where_nothing_was_judged(tally: Tally, empty: bool) -> None:
    verdict = claim_verdict(tally, empty_acceptable=empty)
    assert is_vacuous(tally, verdict) == (verdict is V and tally.population == 0)


@given(st.lists(tallies, max_size=4))
def test_tallies_add_up_in_any_order(found: list[Tally]) -> None:
    assert sum(found, Tally()) == sum(reversed(found), Tally())
    assert sum(found, Tally()).population == sum(tally.population for tally in found)


@given(st.lists(verdicts, max_size=5), flags)
def test_an_unknown_claim_never_improves_a_statement_that_makes_claims(claims: list[Verdict], vacuous: bool) -> None:
    before, after = statement_verdict(claims, vacuous=vacuous), statement_verdict([*claims, U], vacuous=vacuous)
    assert WORTH[after] <= WORTH[before]
    assert after is not V


@given(st.lists(verdicts, max_size=5), st.lists(verdicts, max_size=3), flags)
def test_a_contradicted_claim_contradicts_its_statement_for_good(
    claims: list[Verdict], more: list[Verdict], vacuous: bool
) -> None:
    assert statement_verdict([*claims, C, *more], vacuous=vacuous) is C


@given(st.lists(verdicts, max_size=5), flags, st.randoms())
def test_the_order_of_claims_changes_nothing(claims: list[Verdict], vacuous: bool, random: object) -> None:
    shuffled = list(claims)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert statement_verdict(shuffled, vacuous=vacuous) is statement_verdict(claims, vacuous=vacuous)


@given(st.lists(verdicts, max_size=5))
def test_claims_that_hold_of_nothing_do_not_improve_a_statement(claims: list[Verdict]) -> None:
    assert WORTH[statement_verdict(claims, vacuous=True)] <= max(WORTH[statement_verdict(claims)], WORTH[U])
