"""Buckets as S3 has them since 2023: encrypted, closed and without ACLs from the start; their list, in pages."""

from __future__ import annotations

from xml.sax.saxutils import escape

from moto.s3.models import OWNER, s3_backends

from posture_estates.aws.errors import error_reply
from posture_estates.aws.exchange import ACCOUNT, Forward, Reply, Request, xml_reply
from posture_estates.aws.operations import Operation
from posture_estates.aws.served.state import State, page

NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
ALL_BUCKETS = 10_000  # MaxBuckets when the caller names none: one page holds the whole account


def list_buckets(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """moto names no `BucketRegion`, and no token when `MaxBuckets` cuts the list."""
    prefix, region = request.query.get("prefix", ""), request.query.get("bucket-region")
    buckets = sorted(s3_backends[ACCOUNT]["aws"].buckets.values(), key=lambda bucket: bucket.name)
    found = [b for b in buckets if b.name.startswith(prefix) and region in (None, b.region_name)]
    try:
        shown, token = page(
            found, int(request.query.get("max-buckets", ALL_BUCKETS)), request.query.get("continuation-token")
        )
    except ValueError:
        return error_reply(operation, 400, "InvalidArgument", "The continuation token provided is incorrect")
    items = "".join(
        f"<Bucket><Name>{escape(bucket.name)}</Name><CreationDate>{bucket.creation_date_ISO8601}</CreationDate>"
        f"<BucketRegion>{bucket.region_name}</BucketRegion></Bucket>"
        for bucket in shown
    )
    return xml_reply(
        f"<ListAllMyBucketsResult {NAMESPACE}><Owner><ID>{OWNER}</ID></Owner><Buckets>{items}</Buckets>"
        + (f"<ContinuationToken>{token}</ContinuationToken>" if token else "")
        + (f"<Prefix>{escape(prefix)}</Prefix>" if prefix else "")
        + "</ListAllMyBucketsResult>"
    )


def bucket_encryption(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """A bucket whose encryption nobody set has SSE-S3: AWS took away the possibility of none."""
    reply = emulate(request)
    if b"ServerSideEncryptionConfigurationNotFoundError" not in reply.body:
        return reply
    return xml_reply(
        f"<ServerSideEncryptionConfiguration {NAMESPACE}><Rule><ApplyServerSideEncryptionByDefault>"
        "<SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>"
        "<BucketKeyEnabled>false</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>"
    )


def public_access_block(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """A new bucket blocks all public access until the block is deleted or put anew."""
    reply = emulate(request)
    bucket = request.segment(0)
    with state.lock:
        was_deleted = bucket in state.unblocked_buckets
    if was_deleted or b"NoSuchPublicAccessBlockConfiguration" not in reply.body:
        return reply
    switches = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    settings = "".join(f"<{switch}>true</{switch}>" for switch in switches)
    return xml_reply(f"<PublicAccessBlockConfiguration {NAMESPACE}>{settings}</PublicAccessBlockConfiguration>")


def delete_public_access_block(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    with state.lock:
        state.unblocked_buckets.add(request.segment(0))
    return emulate(request)


def create_bucket(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """Since April 2023 the owner of a new bucket owns its objects, unless the request says otherwise."""
    bucket = request.segment(0)
    with state.lock:
        state.unblocked_buckets.discard(bucket)
    reply = emulate(request)
    if reply.status == 200 and "x-amz-object-ownership" not in request.headers:
        s3_backends[ACCOUNT]["aws"].buckets[bucket].ownership_rule = "BucketOwnerEnforced"
    return reply


SERVED = {
    ("s3", "ListBuckets"): list_buckets,
    ("s3", "GetBucketEncryption"): bucket_encryption,
    ("s3", "GetPublicAccessBlock"): public_access_block,
    ("s3", "DeletePublicAccessBlock"): delete_public_access_block,
    ("s3", "CreateBucket"): create_bucket,
}
