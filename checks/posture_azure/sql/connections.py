"""How databases of Azure SQL are connected to: encrypted on the way or not, and with whose credentials.

The settings are those of the server or managed instance; they are judged at its databases, which are the stores.
"""

from typing import ClassVar

from posture.check import Outcome, Severity, check
from posture.claims import ClearTextRefused, NamedPrincipalsOnly
from posture.model import Fact
from posture.reader import Where, reader
from posture_azure.session import ArmSession, properties
from posture_azure.sql import rules
from posture_azure.sql.database import Database
from posture_azure.sql.instance import ManagedInstance
from posture_azure.sql.managed_database import ManagedDatabase
from posture_azure.sql.server import SqlServer


class ServerSignIn(Fact):
    """Whether a server admits nobody but identities of Microsoft Entra."""

    kind: ClassVar[str] = SqlServer.kind

    entra_only: bool


class InstanceSignIn(Fact):
    """Whether a managed instance admits nobody but identities of Microsoft Entra."""

    kind: ClassVar[str] = ManagedInstance.kind

    entra_only: bool


@reader(
    operation="Microsoft.Sql/servers/azureADOnlyAuthentications/Default@2021-11-01",
    permission="Microsoft.Sql/servers/azureADOnlyAuthentications/read",
    where=Where.ACCOUNT,
)
def server_sign_in(arm: ArmSession, server: SqlServer) -> ServerSignIn:
    """The setting of one server. The list of servers leaves it out unless it is expanded."""
    found = properties(arm.get(server.resource.id))
    return ServerSignIn(resource=server.resource, entra_only=found["azureADOnlyAuthentication"])


@reader(
    operation="Microsoft.Sql/managedInstances/azureADOnlyAuthentications/Default@2021-11-01",
    permission="Microsoft.Sql/managedInstances/azureADOnlyAuthentications/read",
    where=Where.ACCOUNT,
)
def instance_sign_in(arm: ArmSession, instance: ManagedInstance) -> InstanceSignIn:
    """The setting of one managed instance."""
    found = properties(arm.get(instance.resource.id))
    return InstanceSignIn(resource=instance.resource, entra_only=found["azureADOnlyAuthentication"])


@check(
    id="azure.sql.database-clear-text",
    title="SQL databases refuse connections without TLS",
    severity=Severity.HIGH,
    refutes="a database",
    remedy="Set the server's minimum TLS version (minimalTlsVersion) to 1.2 or higher.",
)
def clear_text(database: Database, claim: ClearTextRefused) -> Outcome:
    """Azure documents that SQL Database encrypts every connection; the old value None was the exception."""
    return rules.clear_text_refused(database.server.minimum_tls)


@check(
    id="azure.sql.managed-database-clear-text",
    title="Databases of SQL managed instances refuse connections without TLS",
    severity=Severity.HIGH,
    refutes="a database",
    remedy="Set the instance's minimum TLS version (minimalTlsVersion) to 1.2 or higher.",
)
def managed_clear_text(database: ManagedDatabase, claim: ClearTextRefused) -> Outcome:
    """Azure documents that managed instances encrypt every connection; the old value None was the exception."""
    return rules.clear_text_refused(database.instance.minimum_tls)


@check(
    id="azure.sql.database-named-principals",
    title="SQL databases accept named principals only",
    severity=Severity.HIGH,
    refutes="a local user",
    remedy="Set a Microsoft Entra administrator on the server and turn on Entra-only authentication.",
)
def named_principals(database: Database, claim: NamedPrincipalsOnly, servers: tuple[ServerSignIn, ...]) -> Outcome:
    """A SQL login is a name and a password that whoever knows them may use, outside the directory and its rules."""
    server = database.server.resource.id
    return rules.entra_only(next((one.entra_only for one in servers if one.resource.id == server), None))


@check(
    id="azure.sql.managed-database-named-principals",
    title="Databases of SQL managed instances accept named principals only",
    severity=Severity.HIGH,
    refutes="a local user",
    remedy="Set a Microsoft Entra administrator on the instance and turn on Entra-only authentication.",
)
def managed_named_principals(
    database: ManagedDatabase, claim: NamedPrincipalsOnly, instances: tuple[InstanceSignIn, ...]
) -> Outcome:
    """A SQL login is a name and a password that whoever knows them may use, outside the directory and its rules."""
    instance = database.instance.resource.id
    return rules.entra_only(next((one.entra_only for one in instances if one.resource.id == instance), None))
