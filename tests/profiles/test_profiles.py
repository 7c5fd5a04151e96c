"""The profiles that come with posture: complete, consistent, and true to the documents they read."""

import os
import re
from collections import Counter
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from posture.claims import Claim, HostedBy, PolicyUnchanged, vocabulary
from posture.documents.sentences import anchor, document_hash, sentences
from posture.profile import ClaimUse, Profile, Reading, Statement, StatementClass, load_profile

FOLDER = Path(str(resources.files("posture_profiles")))
PROFILES = {path.stem: load_profile(path) for path in sorted(FOLDER.glob("*.yaml"))}
STATEMENTS = [
    pytest.param(statement, id=statement.id) for profile in PROFILES.values() for statement in profile.statements
]
DOCUMENTS = {
    "coding-rooms": "000_521782bf89ea02d9.txt",
    "proctorio": "003_5dfb370213c79199.txt",
}
IDS = {
    "coding-rooms": "B 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
    "proctorio": (
        "H 1 1a 2 3 4 A1 A1a A2 A3 A4 A4a A4b A4c A4d A5 A6 A7 A8 B1 B2 B3 B4 B5 B6 B7 "
        "C1 C2 C3 C4 C5 C6 C7 C7a C8 C8a C9 C10 C10a T1 T2 R1 R2 R2a R3 R4 P1 P2 P2a D1 S1 L1 X1"
    ),
}
PREFIX = {"coding-rooms": "CR", "proctorio": "PR", "baseline": "BL"}
IN_A_ROW = 9
SAYS_ALL = {"all", "any", "only", "every", "no"}


def words(text: str) -> list[str]:
    """The words by which copying is measured."""
    return re.findall(r"[a-z0-9]+", text.lower())


def runs(text: str) -> set[tuple[str, ...]]:
    """Every run of nine words of a text."""
    found = words(text)
    return {tuple(found[place : place + IN_A_ROW]) for place in range(len(found) - IN_A_ROW + 1)}


def readings(statement: Statement) -> list[Reading]:
    """The readings of a statement and of its claims."""
    made = [statement.source.reading, *(use.reading for use in statement.source.claims)]
    return [reading for reading in made if reading is not None]


@pytest.fixture(params=sorted(DOCUMENTS))
def read(request: pytest.FixtureRequest) -> tuple[Profile, str]:
    """A profile and the text of its document, which posture does not carry."""
    folder = os.environ.get("POSTURE_DOCUMENTS")
    if not folder:
        pytest.skip("POSTURE_DOCUMENTS is not set: the documents are others' texts and do not come with posture")
    return PROFILES[request.param], Path(folder, DOCUMENTS[request.param]).read_text(encoding="utf-8")


def test_every_profile_loads_under_the_name_of_its_file() -> None:
    assert {name: profile.id for name, profile in PROFILES.items()} == {name: name for name in PREFIX}


@pytest.mark.parametrize("name", sorted(IDS))
def test_the_statements_are_complete_and_in_the_order_of_the_list(name: str) -> None:
    assert [s.id for s in PROFILES[name].statements] == [f"{PREFIX[name]}-{part}" for part in IDS[name].split()]


