"""HTML: the text a browser would show, with a line for each paragraph, item, heading and table cell."""

import re

from lxml import etree

from posture.documents import DocumentError
from posture.documents.text import Text

_BLOCK = re.compile(
    "address|article|aside|blockquote|body|button|caption|center|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption"
    "|figure|footer|form|h[1-6]|header|hgroup|hr|label|legend|li|main|menu|nav|ol|optgroup|option|p|pre|search|section"
    "|summary|table|tbody|td|tfoot|th|thead|tr|ul"
)
_NOT_SHOWN = re.compile(
    "applet|audio|canvas|datalist|embed|head|iframe|input|link|math|meta|noembed|noframes|noscript|object|script|select"
    "|style|svg|template|textarea|title|video"
)
_HIDDEN = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))\b", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_NEW_BLOCK = "\n\n"


def read_html(page: str, name: str) -> Text:
    """The text of a page. What scripts would add, and what style sheets hide, is not known here.

    Raises DocumentError for a page that the parser gives up.
    """
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True, no_network=True)
    root = etree.fromstring(page.encode("utf-8", "replace"), parser)
    given_up = [error.message for error in parser.error_log if error.type_name == "ERR_RESOURCE_LIMIT"]
    if given_up:
        raise DocumentError(f"{name}: cannot be read to its end ({' '.join(given_up[0].split())})")
    if root is None:
        return Text(text="", kind="html")
    title = root.find(".//title")
    return Text(
        text="".join(_shown(root)), kind="html", title=" ".join((title.text or "").split()) if title is not None else ""
    )


def _shown(root: "etree._Element") -> list[str]:
    parts: list[str] = []
    kept = 0
    walker = etree.iterwalk(root, events=("start", "end"))
    for event, element in walker:
        if event == "start":
            if _is_hidden(element):
                walker.skip_subtree()
                continue
            kept += element.tag == "pre"
            parts.append(_before(element))
            parts.append(_collapsed(element.text, kept))
        else:
            if _BLOCK.fullmatch(element.tag):
                parts.append(_NEW_BLOCK)
            kept -= element.tag == "pre" and not _is_hidden(element)
            if element is not root:
                parts.append(_collapsed(element.tail, kept))
    return parts


def _before(element: "etree._Element") -> str:
    if element.tag == "br":
        return "\n"
    return _NEW_BLOCK if _BLOCK.fullmatch(element.tag) else ""


def _collapsed(text: str | None, kept: int) -> str:
    if not text:
        return ""
    return text if kept else _SPACE.sub(" ", text)


def _is_hidden(element: "etree._Element") -> bool:
    if _NOT_SHOWN.fullmatch(element.tag) or "hidden" in element.attrib:
        return True
    if element.tag == "dialog" and "open" not in element.attrib:
        return True
    return _HIDDEN.search(element.get("style", "")) is not None
