"""Parameters of claims, as sentences name them; empty where a sentence names none."""

import re
from collections.abc import Callable
from typing import Any

from posture.claims import TlsVersion
from posture.documents import quantities, wording

Parameters = Callable[[str], dict[str, Any]]


def one(name: str, value: Callable[[str], Any]) -> Parameters:
    """The parameter ``name`` with what ``value`` finds."""

    def named(sentence: str) -> dict[str, Any]:
        found = value(sentence)
        return {name: found} if found else {}

    return named


def fixed(**parameters: Any) -> Parameters:
    """Parameters that the wording itself decides."""
    return lambda _: dict(parameters)


def tls_version(sentence: str) -> dict[str, Any]:
    """The oldest version named; where only withdrawn ones are named as switched off, what is left: TLS 1.2."""
    versions = quantities.tls_versions(sentence)
    if not versions:
        return {}
    off = re.search(wording.SWITCHED_OFF, sentence, re.IGNORECASE)
    if off and versions[-1].older_than(TlsVersion.TLS12):
        return {"version": str(TlsVersion.TLS12)}
    return {"version": str(versions[0])}


def tls_supported(sentence: str) -> dict[str, Any]:
    """The lenient reading of a version that is named without "or newer": it is supported, whatever else is."""
    least = re.search(
        r"\+|\b(?:or|and) (?:higher|later|above|newer|greater|up)\b|at least|minimum|reject|disabled",
        sentence,
        re.IGNORECASE,
    )
    return {"reading": "supported"} if quantities.tls_versions(sentence) and not least else {}


def hsts_days(sentence: str) -> dict[str, Any]:
    """The age of HTTP Strict Transport Security, at least a day where the sentence gives none."""
    if not re.search(wording.HSTS, sentence, re.IGNORECASE):
        return {}
    return {"hsts_days": quantities.days(sentence) or 1}


def algorithm(sentence: str) -> dict[str, Any]:
    """AES-256 where it is named."""
    return {"algorithm": "AES-256"} if re.search(wording.AES_256, sentence, re.IGNORECASE) else {}


def integrity(sentence: str) -> dict[str, Any]:
    """Whether a log is said to show what was altered."""
    said = re.search(r"immutab|tamper|validat|integrity|write[- ]once|append[- ]only", sentence, re.IGNORECASE)
    return {"integrity": said is not None}


def path(sentence: str) -> dict[str, Any]:
    """The path of a page's address."""
    address = re.search(r"https?://[^\s/]+(/[\w./-]*\w)|(?<![\w/])(/[a-z][\w/-]*)", sentence)
    return {"path": address[1] or address[2]} if address else {}