@pytest.mark.parametrize("name", sorted(PREFIX))
def test_ids_carry_the_prefix_of_their_profile(name: str) -> None:
    assert {s.id.partition("-")[0] for s in PROFILES[name].statements} == {PREFIX[name]}


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_statement_says_what_a_scan_sees_of_it_and_what_not(statement: Statement) -> None:
    source = statement.source
    assert source.summary
    assert source.section
    assert bool(source.remainder) == (
        source.class_ in (StatementClass.PARTLY_TESTABLE, StatementClass.PROMISE)
        or (source.class_ == StatementClass.VAGUE and bool(source.claims))
    )
    assert source.claims or source.reason
    if source.class_ in (StatementClass.DOCUMENT, StatementClass.ORGANISATIONAL):
        assert source.reason.startswith("needs an attestation: ")
    if source.class_ == StatementClass.PROMISE and not source.claims:
        assert "needs an attestation" in source.reason.replace("It needs", "needs").replace("it needs", "needs")


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_reading_has_an_author_a_date_and_a_reason(statement: Statement) -> None:
    for reading in readings(statement):
        assert all((reading.words, reading.meaning, reading.reason))
        assert reading.author == "posture maintainers"
        assert date(2026, 11, 24) <= reading.date <= date(2026, 11, 25)
        assert len(words(reading.words)) < IN_A_ROW


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_a_number_that_no_document_names_is_a_reading(name: str) -> None:
    numbered = {
        (statement.id, use.claim): use.reading or statement.source.reading
        for statement in PROFILES[name].statements
        for use in statement.source.claims
        if any(type(value) is int for value in use.parameters.values())
    }
    assert numbered
    assert [place for place, reading in numbered.items() if reading is None] == []


@pytest.mark.parametrize("statement", STATEMENTS)
def test_only_refusing_clear_text_is_satisfied_by_an_empty_estate(statement: Statement) -> None:
    assert {use.claim for use in statement.source.claims if use.empty == "acceptable"} <= {"clear-text-refused"}


@pytest.mark.parametrize(
    ("name", "clouds"),
    [("coding-rooms", {"aws", "endpoint"}), ("proctorio", {"azure", "endpoint"}), ("baseline", set())],
)
def test_a_profile_speaks_of_the_clouds_of_its_document(name: str, clouds: set[str]) -> None:
    assert {rule.cloud for rule in PROFILES[name].source.scope.include} == clouds


@pytest.mark.parametrize(
    ("name", "statement", "claims"),
    [
        ("coding-rooms", "CR-3", "activity-logged threat-detection configuration-recorded"),
        ("coding-rooms", "CR-4", "vulnerability-scanning"),
        (
            "coding-rooms",
            "CR-7",
            "tls-minimum strong-cipher-suites meets-tls-policy certificate-valid encrypted-at-rest",
        ),
        ("coding-rooms", "CR-8", "password-policy https-only secure-cookies"),
        ("coding-rooms", "CR-9", "tls-minimum https-only clear-text-refused"),
        ("coding-rooms", "CR-10", "encrypted-at-rest"),
        ("coding-rooms", "CR-11", "hosted-by"),
        ("coding-rooms", "CR-15", "no-public-access not-shared"),
        ("proctorio", "PR-2", "double-encrypted"),
        ("proctorio", "PR-3", "no-public-access named-principals-only network-restricted"),
        ("proctorio", "PR-A4a", "role-based-access"),
        ("proctorio", "PR-P2", "role-based-access"),
        ("proctorio", "PR-C2", "policy-published"),
        ("proctorio", "PR-C3", "policy-published"),
        ("proctorio", "PR-T1", "https-only clear-text-refused no-mixed-content"),
        ("proctorio", "PR-A7", "no-trackers"),
        ("proctorio", "PR-B1", "no-trackers"),
        ("proctorio", "PR-T2", "tls-minimum clear-text-refused"),
        ("proctorio", "PR-R1", "encrypted-at-rest"),
        ("proctorio", "PR-R2", "hosted-by"),
        ("proctorio", "PR-R3", "vault-protected backups-encrypted"),
        ("proctorio", "PR-R4", "backups-encrypted"),
        ("proctorio", "PR-S1", "not-shared no-public-access"),
    ],
)
def test_a_technical_sentence_is_held_to_its_claims(name: str, statement: str, claims: str) -> None:
    assert [use.claim for use in _statement(name, statement).source.claims] == claims.split()


