"""Canonical JSON, content digests and the finding ids that hold between runs."""

import hashlib
from typing import Any

import msgspec

from posture.model import Resource

ID_VERSION = 1

_encoder = msgspec.json.Encoder(order="sorted")


def canonical(value: Any) -> str:
    """``value`` as JSON with sorted keys and no spaces: equal values have equal text."""
    return _encoder.encode(value).decode()


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON of ``value``, in hexadecimal."""
    return hashlib.sha256(_encoder.encode(value)).hexdigest()


def finding_id(check: str, claim_key: str, resource: Resource) -> str:
    """The id of a finding: which check asked which claim of which resource.

    Outcome, severity, texts, times, tool version and display names stay out of it.
    """
    return digest([ID_VERSION, check, claim_key, resource.cloud, resource.account, resource.region, resource.id])
