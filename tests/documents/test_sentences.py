"""Documents: how texts from web pages and converters are cut into sentences, and what an anchor holds fast."""

import pytest

from posture.documents.sentences import anchor, document_hash, normalise, sentences

LONG = "Our vault keeps the keys of every customer apart from those of every other customer"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Keys rotate. Logs stay.", ["Keys rotate.", "Logs stay."]),
        ("Is it safe? Yes! It is.", ["Is it safe?", "Yes!", "It is."]),
        ('We say "no." They agree.', ['We say "no."', "They agree."]),
        ("Keys rotate yearly", ["Keys rotate yearly"]),
        ("", []),
        ("\n  \n***\n—\n", []),
    ],
)
def test_an_end_mark_before_a_capital_ends_a_sentence(text: str, found: list[str]) -> None:
    assert sentences(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Uses TLS 1.2 AES suites",
        "The U.S. Department asks",
        "See 20 U.S.C. Section 5",
        "A U.S law, e.g. Title 4, binds",
        "Built by Acme Inc. Berlin",
        "As Dr. Miller said",
        "Guarded 24×7 by guards",
        "See No. 7 and Sec. 9 below",
        "Keys of Acme. are kept",
        "Does (a) this; (b) that; and (c) more",
    ],
)
def test_abbreviations_versions_and_lists_inside_do_not_end_a_sentence(text: str) -> None:
    assert sentences(text) == [text]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Shared? No. Nobody may.", ["Shared?", "No.", "Nobody may."]),
        ("It is state of the art. Keys rotate.", ["It is state of the art.", "Keys rotate."]),
        ("It takes 200 ms. Then it ends.", ["It takes 200 ms.", "Then it ends."]),
        ("Keys, logs, etc. All stay.", ["Keys, logs, etc.", "All stay."]),
    ],
)
def test_a_word_that_looks_like_an_abbreviation_can_end_a_sentence(text: str, found: list[str]) -> None:
    assert sentences(text) == found


def test_a_name_with_its_capital_inside_starts_a_sentence() -> None:
    assert sentences("Rights stay. eBay sells. macOS runs.") == ["Rights stay.", "eBay sells.", "macOS runs."]


def test_a_sentence_may_start_with_an_accent_a_sign_or_a_figure() -> None:
    assert sentences("Fini. État de l'art. © 2020 Acme. § 5 holds. 7 keys.") == [
        "Fini.",
        "État de l'art.",
        "© 2020 Acme.",
        "§ 5 holds.",
        "7 keys.",
    ]


def test_a_footnote_number_does_not_glue_two_sentences() -> None:
    assert sentences("Ask your lawyer.3 Keys rotate.¹") == ["Ask your lawyer.3", "Keys rotate.1"]


@pytest.mark.parametrize(
    "mark",
    [
        "• ",
        "  ●\t",
        "* ",
        "- ",
        "– ",
        "\uf0b7 ",
        "✓ ",
        "3. ",
        "12) ",
        "(4) ",
        "A. ",
        "(b) ",
        "(iii) ",
        "\t",
        "• 1. ",
        "8. [bookmark: _Toc7]",
        "[image: logo] ",
    ],
)
def test_bullets_numbers_and_converters_leftovers_do_not_count(mark: str) -> None:
    assert sentences(f"{mark}Keys rotate.") == ["Keys rotate."]
    assert anchor(f"{mark}Keys rotate.") == anchor("Keys rotate.")


def test_each_line_is_an_item_a_heading_or_a_cell() -> None:
    assert sentences("Storage\n\n\t#\n\tElement\n\n\t1\n\tCity\n• keys\n• logs") == [
        "Storage",
        "Element",
        "1",
        "City",
        "keys",
        "logs",
    ]


@pytest.mark.parametrize("end", ["", ",", " and"])
def test_a_wrapped_line_goes_on_in_the_next(end: str) -> None:
    assert sentences(f"{LONG}{end}\nand rotates them yearly. All of them.") == [
        f"{LONG}{end} and rotates them yearly.",
        "All of them.",
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (LONG, "Keys rotate"),
        (LONG, "• keys"),
        (LONG, "b) keys"),
        (LONG, "eBay sells"),
        (LONG, ""),
        (f"{LONG}.", "keys"),
        (f"{LONG}:", "keys"),
        (f"{LONG};", "keys"),
        ("Short cell", "keys"),
        (LONG[:59], "keys"),
    ],
)
def test_a_line_is_not_joined_without_the_signs_of_wrapping(first: str, second: str) -> None:
    assert sentences(f"{first}\n{second}") == [text for text in (first, normalise(second)) if text]


def test_a_blank_line_ends_a_wrapped_line() -> None:
    assert sentences(f"{LONG}\n\nand more") == [LONG, "and more"]


def test_layout_quotes_dashes_and_invisible_characters_leave_the_anchor_alone() -> None:
    assert anchor("\ufeff  “Keys”\u00a0don’t   leave – ever\u200b") == anchor('"Keys" don\'t leave - ever')


@pytest.mark.parametrize("changed", ["keys rotate.", "Keys rotate", "Keys may rotate.", "Keys rotate. 1"])
def test_wording_case_and_marks_change_the_anchor(changed: str) -> None:
    assert anchor(changed) != anchor("Keys rotate.")


def test_every_sentence_found_has_the_anchor_of_its_own_text() -> None:
    text = "1. (a) A. Keys. 2) Logs stay. • No. Really.\n- - dash"
    assert sentences(text) == [normalise(sentence) for sentence in sentences(text)]


def test_the_document_hash_follows_wording_and_order_and_not_layout() -> None:
    text = "Keys rotate. Logs stay.\n"
    assert document_hash(text) == document_hash("  • Keys  rotate.\n\n\nLogs stay.")
    assert document_hash(text) != document_hash("Logs stay. Keys rotate.")
    assert document_hash(text) != document_hash("Keys rotate. Logs stay. Always.")