@pytest.mark.parametrize(
    "same",
    [
        ("PR-A4d", "PR-B5", "PR-C7"),
        ("PR-A5", "PR-B6", "PR-C8", "PR-D1"),
        ("PR-A4a", "PR-P2"),
        ("PR-C2", "PR-C3"),
        ("PR-A7", "PR-B1"),
        ("PR-A8", "PR-C10"),
    ],
)
def test_a_duty_stated_more_than_once_is_tested_the_same_way(same: tuple[str, ...]) -> None:
    tested = {tuple(a.claim.key() for a in _statement("proctorio", statement).asserted) for statement in same}
    assert len(tested) == 1


def test_the_lenient_reading_of_a_named_tls_version_is_judged_beside_the_strict_one() -> None:
    for name, statement in (("coding-rooms", "CR-9"), ("proctorio", "PR-T2")):
        asserted = _statement(name, statement).asserted[0]
        assert (asserted.claim.reading, asserted.alternative.reading) == ("minimum", "supported")
        assert asserted.claim.version == asserted.alternative.version == "TLS 1.2"


def test_the_baseline_holds_every_claim_but_those_that_a_document_must_fill_in() -> None:
    held = {type(claim) for claim in PROFILES["baseline"].claims()}
    assert set(vocabulary().values()) - held == {HostedBy, PolicyUnchanged}


def test_the_baseline_holds_every_family_of_claims() -> None:
    held = Counter(claim.family for claim in PROFILES["baseline"].claims())
    assert set(held) == {kind.family for kind in Claim.__subclasses__()}


def test_the_withdrawn_edition_of_a_certificate_is_named_with_its_date() -> None:
    assert "31 October 2025" in _statement("coding-rooms", "CR-12").source.reason


def test_every_sentence_of_a_document_is_accounted_for(read: tuple[Profile, str]) -> None:
    profile, text = read
    anchored = {mark.sha256 for statement in profile.statements for mark in statement.source.anchors}
    assert [sentence for sentence in sentences(text) if anchor(sentence) not in anchored] == []


def test_every_anchor_stands_in_its_document(read: tuple[Profile, str]) -> None:
    profile, text = read
    known = {anchor(sentence) for sentence in sentences(text)}
    assert [
        (statement.id, mark.locator)
        for statement in profile.statements
        for mark in statement.source.anchors
        if mark.sha256 not in known
    ] == []


def test_the_document_is_the_one_that_the_profile_read(read: tuple[Profile, str]) -> None:
    profile, text = read
    assert profile.source.document is not None
    assert profile.source.document.sha256 == document_hash(text)


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_statements_share_a_sentence_only_where_each_takes_its_own_part(name: str) -> None:
    places = [mark for statement in PROFILES[name].statements for mark in statement.source.anchors]
    assert [key for key, count in Counter(mark.locator for mark in places).items() if count > 1] == []
    times = Counter(mark.sha256 for mark in places)
    assert [mark.locator for mark in places if times[mark.sha256] > 1 and "part" not in words(mark.locator)] == []
    assert [mark.locator for mark in places if times[mark.sha256] == 1 and "part" in words(mark.locator)] == []


def test_all_is_said_by_the_document_where_the_profile_says_so(read: tuple[Profile, str]) -> None:
    profile, text = read
    known = {anchor(sentence): set(words(sentence)) for sentence in sentences(text)}
    for statement in profile.statements:
        said = set().union(*(known.get(mark.sha256, set()) for mark in statement.source.anchors))
        assert bool(said & SAYS_ALL) or all(not _says_all(use) for use in statement.source.claims), statement.id


def test_no_file_of_the_profiles_copies_a_document(read: tuple[Profile, str]) -> None:
    _, text = read
    theirs = runs(text)
    assert theirs
    for path in FOLDER.rglob("*"):
        if path.is_file() and path.suffix in (".yaml", ".py"):
            assert runs(path.read_text(encoding="utf-8")) & theirs == set(), path.name


def _statement(name: str, wanted: str) -> Statement:
    return next(statement for statement in PROFILES[name].statements if statement.id == wanted)


def _says_all(use: ClaimUse) -> bool:
    return use.quantifier == "all"
