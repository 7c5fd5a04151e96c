"""The gate: which exit code a run earns."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine import scans
from posture.allowances import Exemption
from posture.assess import Assessment, assess
from posture.claims import EncryptedAtRest
from posture.gate import CONTRADICTED, EXCEPTIONS, INCOMPLETE, PRECEDENCE, Exit, Gate, foremost
from posture.model import Cause, Fail, Finding, Outcome, Pass, Resource, Severity, Unknown

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DENIED = Unknown(Cause.ACCESS_DENIED, "refused")


def assessment(*outcomes: Outcome, excepted: str = "", expires: date = date(2027, 1, 1), **use: Any) -> Assessment:
    found = [
        Finding(
            id=f"f{number}",
            check="lab.check",
            claim=EncryptedAtRest().key(),
            resource=Resource(id=f"lab/{number}", kind="k", cloud="lab", account="1", region="north", name="n"),
            severity=Severity.LOW,
            outcome=outcome,
            evidence=(),
            profiles=("page",),
        )
        for number, outcome in enumerate(outcomes)
    ]
    exemptions = (
        [Exemption(id="E-1", reason="r", owner="o", approver="a", expires=expires, finding=excepted)]
        if excepted
        else []
    )
    return assess([scans.profile({"claim": "encrypted-at-rest"} | use)], found, [], [], exemptions, [], NOW)


ACCEPTED = {"empty": "acceptable", "empty_reason": "r"}


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (assessment(Pass("p")), Exit.COMPLETE),
        (assessment(Pass("p"), Fail("f")), Exit.CONTRADICTED),
        (assessment(Pass("p"), DENIED), Exit.INCOMPLETE),
        (assessment(DENIED, Fail("f")), Exit.CONTRADICTED),
        (assessment(), Exit.INCOMPLETE),
        (assessment(**ACCEPTED), Exit.COMPLETE),
        (assessment(DENIED, **ACCEPTED), Exit.INCOMPLETE),
        (assessment(Fail("f"), excepted="f0"), Exit.COMPLETE),
        (assessment(Fail("f"), Fail("f"), excepted="f0"), Exit.CONTRADICTED),
        (assessment(Fail("f"), excepted="f0", expires=date(2026, 11, 23)), Exit.CONTRADICTED),
        (assessment(Fail("f"), DENIED, excepted="f0"), Exit.INCOMPLETE),
    ],
)
def test_a_run_earns_its_code(made: Assessment, code: Exit) -> None:
    assert foremost(Gate().codes(made)) is code


EVERYTHING = frozenset({CONTRADICTED, INCOMPLETE, EXCEPTIONS})


@pytest.mark.parametrize(
    ("made", "fail_on", "code"),
    [
        (assessment(Fail("f"), DENIED), frozenset({INCOMPLETE}), Exit.INCOMPLETE),
        (assessment(Fail("f"), DENIED), frozenset({"never"}), Exit.COMPLETE),
        (assessment(DENIED), frozenset({CONTRADICTED}), Exit.COMPLETE),
        (assessment(Pass("p"), excepted="other"), EVERYTHING, Exit.EXCEPTION_EXPIRED),
        (assessment(Pass("p"), excepted="f0", expires=date(2026, 11, 23)), EVERYTHING, Exit.EXCEPTION_EXPIRED),
        (assessment(Fail("f"), excepted="f0"), EVERYTHING, Exit.COMPLETE),
    ],
)
def test_only_what_is_gated_fails(made: Assessment, fail_on: frozenset[str], code: Exit) -> None:
    assert foremost(Gate(fail_on=fail_on).codes(made)) is code


def test_precedence_is_as_documented() -> None:
    assert [int(code) for code in PRECEDENCE] == [130, 70, 5, 4, 1, 6, 3, 7, 0]
    assert foremost({Exit.INCOMPLETE, Exit.CONTRADICTED, Exit.UNREACHED}) is Exit.UNREACHED
