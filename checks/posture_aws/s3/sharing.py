"""With whom buckets are shared: by policy, by access control list, and by replication."""

from collections.abc import Iterable, Iterator
from typing import ClassVar

from posture.check import Fail, NotApplicable, Outcome, Pass, Severity, Unknown, check
from posture.claims import HostedIn, NotShared
from posture.model import Cause, Fact, Value
from posture.reader import reader
from posture_aws.audience import Kind, Party, admitted
from posture_aws.s3.buckets import Bucket
from posture_aws.s3.exposure import GROUPS, AccountBlock, BucketAcl, BucketBlock
from posture_aws.s3.policies import BucketPolicy
from posture_aws.session import AwsSession

LOG_DELIVERY = "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0"
"""The canonical user of AWS that writes CloudFront's standard logs (CloudFront developer guide, standard logging)."""

LOG_GROUP = "http://acs.amazonaws.com/groups/s3/LogDelivery"


class Copying(Value):
    """Where a replication rule copies to. ``account`` is None where the rule does not name one."""

    bucket: str
    account: str | None
    status: str


class BucketReplication(Fact):
    """The replication rules of a bucket (GetBucketReplication); none where it has no configuration."""

    kind: ClassVar[str] = Bucket.kind

    rules: tuple[Copying, ...]


@reader(operation="s3:GetBucketReplication", permission="s3:GetReplicationConfiguration")
def bucket_replication(aws: AwsSession, bucket: Bucket) -> BucketReplication:
    """The rules that copy the bucket's objects elsewhere. They name buckets, not regions."""
    reply = aws.find(
        "ReplicationConfigurationNotFoundError", region=bucket.resource.region, Bucket=bucket.resource.name
    )
    rules = [] if reply is None else reply["ReplicationConfiguration"]["Rules"]
    return BucketReplication(
        resource=bucket.resource,
        rules=tuple(
            Copying(
                bucket=rule["Destination"]["Bucket"],
                account=rule["Destination"].get("Account"),
                status=rule["Status"],
            )
            for rule in rules
        ),
    )


@check(
    id="aws.s3.policy-sharing",
    title="Bucket policies let no foreign account in",
    severity=Severity.HIGH,
    refutes="a policy",
    remedy="Take the foreign principal out of the bucket policy, or name its account as agreed in the profile.",
)
def policy_sharing(
    bucket: BucketPolicy, claim: NotShared, account: tuple[AccountBlock, ...], blocks: tuple[BucketBlock, ...]
) -> Outcome:
    """Foreign is each account, organisation and identity provider that the claim does not allow (IAM guide, Principal).

    Services of AWS are not foreign, as in IAM Access Analyzer: they act for an account. Where a condition says for
    which (aws:SourceAccount, aws:SourceArn, aws:SourceOrgID), that account counts; where none does, the reason says so.
    A policy that is public lets in every account, unless RestrictPublicBuckets keeps it to the bucket's own.
    """
    parties = admitted(bucket.policy)
    known = (bucket.resource.account, bucket.owner, *claim.allowed)
    foreign = sorted(_foreign(parties, known), key=lambda party: (party.kind, party.id))
    if any(party.kind is Kind.ANYONE for party in foreign):
        if any(found.block.restricts_policy for found in account):
            return Pass("has a public policy that the account's block keeps to this account")
        if next(found.block for found in blocks if found.resource.id == bucket.resource.id).restricts_policy:
            return Pass("has a public policy that its block keeps to this account")
        return Fail("lets in anybody by its policy")
    if foreign and foreign[0].kind in (Kind.ACCOUNT, Kind.ORGANISATION, Kind.IDENTITY_PROVIDER):
        return Fail(f"lets in {_name(foreign[0])} by its policy")
    if foreign:
        return Unknown(Cause.NOT_SUPPORTED, f"lets in {_name(foreign[0])}, and its policy does not tell whose that is")
    services = sorted(party.id for party in parties if party.kind is Kind.SERVICE)
    if services:
        return Pass(f"lets in {', '.join(services)} beside this account, without saying for whom the service acts")
    return Pass("lets in no foreign account by its policy")


