"""What a plan says of endpoints: how many, and how many connections they see at most."""

from typing import Any

import pytest

from posture_endpoint.costs import costs
from posture_endpoint.provider import PROVIDER
from posture_endpoint.target import EndpointTarget

VERSIONS = frozenset({"dns:Resolve", "tls:Versions"})
EVERYTHING = VERSIONS | {"tls:Suites", "tls:Certificate", "http:Get", "target:Pages"}


def told(operations: frozenset[str], **fields: Any) -> dict[str, int | None]:
    return {line.what: line.count for line in costs(EndpointTarget(**fields), operations)}


def test_a_plan_tells_endpoints_addresses_and_connections() -> None:
    table = {"a.example": ("192.0.2.1", "192.0.2.2")}
    assert told(EVERYTHING, hosts=("a.example", "127.0.0.1:8443", "b.example", "smtp://b.example"), resolve=table) == {
        "endpoints that the configuration names": 4,
        "addresses of them that are known": 3,
        "hosts whose addresses DNS is asked for": 1,
        "most connections to an address for the protocol versions": 20,
        "most connections to an address for the confirmation of an old version": 4,
        "most connections to an address for the list of suites": 120,
        "most connections to an address for the certificate": 11,
        "most connections to an address for pages": 15,
        "most connections to an address for all of an endpoint": 170,
        "most connections to an address over the whole scan": 400,
        # a.example at two addresses, the IP address, and b.example with and without pages at one.
        "most connections in all, if DNS tells one address for a host": 2 * 170 + 170 + 170 + 155,
        "only these are contacted": None,
    }


@pytest.mark.parametrize(
    ("fields", "line", "count"),
    [
        ({"depth": "full"}, "most connections to an address for the protocol versions", 120),
        ({"deep": True}, "most connections to an address for all commands of sslyze", 640),
        ({"deep": True, "cross_check": 2}, "most connections to an address for all of an endpoint", 664),
        ({"cross_check": 2}, "most connections to an address for the second view by sslyze", 560),
        ({"cross_check": 1}, "most connections in all", 24 * 2 + 560),
        ({"deep": True}, "most connections to an address over the whole scan", 1040),
        ({"most_connections_total": 30}, "most connections in all", 30),
        ({"from_accounts": True}, "most connections in all, to endpoints of the configuration", 48),
    ],
)
def test_what_costs_more_is_told(fields: dict[str, Any], line: str, count: int) -> None:
    assert told(VERSIONS, hosts=("127.0.0.1:1", "127.0.0.1:2"), **fields)[line] == count


def test_protocols_that_change_to_tls_have_no_pages() -> None:
    assert not any("pages" in line for line in told(EVERYTHING, hosts=("smtp://a.example",)))


def test_public_names_of_accounts_are_spoken_of_where_they_are_contacted_too() -> None:
    words = "only these are contacted, and the public names of the scanned accounts with as much for each"
    assert words in told(VERSIONS, from_accounts=True)
    assert "only these are contacted" in told(VERSIONS, hosts=("a.example",))


def test_the_provider_tells_its_costs() -> None:
    target = EndpointTarget(hosts=("a.example",))
    assert PROVIDER.costs(target, VERSIONS) == costs(target, VERSIONS)
