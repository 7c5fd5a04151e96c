"""S3: what is read of buckets and how it is judged."""

import json
from typing import Any

import msgspec
import pytest

from kit import Recorded, judge, read, session_of
from posture.check import Basis, Check, Fail, Incomplete, NotApplicable, Outcome, Pass, Unknown
from posture.claims import (
    ClearTextRefused,
    CustomerManagedKeys,
    DeletedWithin,
    DoubleEncrypted,
    EncryptedAtRest,
    HostedBy,
    HostedIn,
    NoPublicAccess,
    NotShared,
    TlsMinimum,
    TlsVersion,
)
from posture.model import Cause, Fact, Gap, Resource
from posture.reader import GapFound, Reader
from posture.session import Answer
from posture_aws.policy import NO_POLICY, parse
from posture_aws.s3 import buckets, deletion, encryption, exposure, policies, sharing
from posture_aws.session import AwsSession

OWN, FOREIGN = "123456789012", "210987654321"
ARN = "arn:aws:s3:::records"
RESOURCE = Resource(id=ARN, kind="aws.s3.bucket", cloud="aws", account=OWN, region="eu-west-1", name="records")
BUCKET = buckets.Bucket(resource=RESOURCE, owner="own-id", dated="2023-01-05T00:00:00+00:00")
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"


def known(reader: Reader, reply: Any, parent: Fact | None = BUCKET) -> list[Fact]:
    """What a reader makes of one reply."""
    return read(reader, session_of(AwsSession, Recorded({reader.operation: reply})), parent)


def missing(kind: type[Fact]) -> tuple[Fact, ...]:
    """A consulted listing of which nothing could be read."""
    return Incomplete.of((), Gap(cause=Cause.ACCESS_DENIED, detail=f"no {kind.__name__}", operation="s3:Get"))


def other(name: str, region: str = "eu-west-1") -> buckets.Bucket:
    return buckets.Bucket(
        resource=Resource(
            id=f"arn:aws:s3:::{name}", kind="aws.s3.bucket", cloud="aws", account=OWN, region=region, name=name
        ),
        owner="own-id",
        dated="2024-01-01T00:00:00+00:00",
    )


# --- listing and place


def test_buckets_come_with_their_regions_from_all_pages() -> None:
    def page(name: str, region: str) -> dict[str, Any]:
        return {"Buckets": [{"Name": name, "BucketRegion": region}], "Owner": {"ID": "own-id"}}

    source = Recorded({"s3:ListBuckets": [page("a", "eu-west-1") | {"ContinuationToken": "t"}, page("b", "us-east-1")]})
    facts = read(buckets.buckets, session_of(AwsSession, source))
    assert [(fact.resource.id, fact.resource.region, fact.owner) for fact in facts] == [
        ("arn:aws:s3:::a", "eu-west-1", "own-id"),
        ("arn:aws:s3:::b", "us-east-1", "own-id"),
    ]
    assert [params for _, params, _ in source.asked] == [
        {"MaxBuckets": 1000},
        {"MaxBuckets": 1000, "ContinuationToken": "t"},
    ]


def test_a_bucket_without_a_region_is_a_malformed_reply() -> None:
    with pytest.raises(KeyError):
        known(buckets.buckets, {"Buckets": [{"Name": "a"}]}, None)


@pytest.mark.parametrize(
    ("check", "claim", "outcome"),
    [
        (buckets.bucket_provider, HostedBy(provider="aws"), Pass("is stored by AWS")),
        (buckets.bucket_provider, HostedBy(provider="azure"), Fail("is stored by AWS, not by azure")),
        (buckets.bucket_region, HostedIn(regions=("eu-west-1", "eu-west-2")), Pass("is in eu-west-1")),
        (buckets.bucket_region, HostedIn(regions=("eu-west-2",)), Fail("is in eu-west-1")),
    ],
)
def test_a_bucket_is_where_its_listing_says(check: Check, claim: Any, outcome: Outcome) -> None:
    assert judge(check, BUCKET, claim) == outcome


