"""How long buckets keep what was deleted: versions, the rules that expire them, and locks that forbid it."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import DeletedWithin
from posture.model import Cause, Fact, Value
from posture.reader import reader
from posture.reply import Reply
from posture_aws.s3.buckets import Bucket
from posture_aws.session import AwsSession


class BucketVersioning(Fact):
    """Versioning of a bucket (GetBucketVersioning). ``status`` is None where it was never on."""

    kind: ClassVar[str] = Bucket.kind

    status: str | None
    mfa_delete: str | None


class Expiry(Value):
    """A lifecycle rule's word on old versions.

    ``partial`` where a filter keeps it from some objects; ``days`` after a version became noncurrent, None where the
    rule does not expire versions; ``keeps`` newer versions are spared.
    """

    status: str
    partial: bool
    days: int | None
    keeps: int


class BucketLifecycle(Fact):
    """The lifecycle rules of a bucket that has versions (GetBucketLifecycleConfiguration)."""

    kind: ClassVar[str] = Bucket.kind

    rules: tuple[Expiry, ...]


class BucketLock(Fact):
    """Object Lock of a bucket that has versions (GetObjectLockConfiguration).

    ``days`` is the default retention, None where there is none.
    """

    kind: ClassVar[str] = Bucket.kind

    enabled: bool
    days: int | None


@reader(operation="s3:GetBucketVersioning")
def bucket_versioning(aws: AwsSession, bucket: Bucket) -> BucketVersioning:
    """Whether deleting an object leaves its versions behind."""
    reply = aws.get(region=bucket.resource.region, Bucket=bucket.resource.name)
    return BucketVersioning(resource=bucket.resource, status=reply.get("Status"), mfa_delete=reply.get("MFADelete"))


@reader(operation="s3:GetBucketLifecycleConfiguration", permission="s3:GetLifecycleConfiguration")
def bucket_lifecycle(aws: AwsSession, bucket: BucketVersioning) -> Iterator[BucketLifecycle]:
    """The bucket's lifecycle rules. They are not asked for where there never were versions."""
    if bucket.status is None:
        return
    reply = aws.find("NoSuchLifecycleConfiguration", region=bucket.resource.region, Bucket=bucket.resource.name)
    rules = [] if reply is None else reply["Rules"]
    yield BucketLifecycle(resource=bucket.resource, rules=tuple(_expiry(rule) for rule in rules))


def _expiry(rule: Reply) -> Expiry:
    scope = rule.get("Filter")
    narrowed = scope is not None and any(scope.get(key) for key in ("Prefix", "Tag", "And", "ObjectSizeLessThan"))
    larger = scope is not None and scope.get("ObjectSizeGreaterThan") is not None
    noncurrent = rule.get("NoncurrentVersionExpiration")
    return Expiry(
        status=rule["Status"],
        partial=bool(rule.get("Prefix")) or narrowed or larger,
        days=None if noncurrent is None else noncurrent.get("NoncurrentDays"),
        keeps=0 if noncurrent is None else noncurrent.get("NewerNoncurrentVersions", 0),
    )


@reader(operation="s3:GetObjectLockConfiguration", permission="s3:GetBucketObjectLockConfiguration")
def bucket_lock(aws: AwsSession, bucket: BucketVersioning) -> Iterator[BucketLock]:
    """The bucket's lock. Object Lock needs versioning: it is not asked for where there never were versions."""
    if bucket.status is None:
        return
    reply = aws.find("ObjectLockConfigurationNotFoundError", region=bucket.resource.region, Bucket=bucket.resource.name)
    lock = None if reply is None else reply["ObjectLockConfiguration"]
    rule = None if lock is None else lock.get("Rule")
    retention = None if rule is None else rule.get("DefaultRetention")
    days = None if retention is None else retention.get("Days", 0) + 366 * retention.get("Years", 0)
    yield BucketLock(resource=bucket.resource, enabled=lock is not None, days=days)


@check(
    id="aws.s3.deleted-versions",
    title="Deleted objects are gone from buckets within the promised time",
    severity=Severity.MEDIUM,
    refutes="a versioned store",
    remedy=(
        "Add a lifecycle rule without filter that expires noncurrent versions within the promised days "
        "and keeps no newer ones; Object Lock and MFA delete stand in its way."
    ),
)
def deleted_versions(
    bucket: BucketVersioning,
    claim: DeletedWithin,
    lifecycles: tuple[BucketLifecycle, ...],
    locks: tuple[BucketLock, ...],
) -> Outcome:
    """In a bucket with versions, deleting only hides an object (S3 user guide, "Deleting object versions").

    Suspended versioning keeps the versions made before. What bounds their life is a lifecycle rule for the whole
    bucket; S3 runs it once a day, so a version lives up to a day longer. A bucket with MFA delete can have no lifecycle
    rule. A delete marker holds no data; replicas and backups are judged elsewhere.
    """
    if bucket.status is None:
        return Pass("deletes at once: it never had versions")
    if bucket.status not in ("Enabled", "Suspended") or bucket.mfa_delete not in (None, "Enabled", "Disabled"):
        return Unknown(Cause.NOT_SUPPORTED, f"has versioning {bucket.status}, MFA delete {bucket.mfa_delete}")
    if bucket.mfa_delete == "Enabled":
        return Fail("keeps old versions until somebody deletes them with MFA, which no lifecycle rule can")
    rules = next(known.rules for known in lifecycles if known.resource.id == bucket.resource.id)
    bound = _bound(rules)
    if isinstance(bound, Fail | Unknown):
        return bound
    if bound > claim.days:
        return Fail(f"keeps old versions for {bound} days")
    lock = next(known for known in locks if known.resource.id == bucket.resource.id)
    if lock.enabled and (lock.days or 0) > claim.days:
        return Fail(f"locks versions for {lock.days} days")
    if lock.enabled:
        return Unknown(Cause.NOT_SUPPORTED, "locks versions, for as long as each of its objects says")
    return Pass(f"deletes old versions after {bound} days")


def _bound(rules: tuple[Expiry, ...]) -> int | Fail | Unknown:
    """The days after which old versions are gone, or why there are no such days."""
    strange = [rule.status for rule in rules if rule.status not in ("Enabled", "Disabled")]
    if strange:
        return Unknown(Cause.NOT_SUPPORTED, f"has a lifecycle rule in the state {strange[0]}")
    expiring = [rule for rule in rules if rule.status == "Enabled" and rule.days is not None]
    whole = [rule for rule in expiring if not rule.partial]
    if not expiring:
        return Fail("keeps old versions for ever: no lifecycle rule expires them")
    if not whole:
        return Fail("keeps some old versions for ever: its lifecycle rules are limited by filters")
    days = [rule.days for rule in whole if rule.days is not None and not rule.keeps]
    return min(days) if days else Fail("keeps some old versions for ever: its lifecycle rule spares the newest ones")
