"""Corrections to the XML that moto answered: elements found and added whatever the document's namespace."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import Element, SubElement, fromstring, register_namespace, tostring

from posture_estates.aws.exchange import Reply


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
