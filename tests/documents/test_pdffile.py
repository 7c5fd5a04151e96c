"""PDF: broken lines are put together, and pages without text are named."""

import logging

import pytest

from documents.files import pdf
from posture.documents.pdffile import read_pdf
from posture.documents.sentences import sentences

LONG = "All data at rest is encrypted with AES-256, and all traffic is kept in"


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ([LONG, "Azure. Backups stay."], [f"{LONG} Azure.", "Backups stay."]),
        ([f"{LONG} end-to-", "end encryption."], [f"{LONG} end-to-end encryption."]),
        ([f"{LONG}.", "Backups stay."], [f"{LONG}.", "Backups stay."]),
        (["Keys", LONG, "Azure."], ["Keys", f"{LONG} Azure."]),
    ],
)
def test_a_line_that_was_broken_to_fit_goes_on_in_the_next(lines: list[str], shown: list[str]) -> None:
    assert sentences(read_pdf(pdf(lines), "a.pdf").text) == shown


def test_a_sentence_may_go_on_on_the_next_page() -> None:
    found = read_pdf(pdf([LONG], ["one place."]), "a.pdf")
    assert sentences(found.text) == [f"{LONG} one place."]


def test_pages_without_text_are_named() -> None:
    found = read_pdf(pdf(["Keys rotate."], [], ["Logs stay."], []), "a.pdf")
    assert found.unread == ("page 2, 4: no text, perhaps a picture",)


def test_faults_that_pypdf_mends_are_told_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    whole = pdf(["Keys rotate."])
    start = whole.index(b"startxref")
    found = read_pdf(whole[:start] + b"startxref\n1\n%%EOF\n", "a.pdf")
    assert sentences(found.text) == ["Keys rotate."]
    assert [part for part in found.unread if part.endswith("faults of this PDF may hide; print or export it anew")]
    assert caplog.records == []
    assert logging.getLogger("pypdf").propagate
