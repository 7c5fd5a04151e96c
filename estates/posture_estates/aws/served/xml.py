"""XML of the query protocols: moto's documents corrected whatever their namespace, and listings made anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, fromstring, register_namespace, tostring
from xml.sax.saxutils import escape

from posture_estates.aws.errors import error_reply
from posture_estates.aws.exchange import REQUEST_ID, Reply, Request, xml_reply
from posture_estates.aws.operations import Operation, model
from posture_estates.aws.served.state import page

LARGEST_PAGE = 100


def corrected(reply: Reply, correct: Callable[[Element], None]) -> Reply:
    """The reply with its document corrected; refusals and other errors stay as they are."""
    if reply.status != 200:
        return reply
    document = fromstring(reply.body)
    register_namespace("", namespace(document))
    correct(document)
    return reply.with_body(tostring(document, encoding="utf-8", xml_declaration=True))


def namespace(element: Element) -> str:
    return element.tag[1:].partition("}")[0] if element.tag.startswith("{") else ""


def text(element: Element, name: str) -> str | None:
    """Text of a child; None when there is no such child."""
    return element.findtext(f"{{*}}{name}")


def put(element: Element, name: str, value: str) -> None:
    """Set the text of a child, which is added when it is missing."""
    child = element.find(f"{{*}}{name}")
    if child is None:
        space = namespace(element)
        child = SubElement(element, f"{{{space}}}{name}" if space else name)
    child.text = value


def drop(element: Element, name: str) -> None:
    """Remove a child, if it is there."""
    child = element.find(f"{{*}}{name}")
    if child is not None:
        element.remove(child)


def element(name: str, content: Any) -> str:
    """An element with text, or with members; members that are None are left out."""
    match content:
        case Mapping():
            inner = "".join(element(key, value) for key, value in content.items() if value is not None)
        case bool():
            inner = "true" if content else "false"
        case _:
            inner = escape(str(content))
    return f"<{name}>{inner}</{name}>"


def query_listing(operation: Operation, request: Request, name: str, items: Sequence[str]) -> Reply:
    """A page of a listing in the query protocol, cut by `MaxRecords` and `Marker`."""
    size, marker = int(request.form.get("MaxRecords", LARGEST_PAGE)), request.form.get("Marker")
    try:
        shown, following = page(items, size, marker)
    except ValueError:
        return error_reply(operation, 400, "InvalidParameterValue", "Invalid marker")
    return xml_reply(
        f'<{operation.name}Response xmlns="{model(operation.service).metadata["xmlNamespace"]}">'
        f"<{operation.name}Result><{name}>{''.join(shown)}</{name}>"
        f"{element('Marker', following) if following else ''}</{operation.name}Result>"
        f"<ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata></{operation.name}Response>"
    )
