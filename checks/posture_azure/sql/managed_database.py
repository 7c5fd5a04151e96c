"""Databases of SQL managed instances: encryption at rest, keys, reach, place and backups."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Basis, Outcome, Pass, Severity, Unknown, check
from posture.claims import (
    BackupsEncrypted,
    BackupsExist,
    CustomerManagedKeys,
    DeletedWithin,
    DoubleEncrypted,
    EncryptedAtRest,
    HostedBy,
    HostedIn,
    NetworkRestricted,
    NoPublicAccess,
)
from posture.model import Cause, Fact, Store
from posture.reader import Where, reader
from posture_azure.answers import hosted_by, unfamiliar
from posture_azure.regions import Region
from posture_azure.session import ArmSession, properties
from posture_azure.sql import rules
from posture_azure.sql.backups import longest_kept
from posture_azure.sql.instance import InstanceProtector, ManagedInstance


class ManagedDatabase(Fact):
    """A database of a managed instance; system databases are not listed."""

    kind: ClassVar[str] = "microsoft.sql/managedinstances/databases"
    store: ClassVar[Store | None] = Store.DATABASE

    instance: ManagedInstance


class ManagedDatabaseEncryption(Fact):
    """Transparent data encryption (TDE) of a managed database: ``state`` is Enabled or Disabled."""

    kind: ClassVar[str] = ManagedDatabase.kind

    instance: ManagedInstance
    state: str


class ManagedShortTermRetention(Fact):
    """How many days back a managed database can be restored to any instant."""

    kind: ClassVar[str] = ManagedDatabase.kind

    days: int


class ManagedLongTermRetention(Fact):
    """How long the longest kept of the weekly, monthly and yearly backups stays, in days; 0 without any."""

    kind: ClassVar[str] = ManagedDatabase.kind

    days: int


@reader(
    operation="Microsoft.Sql/managedInstances/databases@2021-11-01",
    permission="Microsoft.Sql/managedInstances/databases/read",
    where=Where.ACCOUNT,
)
def managed_databases(arm: ArmSession, instance: ManagedInstance) -> Iterator[ManagedDatabase]:
    """The databases of one instance."""
    for item in arm.items(instance.resource.id):
        yield ManagedDatabase(resource=arm.arm_resource(item, ManagedDatabase.kind), instance=instance)


@reader(
    operation="Microsoft.Sql/managedInstances/databases/transparentDataEncryption/current@2021-11-01",
    permission="Microsoft.Sql/managedInstances/databases/transparentDataEncryption/read",
    where=Where.ACCOUNT,
)
def managed_encryption(arm: ArmSession, database: ManagedDatabase) -> ManagedDatabaseEncryption:
    """TDE of one managed database."""
    found = properties(arm.get(database.resource.id))
    return ManagedDatabaseEncryption(resource=database.resource, instance=database.instance, state=found["state"])


@reader(
    operation="Microsoft.Sql/managedInstances/databases/backupShortTermRetentionPolicies/default@2021-11-01",
    permission="Microsoft.Sql/managedInstances/databases/backupShortTermRetentionPolicies/read",
    where=Where.ACCOUNT,
)
def managed_short_term_retention(arm: ArmSession, database: ManagedDatabase) -> ManagedShortTermRetention:
    """The point-in-time retention of one managed database."""
    found = properties(arm.get(database.resource.id))
    return ManagedShortTermRetention(resource=database.resource, days=found["retentionDays"])


@reader(
    operation="Microsoft.Sql/managedInstances/databases/backupLongTermRetentionPolicies/default@2021-11-01",
    permission="Microsoft.Sql/managedInstances/databases/backupLongTermRetentionPolicies/read",
    where=Where.ACCOUNT,
)
def managed_long_term_retention(arm: ArmSession, database: ManagedDatabase) -> ManagedLongTermRetention:
    """The long-term retention of one managed database."""
    found = properties(arm.get(database.resource.id))
    return ManagedLongTermRetention(resource=database.resource, days=longest_kept(found))


@check(
    id="azure.sql.managed-database-network",
    title="Databases of SQL managed instances answer chosen networks only",
    severity=Severity.HIGH,
    remedy="Disable the instance's public data endpoint.",
)
def managed_network(database: ManagedDatabase, claim: NetworkRestricted) -> Outcome:
    """An instance lives in a virtual network; at a public endpoint the subnet's security group decides who enters."""
    match database.instance.public_endpoint:
        case False:
            return Pass("has no public endpoint")
        case True:
            reason = "has a public endpoint behind a network security group, which is not read here"
            return Unknown(Cause.NOT_SUPPORTED, reason)
        case other:
            return unfamiliar("public data endpoint setting", other)


