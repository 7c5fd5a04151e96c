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


_SUPPORTED = re.compile(r"\b(?:is|are) (?:also )?supported\b|\bsupports?\b", re.IGNORECASE)


def tls_version(sentence: str) -> dict[str, Any]:
    """The oldest version named; where some are named as switched off, the oldest that is left, or TLS 1.2."""
    versions = quantities.tls_versions(sentence)
    if not versions:
        return {}
    if re.search(wording.SWITCHED_OFF, sentence, re.IGNORECASE):
        left = [version for version in versions if not version.older_than(TlsVersion.TLS12)]
        return {"version": str(left[0] if left else TlsVersion.TLS12)}
    supported = {"reading": "supported"} if _SUPPORTED.search(sentence) and tls_supported(sentence) else {}
    return {"version": str(versions[0]), **supported}


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


def certificate(sentence: str) -> dict[str, Any]:
    """The size of a certificate's key, and how many days before its end it is renewed."""
    early = re.search(r"\brenew", sentence, re.IGNORECASE) and re.search(r"\bbefore\b", sentence, re.IGNORECASE)
    days = quantities.days(sentence) if early else None
    named = {"rsa_bits": quantities.key_bits(sentence), "days_left": days}
    return {name: value for name, value in named.items() if value}


TLS_POLICY = "|".join(
    rf"(?:{wording})"
    for wording in (
        r"\bSP ?800-52\b",
        r"\bTR-02102(?:-2)?\b",
        r"\bMozilla.{0,20}\b(?:intermediate"
        r"|modern)\b",
        r"\bPCI[- ]DSS.{0,40}\bTLS\b",
    )
)
_TLS_POLICIES = {
    "800-52": "nist-sp-800-52r2",
    "TR-02102": "bsi-tr-02102-2",
    "intermediate": "mozilla-intermediate",
    "modern": "mozilla-modern",
    "PCI": "pci-dss-4",
}


def tls_policy(sentence: str) -> dict[str, Any]:
    """The published TLS policy that is named."""
    said = re.search(TLS_POLICY, sentence, re.IGNORECASE)
    named = [policy for word, policy in _TLS_POLICIES.items() if said and word.lower() in said[0].lower()]
    return {"policy": named[0]} if named else {}


def content_policy(sentence: str) -> dict[str, Any]:
    """Which of the two headers are named."""
    said = sentence.lower().replace(" ", "-")
    return {
        "content_security": "content-security" in said or "csp" in said,
        "permissions": "permissions-policy" in said,
    }


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
