"""Azure roles: what is read of assignments and custom roles, and how it is judged."""

import pytest

from kit import Recorded, judge, place, read, session_of
from posture.check import Fail, Outcome, Pass, Unknown
from posture.claims import RoleBasedAccess
from posture.model import Cause, Resource
from posture.session import GapFound
from posture_azure import authorization
from posture_azure.authorization import Assignment
from posture_azure.session import ArmSession

ASSIGNMENTS = "Microsoft.Authorization/roleAssignments@2022-04-01"
DEFINITIONS = "Microsoft.Authorization/roleDefinitions@2022-04-01"
SUBSCRIPTION = "/subscriptions/s1"
ROLES = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"
OWNER, CONTRIBUTOR, ACCESS, RBAC = authorization.WIDE_ROLES
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


def arm(source: Recorded) -> ArmSession:
    session: ArmSession = session_of(ArmSession, source, place("azure", "S1", "global"))
    return session


def resource(kind: str, id: str, name: str) -> Resource:
    return Resource(id=id, kind=kind, cloud="azure", account="S1", region="global", name=name)


def assignment(
    principal: str, role: str = OWNER, scope: str = SUBSCRIPTION, type: str | None = "User", conditional: bool = False
) -> Assignment:
    return Assignment(principal=principal, principal_type=type, role=role, scope=scope, conditional=conditional)


def roles(*assignments: Assignment) -> authorization.SubscriptionRoles:
    kind = authorization.SubscriptionRoles.kind
    return authorization.SubscriptionRoles(resource=resource(kind, SUBSCRIPTION, "S1"), assignments=assignments)


def body(principal: str, role: str, scope: str, **more: object) -> dict[str, object]:
    found = {"principalId": principal, "roleDefinitionId": f"{ROLES}/{role.upper()}", "scope": scope, **more}
    return {"id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{principal}", "properties": found}


def test_assignments_of_all_pages_are_one_fact() -> None:
    link = f"https://management.azure.com{SUBSCRIPTION}/providers/x?$skiptoken=2"
    first = body("P1", OWNER, "/subscriptions/S1", principalType="User", condition="@Resource[x]")
    second = body("P2", READER, "/", principalType="ServicePrincipal", condition=None)
    source = Recorded({ASSIGNMENTS: [{"value": [first], "nextLink": link}, {"value": [second]}]})
    assert read(authorization.subscription_roles, arm(source)) == [
        roles(assignment("p1", conditional=True), assignment("p2", READER, "", "ServicePrincipal"))
    ]


def test_a_refused_listing_is_a_gap() -> None:
    with pytest.raises(GapFound) as found:
        read(authorization.subscription_roles, arm(Recorded({ASSIGNMENTS: Cause.ACCESS_DENIED})))
    assert found.value.gap.permission == "Microsoft.Authorization/roleAssignments/read"


def test_an_assignment_without_principal_is_malformed() -> None:
    with pytest.raises(KeyError):
        read(authorization.subscription_roles, arm(Recorded({ASSIGNMENTS: {"value": [{"id": "x", "properties": {}}]}})))


def test_custom_roles_are_read_with_their_actions_and_built_in_ones_left_out() -> None:
    grants = [{"actions": ["*"], "notActions": []}, {"actions": ["*/read"], "dataActions": ["Microsoft.A/b/read"]}]
    found = {"id": f"{ROLES}/R1", "name": "R1", "properties": {"type": "CustomRole", "permissions": grants}}
    built_in = {"id": f"{ROLES}/{OWNER}", "properties": {"type": "BuiltInRole", "permissions": [{"actions": ["*"]}]}}
    source = Recorded({DEFINITIONS: {"value": [built_in, found]}})
    (role,) = read(authorization.custom_roles, arm(source))
    assert source.asked[0][1]["query"] == {"$filter": "type eq 'CustomRole'", "api-version": "2022-04-01"}
    assert isinstance(role, authorization.CustomRole)
    assert (role.resource.id, role.actions, role.data_actions) == (
        f"{ROLES}/R1".lower(),
        ("*", "*/read"),
        ("Microsoft.A/b/read",),
    )


GROUP_SCOPE = f"{SUBSCRIPTION}/resourcegroups/g"
ABOVE = "/providers/microsoft.management/managementgroups/all"


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        (
            roles(assignment("a"), assignment("b", CONTRIBUTOR)),
            Pass("has principals with wide roles: 2, no more than 2"),
        ),
        (
            roles(assignment("a"), assignment("b", ACCESS, ""), assignment("c", RBAC, ABOVE)),
            Fail("has 3 principals with wide roles, more than 2"),
        ),
        (
            roles(assignment("a"), assignment("a", CONTRIBUTOR), assignment("b")),
            Pass("has principals with wide roles: 2, no more than 2"),
        ),
        (
            roles(assignment("a", READER), assignment("b", OWNER, GROUP_SCOPE)),
            Pass("has principals with wide roles: 0, no more than 2"),
        ),
        (
            roles(assignment("a", OWNER, "/subscriptions/s10"), assignment("b", conditional=True)),
            Pass("has principals with wide roles: 1, no more than 2"),
        ),
        (
            roles(assignment("a"), assignment("g", type="Group")),
            Unknown(
                Cause.NOT_SUPPORTED,
                "has principals with wide roles: 2, among them groups of unknown size: 1",
                "members of the groups, from Microsoft Graph",
            ),
        ),
        (
            roles(assignment("a"), assignment("b"), assignment("g", type="ForeignGroup")),
            Fail("has 3 principals with wide roles, more than 2"),
        ),
        (roles(), Unknown(Cause.DISAGREEMENT, "lists no role assignments, though reading them takes one")),
    ],
)
def test_principals_with_wide_roles_are_counted_once(fact: authorization.SubscriptionRoles, outcome: Outcome) -> None:
    assert judge(authorization.privileged_principals, fact, RoleBasedAccess(max_privileged=2)) == outcome


@pytest.mark.parametrize(
    ("actions", "data_actions", "outcome"),
    [
        (("Microsoft.Compute/*", "*/read"), (), Pass("names the providers whose actions it admits")),
        (("*",), (), Fail("admits *")),
        (("*/write", "*/Read"), ("*/read",), Fail("admits */read, */write")),
        ((), (), Pass("names the providers whose actions it admits")),
    ],
)
def test_a_role_that_admits_every_provider_is_an_owner_by_another_name(
    actions: tuple[str, ...], data_actions: tuple[str, ...], outcome: Outcome
) -> None:
    found = resource(authorization.CustomRole.kind, f"{ROLES}/r1".lower(), "r1")
    role = authorization.CustomRole(resource=found, actions=actions, data_actions=data_actions)
    assert judge(authorization.custom_role, role, RoleBasedAccess()) == outcome
