"""The page on verdicts: its tables are what the algebra, the vocabulary and the gate say."""

import re
from typing import Any

import pytest

from docs.pages import page, table
from posture.assess import Assessment, ClaimVerdict, ProfileVerdict, StatementVerdict
from posture.gate import Gate, foremost
from posture.model import Cause, Outcome, Verdict
from posture.profile import build_profile
from posture.verdict import Tally, claim_verdict, is_vacuous, statement_verdict
from posture.yamlfile import parse

PAGE = "verdicts.md"
CLAIMS = table(PAGE, "pass | fail | unknown | unchecked | besides")
STATEMENTS = table(PAGE, "claims | remainder")
GATED = table(PAGE, "pass | fail | excepted")
ORDER = (Verdict.CONTRADICTED, Verdict.UNKNOWN, Verdict.PARTLY_VERIFIED, Verdict.VERIFIED)
"""From the worst to the best."""


def tally(row: dict[str, str], **more: int) -> Tally:
    counted = {"passed": "pass", "failed": "fail", "unknown": "unknown", "blind": "unchecked"}
    return Tally(**{field: int(row[word]) + more.get(field, 0) for field, word in counted.items()})


def judged(row: dict[str, str], **more: int) -> Verdict:
    options = {"": {}, "empty: acceptable": {"empty_acceptable": True}, "no check": {"tested": False}}
    return claim_verdict(tally(row, **more), **options[row["besides"]])


def named(row: dict[str, str]) -> str:
    return ", ".join(row.values())


@pytest.mark.parametrize("row", CLAIMS, ids=named)
def test_a_claim_has_the_verdict_of_the_page(row: dict[str, str]) -> None:
    assert judged(row) == row["verdict of the claim"]


@pytest.mark.parametrize("row", CLAIMS, ids=named)
@pytest.mark.parametrize("missing", ["unknown", "blind"])
def test_one_more_unknown_improves_no_row_of_the_page(row: dict[str, str], missing: str) -> None:
    if judged(row) is Verdict.VERIFIED:
        assert ORDER.index(judged(row, **{missing: 1})) < ORDER.index(Verdict.VERIFIED)
    assert ORDER.index(judged(row, **{missing: 1})) <= ORDER.index(judged(row))


def test_the_page_shows_every_verdict_that_a_claim_can_have() -> None:
    assert {judged(row) for row in CLAIMS} == {*ORDER}
    assert {judged(row) for row in CLAIMS if row["besides"]} == {*ORDER} - {Verdict.PARTLY_VERIFIED}


@pytest.mark.parametrize("row", STATEMENTS, ids=named)
def test_a_statement_has_the_verdict_of_the_page(row: dict[str, str]) -> None:
    words = [word for word in row["claims"].split(", ") if word not in ("none", "verified of nothing")]
    claims = [Verdict(word) for word in words]
    if row["remainder"] == "yes":
        claims.append(Verdict.NOT_TESTABLE)
    verdict = statement_verdict(claims, vacuous="verified of nothing" in row["claims"])
    assert verdict == row["verdict of the statement"]


def test_the_page_shows_every_verdict_that_a_statement_can_have() -> None:
    assert {row["verdict of the statement"] for row in STATEMENTS} == {*Verdict}


def test_verified_of_nothing_is_what_the_page_says() -> None:
    (row,) = (row for row in CLAIMS if row["besides"] and judged(row) is Verdict.VERIFIED)
    assert is_vacuous(tally(row), judged(row))


@pytest.mark.parametrize("row", GATED, ids=named)
def test_the_gate_does_what_the_page_says(row: dict[str, str]) -> None:
    verdict = claim_verdict(tally(row))
    claim = ClaimVerdict(
        claim="c",
        word="c",
        parameters={},
        verdict=verdict,
        tally=tally(row),
        tested=True,
        excepted=int(row["excepted"]),
        causes={},
        needs={},
        bases={},
        blind={},
    )
    assert verdict == row["verdict of the claim"]
    assert foremost(Gate().codes(assessment(verdict, claim))) == int(row["the scan ends with"])


def test_a_remainder_alone_fails_no_gate() -> None:
    assert foremost(Gate().codes(assessment(Verdict.PARTLY_VERIFIED, remainder="The rest."))) == 0


def assessment(verdict: Verdict, *claims: ClaimVerdict, remainder: str = "") -> Assessment:
    statement = StatementVerdict(
        id="S", summary="", class_="testable", verdict=verdict, claims=claims, remainder=remainder, attested=()
    )
    profile = ProfileVerdict(id="p", title="P", statements=(statement,), counts={})
    return Assessment(profiles=(profile,), exceptions={}, expired_exceptions=())


def test_the_example_is_a_profile_and_reads_as_the_page_says() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", page(PAGE), re.DOTALL)
    (statement,) = build_profile(parse(text, "page.yaml")).statements
    (asserted,) = statement.asserted
    assert asserted.claim.word() == "tls-minimum"
    assert asserted.alternative is not None
    assert statement.source.remainder


def test_every_outcome_is_explained() -> None:
    kinds: Any = Outcome.__args__  # type: ignore[attr-defined]
    assert [row["outcome"] for row in table(PAGE, "outcome")] == [
        kind.__struct_config__.tag.replace("-", " ") for kind in kinds
    ]


def test_every_cause_of_a_gap_is_explained_once() -> None:
    words = [word for row in table(PAGE, "cause | means") for word in row["cause"].split(", ")]
    assert sorted(words) == sorted(Cause)
