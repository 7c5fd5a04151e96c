"""AWS Backup: vaults, recovery points and plans as they are read, and how each is judged."""

import json
from typing import Any

import pytest

from kit import Recorded, judge, read, session_of
from posture.check import Fail, NotApplicable, Outcome, Pass, Unknown
from posture.check import Incomplete as Cut
from posture.claims import (
    BackupsEncrypted,
    BackupsExist,
    DeletedWithin,
    EncryptedAtRest,
    HostedIn,
    NoPublicAccess,
    NotShared,
    VaultProtected,
)
from posture.model import Cause, Fact, Gap, Resource, Store
from posture.reader import GapFound
from posture.session import Answer
from posture_aws.backup import plans, points, vaults
from posture_aws.backup.plans import BackupPlan, PlanCopies, PlanSelections
from posture_aws.backup.points import RecoveryPoint
from posture_aws.backup.vaults import AIR_GAPPED, Vault, VaultPolicy
from posture_aws.policy import NO_POLICY, parse
from posture_aws.session import AwsSession

VAULT_ARN = "arn:aws:backup:us-east-1:123456789012:backup-vault:v"
POINT_ARN = "arn:aws:backup:us-east-1:123456789012:recovery-point:1"
PLAN_ARN = "arn:aws:backup:us-east-1:123456789012:backup-plan:p"
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/1"
DENIED = Gap(cause=Cause.ACCESS_DENIED, detail="no", operation="backup:L", permission="backup:L")


def resource(kind: str, id: str, name: str) -> Resource:
    return Resource(id=id, kind=kind, cloud="aws", account="123456789012", region="us-east-1", name=name, tags=None)


def vault(**changes: Any) -> Vault:
    fields = {"form": "BACKUP_VAULT", "key": KEY_ARN, "key_type": None, "locked": False}
    return Vault(resource=resource(Vault.kind, VAULT_ARN, "v"), **fields | changes)


def opened(*statements: Any, form: str = "BACKUP_VAULT") -> VaultPolicy:
    policy = parse(json.dumps({"Statement": statements})) if statements else NO_POLICY
    return VaultPolicy(resource=vault().resource, form=form, policy=policy)


def statement(effect: str, principal: Any, action: str = "backup:*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*"} | more


def point(**changes: Any) -> RecoveryPoint:
    fields = {"vault": VAULT_ARN, "status": "COMPLETED", "encrypted": True, "continuous": False, "age": 2.0}
    fields |= {"kept": 35.0, "until_copied": False}
    return RecoveryPoint(resource=resource(RecoveryPoint.kind, POINT_ARN, "1"), **fields | changes)


def copies(*arns: str) -> PlanCopies:
    return PlanCopies(resource=resource(BackupPlan.kind, PLAN_ARN, "daily"), vaults=arns)


def readings(reader: Any, replies: dict[str, Any], parent: Fact | None = None) -> tuple[list[Any], Recorded]:
    source = Recorded(replies)
    return read(reader, session_of(AwsSession, source), parent), source


def test_every_page_of_vaults_is_read() -> None:
    first = {"BackupVaultName": "v", "BackupVaultArn": VAULT_ARN, "VaultType": "BACKUP_VAULT"}
    first |= {"EncryptionKeyArn": KEY_ARN, "Locked": True}
    second = {"BackupVaultName": "v", "BackupVaultArn": VAULT_ARN}
    pages = [{"BackupVaultList": [first], "NextToken": "n"}, {"BackupVaultList": [second]}]
    facts, source = readings(vaults.vaults, {"backup:ListBackupVaults": pages})
    assert facts == [vault(locked=True), vault(form="", key=None)]
    assert [asked[1] for asked in source.asked] == [{"MaxResults": 1000}, {"MaxResults": 1000, "NextToken": "n"}]


def test_a_vault_without_policy_lets_nobody_in() -> None:
    replies = {"backup:GetBackupVaultAccessPolicy": Answer(absent="ResourceNotFoundException", status=400)}
    facts, source = readings(vaults.vault_policy, replies, vault())
    assert facts == [opened()]
    assert source.asked[0][1] == {"BackupVaultName": "v"}


def test_the_policy_of_a_vault_is_read() -> None:
    grant = statement("Allow", "*")
    text = json.dumps({"Statement": [grant]})
    facts, _ = readings(vaults.vault_policy, {"backup:GetBackupVaultAccessPolicy": {"Policy": text}}, vault())
    assert facts == [opened(grant)]


LISTED = {"RecoveryPointArn": POINT_ARN, "Status": "COMPLETED", "CreationDate": "2026-11-22T12:00:00+00:00"}


