"""DOCX: paragraphs, items and cells are lines, as they read with every change accepted."""

import io
import zipfile

import docx
import pytest
from docx.oxml import parse_xml

from documents.files import word
from posture.documents import DocumentError
from posture.documents.sentences import sentences
from posture.documents.wordfile import read_docx

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def with_body(xml: str) -> bytes:
    document = docx.Document()
    for element in parse_xml(f"<w:body {W} {MC}>{xml}</w:body>"):
        document.element.body.insert(0, element)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_paragraphs_and_cells_are_lines_in_order() -> None:
    found = read_docx(word("Keys rotate. Logs stay.", "all disks", cells=("Store", "encrypted")), "a.docx")
    assert sentences(found.text) == ["Keys rotate.", "Logs stay.", "all disks", "Store", "encrypted"]


@pytest.mark.parametrize(
    "runs",
    [
        "<w:r><w:t>Keys </w:t></w:r><w:r><w:t>rotate.</w:t></w:r>",
        "<w:ins w:id='1'><w:r><w:t>Keys </w:t></w:r></w:ins><w:r><w:t>rotate.</w:t></w:r>",
        "<w:r><w:t>Keys</w:t><w:tab/><w:t>rotate.</w:t></w:r>",
        "<w:del w:id='1'><w:r><w:delText>Never </w:delText></w:r></w:del><w:r><w:t>Keys rotate.</w:t></w:r>",
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>Never </w:t></w:r><w:r><w:t>Keys rotate.</w:t></w:r>",
        "<w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>Keys </w:t></w:r><w:r><w:t>rotate.</w:t></w:r>",
        "<w:hyperlink><w:r><w:t>Keys rotate.</w:t></w:r></w:hyperlink>",
        "<w:sdt><w:sdtContent><w:r><w:t>Keys rotate.</w:t></w:r></w:sdtContent></w:sdt>",
    ],
)
def test_inserted_linked_and_filled_in_words_count_and_deleted_and_hidden_ones_do_not(runs: str) -> None:
    assert sentences(read_docx(with_body(f"<w:p>{runs}</w:p>"), "a.docx").text) == ["Keys rotate."]


def test_a_text_box_counts_once() -> None:
    box = "<w:p><w:r><w:t>Keys rotate.</w:t></w:r></w:p>"
    both = f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    found = read_docx(with_body(f"<w:p><w:r><w:t>Logs stay.</w:t></w:r><w:r>{both}</w:r></w:p>"), "a.docx")
    assert sentences(found.text) == ["Logs stay.", "Keys rotate."]


def test_a_file_that_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    out = io.BytesIO(word("Keys rotate."))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("bomb", "w") as bomb:
        for _ in range(201):
            bomb.write(bytes(1_000_000))
    with pytest.raises(DocumentError, match="unpacks to 201,"):
        read_docx(out.getvalue(), "a.docx")
