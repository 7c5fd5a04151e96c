"""Drafts: they load, they account for every sentence, and nothing in them is confirmed."""

import re
from datetime import date

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from posture.documents import DocumentError
from posture.documents.draft import Naming, draft
from posture.documents.drift import drift
from posture.documents.sentences import sentences
from posture.profile import Profile, StatementClass, build_profile
from posture.yamlfile import parse

NAMING = Naming(id="mine", title="Mine", vendor="us", source="mine.txt", day=date(2026, 1, 2))
TEXT = """Encryption

All data in transit is protected by TLS 1.2.
Where possible, data at rest is encrypted with AES-256.
We follow industry-standard security practices.
All of our employees are trained.

Hosting

The product is hosted in Azure. Encryption
"""


def drafted(text: str, quoted: bool = True) -> Profile:
    return build_profile(parse(draft(text, msgspec.structs.replace(NAMING, quoted=quoted)).text, "mine.yaml"))


def test_a_draft_holds_what_its_sentences_suggest() -> None:
    profile = drafted(TEXT)
    assert [
        (s.source.section, str(s.source.class_), [use.claim for use in s.source.claims]) for s in profile.statements
    ] == [
        ("Encryption", "background", []),
        ("Encryption", "testable", ["tls-minimum", "clear-text-refused"]),
        ("Encryption", "partly-testable", ["encrypted-at-rest"]),
        ("Encryption", "vague", ["tls-minimum", "encrypted-at-rest"]),
        ("Encryption", "organisational", []),
        ("Hosting", "background", []),
        ("Hosting", "testable", ["hosted-by"]),
    ]
    tls = profile.statements[1].source.claims[0]
    assert (tls.parameters, tls.alternative, tls.quantifier) == (
        {"version": "TLS 1.2"},
        {"reading": "supported"},
        "all",
    )
    assert {rule.cloud for rule in profile.source.scope.include} == {"azure", "endpoint"}


def test_every_statement_of_a_draft_waits_for_a_person() -> None:
    for statement in drafted(TEXT).statements:
        made = [statement.source.reading, *(use.reading for use in statement.source.claims)]
        readings = [reading for reading in made if reading is not None]
        assert readings
        assert not any(reading.confirmed for reading in readings)
        assert all(use.reading is not None for use in statement.source.claims)


def test_a_draft_accounts_for_every_sentence_of_its_document() -> None:
    found = drift(drafted(TEXT), TEXT)
    assert (found.drifted, found.ordered, found.sketched, found.same_document) == (False, True, True, True)


def test_sentences_stand_in_comments_and_nowhere_else() -> None:
    kept, left = draft(TEXT, NAMING).text, draft(TEXT, msgspec.structs.replace(NAMING, quoted=False)).text
    assert "  # All of our employees are trained." in kept
    assert "trained." not in "\n".join(line for line in kept.splitlines() if not line.startswith("  #"))
    assert "employees are" not in left
    words = re.findall(r"\w+", TEXT.lower())
    runs = {" ".join(words[at : at + 9]) for at in range(len(words) - 8)}
    written = " ".join(re.findall(r"\w+", left.lower()))
    assert [run for run in runs if run in written] == []


@pytest.mark.parametrize(("count", "size"), [(1_500, r"[\d,]+"), (90_000, "more than 9,900,000")])
def test_a_draft_that_would_be_too_long_to_load_is_refused(count: int, size: str) -> None:
    text = "\n".join(f"Key number {number} rotates." for number in range(count))
    with pytest.raises(
        DocumentError, match=rf"^mine\.txt: its draft would have {size} bytes, and a profile may have 500,000"
    ):
        draft(text, NAMING)


@pytest.mark.parametrize(
    "text",
    [
        "We encrypt all data at rest and " * 2_000 + "keep it.",
        "البيانات مشفرة باستخدام TLS 1.2. הנתונים מוצפנים עם AES-256. \u202eData is encrypted at rest.\u202c",
    ],
    ids=["a sentence of 14,000 words", "right to left"],
)
def test_long_sentences_and_right_to_left_text_are_drafted_and_checked(text: str) -> None:
    made = drafted(text)
    claimed = {use.claim for statement in made.statements for use in statement.source.claims}
    assert "encrypted-at-rest" in claimed
    assert not drift(made, text).drifted
    assert drift(made, f"{text} Keys rotate.").drifted
    assert not re.search("[\u202a-\u202e]", draft(text, NAMING).text)


def test_classes_are_counted_by_sentence() -> None:
    made = draft(TEXT, NAMING)
    assert made.classes == {
        "testable": 2,
        "partly-testable": 1,
        "promise": 0,
        "document": 0,
        "organisational": 1,
        "vague": 1,
        "background": 2,
    }
    assert set(made.classes) == set(StatementClass)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@given(TEXTS, TEXTS)
def test_any_text_gives_a_profile_that_loads(text: str, title: str) -> None:
    assume(sentences(text))
    made = build_profile(
        parse(draft(text, msgspec.structs.replace(NAMING, title=title, source=title)).text, "mine.yaml")
    )
    assert not drift(made, text).drifted
