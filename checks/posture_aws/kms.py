"""KMS: keys, their rotation, and the policies that say who may use them."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import KeyRotation, NotShared
from posture.model import Cause, Fact
from posture.reader import reader
from posture_aws.audience import Kind, Party, admitted
from posture_aws.policy import Policy, parse
from posture_aws.session import AwsSession

YEARLY = 365
"""Days between rotations where the key names no period (KMS developer guide, "Rotate AWS KMS keys")."""


class KeyName(Fact):
    """A key that the account has in the region (ListKeys), of the customer's or of AWS services'."""

    kind: ClassVar[str] = "aws.kms.key"


class Key(Fact):
    """A key (DescribeKey). ``manager``, ``state``, ``spec`` and ``origin`` are KMS's words."""

    kind: ClassVar[str] = KeyName.kind

    manager: str
    state: str
    spec: str
    origin: str


class KeyTurning(Fact):
    """Automatic rotation of a key (GetKeyRotationStatus). ``days`` is its period, None where rotation is off."""

    kind: ClassVar[str] = KeyName.kind

    days: int | None


class KeyPolicy(Fact):
    """The policy of a customer's key (GetKeyPolicy)."""

    kind: ClassVar[str] = KeyName.kind

    policy: Policy


@reader(operation="kms:ListKeys")
def key_names(aws: AwsSession) -> Iterator[KeyName]:
    """All keys of the region, 1000 a page."""
    for page in aws.pages("Marker", "NextMarker", Limit=1000):
        for key in page["Keys"]:
            yield KeyName(resource=aws.resource(KeyName.kind, key["KeyArn"], key["KeyId"]))


@reader(operation="kms:DescribeKey")
def keys(aws: AwsSession, name: KeyName) -> Key:
    """What a key is made of and who manages it."""
    key = aws.get(KeyId=name.resource.id)["KeyMetadata"]
    return Key(
        resource=name.resource,
        manager=key["KeyManager"],
        state=key["KeyState"],
        spec=key["KeySpec"],
        origin=key["Origin"],
    )


@reader(operation="kms:GetKeyRotationStatus")
def key_turning(aws: AwsSession, key: Key) -> Iterator[KeyTurning]:
    """Asked for enabled customer keys that KMS can rotate: symmetric, of its own material."""
    if (key.manager, key.state, key.spec, key.origin) == ("CUSTOMER", "Enabled", "SYMMETRIC_DEFAULT", "AWS_KMS"):
        reply = aws.get(KeyId=key.resource.id)
        days = reply.get("RotationPeriodInDays", YEARLY) if reply["KeyRotationEnabled"] else None
        yield KeyTurning(resource=key.resource, days=days)


@reader(operation="kms:GetKeyPolicy")
def key_policy(aws: AwsSession, key: Key) -> Iterator[KeyPolicy]:
    """Asked for keys of the customer: nobody can change the policies of those that AWS manages."""
    if key.manager != "AWS":
        text = aws.get(KeyId=key.resource.id, PolicyName="default")["Policy"]
        yield KeyPolicy(resource=key.resource, policy=parse(text))


@check(
    id="aws.kms.key-rotation",
    title="Customer keys are rotated as often as promised",
    severity=Severity.MEDIUM,
    remedy="Enable automatic rotation of the key with a period of at most the promised days.",
)
def key_rotation(turning: KeyTurning, claim: KeyRotation) -> Outcome:
    """Rotation bounds how much data lies under one piece of key material.

    Keys that KMS cannot rotate (asymmetric, HMAC, imported or foreign material) and disabled keys are not judged.
    """
    if turning.days is None:
        return Fail("is not rotated")
    return (Pass if turning.days <= claim.days else Fail)(f"is rotated every {turning.days} days")


@check(
    id="aws.kms.key-sharing",
    title="No foreign account may use a customer key by its policy",
    severity=Severity.HIGH,
    refutes=("a snapshot, image or key", "a policy"),
    remedy="Take the foreign principal out of the key policy, or list its account as allowed.",
)
def key_sharing(key: KeyPolicy, claim: NotShared) -> Outcome:
    """A foreign account that may decrypt is what makes a shared encrypted snapshot readable. Grants are not read."""
    return judge_sharing(key.policy, key.resource.account, claim)


def judge_sharing(policy: Policy, account: str, claim: NotShared) -> Outcome:
    """Whether a resource policy lets in anyone outside ``account`` and the accounts that the claim allows.

    Services of AWS are not foreign: they act for an account. Denials are weighed only against grants to everybody.
    """
    known = {account, *claim.allowed}
    foreign = sorted(
        (party for party in admitted(policy) if party.kind is not Kind.SERVICE and party.id not in known),
        key=lambda party: (party.kind, party.id),
    )
    for party in foreign:
        if party.kind in (Kind.ACCOUNT, Kind.ORGANISATION, Kind.IDENTITY_PROVIDER, Kind.CANONICAL_USER):
            return Fail(f"lets in {_words(party)} by its policy")
    if any(party.kind is Kind.ANYONE for party in foreign):
        return Fail("lets in every AWS account by its policy")
    if foreign:
        return Unknown(Cause.NOT_SUPPORTED, f"lets in {_words(foreign[0])}, and its policy does not tell whose that is")
    return Pass("lets in no foreign account by its policy")


def under_customer_key(arn: str, keys: tuple[Key, ...]) -> Outcome:
    """Whether the key with this ARN is the customer's to control, by what KMS says of it in this region."""
    key = next((key for key in keys if key.resource.id == arn), None)
    match key.manager if key else None:
        case None:
            return Unknown(
                Cause.NOT_SUPPORTED, f"is encrypted under {arn}, which is not a key of this account and region"
            )
        case "CUSTOMER":
            return Pass(f"is encrypted under the customer's key {arn}")
        case "AWS":
            return Fail(f"is encrypted under {arn}, which AWS manages")
        case other:
            return Unknown(Cause.NOT_SUPPORTED, f"is encrypted under a key with the manager {other}")


def _words(party: Party) -> str:
    kinds = {Kind.ACCOUNT: "account", Kind.ORGANISATION: "organisation", Kind.IDENTITY_PROVIDER: "users of"}
    kinds |= {Kind.CANONICAL_USER: "the canonical user", Kind.NETWORK: "whoever comes from"}
    return f"{kinds.get(party.kind, '')} {party.id}".strip()
