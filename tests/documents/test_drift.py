"""Drift: every anchor is the same, moved, edited or removed, and every sentence is accounted for or listed."""

import os
from datetime import date
from pathlib import Path

import msgspec
import pytest

from posture.documents.draft import Naming, draft
from posture.documents.drift import Drift, Standing, drift
from posture.documents.sentences import anchor, document_hash, sentences, sketch
from posture.profile import Anchor, Profile, StatementSource, build_profile
from posture.registry import find_profile
from posture.yamlfile import parse

TEXT = """Security

All data at rest is encrypted with AES-256.
Backups are taken every night and kept for thirty days.
Our staff are trained once a year.
Data is hosted in Azure, in the West Europe region.
"""
FIRST, SECOND, THIRD, FOURTH, FIFTH = sentences(TEXT)
NAMING = Naming(id="mine", title="Mine", vendor="us", source="mine.txt", day=date(2026, 1, 2))


@pytest.fixture(scope="module")
def profile() -> Profile:
    return build_profile(parse(draft(TEXT, NAMING).text, "mine.yaml"))


def standings(found: Drift) -> dict[str, str]:
    return {mark.locator: str(mark.standing) for mark in found.anchors if mark.standing is not Standing.SAME}


def without(profile: Profile, **fields: object) -> Profile:
    """The profile with these fields of every anchor set otherwise."""

    def changed(statement: StatementSource) -> StatementSource:
        marks = tuple(msgspec.structs.replace(mark, **fields) for mark in statement.anchors)
        return msgspec.structs.replace(statement, anchors=marks)

    statements = tuple(msgspec.structs.replace(s, source=changed(s.source)) for s in profile.statements)
    return msgspec.structs.replace(profile, statements=statements)


@pytest.mark.parametrize("text", [TEXT, TEXT.replace("\n", "\n\n  "), TEXT.replace("Our", "•  Our"), f"{TEXT}\n***\n"])
def test_the_same_sentences_in_their_order_are_the_same_document(profile: Profile, text: str) -> None:
    found = drift(profile, text)
    assert (found.same_document, found.drifted, standings(found), found.unaccounted) == (True, False, {}, ())


@pytest.mark.parametrize(
    ("lines", "changed", "new"),
    [
        ((FIRST, SECOND, FOURTH, THIRD, FIFTH), {"sentence 3": "moved"}, []),
        ((FIFTH, FIRST, SECOND, THIRD, FOURTH), {"sentence 5": "moved"}, []),
        ((FIRST, SECOND, THIRD, FIFTH), {"sentence 4": "removed"}, []),
        ((FIRST, SECOND, THIRD, FOURTH, "We also rotate keys.", FIFTH), {}, ["We also rotate keys."]),
        ((FIRST, SECOND, THIRD, FOURTH.replace("once", "twice"), FIFTH), {"sentence 4": "edited"}, []),
        ((FIRST, SECOND.replace("AES-256", "AES-128"), THIRD, FOURTH, FIFTH), {"sentence 2": "edited"}, []),
        ((FIRST, "Pandas eat bamboo.", THIRD, FOURTH, FIFTH), {"sentence 2": "removed"}, ["Pandas eat bamboo."]),
        (("Safety", SECOND, THIRD, FOURTH, FIFTH), {"sentence 1": "removed"}, ["Safety"]),
        ((FIRST, FIRST, SECOND, THIRD, FOURTH, FIFTH), {}, []),
    ],
    ids=["swapped", "to-the-front", "removed", "new", "a-word", "a-figure", "replaced", "too-short", "repeated"],
)
def test_what_changed_is_named(
    profile: Profile, lines: tuple[str, ...], changed: dict[str, str], new: list[str]
) -> None:
    found = drift(profile, "\n\n".join(lines))
    assert found.same_document is False
    assert found.drifted
    assert standings(found) == changed
    assert [sentence.text for sentence in found.unaccounted] == new