PER_BUCKET: list[tuple[Reader, str, Any]] = [
    (
        encryption.bucket_encryption,
        "ServerSideEncryptionConfigurationNotFoundError",
        {"algorithms": frozenset(), "keys": frozenset(), "dated": BUCKET.dated},
    ),
    (policies.bucket_policy, "NoSuchBucketPolicy", {"policy": NO_POLICY, "owner": "own-id"}),
    (
        exposure.bucket_block,
        "NoSuchPublicAccessBlockConfiguration",
        {"block": exposure.Block(ignores_acls=False, restricts_policy=False)},
    ),
    (exposure.bucket_ownership, "OwnershipControlsNotFoundError", {"setting": None}),
    (sharing.bucket_replication, "ReplicationConfigurationNotFoundError", {"rules": ()}),
]


@pytest.mark.parametrize(("reader", "code", "fields"), PER_BUCKET, ids=lambda value: getattr(value, "name", None))
def test_what_s3_says_is_absent_is_a_fact(reader: Reader, code: str, fields: dict[str, Any]) -> None:
    assert known(reader, Answer(absent=code)) == [reader.fact(resource=RESOURCE, **fields)]


VERSIONED = deletion.BucketVersioning(resource=RESOURCE, status="Enabled", mfa_delete=None)
ACLS_ON = exposure.BucketOwnership(resource=RESOURCE, setting=None)
DETAILS = [
    *((reader, BUCKET) for reader, _, _ in PER_BUCKET),
    (deletion.bucket_versioning, BUCKET),
    (deletion.bucket_lifecycle, VERSIONED),
    (deletion.bucket_lock, VERSIONED),
    (exposure.bucket_acl, ACLS_ON),
]


@pytest.mark.parametrize(("reader", "parent"), DETAILS, ids=lambda value: getattr(value, "name", ""))
def test_a_refused_read_is_a_gap_and_is_asked_in_the_buckets_region(reader: Reader, parent: Fact) -> None:
    source = Recorded({reader.operation: Cause.ACCESS_DENIED})
    with pytest.raises(GapFound) as found:
        read(reader, session_of(AwsSession, source), parent)
    assert (found.value.gap.cause, found.value.gap.permission) == (Cause.ACCESS_DENIED, reader.permission)
    assert source.asked == [(reader.operation, {"Bucket": "records"}, "eu-west-1")]


# --- encryption


def encrypted(algorithm: str, key: str | None = None) -> Fact:
    default = {"SSEAlgorithm": algorithm} | ({"KMSMasterKeyID": key} if key else {})
    rules = [{"ApplyServerSideEncryptionByDefault": default}]
    (fact,) = known(encryption.bucket_encryption, {"ServerSideEncryptionConfiguration": {"Rules": rules}})
    return fact


def aged(dated: str | None) -> Fact:
    return msgspec.structs.replace(encrypted("AES256"), dated=dated)


NONE = encryption.BucketEncryption(resource=RESOURCE, algorithms=frozenset(), keys=frozenset(), dated=BUCKET.dated)
KEY = f"arn:aws:kms:eu-west-1:{OWN}:key/1"
OLD = Unknown(
    Cause.NOT_SUPPORTED,
    "encrypts with AES256, which is AES-256, what is written now; it is older than 5 January 2023, and objects from "
    "before may lie in the clear, which an S3 Inventory report tells",
)
STRANGE = Unknown(Cause.NOT_SUPPORTED, "encrypts with aws:fsx, which posture does not know")


