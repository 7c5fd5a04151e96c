"""Databases of logical SQL servers: encryption at rest, keys, reach and place."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Basis, Fail, NotApplicable, Outcome, Pass, Severity, Unknown, check
from posture.claims import (
    BackupsEncrypted,
    CustomerManagedKeys,
    DoubleEncrypted,
    EncryptedAtRest,
    HostedBy,
    HostedIn,
    NetworkRestricted,
    NoPublicAccess,
)
from posture.model import Cause, Fact, Store
from posture.reader import Where, reader
from posture_azure.answers import hosted_by, hosted_in, network_setting
from posture_azure.regions import Region
from posture_azure.session import ArmSession, properties
from posture_azure.sql import rules
from posture_azure.sql.server import AddressRange, ServerFirewall, ServerProtector, SqlServer

HALF_OF_IPV4 = 2**31


class Database(Fact):
    """A database of a logical server.

    ``system`` marks ``master``. ``own_key`` says that a customer key is set for this database alone; ``infrastructure``
    is the second layer, None where ARM does not tell; ``redundancy`` is where backups are kept.
    """

    kind: ClassVar[str] = "microsoft.sql/servers/databases"
    store: ClassVar[Store | None] = Store.DATABASE

    server: SqlServer
    system: bool
    own_key: bool
    infrastructure: bool | None
    redundancy: str | None


class DatabaseEncryption(Fact):
    """Transparent data encryption (TDE) of a database: ``state`` is Enabled or Disabled."""

    kind: ClassVar[str] = Database.kind

    database: Database
    state: str


@reader(
    operation="Microsoft.Sql/servers/databases@2025-01-01",
    permission="Microsoft.Sql/servers/databases/read",
    where=Where.ACCOUNT,
)
def databases(arm: ArmSession, server: SqlServer) -> Iterator[Database]:
    """The databases of one server. Keys of single databases show in this api-version, not in that of the server."""
    for item in arm.items(server.resource.id):
        found = properties(item)
        resource = arm.arm_resource(item, Database.kind)
        yield Database(
            resource=resource,
            server=server,
            system=resource.name.lower() == "master",
            own_key=bool(found.get("encryptionProtector")),
            infrastructure=found.get("isInfraEncryptionEnabled"),
            redundancy=found.get("currentBackupStorageRedundancy") or found.get("requestedBackupStorageRedundancy"),
        )


@reader(
    operation="Microsoft.Sql/servers/databases/transparentDataEncryption/current@2021-11-01",
    permission="Microsoft.Sql/servers/databases/transparentDataEncryption/read",
    where=Where.ACCOUNT,
)
def database_encryption(arm: ArmSession, database: Database) -> DatabaseEncryption:
    """TDE of one database. The older api-version of 2014 called the field ``status``."""
    found = properties(arm.get(database.resource.id))
    return DatabaseEncryption(resource=database.resource, database=database, state=found["state"])


SYSTEM = NotApplicable("is the system database master, for which Azure offers no TDE")


@check(
    id="azure.sql.database-encryption",
    title="SQL databases are encrypted",
    severity=Severity.HIGH,
    remedy="Turn on transparent data encryption for the database.",
)
def encryption(tde: DatabaseEncryption, claim: EncryptedAtRest) -> Outcome:
    """TDE is on for new databases and can be switched off; old ones may never have had it."""
    return SYSTEM if tde.database.system else rules.encrypted(tde.state)


@check(
    id="azure.sql.database-backup-encryption",
    title="Backups of SQL databases are encrypted",
    severity=Severity.HIGH,
    remedy="Turn on transparent data encryption; backups taken before stay as they are until they expire.",
)
def backup_encryption(tde: DatabaseEncryption, claim: BackupsEncrypted) -> Outcome:
    """Automated and long-term backups are encrypted as their database is ("Transparent data encryption", Azure SQL)."""
    return SYSTEM if tde.database.system else rules.backups_encrypted(tde.state)


@check(
    id="azure.sql.database-double-encryption",
    title="SQL databases are encrypted in two layers",
    severity=Severity.MEDIUM,
    remedy="Encrypt the columns that need it with Always Encrypted; the infrastructure layer is Azure's to switch on.",
)
def double_encryption(tde: DatabaseEncryption, claim: DoubleEncrypted) -> Outcome:
    """Two layers are TDE and infrastructure encryption (isInfraEncryptionEnabled), which ARM may leave out.

    Absent it decides nothing. Always Encrypted is a layer for single columns and does not show in ARM.
    """
    if tde.database.system:
        return SYSTEM
    on = rules.encrypted(tde.state)
    if not isinstance(on, Pass):
        return on
    match tde.database.infrastructure:
        case True:
            return Pass("is encrypted by TDE and again by its infrastructure")
        case False:
            return Fail("has one layer: TDE, with infrastructure encryption off")
        case _:
            return Unknown(Cause.NOT_SUPPORTED, "is encrypted by TDE, and ARM does not tell of a second layer")


@check(
    id="azure.sql.database-customer-key",
    title="SQL databases are encrypted under customer keys",
    severity=Severity.MEDIUM,
    remedy="Set the server's TDE protector, or that of the database, to a key of your own in Key Vault.",
)
def customer_key(
    tde: DatabaseEncryption, claim: CustomerManagedKeys, protectors: tuple[ServerProtector, ...]
) -> Outcome:
    """A database uses its own key where it has one, and the protector of its server otherwise."""
    if tde.database.system:
        return SYSTEM
    if tde.database.own_key:
        return rules.under_customer_key(tde.state, "AzureKeyVault")
    server = tde.database.server.resource.id
    key_type = next((one.key_type for one in protectors if one.resource.id == server), None)
    return rules.under_customer_key(tde.state, key_type)


@check(
    id="azure.sql.database-network",
    title="SQL databases answer chosen networks only",
    severity=Severity.HIGH,
    remedy="Disable public network access of the server, or delete the firewall rules that admit everybody.",
)
def network(database: Database, claim: NetworkRestricted, firewalls: tuple[ServerFirewall, ...]) -> Outcome:
    """A server denies by default. The rule 0.0.0.0 admits Azure resources of every tenant, wide rules the internet."""
    server = database.server
    settled = network_setting(server.public)
    if settled is not None:
        return settled
    firewall = next((one for one in firewalls if one.resource.id == server.resource.id), None)
    if firewall is None:
        return Unknown(Cause.DISAGREEMENT, "is on a server whose firewall rules were not seen")
    for rule in firewall.ranges:
        if _admits(rule):
            return Fail(f"admits {_admits(rule)} by the server's firewall rule {rule.name}")
    return Pass(f"denies all but the ranges of its firewall rules ({len(firewall.ranges)})")


def _admits(rule: AddressRange) -> str:
    if rule.first == rule.last == 0:
        return "the Azure resources of every tenant"
    return "half of the internet or more" if rule.last - rule.first + 1 >= HALF_OF_IPV4 else ""


@check(
    id="azure.sql.database-public",
    title="SQL databases cannot be read without signing in",
    severity=Severity.CRITICAL,
    refutes="anonymous read",
    remedy="None: Azure SQL has no anonymous access.",
)
def public(database: Database, claim: NoPublicAccess) -> Outcome:
    """Every connection to Azure SQL is authenticated, by SQL login or by Entra."""
    return Pass("answers nobody who has not signed in", Basis.PROVIDER_GUARANTEE)


@check(
    id="azure.sql.database-provider",
    title="SQL databases are at the named provider",
    severity=Severity.MEDIUM,
    remedy="Move the database to the named provider, or correct the statement.",
)
def provider(database: Database, claim: HostedBy) -> Outcome:
    """A database that ARM lists lies in an Azure region."""
    return hosted_by(database.resource, claim)


@check(
    id="azure.sql.database-region",
    title="SQL databases and their backups lie in the named regions",
    severity=Severity.HIGH,
    remedy="Move the database to a named region, and keep its backups there with Local or Zone redundancy.",
)
def region(database: Database, claim: HostedIn, regions: tuple[Region, ...]) -> Outcome:
    """Geo-redundant backups, the default of Azure SQL, are copied to the paired region."""
    if database.system:
        return hosted_in(database.resource, claim)
    return rules.placed(database.resource, claim, database.redundancy, regions)
