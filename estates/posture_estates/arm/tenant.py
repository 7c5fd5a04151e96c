"""The tenant document: what an Azure tenant holds, as plain data, and the indexes it is read through.

tenant: 11111111-…            # optional, as are principals, grants, groups and api_versions
name: Contoso
principals: [{client_id: …, client_secret: …, object_id: …, name: scanner}]
grants:                       # none given: every principal is Reader everywhere
  - {principal: scanner, scope: /subscriptions/…, actions: ["*/read"], not_actions: []}
subscriptions:
  - id: 22222222-…
    name: Production
    providers: {Microsoft.Sql: NotRegistered}      # all others are registered
    resource_groups: [{name: app, location: westeurope}]
resources:                    # bodies as Azure returns them; name and type follow from the id
  - id: /subscriptions/…/providers/Microsoft.Storage/storageAccounts/logs
    properties: {…}
    children:                 # optional; ids relative to the parent
      - {id: blobServices/default, properties: {…}}
api_versions: {Microsoft.Foo/bars: ["2024-01-01"]}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from posture_estates.arm.access import Grant, Principal
from posture_estates.arm.path import Target, parse
from posture_estates.arm.versions import Versions

Body = Mapping[str, Any]

DEFAULT_TENANT = "11111111-1111-4111-8111-111111111111"
_KEYS = {
    "document": {"tenant", "name", "principals", "grants", "subscriptions", "resources", "api_versions"},
    "principal": {"client_id", "client_secret", "object_id", "name"},
    "grant": {"principal", "scope", "actions", "not_actions"},
    "subscription": {"id", "name", "state", "tags", "providers", "locations", "resource_groups"},
    "resource group": {"name", "location", "tags", "managedBy", "properties"},
}
# Types that describe other resources: never in the inventory, and without a location of their own.
_EXTENSIONS = {
    "microsoft.advisor",
    "microsoft.authorization",
    "microsoft.guestconfiguration",
    "microsoft.policyinsights",
    "microsoft.security",
    "microsoft.securityinsights",
}


class TenantError(ValueError):
    """The tenant document cannot be served; the message names the place."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource, and whether it is tracked, that is listed in inventories."""

    target: Target
    body: Body
    tracked: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A resource group."""

    id: str
    body: Body


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription; its groups and its providers' registration states by lower-cased name."""

    id: str
    body: Body
    groups: Mapping[str, Group]
    providers: Mapping[str, str]
    locations: tuple[str, ...]

    @property
    def path(self) -> str:
        return f"/subscriptions/{self.id}"

    def registration(self, namespace: str) -> str:
        return self.providers.get(namespace.lower(), "Registered")


@dataclass(frozen=True, slots=True)
class Tenant:
    """A tenant document, checked and indexed; lower-cased keys, bodies in their own spelling."""

    id: str
    name: str
    principals: tuple[Principal, ...]
    grants: tuple[Grant, ...]
    subscriptions: Mapping[str, Subscription]
    resources: Mapping[str, Resource]
    by_type: Mapping[tuple[str | None, str], tuple[Resource, ...]]
    by_collection: Mapping[str, tuple[Resource, ...]]
    versions: Versions

    @classmethod
    def load(cls, document: Mapping[str, Any], default: Principal) -> Tenant:
        """Read a document; `default` signs in where the document names no principal.

        Raises TenantError.
        """
        plain = _plain(document)
        _known(plain, "document", "tenant document")
        tenant = str(plain.get("tenant") or DEFAULT_TENANT)
        principals = tuple(_principals(plain)) or (default,)
        resources = _resources(plain)
        subscriptions = dict(_subscriptions(plain, tenant, resources))
        resources = {key: _located(resource, subscriptions) for key, resource in resources.items()}
        by_type: dict[tuple[str | None, str], list[Resource]] = {}
        by_collection: dict[str, list[Resource]] = {}
        for key, resource in resources.items():
            subscription = resource.target.subscription
            at = (subscription.lower() if subscription else None, resource.target.type.lower())
            by_type.setdefault(at, []).append(resource)
            by_collection.setdefault(key.rpartition("/")[0], []).append(resource)
        return cls(
            id=tenant,
            name=str(plain.get("name") or "Local tenant"),
            principals=principals,
            grants=tuple(_grants(plain, principals)),
            subscriptions=subscriptions,
            resources=resources,
            by_type={at: tuple(found) for at, found in by_type.items()},
            by_collection={path: tuple(found) for path, found in by_collection.items()},
            versions=_published().extended(
                plain.get("api_versions") or {}, sorted({r.target.type for r in resources.values()})
            ),
        )

    def principal(self, client_id: str) -> Principal | None:
        return next((one for one in self.principals if one.client_id.lower() == client_id.lower()), None)


@cache
def _published() -> Versions:
    return Versions.published()


def _plain(document: Mapping[str, Any]) -> dict[str, Any]:
    """A copy that shares nothing with the caller's document and is sure to be JSON."""
    try:
        copy: dict[str, Any] = json.loads(json.dumps(document))
    except TypeError as error:
        raise TenantError(f"tenant document: {error}") from error
    return copy


def _known(entry: Mapping[str, Any], kind: str, place: str) -> None:
    if unknown := sorted(set(entry) - _KEYS[kind]):
        raise TenantError(f"{place}: unknown key {', '.join(unknown)}")


def _required(entry: Mapping[str, Any], key: str, place: str) -> str:
    if not isinstance(value := entry.get(key), str) or not value:
        raise TenantError(f"{place}: {key}: needs a text")
    return value


