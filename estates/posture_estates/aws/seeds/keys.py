"""Customer keys: one symmetric, rotating KMS key in each region."""

from __future__ import annotations

from posture_estates.aws.seeds.account import REGIONS, Account


def build(account: Account) -> None:
    for region in REGIONS:
        kms = account.client("kms", region)
        key = kms.create_key(Description="Data of the classrooms")["KeyMetadata"]
        kms.create_alias(AliasName="alias/classrooms", TargetKeyId=key["KeyId"])
        kms.enable_key_rotation(KeyId=key["KeyId"])
        account.keys[region] = key["Arn"]
