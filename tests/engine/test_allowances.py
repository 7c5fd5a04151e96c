"""Exceptions and attestations: who vouches for what, until when."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from posture.allowances import Exemption, expired, load_attestations, load_exemptions
from posture.claims import EncryptedAtRest
from posture.model import Fail, Finding, Resource, Severity
from posture.yamlfile import FileError

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
FINDING = Finding(
    id="f" * 64,
    check="lab.check",
    claim=EncryptedAtRest().key(),
    resource=Resource(id="lab/Box-1", kind="lab.box", cloud="lab", account="1", region="north", name="n"),
    severity=Severity.LOW,
    outcome=Fail("f"),
    evidence=(),
    profiles=("page",),
)


def exemption(**given: Any) -> Exemption:
    return Exemption(id="E-1", reason="r", owner="o", approver="a", **({"expires": date(2027, 1, 1)} | given))


@pytest.mark.parametrize(
    ("given", "covers"),
    [
        ({"finding": "f" * 64}, True),
        ({"finding": "0" * 64}, False),
        ({"claim": "encrypted-at-rest", "resource": "lab/box-1"}, True),
        ({"claim": "encrypted-at-rest", "resource": "LAB/BOX-*"}, True),
        ({"claim": "double-encrypted", "resource": "lab/*"}, False),
        ({"claim": "encrypted-at-rest", "resource": "lab/box-2"}, False),
        ({"finding": "f" * 64, "expires": date(2026, 11, 24)}, True),
        ({"finding": "f" * 64, "expires": date(2026, 11, 23)}, False),
    ],
)
def test_an_exception_covers_what_it_names_until_its_day_is_over(given: dict[str, Any], covers: bool) -> None:
    assert exemption(**given).covers(FINDING, NOON) is covers


@pytest.mark.parametrize(
    ("now", "over"),
    [
        (datetime(2026, 11, 24, 0, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 24, 23, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 25, 0, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 25, 1, 0, tzinfo=timezone(timedelta(hours=2))), False),
    ],
)
def test_a_day_ends_at_midnight_utc(now: datetime, over: bool) -> None:
    assert expired(date(2026, 11, 24), now) is over


HEAD = "exceptions:\n- id: E-1\n  reason: r\n  owner: o\n  approver: a\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + "  finding: f\n", "exceptions.yaml:2: the key 'expires' is missing"),
        (HEAD + "  expires: 2027-01-01\n", "exceptions.yaml:2: E-1: name either `finding`, or `claim` and `resource`"),
        (
            HEAD + "  expires: 2027-01-01\n  claim: encrypted-at-rest\n",
            "exceptions.yaml:2: E-1: name either `finding`, or `claim` and `resource`",
        ),
        (
            HEAD + "  expires: 2027-01-01\n  finding: f\n  claim: c\n  resource: r\n",
            "exceptions.yaml:2: E-1: name either `finding`, or `claim` and `resource`",
        ),
        *(
            (
                HEAD + f"  expires: 2027-01-01\n  claim: c\n  resource: '{pattern}'\n",
                "exceptions.yaml:8: E-1: a pattern with *, ? or [ needs `broad: true`",
            )
            for pattern in ("lab/*", "lab/box-?", "lab/[ab]")
        ),
        (HEAD + "  expires: soon\n  finding: f\n", "exceptions.yaml:6: expires: 'soon': "),
        ("exceptions:\n- ide: E-1\n", "exceptions.yaml:2: unknown key 'ide'; did you mean 'id'?"),
    ],
)
def test_an_exception_that_is_not_complete_is_refused(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "exceptions.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError) as raised:
        load_exemptions(path)
    assert str(raised.value).startswith(message)


def test_a_broad_pattern_says_so(tmp_path: Path) -> None:
    path = tmp_path / "exceptions.yaml"
    path.write_text(HEAD + "  expires: 2027-01-01\n  claim: c\n  resource: 'lab/*'\n  broad: true\n", encoding="utf-8")
    assert load_exemptions(path) == (exemption(claim="c", resource="lab/*", broad=True),)


def test_attestations_are_loaded_with_their_days(tmp_path: Path) -> None:
    path = tmp_path / "attestations.yaml"
    path.write_text(
        "attestations:\n- id: A-1\n  statement: page/S\n  who: w\n  issued: 2026-01-01\n  valid_until: 2026-12-31\n"
        "  document: d.pdf\n  document_sha256: abc\n",
        encoding="utf-8",
    )
    (found,) = load_attestations(path)
    assert (found.issued, found.valid_until) == (date(2026, 1, 1), date(2026, 12, 31))