@pytest.mark.parametrize(
    ("check", "claim", "fact", "outcome"),
    [
        (
            encryption.default_encryption,
            EncryptedAtRest(),
            encrypted("AES256"),
            Pass("encrypts with AES256, which is AES-256"),
        ),
        (
            encryption.default_encryption,
            EncryptedAtRest(),
            encrypted("aws:kms:dsse"),
            Pass("encrypts with aws:kms:dsse, which is AES-256"),
        ),
        (encryption.default_encryption, EncryptedAtRest(), NONE, Fail("has no default encryption")),
        (encryption.default_encryption, EncryptedAtRest(), aged("2023-01-04T23:59:59+00:00"), OLD),
        (encryption.default_encryption, EncryptedAtRest(), aged(None), OLD),
        (encryption.default_encryption, EncryptedAtRest(), encrypted("aws:fsx"), STRANGE),
        (encryption.customer_key, CustomerManagedKeys(), encrypted("aws:kms", KEY), Pass(f"encrypts with {KEY}")),
        (
            encryption.customer_key,
            CustomerManagedKeys(),
            encrypted("aws:kms"),
            Fail("encrypts with the AWS managed key aws/s3"),
        ),
        (
            encryption.customer_key,
            CustomerManagedKeys(),
            encrypted("aws:kms", f"arn:aws:kms:eu-west-1:{OWN}:alias/aws/s3"),
            Fail("encrypts with the AWS managed key aws/s3"),
        ),
        (encryption.customer_key, CustomerManagedKeys(), encrypted("AES256"), Fail("encrypts with keys that S3 owns")),
        (encryption.customer_key, CustomerManagedKeys(), NONE, Fail("has no default encryption")),
        (encryption.customer_key, CustomerManagedKeys(), encrypted("aws:fsx"), STRANGE),
        (
            encryption.double_encryption,
            DoubleEncrypted(),
            encrypted("aws:kms:dsse", KEY),
            Pass("encrypts in two layers (DSSE-KMS)"),
        ),
        (
            encryption.double_encryption,
            DoubleEncrypted(),
            encrypted("aws:kms", KEY),
            Fail("encrypts in one layer (aws:kms)"),
        ),
        (encryption.double_encryption, DoubleEncrypted(), NONE, Fail("has no default encryption")),
        (encryption.double_encryption, DoubleEncrypted(), encrypted("aws:fsx"), STRANGE),
    ],
)
def test_default_encryption_is_judged_by_its_algorithm_and_key(
    check: Check, claim: Any, fact: Fact, outcome: Outcome
) -> None:
    assert judge(check, fact, claim) == outcome


# --- policies


def with_policy(*statements: dict[str, Any]) -> policies.BucketPolicy:
    document = json.dumps({"Statement": list(statements)})
    (fact,) = known(policies.bucket_policy, {"Policy": document})
    assert isinstance(fact, policies.BucketPolicy)
    assert fact.policy == parse(document)
    return fact


