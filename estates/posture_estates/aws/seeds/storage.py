"""Buckets: encrypted, closed, versioned, refusing clear text, one of them replicated to another region."""

from __future__ import annotations

from posture_estates.aws.exchange import ACCOUNT
from posture_estates.aws.seeds.account import AWAY, HOME, ROLE, Account, policy, tls_only

BUCKETS = {  # name → region
    "classroom-recordings": HOME,
    "classroom-recordings-copy": AWAY,
    "classroom-submissions": HOME,
    "account-logs": HOME,
}
LOGS = "account-logs"
BLOCKED = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
EXPIRY = {
    "ID": "old-versions",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
}


def build(account: Account) -> None:
    account.client("s3control").put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=BLOCKED)
    for bucket, region in BUCKETS.items():
        make_bucket(account, bucket, region)
    account.client("s3").put_bucket_replication(
        Bucket="classroom-recordings",
        ReplicationConfiguration={
            "Role": ROLE,
            "Rules": [
                {
                    "ID": "copy",
                    "Status": "Enabled",
                    "Priority": 1,
                    "Filter": {"Prefix": ""},
                    "DeleteMarkerReplication": {"Status": "Disabled"},
                    "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
                    "Destination": {
                        "Bucket": "arn:aws:s3:::classroom-recordings-copy",
                        "EncryptionConfiguration": {"ReplicaKmsKeyID": account.keys[AWAY]},
                    },
                }
            ],
        },
    )


def make_bucket(account: Account, bucket: str, region: str) -> None:
    s3 = account.client("s3", region)
    place = {} if region == HOME else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=bucket, **place)
    by_default = (
        {"SSEAlgorithm": "AES256"}
        if bucket == LOGS
        else {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": account.keys[region]}
    )
    s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": by_default}]},
    )
    s3.put_bucket_policy(Bucket=bucket, Policy=tls_only(bucket))
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=BLOCKED)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [EXPIRY]})


def drift(account: Account) -> None:
    s3 = account.client("s3")
    s3.delete_bucket_policy(Bucket="classroom-submissions")
    account.client("s3control").delete_public_access_block(AccountId=ACCOUNT)
    handouts = "classroom-handouts"
    s3.create_bucket(Bucket=handouts)
    s3.delete_public_access_block(Bucket=handouts)
    readable = policy(Effect="Allow", Principal="*", Action="s3:GetObject", Resource=f"arn:aws:s3:::{handouts}/*")
    s3.put_bucket_policy(Bucket=handouts, Policy=readable)
