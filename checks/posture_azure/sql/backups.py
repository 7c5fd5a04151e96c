"""Backups of SQL databases: that the service takes them, and how long it keeps them."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Outcome, Severity, check
from posture.claims import BackupsExist, DeletedWithin
from posture.model import Fact
from posture.reader import Where, reader
from posture.reply import Reply
from posture_azure.session import ArmSession, properties
from posture_azure.spans import duration_days
from posture_azure.sql import rules
from posture_azure.sql.database import Database


class ShortTermRetention(Fact):
    """How many days back a database can be restored to any instant."""

    kind: ClassVar[str] = Database.kind

    days: int


class LongTermRetention(Fact):
    """How long the longest kept of the weekly, monthly and yearly backups stays, in days; 0 without any."""

    kind: ClassVar[str] = Database.kind

    days: int


def longest_kept(policy: Reply) -> int:
    """The longest of the three retentions of a long-term policy; an absent one keeps nothing."""
    fields = ("weeklyRetention", "monthlyRetention", "yearlyRetention")
    return max(duration_days(policy.get(field) or "PT0S") for field in fields)


@reader(
    operation="Microsoft.Sql/servers/databases/backupShortTermRetentionPolicies/default@2021-11-01",
    permission="Microsoft.Sql/servers/databases/backupShortTermRetentionPolicies/read",
    where=Where.ACCOUNT,
)
def short_term_retention(arm: ArmSession, database: Database) -> Iterator[ShortTermRetention]:
    """The point-in-time retention of one database; master has no such policy."""
    if not database.system:
        found = properties(arm.get(database.resource.id))
        yield ShortTermRetention(resource=database.resource, days=found["retentionDays"])


@reader(
    operation="Microsoft.Sql/servers/databases/backupLongTermRetentionPolicies/default@2021-11-01",
    permission="Microsoft.Sql/servers/databases/backupLongTermRetentionPolicies/read",
    where=Where.ACCOUNT,
)
def long_term_retention(arm: ArmSession, database: Database) -> Iterator[LongTermRetention]:
    """The long-term retention of one database; master has no such policy."""
    if not database.system:
        found = properties(arm.get(database.resource.id))
        yield LongTermRetention(resource=database.resource, days=longest_kept(found))


@check(
    id="azure.sql.database-backed-up",
    title="SQL databases are backed up",
    severity=Severity.HIGH,
    refutes="a store without plan",
    remedy="Set the short-term retention of the database to at least one day.",
)
def backed_up(retention: ShortTermRetention, claim: BackupsExist) -> Outcome:
    """The service takes the backups and tells no time of the newest; it documents log backups every few minutes."""
    return rules.backed_up(retention.days)


@check(
    id="azure.sql.database-short-term-deletion",
    title="Point-in-time backups of SQL databases go within the promised time",
    severity=Severity.MEDIUM,
    refutes="a backup",
    remedy="Lower the short-term retention of the database.",
)
def short_term_deletion(retention: ShortTermRetention, claim: DeletedWithin) -> Outcome:
    """What is deleted from a table, or the table's database itself, can be restored for so long."""
    return rules.kept_within(retention.days, claim, "point-in-time backups")


@check(
    id="azure.sql.database-long-term-deletion",
    title="Long-term backups of SQL databases go within the promised time",
    severity=Severity.HIGH,
    refutes="a backup",
    remedy="Lower or remove the weekly, monthly and yearly retention, and delete the backups kept under it.",
)
def long_term_deletion(retention: LongTermRetention, claim: DeletedWithin) -> Outcome:
    """Yearly backups quietly keep what was deleted; they even outlive the database and its server."""
    return rules.kept_within(retention.days, claim, "long-term backups")
