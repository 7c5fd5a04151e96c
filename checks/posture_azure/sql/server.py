"""Logical SQL servers: the TLS they ask for, the networks they admit, and the key above their databases."""

from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import ClassVar

from posture.check import Outcome, Severity, check
from posture.claims import TlsMinimum
from posture.model import Exposed, Fact, Value
from posture.reader import Where, reader
from posture_azure.session import ArmSession, properties
from posture_azure.sql import rules


class SqlServer(Fact):
    """A logical server. ``minimum_tls`` and ``public`` are None where ARM leaves the setting out."""

    kind: ClassVar[str] = "microsoft.sql/servers"

    minimum_tls: str | None
    public: str | None
    host: str

    def exposes(self) -> tuple[Exposed, ...]:
        """Its name, unless it is closed to the public network; TLS begins inside TDS there, not spoken here."""
        if not self.host or (self.public or "").lower() == "disabled":
            return ()
        return (Exposed(host=self.host, ports=(), resource=self.resource),)


class AddressRange(Value):
    """A firewall rule: the IPv4 addresses from ``first`` to ``last``, both included, as numbers."""

    name: str
    first: int
    last: int


class ServerFirewall(Fact):
    """All IPv4 firewall rules of a server."""

    kind: ClassVar[str] = SqlServer.kind

    ranges: tuple[AddressRange, ...]


class ServerProtector(Fact):
    """The key above the databases of a server: ``key_type`` is ServiceManaged or AzureKeyVault."""

    kind: ClassVar[str] = SqlServer.kind

    key_type: str | None


@reader(operation="Microsoft.Sql/servers@2021-11-01", permission="Microsoft.Sql/servers/read", where=Where.ACCOUNT)
def servers(arm: ArmSession) -> Iterator[SqlServer]:
    """The logical servers of the subscription."""
    for item in arm.items():
        found = properties(item)
        yield SqlServer(
            resource=arm.arm_resource(item, SqlServer.kind),
            minimum_tls=found.get("minimalTlsVersion"),
            public=found.get("publicNetworkAccess"),
            host=(found.get("fullyQualifiedDomainName") or "").lower(),
        )


@reader(
    operation="Microsoft.Sql/servers/firewallRules@2021-11-01",
    permission="Microsoft.Sql/servers/firewallRules/read",
    where=Where.ACCOUNT,
)
def server_firewall(arm: ArmSession, server: SqlServer) -> ServerFirewall:
    """The rules of one server; a server without rules admits nobody over the public network."""
    ranges = tuple(
        AddressRange(
            name=item["name"],
            first=int(IPv4Address(properties(item)["startIpAddress"])),
            last=int(IPv4Address(properties(item)["endIpAddress"])),
        )
        for item in arm.items(server.resource.id)
    )
    return ServerFirewall(resource=server.resource, ranges=ranges)


@reader(
    operation="Microsoft.Sql/servers/encryptionProtector/current@2021-11-01",
    permission="Microsoft.Sql/servers/encryptionProtector/read",
    where=Where.ACCOUNT,
)
def server_protector(arm: ArmSession, server: SqlServer) -> ServerProtector:
    """The protector of one server. Servers that belong to a Synapse workspace have none here: that is a gap."""
    found = properties(arm.get(server.resource.id))
    return ServerProtector(resource=server.resource, key_type=found.get("serverKeyType"))


@check(
    id="azure.sql.server-tls",
    title="SQL servers refuse TLS versions below the named one",
    severity=Severity.HIGH,
    refutes="a listener",
    remedy="Set the server's minimum TLS version (minimalTlsVersion) to 1.2 or higher.",
)
def server_tls(server: SqlServer, claim: TlsMinimum) -> Outcome:
    """The server turns away clients below its minimum; without one, the client chooses."""
    return rules.tls_minimum(server.minimum_tls, claim)
