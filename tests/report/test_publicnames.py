"""Public names of the accounts in reports: each once, with its ports, and whether anybody looked at it."""

import pytest

from posture.model import Exposed, Resource
from posture.place import Place, Where
from posture.report.publicnames import public_names


def name(host: str, *ports: int, id: str = "lb") -> Exposed:
    resource = Resource(id=id, kind="aws.elbv2.load-balancer", cloud="aws", account="1", region="eu-west-1", name=id)
    return Exposed(host=host, ports=ports, resource=resource)


def place(host: str, region: str = "443") -> Place:
    return Place(provider="endpoint", target="web", account=host, region=region, where=Where.REGION)


def test_a_name_stands_once_with_all_its_ports() -> None:
    (row,) = public_names([name("a.example.org"), name("a.example.org", 8443), name("a.example.org", 443)], [], set())
    assert (row.host, row.ports, row.looked_at) == ("a.example.org", (443, 8443), False)


def test_names_that_nobody_looked_at_come_first() -> None:
    rows = public_names([name("a.example.org", 443), name("b.example.org", 443)], [place("A.example.org")], set())
    assert [(row.host, row.looked_at) for row in rows] == [("b.example.org", False), ("a.example.org", True)]


@pytest.mark.parametrize(
    ("ports", "asked", "looked_at"),
    [
        ((443,), ("443",), True),
        ((443, 8443), ("443",), False),
        ((443, 8443), ("443", "8443"), True),
        ((8443,), ("443",), False),
        ((5432,), ("5432/postgres",), True),
        ((), ("443",), True),
    ],
)
def test_a_name_was_looked_at_when_all_its_ports_were(
    ports: tuple[int, ...], asked: tuple[str, ...], looked_at: bool
) -> None:
    (row,) = public_names([name("a.example.org", *ports)], [place("a.example.org", port) for port in asked], set())
    assert row.looked_at is looked_at


def test_an_estate_without_names_has_no_rows() -> None:
    assert public_names([], [place("a.example.org")], set()) == ()


def test_names_of_which_nothing_was_judged_come_before_those_whose_settings_were() -> None:
    rows = public_names([name("a.example.org", id="one"), name("b.example.org", id="two")], [], {"one"})
    assert [(row.host, row.judged) for row in rows] == [("b.example.org", False), ("a.example.org", True)]