@pytest.mark.parametrize(
    ("reply", "fact"),
    [
        ({"IsEncrypted": True, "Lifecycle": {"DeleteAfterDays": 35}}, point()),
        ({"IsEncrypted": False, "Lifecycle": {"DeleteAfterDays": -1}}, point(encrypted=False, kept=None)),
        ({}, point(encrypted=None, kept=None)),
        ({"IsEncrypted": True, "CalculatedLifecycle": {"DeleteAt": "2026-12-27T12:00:00Z"}}, point()),
        ({"IsEncrypted": True, "Lifecycle": {"DeleteAfterEvent": "X"}}, point(kept=None, until_copied=True)),
    ],
)
def test_a_recovery_point_is_read_with_its_age_and_life(reply: dict[str, Any], fact: RecoveryPoint) -> None:
    replies = {"backup:ListRecoveryPointsByBackupVault": {"RecoveryPoints": [LISTED | reply]}}
    facts, _ = readings(points.recovery_points, replies, vault())
    assert facts == [fact]


def test_every_page_of_recovery_points_is_read() -> None:
    arn = POINT_ARN.replace("point:1", "point:continuous:1")
    pages = [
        {"RecoveryPoints": [LISTED], "NextToken": "n"},
        {"RecoveryPoints": [LISTED | {"RecoveryPointArn": arn}]},
    ]
    facts, source = readings(points.recovery_points, {"backup:ListRecoveryPointsByBackupVault": pages}, vault())
    assert [(fact.resource.id, fact.continuous) for fact in facts] == [(POINT_ARN, False), (arn, True)]
    assert source.asked[1][1] == {"BackupVaultName": "v", "MaxResults": 1000, "NextToken": "n"}


PLAN = BackupPlan(resource=copies().resource, id="p")


def test_every_page_of_plans_and_selections_is_read() -> None:
    found = {"BackupPlanArn": PLAN_ARN, "BackupPlanName": "daily", "BackupPlanId": "p"}
    pages = [{"BackupPlansList": [found], "NextToken": "n"}, {"BackupPlansList": [found]}]
    facts, _ = readings(plans.plans, {"backup:ListBackupPlans": pages})
    assert facts == [PLAN, PLAN]
    pages = [{"BackupSelectionsList": [{}, {}], "NextToken": "n"}, {"BackupSelectionsList": [{}]}]
    facts, source = readings(plans.plan_selections, {"backup:ListBackupSelections": pages}, PLAN)
    assert facts == [PlanSelections(resource=PLAN.resource, id="p", count=3)]
    assert source.asked[0][1] == {"BackupPlanId": "p", "MaxResults": 1000}


def test_a_plan_in_use_is_read_with_all_vaults_it_copies_to() -> None:
    rules = [
        {"CopyActions": [{"DestinationBackupVaultArn": "b"}, {"DestinationBackupVaultArn": "a"}]},
        {"TargetLogicallyAirGappedBackupVaultArn": "c"},
        {},
    ]
    selections = PlanSelections(resource=PLAN.resource, id="p", count=1)
    facts, source = readings(plans.plan_copies, {"backup:GetBackupPlan": {"BackupPlan": {"Rules": rules}}}, selections)
    assert facts == [copies("a", "b", "c")]
    assert source.asked == [("backup:GetBackupPlan", {"BackupPlanId": "p"}, "us-east-1")]


def test_a_plan_that_selects_nothing_is_not_read() -> None:
    facts, source = readings(plans.plan_copies, {}, PlanSelections(resource=PLAN.resource, id="p", count=0))
    assert (facts, source.asked) == ([], [])


@pytest.mark.parametrize(
    ("reader", "parent"),
    [
        (vaults.vaults, None),
        (vaults.vault_policy, vault()),
        (points.recovery_points, vault()),
        (plans.plans, None),
        (plans.plan_selections, PLAN),
        (plans.plan_copies, PlanSelections(resource=PLAN.resource, id="p", count=1)),
    ],
)
def test_a_refused_read_is_a_gap(reader: Any, parent: Fact | None) -> None:
    with pytest.raises(GapFound) as found:
        readings(reader, {reader.operation: Cause.ACCESS_DENIED}, parent)
    assert (found.value.gap.cause, found.value.gap.permission) == (Cause.ACCESS_DENIED, reader.operation)


