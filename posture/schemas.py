"""JSON Schemas of the files that people write: made from the types that load them, for editors to use."""

from collections.abc import Mapping
from typing import Any

import msgspec

from posture.allowances import AttestationFile, ExemptionFile
from posture.claims import vocabulary
from posture.config import ConfigSource
from posture.profile import ClaimUse, ProfileSource, StatementClass
from posture.provider import Provider

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REF = "#/$defs/{name}"

FILLED = r"\S"
"""What a text matches that is not blank."""

SHA256 = "[0-9a-f]{64}"


def profile_schema() -> dict[str, Any]:
    """The schema of a profile. A claim is one of the vocabulary's words, each with its own parameters."""
    words = vocabulary()
    (root, _, *claims), parts = msgspec.json.schema_components(
        [ProfileSource, ClaimUse, *words.values()], ref_template=REF
    )
    use = parts["ClaimUse"]
    parts["ClaimUse"] = {
        "description": use["description"],
        "oneOf": [_claim_use(use, word, kind, parts) for word, kind in zip(words, claims, strict=True)],
    }
    parts["StatementSource"]["allOf"] = [
        _where_class(StatementClass.TESTABLE, "claims"),
        _where_class(StatementClass.PARTLY_TESTABLE, "claims", "remainder"),
    ]
    return _document("Profile of posture: a document, its statements and their claims", root, parts)


def _claim_use(use: dict[str, Any], word: str, kind: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    """How a statement makes one claim; the other reading sets only what differs."""
    own = parts[kind["$ref"].rpartition("/")[2]]
    other = {key: value for key, value in own.items() if key != "required"}
    return {
        **use,
        "title": word,
        "description": own["description"],
        "properties": {
            **use["properties"],
            "claim": {"const": word},
            "with": kind,
            "alternative": {"anyOf": [other, {"type": "null"}]},
        },
        "required": ["claim", *(["with"] if own["required"] else [])],
    }


def _where_class(found: StatementClass, *required: str) -> dict[str, Any]:
    """What a statement of this class must say."""
    filled = {"claims": {"minItems": 1}, "remainder": {"minLength": 1}}
    return {
        "if": {"properties": {"class": {"const": str(found)}}, "required": ["class"]},
        "then": {"required": list(required), "properties": {name: filled[name] for name in required}},
    }


def config_schema(providers: Mapping[str, Provider]) -> dict[str, Any]:
    """The schema of a configuration whose targets are those of the given providers."""
    names = sorted(providers)
    (root, *targets), parts = msgspec.json.schema_components(
        [ConfigSource, *(providers[name].target_type for name in names)], ref_template=REF
    )
    choices = [_target(name, kind, parts) for name, kind in zip(names, targets, strict=True)]
    parts["ConfigSource"]["properties"]["targets"]["additionalProperties"] = {"oneOf": choices}
    return _document("Configuration of posture: profiles, targets, scope", root, parts)


def _target(name: str, kind: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    """A target of one provider. Where nothing has to be set, its settings may be left empty."""
    own = parts[kind["$ref"].rpartition("/")[2]]
    return {
        "title": name,
        "type": "object",
        "properties": {name: kind if own["required"] else {"anyOf": [kind, {"type": "null"}]}},
        "required": [name],
        "additionalProperties": False,
    }


def exceptions_schema() -> dict[str, Any]:
    """The schema of a file of exceptions: each is about one finding, or about a claim on resources."""
    (root,), parts = msgspec.json.schema_components([ExemptionFile], ref_template=REF)
    own = parts["Exemption"]
    for name in ("id", "reason", "owner", "approver"):
        own["properties"][name]["pattern"] = FILLED
    own["properties"]["finding"]["pattern"] = f"^({SHA256})?$"
    none = {"const": ""}
    own["oneOf"] = [
        {
            "title": "one finding",
            "required": ["finding"],
            "properties": {"finding": {"minLength": 1}, "claim": none, "resource": none},
        },
        {
            "title": "a claim on resources",
            "required": ["claim", "resource"],
            "properties": {"claim": {"enum": list(vocabulary())}, "resource": {"minLength": 1}, "finding": none},
        },
    ]
    own["if"] = {"properties": {"resource": {"pattern": r"[*?\[]"}}, "required": ["resource"]}
    own["then"] = {"properties": {"broad": {"const": True}}, "required": ["broad"]}
    return _document("Exceptions of posture: findings that are kept from the gate until a day", root, parts)


def attestations_schema() -> dict[str, Any]:
    """The schema of a file of attestations."""
    (root,), parts = msgspec.json.schema_components([AttestationFile], ref_template=REF)
    own = parts["Attestation"]
    for name in ("id", "who", "document"):
        own["properties"][name]["pattern"] = FILLED
    own["properties"]["statement"]["pattern"] = "^[^/]+/."
    own["properties"]["document_sha256"]["pattern"] = f"^{SHA256}$"
    return _document("Attestations of posture: who vouches for which statement, with which document", root, parts)


def _document(title: str, root: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = _described({"$schema": DIALECT, "title": title, **root, "$defs": parts})
    return found


def _described(data: Any) -> Any:
    """The schema with its texts as a reader expects them, not as they are indented and marked up in the code."""
    if isinstance(data, list):
        return [_described(item) for item in data]
    if not isinstance(data, dict):
        return data
    return {
        key: " ".join(item.replace("``", "`").split())
        if key == "description" and isinstance(item, str)
        else _described(item)
        for key, item in data.items()
    }