@check(
    id="aws.s3.acl-sharing",
    title="Access control lists of buckets grant nothing to foreign accounts",
    severity=Severity.HIGH,
    refutes="a policy",
    remedy="Set Object Ownership to BucketOwnerEnforced, which turns ACLs off, and grant by policy what is agreed.",
)
def acl_sharing(acl: BucketAcl, claim: NotShared) -> Outcome:
    """An ACL grants to canonical user ids, which stand for accounts but are not account ids (S3 user guide, ACLs).

    The bucket's owner and AWS's log delivery are not foreign; the claim may allow further canonical ids. ACLs of single
    objects are not read.
    """
    for grant in acl.grants:
        if grant.uri in GROUPS:
            return Fail(f"grants {grant.permission} to {GROUPS[grant.uri]} by its ACL")
        if grant.user is not None and grant.user not in (acl.owner, LOG_DELIVERY, *claim.allowed):
            return Fail(f"grants {grant.permission} to the canonical user {grant.user} by its ACL")
    if any(grant.user is None and grant.uri != LOG_GROUP for grant in acl.grants):
        return Unknown(Cause.NOT_SUPPORTED, "grants to a kind of grantee that posture does not know")
    return Pass("grants to its owner alone by its ACL")


@check(
    id="aws.s3.replica-sharing",
    title="Buckets are not replicated into foreign accounts",
    severity=Severity.HIGH,
    refutes="replication",
    remedy="Replicate into a bucket of the same account, or name the other account as agreed in the profile.",
)
def replica_sharing(replication: BucketReplication, claim: NotShared, buckets: tuple[Bucket, ...]) -> Outcome:
    """A rule may name the destination's account; if it does not, the account's own list of buckets tells.

    Source: S3 user guide, "Replication configuration". Rules that are disabled copy nothing.
    """
    copies = [rule for rule in replication.rules if rule.status != "Disabled"]
    known = {replication.resource.account, *claim.allowed}
    foreign = [rule for rule in copies if rule.account is not None and rule.account not in known]
    if foreign:
        return Fail(f"is replicated to {foreign[0].bucket} of account {foreign[0].account}")
    for rule in copies:
        if rule.status != "Enabled":
            return Unknown(Cause.NOT_SUPPORTED, f"has a replication rule in the state {rule.status}")
        if rule.account is None and not any(bucket.resource.id == rule.bucket for bucket in buckets):
            return Unknown(
                Cause.NOT_SUPPORTED,
                f"is replicated to {rule.bucket}, no bucket of this account; its rule does not tell whose it is",
            )
    return Pass("is replicated to agreed accounts only" if copies else "is not replicated")


@check(
    id="aws.s3.replica-region",
    title="Buckets are not replicated out of the promised regions",
    severity=Severity.MEDIUM,
    remedy="Replicate into a bucket of a promised region and delete the copy elsewhere.",
)
def replica_region(replication: BucketReplication, claim: HostedIn, buckets: tuple[Bucket, ...]) -> Outcome:
    """A rule names its destination by ARN, without a region; the region is known for the account's own buckets only.

    Source: S3 user guide, "Replication configuration". A bucket of another account leaves the answer unknown.
    """
    copies = {rule.bucket for rule in replication.rules if rule.status != "Disabled"}
    if not copies:
        return NotApplicable("is not replicated")
    strangers = set(copies)
    for bucket in buckets:
        if bucket.resource.id in copies:
            if bucket.resource.region not in claim.regions:
                return Fail(f"is replicated to {bucket.resource.id} in {bucket.resource.region}")
            strangers.discard(bucket.resource.id)
            if not strangers:
                return Pass("is replicated within the promised regions")
    return Unknown(
        Cause.NOT_SUPPORTED, f"is replicated to {min(strangers)}, whose region a replication rule does not tell"
    )


def _foreign(parties: Iterable[Party], known: Iterable[str | None]) -> Iterator[Party]:
    agreed = set(known)
    return (party for party in parties if party.kind is not Kind.SERVICE and party.id not in agreed)


def _name(party: Party) -> str:
    words = {Kind.ACCOUNT: "account", Kind.ORGANISATION: "organisation", Kind.IDENTITY_PROVIDER: "users of"}
    words |= {Kind.CANONICAL_USER: "the canonical user", Kind.NETWORK: "whoever comes from"}
    return f"{words.get(party.kind, '')} {party.id}".strip()