@check(
    id="azure.sql.managed-database-public",
    title="Databases of SQL managed instances cannot be read without signing in",
    severity=Severity.CRITICAL,
    refutes="anonymous read",
    remedy="None: Azure SQL has no anonymous access.",
)
def managed_public(database: ManagedDatabase, claim: NoPublicAccess) -> Outcome:
    """Every connection to a managed instance is authenticated, by SQL login or by Entra."""
    return Pass("answers nobody who has not signed in", Basis.PROVIDER_GUARANTEE)


@check(
    id="azure.sql.managed-database-encryption",
    title="Databases of SQL managed instances are encrypted",
    severity=Severity.HIGH,
    remedy="Turn on transparent data encryption for the database.",
)
def managed_at_rest(tde: ManagedDatabaseEncryption, claim: EncryptedAtRest) -> Outcome:
    """TDE is on for new databases; those restored from elsewhere may come without."""
    return rules.encrypted(tde.state)


@check(
    id="azure.sql.managed-database-backup-encryption",
    title="Backups of SQL managed instances are encrypted",
    severity=Severity.HIGH,
    remedy="Turn on transparent data encryption; backups taken before stay as they are until they expire.",
)
def managed_backup_encryption(tde: ManagedDatabaseEncryption, claim: BackupsEncrypted) -> Outcome:
    """Automated and long-term backups are encrypted as their database is ("Transparent data encryption", Azure SQL)."""
    return rules.backups_encrypted(tde.state)


@check(
    id="azure.sql.managed-database-double-encryption",
    title="Databases of SQL managed instances are encrypted in two layers",
    severity=Severity.MEDIUM,
    remedy="Encrypt the columns that need it with Always Encrypted.",
)
def managed_double_encryption(tde: ManagedDatabaseEncryption, claim: DoubleEncrypted) -> Outcome:
    """ARM tells of no layer but TDE for managed instances."""
    on = rules.encrypted(tde.state)
    if isinstance(on, Pass):
        return Unknown(Cause.NOT_SUPPORTED, "is encrypted by TDE, and ARM does not tell of a second layer")
    return on


@check(
    id="azure.sql.managed-database-customer-key",
    title="Databases of SQL managed instances are encrypted under customer keys",
    severity=Severity.MEDIUM,
    remedy="Set the instance's TDE protector to a key of your own in Key Vault.",
)
def managed_customer_key(
    tde: ManagedDatabaseEncryption, claim: CustomerManagedKeys, protectors: tuple[InstanceProtector, ...]
) -> Outcome:
    """The protector of the instance encrypts the keys of all its databases."""
    instance = tde.instance.resource.id
    key_type = next((one.key_type for one in protectors if one.resource.id == instance), None)
    return rules.under_customer_key(tde.state, key_type)


@check(
    id="azure.sql.managed-database-backed-up",
    title="Databases of SQL managed instances are backed up",
    severity=Severity.HIGH,
    refutes="a store without plan",
    remedy="Set the short-term retention of the database to at least one day.",
)
def managed_backed_up(retention: ManagedShortTermRetention, claim: BackupsExist) -> Outcome:
    """The service takes the backups and tells no time of the newest; it documents log backups every few minutes."""
    return rules.backed_up(retention.days)


@check(
    id="azure.sql.managed-database-short-term-deletion",
    title="Point-in-time backups of SQL managed instances go within the promised time",
    severity=Severity.MEDIUM,
    refutes="a backup",
    remedy="Lower the short-term retention of the database.",
)
def managed_short_term_deletion(retention: ManagedShortTermRetention, claim: DeletedWithin) -> Outcome:
    """What is deleted can be restored for so long."""
    return rules.kept_within(retention.days, claim, "point-in-time backups")


@check(
    id="azure.sql.managed-database-long-term-deletion",
    title="Long-term backups of SQL managed instances go within the promised time",
    severity=Severity.HIGH,
    refutes="a backup",
    remedy="Lower or remove the weekly, monthly and yearly retention, and delete the backups kept under it.",
)
def managed_long_term_deletion(retention: ManagedLongTermRetention, claim: DeletedWithin) -> Outcome:
    """Yearly backups quietly keep what was deleted; they outlive the instance."""
    return rules.kept_within(retention.days, claim, "long-term backups")


@check(
    id="azure.sql.managed-database-provider",
    title="Databases of SQL managed instances are at the named provider",
    severity=Severity.MEDIUM,
    remedy="Move the database to the named provider, or correct the statement.",
)
def managed_provider(database: ManagedDatabase, claim: HostedBy) -> Outcome:
    """A database that ARM lists lies in an Azure region."""
    return hosted_by(database.resource, claim)


@check(
    id="azure.sql.managed-database-region",
    title="Databases of SQL managed instances and their backups lie in the named regions",
    severity=Severity.HIGH,
    remedy="Move the instance to a named region, and keep its backups there with Local or Zone redundancy.",
)
def managed_region(database: ManagedDatabase, claim: HostedIn, regions: tuple[Region, ...]) -> Outcome:
    """Geo-redundant backups, the default of Azure SQL, are copied to the paired region."""
    return rules.placed(database.resource, claim, database.instance.redundancy, regions)
