"""Backup plans: to which regions and accounts they copy backups."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Fail, NotApplicable, Outcome, Pass, Severity, check
from posture.claims import HostedIn, NotShared
from posture.model import Fact
from posture.reader import reader
from posture_aws.session import AwsSession

AIR_GAPPED = "TargetLogicallyAirGappedBackupVaultArn"
"""Where a rule names the air-gapped vault that it backs up to besides its own."""


class BackupPlan(Fact):
    """A backup plan (ListBackupPlans). ``id`` is what other calls name it by."""

    kind: ClassVar[str] = "aws.backup.plan"

    id: str


class PlanSelections(Fact):
    """How many selections of resources a plan has (ListBackupSelections): without any it does nothing."""

    kind: ClassVar[str] = BackupPlan.kind

    id: str
    count: int


class PlanCopies(Fact):
    """The vaults that the rules of a plan in use copy to (GetBackupPlan), by ARN."""

    kind: ClassVar[str] = BackupPlan.kind

    vaults: tuple[str, ...]


@reader(operation="backup:ListBackupPlans")
def plans(aws: AwsSession) -> Iterator[BackupPlan]:
    """All plans of the region that are not deleted, 1000 a page."""
    for page in aws.pages("NextToken", MaxResults=1000):
        for plan in page["BackupPlansList"]:
            resource = aws.resource(BackupPlan.kind, plan["BackupPlanArn"], plan["BackupPlanName"])
            yield BackupPlan(resource=resource, id=plan["BackupPlanId"])


@reader(operation="backup:ListBackupSelections")
def plan_selections(aws: AwsSession, plan: BackupPlan) -> PlanSelections:
    """The selections of a plan, 1000 a page."""
    pages = aws.pages("NextToken", BackupPlanId=plan.id, MaxResults=1000)
    count = sum(len(page["BackupSelectionsList"]) for page in pages)
    return PlanSelections(resource=plan.resource, id=plan.id, count=count)


@reader(operation="backup:GetBackupPlan")
def plan_copies(aws: AwsSession, selections: PlanSelections) -> Iterator[PlanCopies]:
    """Asked for plans that select something."""
    if selections.count:
        rules = aws.get(BackupPlanId=selections.id)["BackupPlan"]["Rules"]
        vaults = [copy["DestinationBackupVaultArn"] for rule in rules for copy in rule.get("CopyActions") or ()]
        vaults += [rule[AIR_GAPPED] for rule in rules if AIR_GAPPED in rule]
        yield PlanCopies(resource=selections.resource, vaults=tuple(sorted(set(vaults))))


@check(
    id="aws.backup.plan-copy-region",
    title="Backup plans copy to the promised regions only",
    severity=Severity.HIGH,
    remedy="Copy to a vault in a promised region, and delete the copies elsewhere.",
)
def plan_copy_region(copies: PlanCopies, claim: HostedIn) -> Outcome:
    """A copy action makes a full copy of each backup at its destination."""
    if not copies.vaults:
        return NotApplicable("copies to no other vault")
    outside = sorted({_region(vault) for vault in copies.vaults} - set(claim.regions))
    return Fail(f"copies backups to {', '.join(outside)}") if outside else Pass("copies to promised regions only")


@check(
    id="aws.backup.plan-copy-sharing",
    title="Backup plans copy to no foreign account",
    severity=Severity.HIGH,
    refutes="replication",
    remedy="Copy to a vault of the same account, or list the other account as allowed.",
)
def plan_copy_sharing(copies: PlanCopies, claim: NotShared) -> Outcome:
    """Backups that are copied to another account are that account's to keep."""
    if not copies.vaults:
        return NotApplicable("copies to no other vault")
    known = {copies.resource.account, *claim.allowed}
    foreign = sorted({_account(vault) for vault in copies.vaults} - known)
    return Fail(f"copies backups to account {', '.join(foreign)}") if foreign else Pass("copies to no foreign account")


def _region(arn: str) -> str:
    return arn.split(":")[3]


def _account(arn: str) -> str:
    return arn.split(":")[4]
