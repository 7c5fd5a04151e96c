"""From a path to its answer: Resource Manager's checks in order, then one resource or one page."""

from __future__ import annotations

import json
from collections.abc import Iterable

from posture_estates.arm import access, refusal
from posture_estates.arm.access import Principal
from posture_estates.arm.directory import about
from posture_estates.arm.filters import parse_filter
from posture_estates.arm.pages import Pages
from posture_estates.arm.path import ROOT_NAMESPACE, Target, covers
from posture_estates.arm.question import Question, action_of
from posture_estates.arm.tenant import Body, Resource, Subscription, Tenant
from posture_estates.arm.versions import is_dated

# Collections that list resources from deeper down.
_FLATTENED = {
    "microsoft.recoveryservices/vaults/backupprotecteditems": (
        "microsoft.recoveryservices/vaults/backupfabrics/protectioncontainers/protecteditems"
    ),
    "microsoft.recoveryservices/vaults/replicationprotecteditems": (
        "microsoft.recoveryservices/vaults/replicationfabrics/replicationprotectioncontainers/replicationprotecteditems"
    ),
    "microsoft.sql/locations/longtermretentionbackups": (
        "microsoft.sql/locations/longtermretentionservers/longtermretentiondatabases/longtermretentionbackups"
    ),
}
# Fields that a collection answers with null though the resource has a value.
_NULL_IN_LISTS = {
    "microsoft.web/sites": ("minTlsVersion", "scmMinTlsVersion", "minTlsCipherSuite", "ftpsState"),
    "microsoft.web/sites/slots": ("minTlsVersion", "scmMinTlsVersion", "minTlsCipherSuite", "ftpsState"),
}
_EXACT_SCOPE = {"microsoft.insights/diagnosticsettings"}


def answer(question: Question, tenant: Tenant, pages: Pages) -> Body:
    """The body of a 200. Raises Refusal.

    Order: version named, subscription known, action allowed, provider registered, version accepted, group
    and resource present.
    """
    target = question.target
    version = question.query.get("api-version")
    if not version:
        raise refusal.missing_version()
    subscription = _subscription(target, tenant)
    _authorise(question, tenant)
    _accept(target, version, tenant, subscription)
    if target.namespace == ROOT_NAMESPACE:
        found = about(question, tenant, subscription)
    else:
        _present(target, tenant, subscription)
        found = _resources(question, tenant)
    return pages.page(found, question.query, question.url) if isinstance(found, list) else found


def _subscription(target: Target, tenant: Tenant) -> Subscription | None:
    if target.subscription is None:
        return None
    found = tenant.subscriptions.get(target.subscription.lower())
    if found is None:
        raise refusal.no_subscription(target.subscription)
    return found


def _authorise(question: Question, tenant: Tenant) -> None:
    """Lists of subscriptions, groups and the inventory show what may be seen; the rest needs the action."""
    target, principal = question.target, question.principal
    action, scope = action_of(target, tenant), target.permission_scope
    if not question.denied:
        if access.allows(tenant.grants, principal, action, scope):
            return
        if target.namespace == ROOT_NAMESPACE and _narrows(target, action, principal, tenant):
            return
    raise refusal.forbidden(principal, action, scope)


def _narrows(target: Target, action: str, principal: Principal, tenant: Tenant) -> bool:
    """A role on part of the scope is enough to see that part."""
    if len(target.types) == 1:
        return target.is_collection or access.reaches(tenant.grants, principal, target.key)
    if target.types[-1].lower() not in {"resourcegroups", "resources", "locations"}:
        return False
    within = "/" + "/".join(target.segments[:2])
    return any(
        grant.client_id == principal.client_id and covers(within, grant.scope) and grant.allows(action)
        for grant in tenant.grants
    )


def _accept(target: Target, version: str, tenant: Tenant, subscription: Subscription | None) -> None:
    accepted = tenant.versions.of(target.type)
    if target.namespace == ROOT_NAMESPACE:
        if not accepted:
            raise refusal.no_such_path("/" + "/".join(target.segments))
        if version not in accepted:
            raise refusal.invalid_version(version, accepted)
        return
    if not tenant.versions.knows(target.namespace):
        raise refusal.unknown_namespace(target)
    if subscription is not None and subscription.registration(target.namespace) != "Registered":
        raise refusal.not_registered(target.namespace)
    if not accepted:
        raise refusal.unknown_type(target, version)
    if not is_dated(version):
        raise refusal.invalid_version(version, accepted)
    if version not in accepted:
        resource = tenant.resources.get(target.key)
        location = resource.body.get("location") if resource else None
        raise refusal.unregistered_version(target, version, accepted, location or "global")


def _present(target: Target, tenant: Tenant, subscription: Subscription | None) -> None:
    group = target.resource_group
    if subscription is not None and group is not None and group.lower() not in subscription.groups:
        raise refusal.no_group(group)
    root = target.root
    if root is not None and root.key not in tenant.resources:
        raise refusal.no_parent(root)


def _resources(question: Question, tenant: Tenant) -> Body | list[Body]:
    target = question.target
    if not target.is_collection:
        if (resource := tenant.resources.get(target.key)) is None:
            raise refusal.no_resource(target)
        return dict(resource.body)
    condition = parse_filter(question.query.get("$filter"))
    listed = [one for one in _collection(target, tenant) if condition.admits(one, target)]
    return [_as_listed(one) for one in listed]


def _collection(target: Target, tenant: Tenant) -> Iterable[Resource]:
    kind = target.type.lower()
    if kind in _FLATTENED:
        return _below(target.parent, _FLATTENED[kind], target, tenant)
    if len(target.types) > 1 or kind in _EXACT_SCOPE:
        return tenant.by_collection.get(target.key, ())
    found = list(_below(target.scope, kind, target, tenant))
    by_location = f"{target.namespace}/locations/{target.types[0]}".lower()
    found += _below(target.scope, by_location, target, tenant)
    if target.namespace.lower() == "microsoft.authorization":
        owner = target.subscription.lower() if target.subscription else None
        everywhere = [*tenant.by_type.get((owner, kind), ()), *(tenant.by_type.get((None, kind), ()))]
        above = {one.target.key: one for one in everywhere if _inherited(one, target)}
        found += [one for key, one in above.items() if key not in {own.target.key for own in found}]
    return found


def _below(scope: str, kind: str, target: Target, tenant: Tenant) -> Iterable[Resource]:
    owner = target.subscription.lower() if target.subscription else None
    return [one for one in tenant.by_type.get((owner, kind), ()) if covers(scope, one.target.key)]


def _inherited(resource: Resource, target: Target) -> bool:
    """Assigned above the scope: in an enclosing one, a management group, or the whole tenant."""
    above = resource.target.scope
    return covers(above, target.scope) or "/microsoft.management/managementgroups/" in above.lower() + "/"


def _as_listed(resource: Resource) -> Body:
    body = dict(resource.body)
    nulled = _NULL_IN_LISTS.get(resource.target.type.lower())
    config = (body.get("properties") or {}).get("siteConfig")
    if nulled and config:
        config = {name: None if name in nulled else value for name, value in config.items()}
        body["properties"] = {**body["properties"], "siteConfig": config}
    return body


def encoded(body: Body) -> bytes:
    """JSON as it goes over the wire."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
