"""Who holds which role over the subscriptions, and the roles that the tenant made itself."""

from __future__ import annotations

from posture_estates.azure.places import PRODUCTION, STAGING, Body, known_as
from posture_estates.azure.storage import EXPORTS, RECORDINGS

OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
BLOB_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
"""Built-in roles by the ids that Microsoft publishes for all tenants."""

OWNERS = ("head-of-platform", "emergency-account")
LATER_OWNERS = ("build-engineer", "support-lead", "founder", "former-contractor", "data-analyst")
OPERATOR, ANYTHING = known_as("exam-operator"), known_as("anything")


def good() -> list[Body]:
    """Two owners, a pipeline that deploys, and roles on single accounts; one role of the tenant's own."""
    restart = "Microsoft.Compute/virtualMachines/restart/action"
    return [
        *(assignment(PRODUCTION, owner, OWNER) for owner in OWNERS),
        assignment(PRODUCTION, "deployment", CONTRIBUTOR, "ServicePrincipal"),
        assignment(PRODUCTION, "scanner", READER, "ServicePrincipal"),
        assignment(PRODUCTION, "operators", OPERATOR, "Group"),
        assignment(PRODUCTION, "grader", BLOB_READER, "ServicePrincipal", scope=RECORDINGS),
        assignment(PRODUCTION, "school-desk", BLOB_READER, "Group", scope=EXPORTS),
        assignment(STAGING, OWNERS[0], OWNER),
        assignment(STAGING, "deployment", CONTRIBUTOR, "ServicePrincipal"),
        assignment(STAGING, "scanner", READER, "ServicePrincipal"),
        definition(OWNER, "Owner", ["*"], "BuiltInRole"),
        definition(READER, "Reader", ["*/read"], "BuiltInRole"),
        definition(OPERATOR, "Exam operator", [restart, "Microsoft.Compute/virtualMachines/read"]),
    ]


def drifted() -> list[Body]:
    """Owners came and stayed, and a role was made that admits everything."""
    return [
        *good(),
        *(assignment(PRODUCTION, owner, OWNER) for owner in LATER_OWNERS),
        definition(ANYTHING, "Anything", ["*"]),
    ]


def assignment(subscription: str, principal: str, role: str, kind: str = "User", *, scope: str = "") -> Body:
    at = scope or f"/subscriptions/{subscription}"
    return {
        "id": f"{at}/providers/Microsoft.Authorization/roleAssignments/{known_as(f'{at}{principal}{role}')}",
        "properties": {
            "principalId": known_as(principal),
            "principalType": kind,
            "roleDefinitionId": role_id(role, subscription),
            "scope": at,
        },
    }


def definition(role: str, name: str, actions: list[str], kind: str = "CustomRole") -> Body:
    """A role as a subscription lists it, among the built-in ones."""
    return {
        "id": role_id(role),
        "properties": {
            "roleName": name,
            "type": kind,
            "description": "",
            "assignableScopes": ["/" if kind == "BuiltInRole" else f"/subscriptions/{PRODUCTION}"],
            "permissions": [{"actions": actions, "notActions": [], "dataActions": [], "notDataActions": []}],
        },
    }


def role_id(role: str, subscription: str = PRODUCTION) -> str:
    return f"/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"
