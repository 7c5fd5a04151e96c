"""Addresses: every address that a host name stands for is an endpoint of its own, and all are judged."""

from collections.abc import Iterator
from typing import ClassVar

from posture.model import Fact
from posture.reader import reader
from posture_endpoint.session import EndpointSession


class Address(Fact):
    """One address of a host (A and AAAA records), and the port of its TLS service."""

    kind: ClassVar[str] = "endpoint.address"

    host: str
    port: int
    address: str


@reader(operation="dns:Resolve", permission="")
def addresses(endpoint: EndpointSession) -> Iterator[Address]:
    """All addresses that the resolver gives here and now; another place may be given others."""
    for address in endpoint.get()["addresses"]:
        host, port = endpoint.host, endpoint.port
        name = f"{host}:{endpoint.place.region}@{address}"
        yield Address(
            resource=endpoint.resource(Address.kind, f"{host}|{address}|{port}".lower(), name),
            host=host,
            port=port,
            address=address,
        )
