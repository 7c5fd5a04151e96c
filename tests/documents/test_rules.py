"""Rules of drafting: what each claim is known by, what is read out of a sentence, and what is left alone."""

import re
from typing import Any

import pytest

from posture.claims import vocabulary
from posture.documents import quantities
from posture.documents.classes import suggest
from posture.documents.geography import regions
from posture.documents.rules import RULES, UNWORDED
from posture.profile import StatementClass


def test_every_claim_has_a_rule_and_every_rule_a_claim() -> None:
    assert {rule.claim for rule in RULES} == set(vocabulary()) - UNWORDED


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.claim)
def test_a_rule_compiles_and_says_what_it_means(rule: Any) -> None:
    patterns = (said if isinstance(said, tuple) else (said,) for said in (*rule.says, *rule.unless))
    assert all(re.compile(pattern) for said in patterns for pattern in said)
    assert rule.meaning.endswith(".")
    assert set(rule.assumed) <= set(vocabulary()[rule.claim].__struct_fields__)


@pytest.mark.parametrize(
    ("sentence", "days"),
    [
        ("within 60 days", 60),
        ("within sixty (60) days", 60),
        ("within seventy-two (72) hours", 3),
        ("after 25 hours", 2),
        ("after an hour", 1),
        ("after two weeks", 14),
        ("for six months", 180),
        ("one year later", 365),
        ("within 10 business days", 14),
        ("for 24 months", 730),
        ("a 30-day window", 30),
        ("within a few days", None),
        ("soon", None),
    ],
)
def test_spans_of_time_are_days_rounded_up(sentence: str, days: int | None) -> None:
    assert quantities.days(sentence) == days


@pytest.mark.parametrize(
    ("sentence", "days"),
    [
        ("every 90 days", 90),
        ("every 24 hours", 1),
        ("nightly", 1),
        ("every night", 1),
        ("once a week", 7),
        ("each month", 31),
        ("quarterly", 92),
        ("at least annually", 365),
        ("often", None),
    ],
)
def test_how_often_is_days_between_two_times(sentence: str, days: int | None) -> None:
    assert quantities.interval(sentence) == days


@pytest.mark.parametrize(
    ("sentence", "versions"),
    [
        ("TLS 1.2", ["TLS 1.2"]),
        ("TLSv1.3 or TLS v1.2", ["TLS 1.2", "TLS 1.3"]),
        ("TLS 1.0, 1.1 and 1.2", ["TLS 1.0", "TLS 1.1", "TLS 1.2"]),
        ("SSL 3.0", ["SSL 3.0"]),
        ("TLS (version 1.2 and up)", ["TLS 1.2"]),
        ("TLS 1.0 is gone: we insist on version 1.2", ["TLS 1.0", "TLS 1.2"]),
        ("version 1.2 of our product", []),
    ],
)
def test_versions_are_named_with_their_protocol(sentence: str, versions: list[str]) -> None:
    assert quantities.tls_versions(sentence) == versions


@pytest.mark.parametrize(
    ("sentence", "codes"),
    [
        ("in us-east-1 and eu-west-1", ("eu-west-1", "us-east-1")),
        ("in East US 2", ("eastus2",)),
        ("in West Europe", ("westeurope",)),
        ("in westeurope", ("westeurope",)),
        ("in Germany", ("eu-central-1", "germanywestcentral")),
        ("at AWS in Ireland", ("eu-west-1",)),
        ("in Sydney, Australia", ("ap-southeast-2", "australiaeast")),
        ("in the us-east-1 region of the United States", ("us-east-1",)),
        ("with us", ()),
        ("USB sticks", ()),
    ],
)
def test_places_are_region_codes(sentence: str, codes: tuple[str, ...]) -> None:
    assert regions(sentence) == codes


@pytest.mark.parametrize(
    ("sentence", "alternative"),
    [
        ("Data in transit is protected by TLS 1.2.", {"reading": "supported"}),
        ("Data in transit is protected by TLS 1.2 or higher.", {}),
        ("Data in transit is protected by TLS 1.2+.", {}),
        ("Data in transit is protected by TLS.", {}),
    ],
)
def test_a_version_named_alone_has_a_lenient_reading_too(sentence: str, alternative: dict[str, Any]) -> None:
    (claim,) = (claim for claim in suggest(sentence).claims if claim.claim == "tls-minimum")
    assert claim.alternative == alternative