def statement(effect: str, **changes: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": "*", "Action": "s3:*", "Resource": [ARN, f"{ARN}/*"]} | changes


def tls_deny(**changes: Any) -> dict[str, Any]:
    return statement("Deny", **({"Condition": {"Bool": {"aws:SecureTransport": "false"}}} | changes))


UNSUITED = {"StringEquals": {"aws:SecureTransport": "false"}}
NO_STATEMENTS = policies.BucketPolicy(resource=RESOURCE, owner="own-id", policy=NO_POLICY)
PUBLIC = with_policy(statement("Allow", Action="s3:GetObject"))


def test_a_policy_that_cannot_be_parsed_is_a_malformed_reply() -> None:
    with pytest.raises(ValueError, match="JSON"):
        known(policies.bucket_policy, {"Policy": "{"})


@pytest.mark.parametrize(
    ("fact", "outcome"),
    [
        (with_policy(tls_deny()), Pass("denies plain HTTP on the bucket and on its objects")),
        (NO_STATEMENTS, Fail("answers plain HTTP: it has no policy")),
        (PUBLIC, Fail("answers plain HTTP: its policy does not deny it to everyone for every action")),
        (
            with_policy(tls_deny(Resource=f"{ARN}/*")),
            Fail("denies plain HTTP on its objects only, not on the bucket itself (listing)"),
        ),
        (with_policy(tls_deny(Resource=ARN)), Fail("denies plain HTTP on the bucket itself only, not on its objects")),
        (
            with_policy(tls_deny(Condition=UNSUITED, Resource=ARN)),
            Fail("does not deny plain HTTP on its objects"),
        ),
        (
            with_policy(tls_deny(Condition=UNSUITED, Resource=f"{ARN}/*")),
            Fail("does not deny plain HTTP on the bucket itself (listing)"),
        ),
        (
            with_policy(tls_deny(Condition=UNSUITED)),
            Unknown(
                Cause.NOT_SUPPORTED, "tests the transport in its policy with an operator that does not suit the key"
            ),
        ),
    ],
)
def test_plain_http_must_be_denied_to_everyone_on_bucket_and_objects(fact: Fact, outcome: Outcome) -> None:
    assert judge(policies.clear_text, fact, ClearTextRefused()) == outcome


FLOOR = with_policy(statement("Deny", Condition={"NumericLessThan": {"s3:TlsVersion": "1.3"}}))
GUARANTEED = Pass("is served by endpoints that refuse anything older than TLS 1.2", Basis.PROVIDER_GUARANTEE)


@pytest.mark.parametrize(
    ("claim", "consulted", "outcome"),
    [
        (TlsMinimum(), (), GUARANTEED),
        (TlsMinimum(), missing(policies.BucketPolicy), GUARANTEED),
        (TlsMinimum(version=TlsVersion.TLS10), (), GUARANTEED),
        (TlsMinimum(version=TlsVersion.TLS13), (FLOOR,), Pass("denies requests over TLS 1.2")),
        (TlsMinimum(version=TlsVersion.TLS13), (NO_STATEMENTS,), Fail("accepts TLS 1.2")),
        (
            TlsMinimum(version=TlsVersion.TLS13),
            (with_policy(statement("Deny", Condition={"NumericLessThan": {"s3:TlsVersion": "1.2"}})),),
            Fail("accepts TLS 1.2"),
        ),
        (
            TlsMinimum(version=TlsVersion.TLS13),
            missing(policies.BucketPolicy),
            Unknown(Cause.ACCESS_DENIED, "no BucketPolicy"),
        ),
        (
            TlsMinimum(reading="supported"),
            (),
            Pass("is served by endpoints that speak TLS 1.2", Basis.PROVIDER_GUARANTEE),
        ),
        (
            TlsMinimum(version=TlsVersion.TLS11, reading="supported"),
            (),
            Fail("is served by endpoints that no longer speak TLS 1.1"),
        ),
    ],
)
def test_the_tls_version_is_the_endpoints_unless_a_policy_asks_for_more(
    claim: TlsMinimum, consulted: tuple[Fact, ...], outcome: Outcome
) -> None:
    assert judge(policies.tls_minimum, BUCKET, claim, consulted) == outcome


# --- the public


def block(kind: type[Fact], *, on: bool) -> tuple[Fact, ...]:
    return (kind(resource=RESOURCE, block=exposure.Block(ignores_acls=on, restricts_policy=on)),)


ACCOUNT_ON, ACCOUNT_OFF = block(exposure.AccountBlock, on=True), block(exposure.AccountBlock, on=False)
BLOCK_ON, BLOCK_OFF = block(exposure.BucketBlock, on=True), block(exposure.BucketBlock, on=False)
DENIED_POLICY = Unknown(Cause.ACCESS_DENIED, "no BucketPolicy")


def test_the_accounts_block_is_read_from_s3_control() -> None:
    source = Recorded(
        {
            "s3control:GetPublicAccessBlock": {
                "PublicAccessBlockConfiguration": {"IgnorePublicAcls": True, "RestrictPublicBuckets": False}
            }
        }
    )
    (fact,) = read(exposure.account_block, session_of(AwsSession, source))
    assert (fact.resource.account, fact.block) == (OWN, exposure.Block(ignores_acls=True, restricts_policy=False))
    assert source.asked == [("s3control:GetPublicAccessBlock", {"AccountId": OWN}, "us-east-1")]


def test_an_account_without_a_block_blocks_nothing() -> None:
    (fact,) = known(exposure.account_block, Answer(absent="NoSuchPublicAccessBlockConfiguration"), None)
    assert fact.block == exposure.Block(ignores_acls=False, restricts_policy=False)


@pytest.mark.parametrize(
    ("account", "blocks", "read_policies", "outcome"),
    [
        (
            ACCOUNT_ON,
            missing(exposure.BucketBlock),
            missing(policies.BucketPolicy),
            Pass("is closed to public policies by the account's block"),
        ),
        (ACCOUNT_OFF, BLOCK_ON, missing(policies.BucketPolicy), Pass("is closed to public policies by its block")),
        (ACCOUNT_OFF, BLOCK_OFF, (PUBLIC,), Fail("lets anybody perform s3:GetObject")),
        (ACCOUNT_OFF, BLOCK_OFF, (NO_STATEMENTS,), Pass("has no policy")),
        (
            ACCOUNT_OFF,
            BLOCK_OFF,
            (with_policy(tls_deny()),),
            Pass("has a policy that lets nobody in without signing in"),
        ),
        (
            ACCOUNT_OFF,
            BLOCK_OFF,
            (
                with_policy(
                    statement("Allow", Condition={"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}})
                ),
            ),
            Unknown(
                Cause.NOT_SUPPORTED,
                "lets in whoever the variable in aws:principalaccount ${aws:ResourceAccount} stands for",
            ),
        ),
        (ACCOUNT_OFF, BLOCK_OFF, missing(policies.BucketPolicy), DENIED_POLICY),
        (ACCOUNT_OFF, missing(exposure.BucketBlock), (PUBLIC,), Unknown(Cause.ACCESS_DENIED, "no BucketBlock")),
        (missing(exposure.AccountBlock), BLOCK_ON, (PUBLIC,), Unknown(Cause.ACCESS_DENIED, "no AccountBlock")),
    ],
)
def test_a_policy_is_public_unless_a_block_or_its_own_conditions_close_it(
    account: Any, blocks: Any, read_policies: Any, outcome: Outcome
) -> None:
    assert judge(exposure.public_policy, BUCKET, NoPublicAccess(), account, blocks, read_policies) == outcome


def acl(*grants: dict[str, Any], parent: Fact = ACLS_ON) -> list[Fact]:
    return known(exposure.bucket_acl, {"Owner": {"ID": "own-id"}, "Grants": list(grants)}, parent)


def grant(permission: str = "READ", **grantee: str) -> dict[str, Any]:
    return {"Grantee": grantee, "Permission": permission}


ENFORCED = exposure.BucketOwnership(resource=RESOURCE, setting="BucketOwnerEnforced")
PRIVATE = tuple(acl(grant("FULL_CONTROL", ID="own-id")))


def test_the_acl_is_not_asked_for_where_acls_are_off() -> None:
    source = Recorded({})
    assert read(exposure.bucket_acl, session_of(AwsSession, source), ENFORCED) == []
    assert source.asked == []


@pytest.mark.parametrize(
    ("account", "blocks", "ownerships", "acls", "outcome"),
    [
        (ACCOUNT_ON, missing(exposure.BucketBlock), (), (), Pass("ignores public ACLs by the account's block")),
        (ACCOUNT_OFF, BLOCK_ON, missing(exposure.BucketOwnership), (), Pass("ignores public ACLs by its block")),
        (ACCOUNT_OFF, BLOCK_OFF, (ENFORCED,), missing(exposure.BucketAcl), Pass("has ACLs turned off")),
        (
            ACCOUNT_OFF,
            BLOCK_OFF,
            (ACLS_ON,),
            tuple(acl(grant("FULL_CONTROL", ID="own-id"), grant(URI=ALL_USERS))),
            Fail("grants READ to anybody by its ACL"),
        ),
        (
            ACCOUNT_OFF,
            BLOCK_OFF,
            (ACLS_ON,),
            PRIVATE,
            Unknown(
                Cause.NOT_SUPPORTED,
                "has ACLs in force and no block that ignores public ones: any object may be public by its own ACL",
            ),
        ),
        (
            ACCOUNT_OFF,
            BLOCK_OFF,
            (ACLS_ON,),
            missing(exposure.BucketAcl),
            Unknown(Cause.ACCESS_DENIED, "no BucketAcl"),
        ),
    ],
)
def test_acls_count_only_where_nothing_turns_them_off(
    account: Any, blocks: Any, ownerships: Any, acls: Any, outcome: Outcome
) -> None:
    assert judge(exposure.public_acl, BUCKET, NoPublicAccess(), account, blocks, ownerships, acls) == outcome


# --- sharing


def allow(principal: Any, **changes: Any) -> policies.BucketPolicy:
    return with_policy(statement("Allow", Principal=principal, **changes))


@pytest.mark.parametrize(
    ("fact", "allowed", "outcome"),
    [
        (NO_STATEMENTS, (), Pass("lets in no foreign account by its policy")),
        (allow({"AWS": f"arn:aws:iam::{OWN}:root"}), (), Pass("lets in no foreign account by its policy")),
        (allow({"AWS": FOREIGN}), (), Fail(f"lets in account {FOREIGN} by its policy")),
        (allow({"AWS": FOREIGN}), (FOREIGN,), Pass("lets in no foreign account by its policy")),
        (allow({"CanonicalUser": "own-id"}), (), Pass("lets in no foreign account by its policy")),
        (
            allow({"CanonicalUser": "foreign-id"}),
            (),
            Unknown(
                Cause.NOT_SUPPORTED,
                "lets in the canonical user foreign-id, and its policy does not tell whose that is",
            ),
        ),
        (
            allow({"CanonicalUser": "foreign-id", "AWS": FOREIGN}),
            (),
            Fail(f"lets in account {FOREIGN} by its policy"),
        ),
        (
            allow("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}),
            (),
            Fail("lets in organisation o-abc by its policy"),
        ),
        (
            allow("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}),
            ("o-abc",),
            Pass("lets in no foreign account by its policy"),
        ),
        (
            allow("*", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
            (),
            Unknown(
                Cause.NOT_SUPPORTED,
                "lets in whoever comes from 203.0.113.0/24, and its policy does not tell whose that is",
            ),
        ),
        (
            allow({"Service": "config.amazonaws.com"}),
            (),
            Pass("lets in config.amazonaws.com beside this account, without saying for whom the service acts"),
        ),
        (
            allow({"Service": "config.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": OWN}}),
            (),
            Pass("lets in no foreign account by its policy"),
        ),
        (
            allow({"Service": "config.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": FOREIGN}}),
            (),
            Fail(f"lets in account {FOREIGN} by its policy"),
        ),
    ],
)
def test_foreign_principals_of_a_policy_are_sharing(fact: Fact, allowed: tuple[str, ...], outcome: Outcome) -> None:
    nothing = missing(exposure.AccountBlock), missing(exposure.BucketBlock)
    assert judge(sharing.policy_sharing, fact, NotShared(allowed=allowed), *nothing) == outcome


@pytest.mark.parametrize(
    ("account", "blocks", "outcome"),
    [
        (ACCOUNT_ON, (), Pass("has a public policy that the account's block keeps to this account")),
        (ACCOUNT_OFF, BLOCK_ON, Pass("has a public policy that its block keeps to this account")),
        (ACCOUNT_OFF, BLOCK_OFF, Fail("lets in anybody by its policy")),
        (ACCOUNT_OFF, missing(exposure.BucketBlock), Unknown(Cause.ACCESS_DENIED, "no BucketBlock")),
    ],
)
def test_a_public_policy_is_shared_with_all_unless_a_block_restricts_it(
    account: Any, blocks: Any, outcome: Outcome
) -> None:
    assert judge(sharing.policy_sharing, PUBLIC, NotShared(), account, blocks) == outcome


@pytest.mark.parametrize(
    ("grants", "allowed", "outcome"),
    [
        ((), (), Pass("grants to its owner alone by its ACL")),
        ((grant(ID="own-id"), grant(ID=sharing.LOG_DELIVERY)), (), Pass("grants to its owner alone by its ACL")),
        ((grant(URI=sharing.LOG_GROUP),), (), Pass("grants to its owner alone by its ACL")),
        ((grant(ID="x"),), (), Fail("grants READ to the canonical user x by its ACL")),
        ((grant(ID="x"),), ("x",), Pass("grants to its owner alone by its ACL")),
        ((grant("WRITE", URI=ALL_USERS),), (), Fail("grants WRITE to anybody by its ACL")),
        (
            (grant(EmailAddress="a@example.com"),),
            (),
            Unknown(Cause.NOT_SUPPORTED, "grants to a kind of grantee that posture does not know"),
        ),
    ],
)
def test_foreign_grantees_of_an_acl_are_sharing(grants: Any, allowed: tuple[str, ...], outcome: Outcome) -> None:
    (fact,) = acl(*grants)
    assert judge(sharing.acl_sharing, fact, NotShared(allowed=allowed)) == outcome


def replicated(*rules: tuple[str, str | None, str]) -> Fact:
    listed = [
        {"Status": status, "Destination": {"Bucket": bucket} | ({"Account": account} if account else {})}
        for bucket, account, status in rules
    ]
    (fact,) = known(sharing.bucket_replication, {"ReplicationConfiguration": {"Rules": listed}})
    return fact


COPY = "arn:aws:s3:::copy"


@pytest.mark.parametrize(
    ("fact", "allowed", "listed", "outcome"),
    [
        (replicated(), (), (), Pass("is not replicated")),
        (replicated((COPY, FOREIGN, "Disabled")), (), (), Pass("is not replicated")),
        (replicated((COPY, FOREIGN, "Enabled")), (), (), Fail(f"is replicated to {COPY} of account {FOREIGN}")),
        (replicated((COPY, FOREIGN, "Enabled")), (FOREIGN,), (), Pass("is replicated to agreed accounts only")),
        (replicated((COPY, None, "Enabled")), (), (other("copy"),), Pass("is replicated to agreed accounts only")),
        (
            replicated((COPY, None, "Enabled")),
            (),
            (other("else"),),
            Unknown(
                Cause.NOT_SUPPORTED,
                f"is replicated to {COPY}, no bucket of this account; its rule does not tell whose it is",
            ),
        ),
        (
            replicated((COPY, None, "Enabled")),
            (),
            missing(buckets.Bucket),
            Unknown(Cause.ACCESS_DENIED, "no Bucket"),
        ),
        (
            replicated((COPY, None, "Paused")),
            (),
            (),
            Unknown(Cause.NOT_SUPPORTED, "has a replication rule in the state Paused"),
        ),
    ],
)
def test_replication_into_a_foreign_account_is_sharing(
    fact: Fact, allowed: tuple[str, ...], listed: Any, outcome: Outcome
) -> None:
    assert judge(sharing.replica_sharing, fact, NotShared(allowed=allowed), listed) == outcome


@pytest.mark.parametrize(
    ("fact", "listed", "outcome"),
    [
        (replicated(), (), NotApplicable("is not replicated")),
        (
            replicated((COPY, None, "Enabled")),
            (other("copy"),),
            Pass("is replicated within the promised regions"),
        ),
        (
            replicated((COPY, None, "Enabled")),
            (other("copy", "us-east-1"),),
            Fail(f"is replicated to {COPY} in us-east-1"),
        ),
        (
            replicated((COPY, None, "Enabled")),
            (other("else"),),
            Unknown(Cause.NOT_SUPPORTED, f"is replicated to {COPY}, whose region a replication rule does not tell"),
        ),
    ],
)
def test_a_replica_must_be_in_a_promised_region(fact: Fact, listed: Any, outcome: Outcome) -> None:
    assert judge(sharing.replica_region, fact, HostedIn(regions=("eu-west-1",)), listed) == outcome


# --- deletion


def rule(**changes: Any) -> dict[str, Any]:
    return {"Status": "Enabled", "Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 30}} | changes


def lifecycle(*rules: dict[str, Any]) -> tuple[Fact, ...]:
    return tuple(known(deletion.bucket_lifecycle, {"Rules": list(rules)}, VERSIONED))


def lock(**retention: int) -> tuple[Fact, ...]:
    rules = {"Rule": {"DefaultRetention": {"Mode": "COMPLIANCE"} | retention}} if retention else {}
    reply = {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"} | rules}
    return tuple(known(deletion.bucket_lock, reply, VERSIONED))


UNLOCKED = (deletion.BucketLock(resource=RESOURCE, enabled=False, days=None),)
FOR_EVER = Fail("keeps old versions for ever: no lifecycle rule expires them")
FILTERED = Fail("keeps some old versions for ever: its lifecycle rules are limited by filters")


@pytest.mark.parametrize("reader", [deletion.bucket_lifecycle, deletion.bucket_lock])
def test_a_bucket_that_never_had_versions_is_asked_nothing_more(reader: Reader) -> None:
    (never,) = known(deletion.bucket_versioning, {})
    source = Recorded({})
    assert read(reader, session_of(AwsSession, source), never) == []
    assert source.asked == []


def test_no_lifecycle_and_no_lock_are_facts() -> None:
    absent = Answer(absent="NoSuchLifecycleConfiguration")
    assert known(deletion.bucket_lifecycle, absent, VERSIONED) == [
        deletion.BucketLifecycle(resource=RESOURCE, rules=())
    ]
    absent = Answer(absent="ObjectLockConfigurationNotFoundError")
    assert known(deletion.bucket_lock, absent, VERSIONED) == list(UNLOCKED)


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ({}, Pass("deletes at once: it never had versions")),
        ({"Status": "Enabled"}, Pass("deletes old versions after 30 days")),
        ({"Status": "Suspended", "MFADelete": "Disabled"}, Pass("deletes old versions after 30 days")),
        (
            {"Status": "Enabled", "MFADelete": "Enabled"},
            Fail("keeps old versions until somebody deletes them with MFA, which no lifecycle rule can"),
        ),
        ({"Status": "Half"}, Unknown(Cause.NOT_SUPPORTED, "has versioning Half, MFA delete None")),
    ],
)
def test_versions_decide_whether_deleting_deletes(reply: Any, outcome: Outcome) -> None:
    (fact,) = known(deletion.bucket_versioning, reply)
    assert judge(deletion.deleted_versions, fact, DeletedWithin(days=60), lifecycle(rule()), UNLOCKED) == outcome


@pytest.mark.parametrize(
    ("rules", "outcome"),
    [
        ([rule(NoncurrentVersionExpiration={"NoncurrentDays": 60})], Pass("deletes old versions after 60 days")),
        ([rule(NoncurrentVersionExpiration={"NoncurrentDays": 61})], Fail("keeps old versions for 61 days")),
        ([rule(), rule(NoncurrentVersionExpiration={"NoncurrentDays": 7})], Pass("deletes old versions after 7 days")),
        ([rule(Filter={"Prefix": ""})], Pass("deletes old versions after 30 days")),
        ([{"Prefix": ""} | rule(Filter=None)], Pass("deletes old versions after 30 days")),
        ([], FOR_EVER),
        ([rule(Status="Disabled")], FOR_EVER),
        ([{"Status": "Enabled", "Filter": {}, "Expiration": {"Days": 30}}], FOR_EVER),
        ([rule(Filter={"Prefix": "logs/"})], FILTERED),
        ([rule(Prefix="logs/", Filter=None)], FILTERED),
        ([rule(Filter={"Tag": {"Key": "a", "Value": "b"}})], FILTERED),
        ([rule(Filter={"And": {"Prefix": "a", "ObjectSizeLessThan": 9}})], FILTERED),
        ([rule(Filter={"ObjectSizeGreaterThan": 0})], FILTERED),
        (
            [rule(NoncurrentVersionExpiration={"NoncurrentDays": 1, "NewerNoncurrentVersions": 3})],
            Fail("keeps some old versions for ever: its lifecycle rule spares the newest ones"),
        ),
        ([rule(Status="Paused")], Unknown(Cause.NOT_SUPPORTED, "has a lifecycle rule in the state Paused")),
    ],
)
def test_old_versions_must_expire_in_the_whole_bucket(rules: list[Any], outcome: Outcome) -> None:
    assert judge(deletion.deleted_versions, VERSIONED, DeletedWithin(days=60), lifecycle(*rules), UNLOCKED) == outcome


HELD = Unknown(Cause.NOT_SUPPORTED, "locks versions, for as long as each of its objects says")


@pytest.mark.parametrize(
    ("locks", "outcome"),
    [
        (lock(Days=61), Fail("locks versions for 61 days")),
        (lock(Years=1), Fail("locks versions for 366 days")),
        (lock(Days=60), HELD),
        (lock(), HELD),
        (missing(deletion.BucketLock), Unknown(Cause.ACCESS_DENIED, "no BucketLock")),
    ],
)
def test_a_lock_keeps_versions_whatever_the_lifecycle_says(locks: Any, outcome: Outcome) -> None:
    assert judge(deletion.deleted_versions, VERSIONED, DeletedWithin(days=60), lifecycle(rule()), locks) == outcome


def test_versions_kept_too_long_fail_though_the_lock_is_not_known() -> None:
    locks = missing(deletion.BucketLock)
    assert judge(deletion.deleted_versions, VERSIONED, DeletedWithin(days=60), lifecycle(), locks) == FOR_EVER