def test_an_edited_sentence_comes_with_what_it_became_and_its_new_anchor(profile: Profile) -> None:
    edited = SECOND.replace("AES-256", "AES-128")
    (mark,) = (m for m in drift(profile, TEXT.replace(SECOND, edited)).anchors if m.standing is Standing.EDITED)
    assert mark.sentence is not None
    assert (mark.sentence.text, mark.sentence.sha256, mark.sentence.sketch) == (edited, anchor(edited), sketch(edited))
    assert (mark.sha256, mark.place, mark.now) == (anchor(SECOND), 2, 2)
    assert mark.alike == pytest.approx(8 / 9, abs=0.001)  # of nine words eight stayed


def test_each_sentence_is_what_at_most_one_other_became(profile: Profile) -> None:
    found = drift(
        profile, TEXT.replace(FOURTH, "Our staff are trained twice a year.\nOur staff are trained three times a year.")
    )
    assert standings(found) == {"sentence 4": "edited"}
    assert [sentence.text for sentence in found.unaccounted] == ["Our staff are trained three times a year."]


def test_without_sketches_an_edited_sentence_counts_as_removed_and_its_successor_as_new(profile: Profile) -> None:
    found = drift(without(profile, sketch=""), TEXT.replace("once", "twice"))
    assert not found.sketched
    assert standings(found) == {"sentence 4": "removed"}
    assert [sentence.text for sentence in found.unaccounted] == ["Our staff are trained twice a year."]


def test_without_places_nothing_is_called_moved_and_the_document_is_still_another(profile: Profile) -> None:
    found = drift(without(profile, place=None), "\n\n".join((FIRST, SECOND, FOURTH, THIRD, FIFTH)))
    assert (found.ordered, standings(found), found.same_document, found.drifted) == (False, {}, False, True)


def test_a_profile_without_a_document_hash_is_judged_by_its_anchors(profile: Profile) -> None:
    document = profile.source.document
    assert document is not None
    source = msgspec.structs.replace(profile.source, document=msgspec.structs.replace(document, sha256=""))
    unhashed = msgspec.structs.replace(profile, source=source)
    found = drift(unhashed, TEXT)
    assert (found.same_document, found.drifted) == (None, False)
    assert drift(unhashed, f"{TEXT}\nOne more thing.").drifted


def test_a_sentence_that_two_statements_share_is_edited_for_both(profile: Profile) -> None:
    shared = Anchor(locator="sentence 4, other part", sha256=anchor(FOURTH), place=4, sketch=sketch(FOURTH))
    first = profile.statements[0]
    source = msgspec.structs.replace(first.source, anchors=(*first.source.anchors, shared))
    both = msgspec.structs.replace(
        profile, statements=(msgspec.structs.replace(first, source=source), *profile.statements[1:])
    )
    found = drift(both, TEXT.replace("once", "twice"))
    assert standings(found) == {"sentence 4": "edited", "sentence 4, other part": "edited"}


@pytest.mark.parametrize(
    ("name", "file"), [("coding-rooms", "000_521782bf89ea02d9.txt"), ("proctorio", "003_5dfb370213c79199.txt")]
)
def test_the_installed_profiles_hold_every_sentence_of_their_documents(name: str, file: str) -> None:
    folder = os.environ.get("POSTURE_DOCUMENTS")
    if not folder:
        pytest.skip("POSTURE_DOCUMENTS is not set: the documents are others' texts and do not come with posture")
    text = Path(folder, file).read_text(encoding="utf-8")
    profile = find_profile(name)
    found = drift(profile, text)
    assert (found.same_document, found.drifted, found.ordered, found.sketched) == (True, False, True, True)
    assert found.count(Standing.SAME) == len(found.anchors)
    known = {anchor(sentence): sentence for sentence in sentences(text)}
    marks = [mark for statement in profile.statements for mark in statement.source.anchors]
    assert [mark.locator for mark in marks if mark.sketch != sketch(known[mark.sha256])] == []
    assert standings(drift(profile, f"{text}\n\nOne more sentence.")) == {}


def test_the_hash_of_a_draft_is_the_documents(profile: Profile) -> None:
    assert profile.source.document is not None
    assert profile.source.document.sha256 == document_hash(TEXT)
