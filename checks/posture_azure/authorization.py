"""Azure roles: who holds the wide ones over a subscription, and custom roles that admit everything.

What ARM does not show stays open: members of groups, guests among the users, roles of Entra, and eligible assignments
of Privileged Identity Management. Classic administrators were retired on 31 August 2024 and are not asked for.
"""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import RoleBasedAccess
from posture.model import Cause, Fact, Value
from posture.reader import Where, reader
from posture.reply import Reply
from posture_azure.session import ArmSession, properties

WIDE_ROLES = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
    "b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
}
"""Built-in roles that own, run or hand out a whole scope, by the ids that Microsoft publishes for all tenants."""

GROUPS = ("Group", "ForeignGroup")


class Assignment(Value):
    """A role held by a principal over a scope. Ids are lower-cased; ``role`` is the last part of the definition's id.

    ``conditional`` marks an assignment that a condition narrows; it is counted all the same.
    """

    principal: str
    principal_type: str | None
    role: str
    scope: str
    conditional: bool


class SubscriptionRoles(Fact):
    """All role assignments at a subscription, above it and below it, as far as they are active."""

    kind: ClassVar[str] = "microsoft.resources/subscriptions"

    assignments: tuple[Assignment, ...]


class CustomRole(Fact):
    """A role that the tenant made itself: the actions and data actions it grants."""

    kind: ClassVar[str] = "microsoft.authorization/roledefinitions"

    actions: tuple[str, ...]
    data_actions: tuple[str, ...]


@reader(
    operation="Microsoft.Authorization/roleAssignments@2022-04-01",
    permission="Microsoft.Authorization/roleAssignments/read",
    where=Where.ACCOUNT,
)
def subscription_roles(arm: ArmSession) -> SubscriptionRoles:
    """The role assignments of the subscription, in one fact."""
    subscription = f"/subscriptions/{arm.place.account}".lower()
    assignments = tuple(_assignment(properties(item)) for item in arm.items())
    return SubscriptionRoles(
        resource=arm.resource(SubscriptionRoles.kind, subscription, arm.place.account, region="global"),
        assignments=assignments,
    )


def _assignment(found: Reply) -> Assignment:
    return Assignment(
        principal=found["principalId"].lower(),
        principal_type=found.get("principalType"),
        role=found["roleDefinitionId"].rsplit("/", 1)[-1].lower(),
        scope=found["scope"].lower().rstrip("/"),
        conditional=bool(found.get("condition")),
    )


@reader(
    operation="Microsoft.Authorization/roleDefinitions@2022-04-01",
    permission="Microsoft.Authorization/roleDefinitions/read",
    where=Where.ACCOUNT,
)
def custom_roles(arm: ArmSession) -> Iterator[CustomRole]:
    """The custom roles that can be assigned in the subscription, asked for without the hundreds of built-in ones."""
    for item in arm.items(**{"$filter": "type eq 'CustomRole'"}):
        found = properties(item)
        if found["type"] != "CustomRole":
            continue
        permissions = found["permissions"]
        resource = arm.arm_resource(item, CustomRole.kind)
        yield CustomRole(
            resource=resource,
            actions=tuple(action for one in permissions for action in one.get("actions") or ()),
            data_actions=tuple(action for one in permissions for action in one.get("dataActions") or ()),
        )


@check(
    id="azure.authorization.privileged-principals",
    title="Few principals hold the wide roles over a subscription",
    severity=Severity.HIGH,
    refutes="more owners",
    remedy="Remove assignments of Owner, Contributor and the access administrators, or narrow their scope.",
)
def privileged_principals(roles: SubscriptionRoles, claim: RoleBasedAccess) -> Outcome:
    """Counts principals with a wide role at the subscription or above it; a group is one, whatever its size.

    So a count above the limit refutes the claim, while one within it says nothing where a group is among them. A
    reader without any role could not have listed: an empty list contradicts itself.
    """
    if not roles.assignments:
        return Unknown(Cause.DISAGREEMENT, "lists no role assignments, though reading them takes one")
    wide = [one for one in roles.assignments if one.role in WIDE_ROLES and _spans(one.scope, roles.resource.id)]
    principals = {one.principal for one in wide}
    groups = {one.principal for one in wide if one.principal_type in GROUPS}
    if len(principals) > claim.max_privileged:
        return Fail(f"has {len(principals)} principals with wide roles, more than {claim.max_privileged}")
    if groups:
        reason = f"has principals with wide roles: {len(principals)}, among them groups of unknown size: {len(groups)}"
        return Unknown(Cause.NOT_SUPPORTED, reason, "members of the groups, from Microsoft Graph")
    return Pass(f"has principals with wide roles: {len(principals)}, no more than {claim.max_privileged}")


def _spans(scope: str, subscription: str) -> bool:
    """Whether a scope is the subscription or lies above it: a management group, or the root, which reads as empty."""
    return scope in ("", subscription) or scope.startswith("/providers/microsoft.management/managementgroups/")


@check(
    id="azure.authorization.custom-roles",
    title="Custom roles do not admit everything",
    severity=Severity.HIGH,
    refutes="a custom role",
    remedy="Replace the wildcard by the actions that the role needs.",
)
def custom_role(role: CustomRole, claim: RoleBasedAccess) -> Outcome:
    """A wildcard over all providers makes an owner by another name. Reading everything (``*/read``) is not held wide;
    reading all data is."""
    wild = [action for action in role.actions if action.startswith("*") and action.lower() != "*/read"]
    wild += [action for action in role.data_actions if action.startswith("*")]
    if wild:
        return Fail(f"admits {', '.join(sorted(set(wild)))}")
    return Pass("names the providers whose actions it admits")
