"""What keeps buckets from the public: blocks of public access, object ownership, access control lists, policies."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import NoPublicAccess
from posture.model import Cause, Fact, Value
from posture.reader import Where, reader
from posture.reply import Reply
from posture_aws.audience import Kind, admitted
from posture_aws.s3.buckets import Bucket
from posture_aws.s3.policies import BucketPolicy
from posture_aws.session import AwsSession

GROUPS = {
    "http://acs.amazonaws.com/groups/global/AllUsers": "anybody",
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers": "anybody with an AWS account",
}
"""The groups of ACLs that are the public (S3 user guide, "Access control list overview")."""


class Block(Value):
    """The two switches of a block of public access that change what is already there.

    The other two (BlockPublicAcls, BlockPublicPolicy) only reject new grants (S3 user guide, "Blocking public access").
    """

    ignores_acls: bool
    restricts_policy: bool


class AccountBlock(Fact):
    """The account's block of public access (s3control GetPublicAccessBlock); all off where there is none."""

    kind: ClassVar[str] = "aws.s3.account"

    block: Block


class BucketBlock(Fact):
    """A bucket's own block of public access (GetPublicAccessBlock); all off where there is none."""

    kind: ClassVar[str] = Bucket.kind

    block: Block


class BucketOwnership(Fact):
    """Who owns the objects of a bucket (GetBucketOwnershipControls); None where nothing is set and ACLs count."""

    kind: ClassVar[str] = Bucket.kind

    setting: str | None


class Grant(Value):
    """A grant of an ACL: to a group by ``uri``, or to the account with this canonical user id."""

    uri: str | None
    user: str | None
    permission: str


class BucketAcl(Fact):
    """The access control list of a bucket whose ACLs are in force (GetBucketAcl); ``owner`` is a canonical user id."""

    kind: ClassVar[str] = Bucket.kind

    owner: str
    grants: tuple[Grant, ...]


@reader(operation="s3control:GetPublicAccessBlock", permission="s3:GetAccountPublicAccessBlock", where=Where.ACCOUNT)
def account_block(aws: AwsSession) -> AccountBlock:
    """The account's block. It holds for all its buckets in all regions."""
    reply = aws.find("NoSuchPublicAccessBlockConfiguration", AccountId=aws.place.account)
    id = aws.arn("s3", "public-access-block", region="")
    return AccountBlock(resource=aws.resource(AccountBlock.kind, id, aws.place.account), block=_block(reply))


@reader(operation="s3:GetPublicAccessBlock", permission="s3:GetBucketPublicAccessBlock")
def bucket_block(aws: AwsSession, bucket: Bucket) -> BucketBlock:
    """The bucket's own block."""
    reply = aws.find("NoSuchPublicAccessBlockConfiguration", region=bucket.resource.region, Bucket=bucket.resource.name)
    return BucketBlock(resource=bucket.resource, block=_block(reply))


def _block(reply: Reply | None) -> Block:
    switches = {} if reply is None else reply["PublicAccessBlockConfiguration"]
    return Block(
        ignores_acls=switches.get("IgnorePublicAcls", False),
        restricts_policy=switches.get("RestrictPublicBuckets", False),
    )


@reader(operation="s3:GetBucketOwnershipControls")
def bucket_ownership(aws: AwsSession, bucket: Bucket) -> BucketOwnership:
    """Whether the bucket's owner owns all objects, which turns ACLs off."""
    reply = aws.find("OwnershipControlsNotFoundError", region=bucket.resource.region, Bucket=bucket.resource.name)
    setting = None if reply is None else reply["OwnershipControls"]["Rules"][0]["ObjectOwnership"]
    return BucketOwnership(resource=bucket.resource, setting=setting)


