"""PDF: the text of its pages, with the lines of a paragraph put together again."""

import io
import logging
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from pypdf import PdfReader
from pypdf.errors import DependencyError, PyPdfError

from posture.documents import DocumentError
from posture.documents.text import Text

MAX_PAGES = 2_000
MAX_CHARACTERS = 10_000_000

_BROKEN = (
    PyPdfError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RuntimeError,
    struct.error,
    zlib.error,
)
"""What pypdf raises over files that are not as the format says; none of it tells the user more than "damaged"."""

_FULL_LINE = 0.8
"""A line at least this long, as part of its page's longest, was broken to fit and goes on in the next."""


def read_pdf(data: bytes, name: str) -> Text:
    """The text of a PDF. Raises DocumentError for one that is encrypted or damaged."""
    try:
        with _faults() as faults:
            found = _read(PdfReader(io.BytesIO(data)), name)
    except DependencyError as error:
        raise DocumentError(f"{name}: is encrypted ({error}); save a copy without a password") from None
    except _BROKEN as error:
        raise DocumentError(f"{name}: is a damaged PDF ({type(error).__name__}); print or export it anew") from None
    if not faults:
        return found
    unread = f"what the {len(faults)} faults of this PDF may hide; print or export it anew"
    return Text(text=found.text, kind=found.kind, title=found.title, unread=(*found.unread, unread))


@contextmanager
def _faults() -> Iterator[list[str]]:
    """What pypdf, which mends what it can, says about the file meanwhile."""
    said: list[str] = []

    class _Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    logger, keep = logging.getLogger("pypdf"), _Keep(logging.WARNING)
    propagated, logger.propagate = logger.propagate, False
    logger.addHandler(keep)
    try:
        yield said
    finally:
        logger.removeHandler(keep)
        logger.propagate = propagated


def _read(reader: PdfReader, name: str) -> Text:
    if reader.is_encrypted and not reader.decrypt(""):
        raise DocumentError(f"{name}: is encrypted; save a copy without a password")
    if len(reader.pages) > MAX_PAGES:
        raise DocumentError(f"{name}: has {len(reader.pages):,} pages; posture reads at most {MAX_PAGES:,}")
    pages: list[str] = []
    for page in reader.pages:
        pages.append(page.extract_text())
        if sum(map(len, pages)) > MAX_CHARACTERS:
            raise DocumentError(f"{name}: unpacks to more than {MAX_CHARACTERS:,} characters")
    blank = [str(number) for number, text in enumerate(pages, start=1) if not text.strip()]
    title = reader.metadata.title if reader.metadata is not None else None
    return Text(
        text="\n".join(_unwrapped(page) for page in pages),
        kind="pdf",
        title=" ".join(str(title or "").split()),
        unread=(f"page {', '.join(blank)}: no text, perhaps a picture",) if blank else (),
    )


def _unwrapped(page: str) -> str:
    lines = [line.strip() for line in page.splitlines()]
    full = _FULL_LINE * max(map(len, lines), default=0)
    parts: list[str] = []
    last = ""
    for line in lines:
        broken = line and len(last) >= full and last[-1:] not in ("", ".", "!", "?", ":", ";")
        parts += ("" if last.endswith("-") else " ", line) if broken else ("\n", line)
        last = line
    return "".join(parts).strip()
