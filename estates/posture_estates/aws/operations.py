"""Which AWS operation a request asks for, read from its signature and from botocore's own service models.

The credential scope of the SigV4 signature gives region and signing name; the models that sign with that name are
then asked, each by its protocol: `Action` (query, ec2), `X-Amz-Target` (json), method and path (rest-json, rest-xml).
Services whose only protocol is smithy-rpc-v2-cbor are not recognised.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from botocore.loaders import Loader

from posture_estates.aws.exchange import Request

SCOPE = re.compile(r"Credential=[^/]+/\d{8}/(?P<region>[^/]+)/(?P<signing_name>[^/]+)/aws4_request")
PLACEHOLDER = re.compile(r"\{(\w+)(\+?)\}")
# The most demanding route wins, then the most literal; a deprecated operation may share its request with its successor
Rank = tuple[int, int, bool]
HEAD_BYTES = 16_000  # a model's `metadata` stands within its first kilobytes


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of a service: `service` is the boto3 client's name (`elbv2`), `signing_name` that of the scope."""

    service: str
    name: str
    region: str
    signing_name: str
    protocol: str


@dataclass(frozen=True, slots=True)
class Route:
    """How a REST operation looks on the wire."""

    name: str
    method: str
    path: re.Pattern[str]
    fixed: tuple[tuple[str, str], ...]  # query keys of the URI template, and their value where it has one
    query: frozenset[str]  # query keys that the input requires
    headers: frozenset[str]
    rank: Rank

    def matches(self, request: Request) -> bool:
        return (
            request.method == self.method
            and self.path.fullmatch(request.path.rstrip("/")) is not None
            and all(request.query.get(key) == value for key, value in self.fixed)
            and self.query <= request.query.keys()
            and self.headers <= request.headers.keys()
        )


class Model:
    """One service of botocore, loaded when it is first asked about."""

    def __init__(self, service: str, metadata: Mapping[str, Any]) -> None:
        self.service = service
        self.metadata = metadata
        protocols = metadata.get("protocols") or [metadata["protocol"]]
        # botocore speaks json wherever a service offers it beside cbor or query
        self.protocol: str = "json" if "json" in protocols else protocols[0]

    @cached_property
    def content(self) -> Mapping[str, Any]:
        content: Mapping[str, Any] = Loader().load_service_model(self.service, "service-2")
        return content

    @cached_property
    def routes(self) -> tuple[Route, ...]:
        routes = (self.route(name) for name in self.content["operations"])
        return tuple(sorted(routes, key=lambda route: route.rank, reverse=True))

    def route(self, name: str) -> Route:
        operation = self.content["operations"][name]
        template, _, query = operation["http"]["requestUri"].partition("?")
        template = template.rstrip("/")
        pattern, end = "", 0
        for placeholder in PLACEHOLDER.finditer(template):
            pattern += re.escape(template[end : placeholder.start()]) + (".+" if placeholder[2] else "[^/]+")
            end = placeholder.end()
        fixed = tuple((key, value) for key, _, value in (item.partition("=") for item in query.split("&") if item))
        shape = self.content["shapes"].get(operation.get("input", {}).get("shape"), {})
        placed: dict[str, set[str]] = defaultdict(set)
        for member in shape.get("required", ()):
            traits = shape["members"][member]
            placed[traits.get("location", "body")].add(traits.get("locationName", member))
        headers = frozenset(header.lower() for header in placed["header"])
        demands = len(fixed) + len(placed["querystring"]) + len(headers)
        return Route(
            name=name,
            method=operation["http"]["method"],
            path=re.compile(pattern + re.escape(template[end:])),
            fixed=fixed,
            query=frozenset(placed["querystring"]),
            headers=headers,
            rank=(demands, len(PLACEHOLDER.sub("", template)), not operation.get("deprecated", False)),
        )

    def names_error(self, code: str) -> bool:
        """Whether the service's model has an error of this name."""
        return code in self.content["shapes"]


@cache
def models_by_signing_name() -> Mapping[str, tuple[Model, ...]]:
    """Every model of botocore by the name it signs with; a service of that very name comes first.

    Only the head of each file is read: loading all models would take half a minute.
    """
    newest = {path.parts[-3]: path for path in sorted(Path(Loader.BUILTIN_DATA_PATH).glob("*/*/service-2.json.gz"))}
    found: dict[str, list[Model]] = defaultdict(list)
    for service, path in newest.items():
        with gzip.open(path, "rt", encoding="utf-8") as file:
            head = file.read(HEAD_BYTES)
        start = re.search(r'"metadata"\s*:\s*', head)
        if start is None:
            raise ValueError(f"{path}: no metadata in the first {HEAD_BYTES} characters")
        metadata, _ = json.JSONDecoder().raw_decode(head, start.end())
        found[metadata.get("signingName", metadata["endpointPrefix"])].append(Model(service, metadata))
    return {name: tuple(sorted(models, key=lambda m: (m.service != name, m.service))) for name, models in found.items()}


@cache
def model(service: str) -> Model:
    """The model of a boto3 client name."""
    return next(m for models in models_by_signing_name().values() for m in models if m.service == service)


def recognise(request: Request) -> Operation | None:
    """The operation a signed request asks for; None when it is unsigned or of no service that botocore knows."""
    scope = SCOPE.search(request.headers.get("authorization", ""))
    if scope is None:
        return None
    candidates = models_by_signing_name().get(scope["signing_name"], ())
    found = asked_by_target(request, candidates) or asked_by_action(request, candidates)
    service, name = found or asked_by_route(request, candidates) or ("", "")
    if not name:
        return None
    return Operation(service, name, scope["region"], scope["signing_name"], model(service).protocol)


def asked_by_target(request: Request, candidates: tuple[Model, ...]) -> tuple[str, str] | None:
    prefix, _, name = request.headers.get("x-amz-target", "").rpartition(".")
    for candidate in candidates:
        if prefix and candidate.metadata.get("targetPrefix") == prefix:
            return candidate.service, name
    return None


def asked_by_action(request: Request, candidates: tuple[Model, ...]) -> tuple[str, str] | None:
    speaks_query = [candidate for candidate in candidates if candidate.protocol in ("query", "ec2")]
    if not speaks_query or "Action" not in request.form:
        return None
    action, version = request.form["Action"], request.form.get("Version")
    for candidate in speaks_query:
        if candidate.metadata["apiVersion"] == version and action in candidate.content["operations"]:
            return candidate.service, action
    return None


def asked_by_route(request: Request, candidates: tuple[Model, ...]) -> tuple[str, str] | None:
    best: tuple[Rank, str, str] | None = None
    for candidate in candidates:
        if candidate.protocol not in ("rest-json", "rest-xml"):
            continue
        for route in candidate.routes:
            if best is not None and route.rank <= best[0]:
                break
            if route.matches(request):
                best = (route.rank, candidate.service, route.name)
                break
    return best[1:] if best else None
