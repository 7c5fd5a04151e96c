"""How buckets encrypt what is written to them without further words."""

from typing import ClassVar

from posture.check import Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import CustomerManagedKeys, DoubleEncrypted, EncryptedAtRest
from posture.model import Cause, Fact
from posture.reader import reader
from posture_aws.s3.buckets import Bucket
from posture_aws.session import AwsSession

LAYERS = {"AES256": 1, "aws:kms": 1, "aws:kms:dsse": 2}
"""Algorithms of default encryption, all AES-256, with their layers (S3 user guide, "Using server-side encryption")."""

EVERY_OBJECT_SINCE = "2023-01-05"
"""The day since which S3 encrypts each new object by itself; dates in ISO 8601 compare as text."""


class BucketEncryption(Fact):
    """Default encryption of a bucket (GetBucketEncryption).

    ``algorithms`` are those of its rules, none where the service says that there is no configuration; ``keys`` are
    the KMS keys that the rules name; ``dated`` is the date of the bucket.
    """

    kind: ClassVar[str] = Bucket.kind

    algorithms: frozenset[str]
    keys: frozenset[str]
    dated: str | None


@reader(operation="s3:GetBucketEncryption", permission="s3:GetEncryptionConfiguration")
def bucket_encryption(aws: AwsSession, bucket: Bucket) -> BucketEncryption:
    """The bucket's rules for objects that are written without encryption headers."""
    reply = aws.find(
        "ServerSideEncryptionConfigurationNotFoundError", region=bucket.resource.region, Bucket=bucket.resource.name
    )
    rules = [] if reply is None else reply["ServerSideEncryptionConfiguration"]["Rules"]
    defaults = [rule["ApplyServerSideEncryptionByDefault"] for rule in rules]
    return BucketEncryption(
        resource=bucket.resource,
        algorithms=frozenset(default["SSEAlgorithm"] for default in defaults),
        keys=frozenset(default["KMSMasterKeyID"] for default in defaults if default.get("KMSMasterKeyID")),
        dated=bucket.dated,
    )


@check(
    id="aws.s3.default-encryption",
    title="Buckets encrypt new objects with AES-256",
    severity=Severity.HIGH,
    remedy="Set default encryption on the bucket; with a KMS key of your own where customer keys are promised.",
)
def default_encryption(encryption: BucketEncryption, claim: EncryptedAtRest) -> Outcome:
    """An object written without encryption headers gets the bucket's default (S3 user guide, "Default encryption").

    SSE-S3, SSE-KMS and DSSE-KMS all use AES-256. Since 5 January 2023 S3 encrypts every new object whatever the bucket
    says (S3 user guide, "Default encryption FAQ"); what was written before may lie in the clear, so of a bucket from
    before that day nothing is settled by its default.
    """
    if not encryption.algorithms:
        return Fail("has no default encryption")
    if strange := _strange(encryption):
        return strange
    how = f"encrypts with {_named(encryption)}, which is AES-256"
    if encryption.dated is None or encryption.dated < EVERY_OBJECT_SINCE:
        return Unknown(
            Cause.NOT_SUPPORTED,
            f"{how}, what is written now; it is older than 5 January 2023, and objects from before may lie in the "
            "clear, which an S3 Inventory report tells",
        )
    return Pass(how)


@check(
    id="aws.s3.customer-key",
    title="Buckets encrypt with a key of the customer",
    severity=Severity.MEDIUM,
    remedy="Set default encryption to SSE-KMS and name a customer managed key; rewrite the objects stored before.",
)
def customer_key(encryption: BucketEncryption, claim: CustomerManagedKeys) -> Outcome:
    """SSE-KMS without a key id, or with alias/aws/s3, uses AWS's own key for S3 (S3 user guide, "Using SSE-KMS").

    An id that is given can only be a customer key or the AWS managed key written out in full; S3 does not tell the
    two apart, KMS does. A key named by id is taken as the customer's, as S3 leaves the id out for its own.
    """
    if strange := _strange(encryption):
        return strange
    if not encryption.algorithms or "AES256" in encryption.algorithms:
        return Fail("encrypts with keys that S3 owns" if encryption.algorithms else "has no default encryption")
    if not encryption.keys or any(key.endswith("alias/aws/s3") for key in encryption.keys):
        return Fail("encrypts with the AWS managed key aws/s3")
    return Pass(f"encrypts with {', '.join(sorted(encryption.keys))}")


@check(
    id="aws.s3.double-encryption",
    title="Buckets encrypt in two layers",
    severity=Severity.MEDIUM,
    remedy="Set default encryption to DSSE-KMS (aws:kms:dsse) and rewrite the objects stored before.",
)
def double_encryption(encryption: BucketEncryption, claim: DoubleEncrypted) -> Outcome:
    """Only DSSE-KMS applies two independent layers of AES-256 (S3 user guide, "Using DSSE-KMS")."""
    if not encryption.algorithms:
        return Fail("has no default encryption")
    if strange := _strange(encryption):
        return strange
    single = any(LAYERS[algorithm] < 2 for algorithm in encryption.algorithms)
    return (
        Fail(f"encrypts in one layer ({_named(encryption)})") if single else Pass("encrypts in two layers (DSSE-KMS)")
    )


def _strange(encryption: BucketEncryption) -> Unknown | None:
    unknown = sorted(encryption.algorithms - LAYERS.keys())
    return Unknown(Cause.NOT_SUPPORTED, f"encrypts with {unknown[0]}, which posture does not know") if unknown else None


def _named(encryption: BucketEncryption) -> str:
    return ", ".join(sorted(encryption.algorithms))
