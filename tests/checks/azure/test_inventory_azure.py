"""The inventory of a subscription: what it lists, and which of it holds data."""

import pytest

from kit import Recorded, place, read, session_of
from posture.model import Cause, Fact, Store
from posture.session import GapFound
from posture_azure import inventory
from posture_azure.session import ArmSession

OPERATION = "subscriptions/resources@2021-04-01"


def listed(*replies: object) -> list[Fact]:
    source = Recorded({OPERATION: list(replies)})
    return read(inventory.resources, session_of(ArmSession, source, place("azure", "s1", "global")))


def item(kind: str, name: str = "x", **more: object) -> dict[str, object]:
    namespace, _, type = kind.partition("/")
    return {"id": f"/subscriptions/s1/resourceGroups/G/providers/{namespace}/{type}/{name}", "type": kind, **more}


def test_each_resource_has_its_own_kind_region_and_tags() -> None:
    (fact,) = listed({"value": [item("Microsoft.Compute/Disks", location="West Europe", tags={"a": "b"})]})
    resource = fact.resource
    assert resource.id == "/subscriptions/s1/resourcegroups/g/providers/microsoft.compute/disks/x"
    assert (resource.kind, resource.region, resource.tags) == ("microsoft.compute/disks", "westeurope", (("a", "b"),))
    assert fact.inventory


@pytest.mark.parametrize(
    ("kind", "store"),
    [
        ("Microsoft.Storage/storageAccounts", Store.OBJECT),
        ("MICROSOFT.SQL/SERVERS/DATABASES", Store.DATABASE),
        ("Microsoft.RecoveryServices/vaults", Store.BACKUP),
        ("Microsoft.Sql/servers", None),
        ("Microsoft.Network/virtualNetworks", None),
    ],
)
def test_a_type_is_a_store_whatever_its_case(kind: str, store: Store | None) -> None:
    (fact,) = listed({"value": [item(kind)]})
    assert fact.holds() is store


def test_every_page_is_listed() -> None:
    link = "https://management.azure.com/subscriptions/s1/resources?%24skiptoken=1"
    facts = listed({"value": [item("A/b", "1")], "nextLink": link}, {"value": [item("A/b", "2")]})
    assert [fact.resource.name for fact in facts] == ["1", "2"]


def test_a_refused_inventory_is_a_gap() -> None:
    with pytest.raises(GapFound) as caught:
        listed(Cause.ACCESS_DENIED)
    assert caught.value.gap.permission == "Microsoft.Resources/subscriptions/resources/read"


def test_store_types_are_in_lower_case() -> None:
    assert [kind for kind in inventory.STORES if kind != kind.lower()] == []