@reader(operation="s3:GetBucketAcl")
def bucket_acl(aws: AwsSession, bucket: BucketOwnership) -> Iterator[BucketAcl]:
    """The bucket's ACL. It is not asked for where the bucket's owner owns everything: S3 heeds no ACL then."""
    if bucket.setting == "BucketOwnerEnforced":
        return
    reply = aws.get(region=bucket.resource.region, Bucket=bucket.resource.name)
    yield BucketAcl(
        resource=bucket.resource,
        owner=reply["Owner"]["ID"],
        grants=tuple(
            Grant(uri=grant["Grantee"].get("URI"), user=grant["Grantee"].get("ID"), permission=grant["Permission"])
            for grant in reply["Grants"]
        ),
    )


@check(
    id="aws.s3.public-policy",
    title="Bucket policies let nobody in without signing in",
    severity=Severity.CRITICAL,
    refutes="anonymous read",
    remedy="Turn on RestrictPublicBuckets for the bucket or the account, and take Principal * out of the policy.",
)
def public_policy(
    bucket: Bucket,
    claim: NoPublicAccess,
    account: tuple[AccountBlock, ...],
    blocks: tuple[BucketBlock, ...],
    policies: tuple[BucketPolicy, ...],
) -> Outcome:
    """A policy is public when it grants something to everybody and no condition fixes who that is.

    RestrictPublicBuckets, on the bucket or the account, keeps a public policy to the account and to services of AWS
    (S3 user guide, "The meaning of public"). The policy is evaluated here, with its denials. Website endpoints and
    access points cannot open what these close.
    """
    if any(known.block.restricts_policy for known in account):
        return Pass("is closed to public policies by the account's block")
    if next(known.block for known in blocks if known.resource.id == bucket.resource.id).restricts_policy:
        return Pass("is closed to public policies by its block")
    policy = next(known.policy for known in policies if known.resource.id == bucket.resource.id)
    parties = admitted(policy)
    public = sorted(party.id for party in parties if party.kind is Kind.ANYONE)
    if public:
        return Fail(f"lets anybody perform {public[0]}")
    variables = sorted(party.id for party in parties if party.kind is Kind.UNSURE and "${" in party.id)
    if variables:
        return Unknown(Cause.NOT_SUPPORTED, f"lets in whoever the variable in {variables[0]} stands for")
    return Pass("has a policy that lets nobody in without signing in" if policy.statements else "has no policy")


@check(
    id="aws.s3.public-acl",
    title="Access control lists of buckets grant nothing to the public",
    severity=Severity.CRITICAL,
    refutes="anonymous read",
    remedy="Set Object Ownership to BucketOwnerEnforced, or turn on IgnorePublicAcls for the bucket or the account.",
)
def public_acl(
    bucket: Bucket,
    claim: NoPublicAccess,
    account: tuple[AccountBlock, ...],
    blocks: tuple[BucketBlock, ...],
    ownerships: tuple[BucketOwnership, ...],
    acls: tuple[BucketAcl, ...],
) -> Outcome:
    """ACLs count unless a block ignores public ones or the bucket's owner owns all objects (S3 user guide, ACLs).

    Where they count, each object has a list of its own, and those are not read: a private bucket ACL says nothing of
    them, so the answer is unknown.
    """
    if any(known.block.ignores_acls for known in account):
        return Pass("ignores public ACLs by the account's block")
    if next(known.block for known in blocks if known.resource.id == bucket.resource.id).ignores_acls:
        return Pass("ignores public ACLs by its block")
    if next(known.setting for known in ownerships if known.resource.id == bucket.resource.id) == "BucketOwnerEnforced":
        return Pass("has ACLs turned off")
    acl = next(known for known in acls if known.resource.id == bucket.resource.id)
    public = [grant for grant in acl.grants if grant.uri in GROUPS]
    if public:
        return Fail(f"grants {public[0].permission} to {GROUPS[str(public[0].uri)]} by its ACL")
    return Unknown(
        Cause.NOT_SUPPORTED,
        "has ACLs in force and no block that ignores public ones: any object may be public by its own ACL",
    )