def test_vaults_and_recovery_points_are_backup_stores() -> None:
    assert (vault().holds(), point().holds(), copies().holds()) == (Store.BACKUP, Store.BACKUP, None)


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, Pass(f"is encrypted with AES-256 under {KEY_ARN}")),
        ({"key_type": "CUSTOMER_MANAGED_KMS_KEY"}, Pass(f"is encrypted with AES-256 under {KEY_ARN}")),
        (
            {"key": None, "key_type": "AWS_OWNED_KMS_KEY"},
            Pass("is encrypted with AES-256 under a key that AWS owns"),
        ),
        ({"key": None}, Unknown(Cause.MALFORMED_REPLY, "names no key, though every vault has one")),
        ({"key_type": "X"}, Unknown(Cause.NOT_SUPPORTED, "has the key type X, which is not known here")),
    ],
)
def test_a_vault_is_encrypted_under_its_key(changes: dict[str, Any], outcome: Outcome) -> None:
    assert judge(vaults.vault_at_rest, vault(**changes), EncryptedAtRest()) == outcome
    assert judge(vaults.vault_encryption, vault(**changes), BackupsEncrypted()) == outcome


@pytest.mark.parametrize(
    ("encrypted", "outcome"),
    [
        (True, Pass("is encrypted with AES-256")),
        (False, Fail("is stored in the clear")),
        (None, Unknown(Cause.MALFORMED_REPLY, "does not say whether it is encrypted")),
    ],
)
def test_a_recovery_point_in_the_clear_fails(encrypted: bool | None, outcome: Outcome) -> None:
    assert judge(points.recovery_point_at_rest, point(encrypted=encrypted), EncryptedAtRest()) == outcome
    assert judge(points.recovery_point_encryption, point(encrypted=encrypted), BackupsEncrypted()) == outcome


NETWORK = {"StringEquals": {"aws:SourceVpc": "vpc-1"}}
UNTOLD = "lets in vpc-1, and its policy does not tell whose that is"


@pytest.mark.parametrize(
    ("policy", "outcome"),
    [
        (opened(), Pass("lets in nobody by a policy of its own")),
        (opened(statement("Allow", {"AWS": "999999999999"})), Pass("lets in named principals alone")),
        (opened(statement("Allow", "*")), Fail("lets in every AWS account by its policy")),
        (opened(statement("Deny", "*")), Pass("lets in nobody by a policy of its own")),
        (opened(statement("Allow", "*", Condition=NETWORK)), Unknown(Cause.NOT_SUPPORTED, UNTOLD)),
    ],
)
def test_a_vault_open_to_everybody_fails(policy: VaultPolicy, outcome: Outcome) -> None:
    assert judge(vaults.vault_public, policy, NoPublicAccess()) == outcome


@pytest.mark.parametrize(
    ("policy", "allowed", "outcome"),
    [
        (opened(), (), Pass("lets in no foreign account by its policy")),
        (opened(statement("Allow", {"AWS": "123456789012"})), (), Pass("lets in no foreign account by its policy")),
        (opened(statement("Allow", {"AWS": "999999999999"})), (), Fail("lets in account 999999999999 by its policy")),
        (
            opened(statement("Allow", {"AWS": "999999999999"})),
            ("999999999999",),
            Pass("lets in no foreign account by its policy"),
        ),
        (
            opened(form=AIR_GAPPED),
            (),
            Unknown(Cause.NOT_SUPPORTED, "is air-gapped, and its shares in Resource Access Manager are not read"),
        ),
        (
            opened(statement("Allow", {"AWS": "999999999999"}), form=AIR_GAPPED),
            (),
            Fail("lets in account 999999999999 by its policy"),
        ),
    ],
)
def test_a_vault_is_shared_by_the_accounts_in_its_policy(
    policy: VaultPolicy, allowed: tuple[str, ...], outcome: Outcome
) -> None:
    assert judge(vaults.vault_sharing, policy, NotShared(allowed=allowed)) == outcome