@pytest.mark.parametrize(
    ("sentence", "hedges"),
    [
        ("Where possible, stored data is encrypted.", ("Where possible",)),
        ("Backups may be encrypted.", ("may",)),
        ("In May all backups were encrypted.", ()),
        ("Databases are typically encrypted at rest, depending on the plan.", ("typically", "depending on")),
    ],
)
def test_a_hedge_is_noted_and_makes_a_statement_partly_testable(sentence: str, hedges: tuple[str, ...]) -> None:
    found = suggest(sentence)
    assert found.hedges == hedges
    assert (found.class_ is StatementClass.PARTLY_TESTABLE) == bool(hedges)
    assert all(repr(hedge) in found.remainder for hedge in hedges)


@pytest.mark.parametrize(
    "sentence",
    [
        "Encryption at Rest",
        "Is data encrypted at rest?",
        "Please encrypt your own backups.",
        "You must encrypt your backups at rest.",
        "AES is a standard for encryption at rest.",
        "Our partners use encryption at rest.",
        "Diesel generators provide backup power.",
    ],
)
def test_headings_questions_advice_and_what_others_do_claim_nothing(sentence: str) -> None:
    assert suggest(sentence).claims == ()


@pytest.mark.parametrize(
    ("sentence", "class_"),
    [
        ("Volumes are not encrypted.", "background"),
        ("There is no rotation of keys.", "background"),
        ("Encryption at rest isn't available on the free plan.", "background"),
        ("Nothing in this policy obliges us to keep backups.", "background"),
        ("Customers may choose to encrypt their volumes.", "background"),
        ("The school shall delete accounts of pupils who left.", "background"),
        ("Until 2022 our database was hosted in Ireland.", "background"),
        ('"Backup" means a copy of data that is kept for recovery.', "background"),
        ("Data Encryption in Transit and at Rest", "background"),
        ("Section 5: Data Retention and Deletion", "background"),
        ("We plan to rotate our keys every year.", "promise"),
        ("By the end of next year all volumes will be encrypted.", "promise"),
        ("We will tell you before we delete your data.", "promise"),
        ("Our subprocessors are obliged to encrypt data at rest.", "document"),
        ("We review access logs every quarter.", "organisational"),
    ],
)
def test_denials_duties_of_others_plans_and_titles_are_not_testable(sentence: str, class_: str) -> None:
    assert suggest(sentence).class_ == class_
    assert suggest(sentence).claims == ()


@pytest.mark.parametrize(
    ("sentence", "claim"),
    [
        ("Data is never stored unencrypted.", "encrypted-at-rest"),
        ("The database rejects any client that does not use TLS.", "clear-text-refused"),
        ("Volumes are not only encrypted, they are also backed up.", "encrypted-at-rest"),
        ("Data in transit is protected by no less than TLS 1.2.", "tls-minimum"),
        ("Keys do not leave the vault and are rotated yearly.", "key-rotation"),
        ("If you close your account, we delete your data within 30 days.", "deleted-within"),
        ("Customers' files are encrypted at rest.", "encrypted-at-rest"),
    ],
)
def test_a_denial_of_something_else_does_not_hide_a_claim(sentence: str, claim: str) -> None:
    assert claim in {suggested.claim for suggested in suggest(sentence).claims}


@pytest.mark.parametrize("hard", ["encrypted " * 2_000, "backup not public " * 1_000, "no shared data " * 1_000])
def test_a_long_sentence_is_read_in_time(hard: str) -> None:
    assert suggest(hard).class_


def test_a_vague_measure_gets_claims_under_a_reading() -> None:
    found = suggest("We protect your data with industry-standard security measures.")
    assert found.class_ is StatementClass.VAGUE
    assert [claim.claim for claim in found.claims] == ["tls-minimum", "encrypted-at-rest"]
    assert all(claim.assumed for claim in found.claims)
