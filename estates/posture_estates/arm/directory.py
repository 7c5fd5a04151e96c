"""What a tenant says about itself: subscriptions, groups, the inventory, providers and locations."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from posture_estates.arm import access, refusal
from posture_estates.arm.filters import parse_filter
from posture_estates.arm.path import covers
from posture_estates.arm.question import Question, action_of
from posture_estates.arm.tenant import Body, Subscription, Tenant

_INVENTORY = (
    "id",
    "name",
    "type",
    "location",
    "tags",
    "kind",
    "sku",
    "managedBy",
    "identity",
    "plan",
    "zones",
)

# Regions and the one that Azure pairs each with ("Azure region pairs and nonpaired regions"); most pairs are mutual.
_MUTUAL = (
    "australiaeast australiasoutheast, canadacentral canadaeast, centralindia southindia, centralus eastus2, "
    "eastasia southeastasia, eastus westus, francecentral francesouth, germanywestcentral germanynorth, "
    "japaneast japanwest, koreacentral koreasouth, northcentralus southcentralus, northeurope westeurope, "
    "norwayeast norwaywest, southafricanorth southafricawest, swedencentral swedensouth, "
    "switzerlandnorth switzerlandwest, uaenorth uaecentral, uksouth ukwest, westcentralus westus2"
)
_PAIRS = {name: other for pair in _MUTUAL.split(", ") for name, other in (pair.split(), pair.split()[::-1])}
_PAIRS |= {"brazilsouth": "southcentralus", "westus3": "eastus", "westindia": "southindia"}
_UNPAIRED = {
    "austriaeast", "chilecentral", "indonesiacentral", "israelcentral", "italynorth", "malaysiawest", "mexicocentral",
    "newzealandnorth", "polandcentral", "qatarcentral", "spaincentral",
}  # fmt: skip


def about(question: Question, tenant: Tenant, subscription: Subscription | None) -> Body | list[Body]:
    """Tenants, subscriptions, groups, and what a subscription or group lists about itself."""
    target = question.target
    if subscription is None:
        if not target.is_collection:
            raise refusal.no_such_path("/" + "/".join(target.segments))
        return _tenants(tenant) if target.types[0].lower() == "tenants" else _visible(question, tenant)
    group = target.resource_group
    if group is not None and group.lower() not in subscription.groups:
        raise refusal.no_group(group)
    kind = target.types[-1].lower()
    if kind == "subscriptions":
        return dict(subscription.body)
    if not target.is_collection and kind not in {"resourcegroups", "providers"}:
        raise refusal.no_such_path("/" + "/".join(target.segments))
    answers: dict[str, Callable[[Question, Tenant, Subscription], Body | list[Body]]] = {
        "resourcegroups": _groups,
        "resources": _inventory,
        "providers": _providers,
        "locations": _locations,
    }
    return answers[kind](question, tenant, subscription)


def _tenants(tenant: Tenant) -> list[Body]:
    domain = f"{tenant.id.partition('-')[0]}.onmicrosoft.com"
    known = {"id": f"/tenants/{tenant.id}", "tenantId": tenant.id, "displayName": tenant.name}
    return [{**known, "defaultDomain": domain, "domains": [domain], "tenantCategory": "Home"}]


def _visible(question: Question, tenant: Tenant) -> list[Body]:
    return [
        one.body for one in tenant.subscriptions.values() if access.reaches(tenant.grants, question.principal, one.path)
    ]


def _groups(question: Question, tenant: Tenant, subscription: Subscription) -> Body | list[Body]:
    target = question.target
    if not target.is_collection:
        return dict(subscription.groups[target.names[-1].lower()].body)
    action = action_of(target, tenant)
    return [
        one.body
        for one in subscription.groups.values()
        if access.allows(tenant.grants, question.principal, action, one.id)
    ]


def _inventory(question: Question, tenant: Tenant, subscription: Subscription) -> list[Body]:
    target = question.target
    condition = parse_filter(question.query.get("$filter"))
    action = action_of(target, tenant)
    return [
        {name: one.body[name] for name in _INVENTORY if one.body.get(name) is not None}
        for one in tenant.resources.values()
        if one.tracked
        and covers(target.parent, one.target.key)
        and condition.admits(one, target)
        and access.allows(tenant.grants, question.principal, action, one.target.key)
    ]


def _providers(question: Question, tenant: Tenant, subscription: Subscription) -> Body | list[Body]:
    target = question.target
    known = tenant.versions.namespaces()
    if not target.is_collection:
        asked = target.names[-1].lower()
        named = [namespace for namespace in known if namespace.lower() == asked]
        if not named:
            raise refusal.Refusal(
                404, "InvalidResourceNamespace", f"The resource namespace '{target.names[-1]}' is invalid."
            )
        return _provider(named[0], known[named[0]], tenant, subscription)
    return [_provider(namespace, kinds, tenant, subscription) for namespace, kinds in sorted(known.items())]


def _provider(namespace: str, kinds: Sequence[str], tenant: Tenant, subscription: Subscription) -> Body:
    return {
        "id": f"{subscription.path}/providers/{namespace}",
        "namespace": namespace,
        "resourceTypes": [
            {
                "resourceType": kind,
                "locations": list(subscription.locations),
                "apiVersions": sorted(tenant.versions.of(f"{namespace}/{kind}"), reverse=True),
            }
            for kind in kinds
        ],
        "registrationState": subscription.registration(namespace),
        "registrationPolicy": "RegistrationRequired",
    }


def _locations(question: Question, tenant: Tenant, subscription: Subscription) -> list[Body]:
    return [
        {
            "id": f"{subscription.path}/locations/{name}",
            "name": name,
            "type": "Region",
            "displayName": name,
            "regionalDisplayName": name,
            "metadata": {"regionType": "Physical", "regionCategory": "Recommended", **_paired(name, subscription)},
        }
        for name in subscription.locations
    ]


def _paired(name: str, subscription: Subscription) -> Body:
    """The region's pair, none for a region known to have none, and no word of one that the table does not have."""
    pair = _PAIRS.get(name)
    if pair is not None:
        return {"pairedRegion": [{"name": pair, "id": f"{subscription.path}/locations/{pair}"}]}
    return {"pairedRegion": []} if name in _UNPAIRED else {}