def _principals(plain: Mapping[str, Any]) -> Iterator[Principal]:
    for number, entry in enumerate(plain.get("principals") or ()):
        place = f"principals[{number}]"
        _known(entry, "principal", place)
        client_id = _required(entry, "client_id", place)
        yield Principal(
            client_id=client_id,
            client_secret=_required(entry, "client_secret", place),
            object_id=entry.get("object_id") or client_id,
            name=entry.get("name") or client_id,
        )


def _grants(plain: Mapping[str, Any], principals: tuple[Principal, ...]) -> Iterator[Grant]:
    if "grants" not in plain:
        for principal in principals:
            yield Grant(client_id=principal.client_id, scope="/", actions=("*/read",))
    for number, entry in enumerate(plain.get("grants") or ()):
        place = f"grants[{number}]"
        _known(entry, "grant", place)
        who = entry.get("principal") or principals[0].client_id
        named = [one for one in principals if who in (one.client_id, one.object_id, one.name)]
        if not named:
            raise TenantError(f"{place}: principal: nobody is called {who!r}")
        yield Grant(
            client_id=named[0].client_id,
            scope=entry.get("scope") or "/",
            actions=tuple(entry.get("actions", ("*/read",))),
            not_actions=tuple(entry.get("not_actions") or ()),
        )


def _subscriptions(
    plain: Mapping[str, Any], tenant: str, resources: Mapping[str, Resource]
) -> Iterator[tuple[str, Subscription]]:
    entries = list(plain.get("subscriptions") or ())
    listed = {str(entry.get("id")).lower() for entry in entries}
    held: dict[str, list[Resource]] = {}
    for key, resource in resources.items():
        owner = resource.target.subscription
        if owner is not None and owner.lower() not in listed:
            raise TenantError(f"resource {key}: subscription {owner} is not in the document")
        if owner is not None:
            held.setdefault(owner.lower(), []).append(resource)
    for number, entry in enumerate(entries):
        place = f"subscriptions[{number}]"
        _known(entry, "subscription", place)
        identity = _required(entry, "id", place).lower()
        yield identity, _subscription(entry, place, tenant, held.get(identity, ()))


def _subscription(entry: Mapping[str, Any], place: str, tenant: str, held: Iterable[Resource]) -> Subscription:
    path = f"/subscriptions/{entry['id']}"
    groups = {}
    for number, group in enumerate(entry.get("resource_groups") or ()):
        at = f"{place}.resource_groups[{number}]"
        _known(group, "resource group", at)
        groups[_required(group, "name", at).lower()] = _group(path, group)
    for resource in held:
        if (name := resource.target.resource_group) and name.lower() not in groups:
            groups[name.lower()] = _group(path, {"name": name, "location": resource.body.get("location")})
    body = {
        "id": path,
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": entry["id"],
        "tenantId": tenant,
        "displayName": entry.get("name") or entry["id"],
        "state": entry.get("state") or "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "EnterpriseAgreement_2014-09-01",
            "spendingLimit": "Off",
        },
    }
    seen = {str(one.body["location"]) for one in held if one.body.get("location")}
    return Subscription(
        id=entry["id"],
        body=body | ({"tags": entry["tags"]} if entry.get("tags") else {}),
        groups=groups,
        providers={name.lower(): state for name, state in (entry.get("providers") or {}).items()},
        locations=tuple(entry.get("locations") or sorted(seen)),
    )


def _group(subscription: str, entry: Mapping[str, Any]) -> Group:
    path = f"{subscription}/resourceGroups/{entry['name']}"
    fixed = {"id": path, "type": "Microsoft.Resources/resourceGroups"}
    given = {"location": "westeurope", "properties": {"provisioningState": "Succeeded"}}
    return Group(path, given | {key: value for key, value in entry.items() if value is not None} | fixed)


def _resources(plain: Mapping[str, Any]) -> dict[str, Resource]:
    found: dict[str, Resource] = {}
    for number, entry in enumerate(plain.get("resources") or ()):
        for place, body in _unfolded(entry, "", f"resources[{number}]"):
            target = parse(body["id"])
            if target is None or target.is_collection or target.namespace == "Microsoft.Resources":
                raise TenantError(f"{place}: id: {body['id']!r} is not the id of a resource")
            if target.key in found:
                raise TenantError(f"{place}: id: {body['id']!r} is there twice")
            named = {"id": body["id"], "name": target.names[-1], "type": target.type}
            found[target.key] = Resource(target, named | body, tracked=False)
    return found


def _unfolded(entry: Mapping[str, Any], parent: str, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """A resource and, after it, the children written inside it, with full ids."""
    body = dict(entry)
    children = body.pop("children", None) or ()
    body["id"] = f"{parent}/{given}" if (given := _required(entry, "id", place))[0] != "/" else given
    yield place, body
    for number, child in enumerate(children):
        yield from _unfolded(child, body["id"], f"{place}.children[{number}]")


def _located(resource: Resource, subscriptions: Mapping[str, Subscription]) -> Resource:
    """With the group's location where a top-level resource gives none; located resources are tracked."""
    target, body = resource.target, resource.body
    ordinary = (
        target.namespace.lower() not in _EXTENSIONS
        and target.type.lower() != "microsoft.insights/diagnosticsettings"
        and "/providers/" not in target.scope.lower()
        and target.types[0].lower() != "locations"
        and target.resource_group is not None
    )
    if ordinary and len(target.types) == 1 and "location" not in body:
        assert target.subscription is not None
        assert target.resource_group is not None
        groups = subscriptions[target.subscription.lower()].groups
        body = {**body, "location": groups[target.resource_group.lower()].body["location"]}
    return Resource(target, body, tracked=ordinary and bool(body.get("location")))
