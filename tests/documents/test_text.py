"""Text of documents: every type is read by its content or name, and what cannot be read is one clear line."""

import time
from pathlib import Path

import pytest

from documents.files import encrypted, pdf, word
from posture.documents import DocumentError
from posture.documents.sentences import sentences
from posture.documents.text import MAX_BYTES, MAX_WORDS, read_bytes, read_file

SENTENCE = "All backups are encrypted."


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.txt", SENTENCE.encode(), "text"),
        ("a.txt", b"\xef\xbb\xbf" + SENTENCE.encode(), "text"),
        ("a.txt", SENTENCE.encode("utf-16"), "text"),
        ("a", SENTENCE.encode(), "text"),
        ("a.md", b"# \n**All** backups are [encrypted](https://example.org).", "markdown"),
        ("a.html", b"<p>All <b>backups</b> are encrypted.</p>", "html"),
        ("page", b"<!DOCTYPE html><p>All backups are encrypted.", "html"),
        ("page", b"\n<!-- saved --><html><p>All backups are encrypted.", "html"),
        ("a.pdf", pdf([SENTENCE]), "pdf"),
        ("wrong.txt", pdf([SENTENCE]), "pdf"),
        ("a.pdf", encrypted(pdf([SENTENCE]), user="", owner="secret"), "pdf"),
        ("a.docx", word(SENTENCE), "docx"),
        ("wrong.html", word(SENTENCE), "docx"),
    ],
)
def test_a_document_is_read_by_its_content_and_its_name(name: str, data: bytes, kind: str) -> None:
    found = read_bytes(data, name)
    assert (found.kind, sentences(found.text), found.unread) == (kind, [SENTENCE], ())


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.txt", b"", "is empty"),
        ("a.txt", b" \n\t\n", "is empty"),
        ("a.txt", b"...\n---\n", "holds no words"),
        ("a.txt", b"\x00\x01\x02\x03" * 9, "is no text in UTF-8 or UTF-16"),
        ("a.bin", bytes(range(256)), "is no text in UTF-8 or UTF-16"),
        ("a.txt", b"caf\xe9", "is no text in UTF-8 or UTF-16"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "password-protected Office file"),
        ("a.html", b"<html><script>document.write('x')</script></html>", "holds no words; a page that scripts build"),
        ("a.html", b"<!-- -->", "holds no words"),
        ("a.pdf", pdf([]), "holds no words; pages that are pictures need text recognition"),
        ("a.pdf", encrypted(pdf([SENTENCE]), user="secret", owner="secret"), "is encrypted; save a copy without"),
        ("a.pdf", b"%PDF-1.7\n" + bytes(500), "is a damaged PDF"),
        ("a.pdf", pdf([SENTENCE])[:200], "is a damaged PDF"),
        ("a.docx", word(SENTENCE)[:400], "is no Word file that can be read"),
        ("a.zip", b"PK\x03\x04" + bytes(99), "is no Word file that can be read"),
        ("a.txt", b"word " * 10_000, "holds a sentence of 10,000 words"),
        ("a.txt", b"word " * (MAX_WORDS + 1), "holds a sentence of 2,001 words"),
    ],
)
def test_what_cannot_be_read_is_one_clear_line(name: str, data: bytes, told: str) -> None:
    with pytest.raises(DocumentError) as refused:
        read_bytes(data, name)
    assert str(refused.value).startswith(f"{name}: ")
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_sentence_of_the_most_words_is_read() -> None:
    assert len(sentences(read_bytes(b"word " * MAX_WORDS, "a.txt").text)) == 1


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    began = time.monotonic()
    with pytest.raises(DocumentError, match=r"^large\.txt: has 200,000,000 bytes; .* at most 20,000,000$"):
        read_file(path)
    assert time.monotonic() - began < 1


def test_a_file_of_the_greatest_size_is_read(tmp_path: Path) -> None:
    path = tmp_path / "full.txt"
    path.write_bytes(b"Keys rotate.\n".ljust(MAX_BYTES))
    assert sentences(read_file(path).text) == ["Keys rotate."]


@pytest.mark.parametrize(
    "hard", ["a. b. c. " * 50_000, ("x" * 70 + "\n") * 10_000, "[image: " * 50_000, '.")' * 90_000]
)
def test_a_text_made_to_be_slow_is_not(hard: str) -> None:
    began = time.monotonic()
    sentences(hard)
    assert time.monotonic() - began < 5


def test_text_from_right_to_left_is_split_and_its_direction_marks_do_not_count() -> None:
    text = "\u202bכל הגיבויים מוצפנים. המפתחות מוחלפים.\u202c"
    assert sentences(read_bytes(text.encode(), "a.txt").text) == ["כל הגיבויים מוצפנים.", "המפתחות מוחלפים."]


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b'<meta charset="iso-8859-1"><p>caf\xe9', "café"),
        (b'<meta http-equiv="Content-Type" content="text/html; charset=windows-1252"><p>\x93a\x94', '"a"'),
        ("<p>café".encode(), "café"),
        (b"<p>caf\xe9", "café"),
        ("<p>café".encode("utf-16"), "café"),
    ],
)
def test_a_page_is_decoded_as_it_says_or_as_a_browser_would(data: bytes, shown: str) -> None:
    assert sentences(read_bytes(data, "a.html").text) == [shown]
