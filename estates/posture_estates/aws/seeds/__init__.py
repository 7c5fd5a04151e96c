"""An account filled through boto3, as an operator would: in order, drifted, or empty; and refusing to be read."""

from __future__ import annotations

from typing import Literal

from posture_estates.aws.gate import Gate
from posture_estates.aws.seeds import backups, compute, databases, keys, sign_in, storage, traffic, watch
from posture_estates.aws.seeds.account import Account

Condition = Literal["good", "drifted", "empty"]

# Later parts use what earlier ones made: keys first, the bucket of the trail before the trail
PARTS = (keys, storage, compute, databases, traffic, backups, watch, sign_in)
DRIFTING = (storage, compute, databases, traffic, backups, watch)

REFUSED_BUCKET = "classroom-submissions"
REFUSED = (
    "rds:DescribeDBSnapshots",
    "kms:DescribeKey",
    "elasticloadbalancing:DescribeListeners",
    "backup:ListRecoveryPointsByBackupVault",
    "guardduty:ListDetectors",
    "inspector2:BatchGetAccountStatus",
)


def seed(url: str, state: Condition) -> None:
    """Fill an empty account. What `drifted` has wrong with it is told by `truth.WRONG`; `good` has nothing wrong."""
    account = Account(url)
    if state == "empty":
        return
    for part in PARTS:
        part.build(account)
    if state == "drifted":
        for part in DRIFTING:
            part.drift(account)


def refuse(gate: Gate) -> None:
    """Withhold seven reads from the auditor: one bucket's encryption, and six that concern the whole account."""
    gate.deny("s3:GetBucketEncryption", resource=REFUSED_BUCKET)
    for operation in REFUSED:
        gate.deny(operation)
