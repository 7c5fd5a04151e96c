"""DOCX: the text of its body, with a line for each paragraph, item and table cell."""

import io
import zipfile
import zlib
from collections.abc import Iterator

import docx
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from lxml import etree

from posture.documents import DocumentError
from posture.documents.text import Text

MAX_UNPACKED = 200_000_000
"""A DOCX is a ZIP file; one that unpacks to more bytes than this is no document."""

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    ValueError,
    AttributeError,
    NotImplementedError,
    RuntimeError,
    EOFError,
)
"""What zipfile and python-docx raise over files that are damaged, encrypted or no Word files."""

_BREAKS = {qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:tab"): " ", qn("w:noBreakHyphen"): "-"}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_LEFT_OUT = frozenset({qn("w:del"), qn("w:moveFrom"), _FALLBACK})


def read_docx(data: bytes, name: str) -> Text:
    """The text of a Word file as it reads with its changes accepted. Headers, footers and comments do not count."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > MAX_UNPACKED:
            raise DocumentError(f"{name}: unpacks to {unpacked:,} bytes; posture reads at most {MAX_UNPACKED:,}")
        document = docx.Document(io.BytesIO(data))
        title = document.core_properties.title
    except (*_BROKEN, etree.XMLSyntaxError, OpcError):
        raise DocumentError(f"{name}: is no Word file that can be read; save it as .docx without a password") from None
    lines = ["".join(_parts(paragraph)) for paragraph in document.element.body.iter(qn("w:p")) if _counts(paragraph)]
    return Text(text="\n\n".join(lines), kind="docx", title=" ".join(title.split()))


def _counts(paragraph: "etree._Element") -> bool:
    return not any(above.tag in _LEFT_OUT for above in paragraph.iterancestors())


def _parts(element: "etree._Element") -> Iterator[str]:
    """The text below an element: no paragraph in it, as text boxes have, nothing deleted, nothing hidden."""
    for child in element:
        if child.tag == qn("w:p") or child.tag in _LEFT_OUT:
            continue
        if child.tag == qn("w:t"):
            yield child.text or ""
        elif child.tag in _BREAKS:
            yield _BREAKS[child.tag]
        elif not (child.tag == qn("w:r") and _is_hidden(child)):
            yield from _parts(child)


def _is_hidden(run: "etree._Element") -> bool:
    vanish = run.find(f"{qn('w:rPr')}/{qn('w:vanish')}")
    return vanish is not None and vanish.get(qn("w:val"), "true") not in ("false", "0", "off")
