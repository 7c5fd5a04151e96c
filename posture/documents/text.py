"""Text of a document, read out of a file by its type: plain text, Markdown, HTML, PDF or DOCX."""

import codecs
import re
from collections.abc import Callable
from pathlib import Path, PurePath

from posture.documents import DocumentError
from posture.documents.sentences import sentences
from posture.model import Value

MAX_BYTES = 20_000_000
MAX_WORDS = 2_000
"""A sentence of more words than this is a text that lost its sentence ends."""

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_HTML = re.compile(r"\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_SUFFIXES = {".html": "html", ".htm": "html", ".xhtml": "html", ".md": "markdown", ".markdown": "markdown"}


class Text(Value):
    """What a document says. ``unread`` names parts that may say more and could not be read."""

    text: str
    kind: str
    title: str = ""
    unread: tuple[str, ...] = ()


def read_file(path: Path) -> Text:
    """The text of a file. Raises DocumentError; OSError where the file cannot be opened."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise DocumentError(f"{path.name}: has {size:,} bytes; posture reads documents of at most {MAX_BYTES:,}")
    with path.open("rb") as file:
        return read_bytes(file.read(MAX_BYTES + 1), path.name)


def read_bytes(data: bytes, name: str, kind: str = "") -> Text:
    """The text of a document's bytes; ``kind`` where it is known better than by name and content."""
    if len(data) > MAX_BYTES:
        raise DocumentError(f"{name}: has more than {MAX_BYTES:,} bytes; posture reads documents of at most that")
    if not data.strip():
        raise DocumentError(f"{name}: is empty")
    found = _encodable(_reader(data, name, kind)(data, name))
    longest = max((len(sentence.split()) for sentence in sentences(found.text)), default=0)
    if not longest:
        raise DocumentError(f"{name}: holds no words{_HINTS.get(found.kind, '')}")
    if longest > MAX_WORDS:
        raise DocumentError(
            f"{name}: holds a sentence of {longest:,} words, so its sentence ends are lost; save it again with them"
        )
    return found


_HINTS = {
    "html": "; a page that scripts build must be saved from a browser after it has loaded",
    "pdf": "; pages that are pictures need text recognition first",
}


def _encodable(found: Text) -> Text:
    """Without halves of characters, which damaged fonts of PDF files leave and no encoding takes."""
    text, title = (part.encode("utf-8", "replace").decode() for part in (found.text, found.title))
    return Text(text=text, kind=found.kind, title=title, unread=found.unread)


def _reader(data: bytes, name: str, kind: str) -> Callable[[bytes, str], Text]:
    """The function that reads this type. Heavy libraries are imported when one is needed."""
    if data[:1024].lstrip().startswith(b"%PDF-"):
        from posture.documents.pdffile import read_pdf

        return read_pdf
    if data.startswith(b"PK\x03\x04"):
        from posture.documents.wordfile import read_docx

        return read_docx
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise DocumentError(
            f"{name}: is an old or a password-protected Office file; save it as .docx without a password"
        )
    kind = kind or _SUFFIXES.get(PurePath(name).suffix.lower(), "")
    if kind == "markdown":
        return _markdown
    if kind == "html" or (not kind and _HTML.match(data[:4000].decode("latin-1"))):
        return _html
    return _plain


def _html(data: bytes, name: str) -> Text:
    from posture.documents.htmlfile import read_html

    declared = _CHARSET.search(data[:4096])
    return read_html(_decoded(data, name, declared[1].decode() if declared else "", fallback="cp1252"), name)


def _plain(data: bytes, name: str) -> Text:
    return Text(text=_decoded(data, name), kind="text")


def _markdown(data: bytes, name: str) -> Text:
    from posture.documents.markdown import plain_text

    return Text(text=plain_text(_decoded(data, name)), kind="markdown")


def _decoded(data: bytes, name: str, declared: str = "", fallback: str = "") -> str:
    bom = next((encoding for mark, encoding in _BOMS if data.startswith(mark)), "")
    for encoding in filter(None, (bom or declared, "utf-8", fallback)):
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if _CONTROL.search(text):
            break
        return text
    raise DocumentError(f"{name}: is no text in UTF-8 or UTF-16, no HTML, PDF or DOCX; save it as one of these")