DELETION = "backup:DeleteRecoveryPoint"
OPEN = Fail("is not locked, and lets recovery points be deleted at once")
EXCEPTED = {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/breakglass"}}


@pytest.mark.parametrize(
    ("found", "policies", "outcome"),
    [
        (vault(locked=True), Cut.of((), DENIED), Pass("is locked")),
        (vault(), (opened(),), OPEN),
        (vault(), (opened(statement("Deny", "*", DELETION)),), Pass("denies everyone to delete recovery points")),
        (vault(), (opened(statement("Deny", "*", "backup:CopyIntoBackupVault")),), OPEN),
        (vault(), (opened(statement("Deny", {"AWS": "123456789012"}, DELETION)),), OPEN),
        (vault(), (opened(statement("Deny", "*", DELETION, Condition=EXCEPTED)),), OPEN),
        (vault(), Cut.of((), DENIED), Unknown(Cause.ACCESS_DENIED, "no", "backup:L")),
    ],
)
def test_a_vault_needs_a_lock_or_a_denial_for_everyone(found: Vault, policies: Any, outcome: Outcome) -> None:
    assert judge(vaults.vault_lock, found, VaultProtected(), policies) == outcome


@pytest.mark.parametrize(
    ("known", "outcome"),
    [
        ((point(age=7.0),), Pass("holds a backup of the last 7 days")),
        ((point(age=7.1),), Fail("holds no backup younger than 7 days")),
        ((point(age=30.0), point(age=40.0)), Fail("holds no backup younger than 30 days")),
        ((point(status="AVAILABLE"),), Pass("holds a backup of the last 7 days")),
        ((point(status="PARTIAL"),), Fail("holds no finished backup")),
        ((point(vault="other"),), NotApplicable("is empty")),
        ((), NotApplicable("is empty")),
        (
            (point(age=99.0, continuous=True),),
            Unknown(Cause.NOT_SUPPORTED, "holds a continuous backup, whose newest moment the listing does not show"),
        ),
        (Cut.of((point(),), DENIED), Pass("holds a backup of the last 7 days")),
        (Cut.of((point(age=99.0),), DENIED), Unknown(Cause.ACCESS_DENIED, "no", "backup:L")),
    ],
)
def test_a_vault_in_use_holds_a_recent_backup(known: Any, outcome: Outcome) -> None:
    assert judge(points.vault_recency, vault(), BackupsExist(max_age_days=7), known) == outcome


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"kept": 60.0}, Pass("is kept for 60 days")),
        ({"kept": 61.0}, Fail("is kept for 61 days")),
        ({"kept": None}, Fail("is kept for ever")),
        ({"status": "EXPIRED"}, Fail("has expired and is still there")),
        (
            {"kept": None, "until_copied": True},
            Unknown(Cause.NOT_SUPPORTED, "is kept until it is copied, which may take any time"),
        ),
    ],
)
def test_a_recovery_point_ends_within_the_promised_time(changes: dict[str, Any], outcome: Outcome) -> None:
    assert judge(points.recovery_point_retention, point(**changes), DeletedWithin(days=60)) == outcome


def test_a_vault_keeps_what_its_recovery_points_keep() -> None:
    outcome = NotApplicable("keeps recovery points, each of which is judged by itself")
    assert judge(points.vault_retention, vault(), DeletedWithin()) == outcome


def test_vaults_and_recovery_points_lie_in_promised_regions() -> None:
    here, away = HostedIn(regions=("us-east-1",)), HostedIn(regions=("eu-west-1",))
    for check, fact in ((vaults.vault_region, vault()), (points.recovery_point_region, point())):
        assert judge(check, fact, here) == Pass("lies in us-east-1")
        assert judge(check, fact, away) == Fail("lies in us-east-1")


def test_a_recovery_point_is_as_open_as_its_vault() -> None:
    outcome = NotApplicable("is reached through its vault, or as the snapshot that it is, and judged there")
    assert judge(points.recovery_point_public, point(), NoPublicAccess()) == outcome
    assert judge(points.recovery_point_sharing, point(), NotShared()) == outcome


AWAY = "arn:aws:backup:eu-west-1:123456789012:backup-vault:w"
FOREIGN = "arn:aws:backup:us-east-1:999999999999:backup-vault:w"


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        (copies(), NotApplicable("copies to no other vault")),
        (copies(VAULT_ARN), Pass("copies to promised regions only")),
        (copies(VAULT_ARN, AWAY), Fail("copies backups to eu-west-1")),
    ],
)
def test_a_plan_copies_to_promised_regions(found: PlanCopies, outcome: Outcome) -> None:
    assert judge(plans.plan_copy_region, found, HostedIn(regions=("us-east-1",))) == outcome


@pytest.mark.parametrize(
    ("found", "allowed", "outcome"),
    [
        (copies(), (), NotApplicable("copies to no other vault")),
        (copies(AWAY), (), Pass("copies to no foreign account")),
        (copies(AWAY, FOREIGN), (), Fail("copies backups to account 999999999999")),
        (copies(FOREIGN), ("999999999999",), Pass("copies to no foreign account")),
    ],
)
def test_a_plan_copies_to_agreed_accounts(found: PlanCopies, allowed: tuple[str, ...], outcome: Outcome) -> None:
    assert judge(plans.plan_copy_sharing, found, NotShared(allowed=allowed)) == outcome
