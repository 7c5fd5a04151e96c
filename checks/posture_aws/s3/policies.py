"""Bucket policies: what they refuse, above all requests in clear text."""

from typing import ClassVar

from posture.check import Basis, Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import ClearTextRefused, TlsMinimum, TlsVersion
from posture.model import Cause, Fact
from posture.reader import reader
from posture_aws.policy import NO_POLICY, Context, Policy, parse, refuses
from posture_aws.s3.buckets import Bucket
from posture_aws.session import AwsSession

CLEAR_TEXT: Context = {"aws:securetransport": "false", "s3:tlsversion": None}
OVER_TLS_1_2: Context = {"aws:securetransport": "true", "s3:tlsversion": "1.2"}
"""Requests as conditions see them. aws:SecureTransport is in every request (IAM guide, global condition keys);
s3:TlsVersion only in those that came over TLS."""


class BucketPolicy(Fact):
    """The policy of a bucket (GetBucketPolicy); without statements where there is none. ``owner`` as of the bucket."""

    kind: ClassVar[str] = Bucket.kind

    owner: str | None
    policy: Policy


@reader(operation="s3:GetBucketPolicy")
def bucket_policy(aws: AwsSession, bucket: Bucket) -> BucketPolicy:
    """The bucket's policy, parsed. A document that cannot be parsed is a malformed reply."""
    reply = aws.find("NoSuchBucketPolicy", region=bucket.resource.region, Bucket=bucket.resource.name)
    policy = NO_POLICY if reply is None else parse(reply["Policy"])
    return BucketPolicy(resource=bucket.resource, owner=bucket.owner, policy=policy)


@check(
    id="aws.s3.clear-text",
    title="Buckets refuse plain HTTP",
    severity=Severity.HIGH,
    refutes="a bucket",
    remedy=(
        "Add a Deny for Principal *, Action s3:*, on the bucket and on its objects (both ARNs), "
        "with the condition Bool aws:SecureTransport false and no other."
    ),
)
def clear_text(bucket: BucketPolicy, claim: ClearTextRefused) -> Outcome:
    """S3 answers plain HTTP unless a policy denies it (S3 user guide, "Security best practices for Amazon S3").

    The policy is evaluated, not searched: a denial counts for the bucket or for its objects when it holds for every
    principal and action there and for every request that came without TLS.
    """
    if not bucket.policy.statements:
        return Fail("answers plain HTTP: it has no policy")
    whole, objects = bucket.resource.id, f"{bucket.resource.id}/*"
    of_bucket = refuses(bucket.policy, "s3:*", whole, CLEAR_TEXT)
    of_objects = refuses(bucket.policy, "s3:*", objects, CLEAR_TEXT)
    match of_bucket, of_objects:
        case True, True:
            return Pass("denies plain HTTP on the bucket and on its objects")
        case False, True:
            return Fail("denies plain HTTP on its objects only, not on the bucket itself (listing)")
        case True, False:
            return Fail("denies plain HTTP on the bucket itself only, not on its objects")
        case False, False:
            return Fail("answers plain HTTP: its policy does not deny it to everyone for every action")
        case False, None:
            return Fail("does not deny plain HTTP on the bucket itself (listing)")
        case None, False:
            return Fail("does not deny plain HTTP on its objects")
        case _:
            return Unknown(
                Cause.NOT_SUPPORTED, "tests the transport in its policy with an operator that does not suit the key"
            )


@check(
    id="aws.s3.tls-minimum",
    title="Bucket endpoints speak the promised TLS version",
    severity=Severity.MEDIUM,
    refutes="a listener",
    remedy="For TLS 1.3 alone, deny NumericLessThan s3:TlsVersion 1.3 to everyone on the bucket and its objects.",
)
def tls_minimum(bucket: Bucket, claim: TlsMinimum, policies: tuple[BucketPolicy, ...]) -> Outcome:
    """Endpoints of AWS speak TLS 1.2 and 1.3 and nothing older, since February 2024 (AWS security blog, TLS 1.2).

    That is AWS's word, not the bucket's configuration. Only a promise of TLS 1.3 alone hangs on the bucket's policy.
    """
    if claim.reading == "supported":
        if claim.version in (TlsVersion.TLS12, TlsVersion.TLS13):
            return Pass(f"is served by endpoints that speak {claim.version}", Basis.PROVIDER_GUARANTEE)
        return Fail(f"is served by endpoints that no longer speak {claim.version}")
    if not TlsVersion.TLS12.older_than(claim.version):
        return Pass("is served by endpoints that refuse anything older than TLS 1.2", Basis.PROVIDER_GUARANTEE)
    policy = next(known.policy for known in policies if known.resource.id == bucket.resource.id)
    parts = (bucket.resource.id, f"{bucket.resource.id}/*")
    answers = [refuses(policy, "s3:*", part, OVER_TLS_1_2) for part in parts]
    if False in answers:
        return Fail("accepts TLS 1.2")
    if None in answers:
        return Unknown(
            Cause.NOT_SUPPORTED, "tests the TLS version in its policy with an operator that does not suit it"
        )
    return Pass("denies requests over TLS 1.2")
