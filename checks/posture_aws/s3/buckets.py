"""Buckets: which there are, where they lie, and what S3 itself guarantees of their endpoints."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Fail, Outcome, Pass, Severity, check
from posture.claims import HostedBy, HostedIn
from posture.model import Fact, Store
from posture.reader import Where, reader
from posture_aws.session import AwsSession


class Bucket(Fact):
    """A general purpose bucket (ListBuckets). ``owner`` is the canonical user id of its account, None if not told.

    ``dated`` is the creation date as S3 gives it, ISO 8601, None if not told. Changes of the bucket may move it on, so
    that it proves that a bucket is old and never that it is new.
    """

    kind: ClassVar[str] = "aws.s3.bucket"
    store: ClassVar[Store | None] = Store.OBJECT

    owner: str | None
    dated: str | None


@reader(operation="s3:ListBuckets", permission="s3:ListAllMyBuckets", where=Where.ACCOUNT)
def buckets(aws: AwsSession) -> Iterator[Bucket]:
    """All buckets of the account in all regions. S3 tells each bucket's region only when asked for pages."""
    for page in aws.pages("ContinuationToken", MaxBuckets=1000):
        owner = page.get("Owner")
        for bucket in page["Buckets"]:
            name = bucket["Name"]
            yield Bucket(
                resource=aws.resource(
                    Bucket.kind, aws.arn("s3", name, region="", account=""), name, region=bucket["BucketRegion"]
                ),
                owner=None if owner is None else owner["ID"],
                dated=bucket.get("CreationDate"),
            )


@check(
    id="aws.s3.bucket-provider",
    title="Buckets are at the promised provider",
    severity=Severity.MEDIUM,
    remedy="Move the data to the promised provider, or name AWS in the statement.",
)
def bucket_provider(bucket: Bucket, claim: HostedBy) -> Outcome:
    """A bucket of an AWS account is stored by AWS (S3 user guide, "Buckets overview")."""
    if claim.provider == "aws":
        return Pass("is stored by AWS")
    return Fail(f"is stored by AWS, not by {claim.provider}")


@check(
    id="aws.s3.bucket-region",
    title="Buckets are in the promised regions",
    severity=Severity.MEDIUM,
    remedy="Make a bucket in a promised region, copy the objects there with S3 Batch Operations, delete the old one.",
)
def bucket_region(bucket: Bucket, claim: HostedIn) -> Outcome:
    """Objects stay in their bucket's region unless somebody copies them (S3 user guide, "Buckets overview").

    The region is BucketRegion of ListBuckets. Replicas are judged by ``aws.s3.replica-region``.
    """
    region = bucket.resource.region
    return Pass(f"is in {region}") if region in claim.regions else Fail(f"is in {region}")
