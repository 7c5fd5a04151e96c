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
                HEAD + f"  expires: 2027-01-01\n  claim: encrypted-at-rest\n  resource: '{pattern}'\n",
                "exceptions.yaml:8: E-1: a pattern with *, ? or [ needs `broad: true`",
            )
            for pattern in ("lab/*", "lab/box-?", "lab/[ab]")
        ),
        (
            HEAD + "  expires: 2027-01-01\n  finding: f\n  resource: r\n",
            "exceptions.yaml:2: E-1: name either `finding`, or `claim` and `resource`",
        ),
        (
            HEAD + "  expires: 2027-01-01\n  finding: f\n",
            "exceptions.yaml:7: E-1: 'f' is not the id of a finding: 64 hexadecimal digits",
        ),
        (
            HEAD + "  expires: 2027-01-01\n  claim: encrypted-at-test\n  resource: r\n",
            "exceptions.yaml:7: E-1: there is no claim 'encrypted-at-test'; did you mean 'encrypted-at-rest'",
        ),
        (
            HEAD + f"  expires: 2027-01-01\n  created: 2027-01-02\n  finding: {'f' * 64}\n",
            "exceptions.yaml:6: E-1: expires before it was created",
        ),
        *(
            (
                HEAD.replace(f"{name}: {name[0]}", f"{name}: ' '") + f"  expires: 2027-01-01\n  finding: {'f' * 64}\n",
                f"exceptions.yaml:{line}: E-1: {name} is empty",
            )
            for name, line in (("reason", 3), ("owner", 4), ("approver", 5))
        ),
        *(
            (
                HEAD.replace(f"  {name}: {name[0]}\n", "") + f"  expires: 2027-01-01\n  finding: {'f' * 64}\n",
                f"exceptions.yaml:2: the key {name!r} is missing",
            )
            for name in ("reason", "owner", "approver")
        ),
        (
            (HEAD + f"  expires: 2027-01-01\n  finding: {'f' * 64}\n")
            + HEAD.partition("\n")[2]
            + f"  expires: 2027-01-01\n  finding: {'e' * 64}\n",
            "exceptions.yaml:8: the id 'E-1' stands here twice",
        ),
        (
            HEAD.replace("E-1", "''") + f"  expires: 2027-01-01\n  finding: {'f' * 64}\n",
            "exceptions.yaml:2: the id is empty",
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
    text = HEAD + "  expires: 2027-01-01\n  claim: encrypted-at-rest\n  resource: 'lab/*'\n  broad: true\n"
    path.write_text(text, encoding="utf-8")
    assert load_exemptions(path) == (exemption(claim="encrypted-at-rest", resource="lab/*", broad=True),)


def test_the_day_an_exception_was_created_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "exceptions.yaml"
    path.write_text(HEAD + f"  expires: 2027-01-01\n  created: 2026-11-24\n  finding: {'f' * 64}\n", encoding="utf-8")
    assert load_exemptions(path) == (exemption(finding="f" * 64, created=date(2026, 11, 24)),)


VOUCHED = {
    "id": "A-1",
    "statement": "page/S",
    "who": "w",
    "issued": "2026-01-01",
    "valid_until": "2026-12-31",
    "document": "d.pdf",
    "document_sha256": "0a" * 32,
}


def vouched(folder: Path, *entries: dict[str, str]) -> Path:
    """A file of attestations, each key on a line of its own."""
    lines = ["attestations:"]
    for entry in entries:
        lines += [f"{'  ' if place else '- '}{name}: {value}" for place, (name, value) in enumerate(entry.items())]
    path = folder / "attestations.yaml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_attestations_are_loaded_with_their_days(tmp_path: Path) -> None:
    (found,) = load_attestations(vouched(tmp_path, VOUCHED))
    assert (found.issued, found.valid_until) == (date(2026, 1, 1), date(2026, 12, 31))
    assert found.document_sha256 == "0a" * 32


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"document_sha256": "abc"}, "8: A-1: 'abc' is not a SHA-256 in lower-case hexadecimal"),
        ({"document_sha256": "0A" * 32}, "8: A-1: "),
        ({"document_sha256": "0a" * 33}, "8: A-1: "),
        ({"statement": "S"}, "3: A-1: 'S' is not of the form profile/statement"),
        ({"statement": "page/"}, "3: A-1: 'page/' is not of the form profile/statement"),
        ({"valid_until": "2025-12-31"}, "6: A-1: ends before it was issued"),
        ({"who": "' '"}, "4: A-1: who is empty"),
        ({"document": "''"}, "7: A-1: document is empty"),
        ({"id": "''"}, "2: the id is empty"),
        ({"issued": "soon"}, "5: issued: 'soon': "),
    ],
)
def test_an_attestation_that_is_not_complete_is_refused(given: dict[str, str], message: str, tmp_path: Path) -> None:
    with pytest.raises(FileError) as raised:
        load_attestations(vouched(tmp_path, VOUCHED | given))
    assert str(raised.value).startswith(f"attestations.yaml:{message}")


def test_an_attestation_may_begin_and_end_on_one_day_and_its_id_stands_once(tmp_path: Path) -> None:
    assert load_attestations(vouched(tmp_path, VOUCHED | {"valid_until": "2026-01-01"}))
    with pytest.raises(FileError, match=r"attestations\.yaml:9: the id 'A-1' stands here twice"):
        load_attestations(vouched(tmp_path, VOUCHED, VOUCHED))
