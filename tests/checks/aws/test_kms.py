"""KMS: which keys are asked about what, and how rotation, policies and managers are judged."""

import json
from typing import Any

import pytest

from kit import Recorded, judge, read, session_of
from posture.check import Fail, Outcome, Pass, Unknown
from posture.claims import KeyRotation, NotShared
from posture.model import Cause, Fact, Resource
from posture.reader import GapFound
from posture_aws import kms
from posture_aws.policy import parse
from posture_aws.session import AwsSession

ARN = "arn:aws:kms:us-east-1:123456789012:key/k1"
RESOURCE = Resource(
    id=ARN, kind="aws.kms.key", cloud="aws", account="123456789012", region="us-east-1", name="k1", tags=None
)
NAME = kms.KeyName(resource=RESOURCE)


def key(**changes: str) -> kms.Key:
    fields = {"manager": "CUSTOMER", "state": "Enabled", "spec": "SYMMETRIC_DEFAULT", "origin": "AWS_KMS"}
    return kms.Key(resource=RESOURCE, **fields | changes)


def readings(reader: Any, replies: dict[str, Any], parent: Fact | None = None) -> tuple[list[Fact], Recorded]:
    source = Recorded(replies)
    return read(reader, session_of(AwsSession, source), parent), source


def test_every_page_of_keys_is_read() -> None:
    pages = [
        {"Keys": [{"KeyId": "k1", "KeyArn": ARN}], "NextMarker": "m", "Truncated": True},
        {"Keys": [{"KeyId": "k2", "KeyArn": ARN.replace("k1", "k2")}], "Truncated": False},
    ]
    facts, source = readings(kms.key_names, {"kms:ListKeys": pages})
    assert [fact.resource.name for fact in facts] == ["k1", "k2"]
    assert [asked[1] for asked in source.asked] == [{"Limit": 1000}, {"Limit": 1000, "Marker": "m"}]


def test_a_list_of_keys_that_is_cut_short_is_a_gap() -> None:
    with pytest.raises(GapFound) as found:
        readings(kms.key_names, {"kms:ListKeys": {"Keys": [], "Truncated": True}})
    assert found.value.gap.cause is Cause.TRUNCATED


def test_a_key_is_described_in_the_words_of_kms() -> None:
    reply = {"KeyManager": "AWS", "KeyState": "Enabled", "KeySpec": "SYMMETRIC_DEFAULT", "Origin": "AWS_KMS"}
    facts, source = readings(kms.keys, {"kms:DescribeKey": {"KeyMetadata": reply}}, NAME)
    assert facts == [key(manager="AWS")]
    assert source.asked == [("kms:DescribeKey", {"KeyId": ARN}, "us-east-1")]


@pytest.mark.parametrize(
    ("reply", "days"),
    [
        ({"KeyRotationEnabled": True, "RotationPeriodInDays": 90}, 90),
        ({"KeyRotationEnabled": True}, 365),
        ({"KeyRotationEnabled": False}, None),
        ({"KeyRotationEnabled": False, "RotationPeriodInDays": 90}, None),
    ],
)
def test_rotation_has_a_period_only_while_it_is_on(reply: dict[str, Any], days: int | None) -> None:
    facts, _ = readings(kms.key_turning, {"kms:GetKeyRotationStatus": reply}, key())
    assert facts == [kms.KeyTurning(resource=RESOURCE, days=days)]


@pytest.mark.parametrize(
    "changes",
    [
        {"manager": "AWS"},
        {"state": "Disabled"},
        {"state": "PendingDeletion"},
        {"spec": "RSA_2048"},
        {"spec": "HMAC_256"},
        {"origin": "EXTERNAL"},
        {"origin": "AWS_CLOUDHSM"},
    ],
)
def test_keys_that_kms_does_not_rotate_are_not_asked_about_rotation(changes: dict[str, str]) -> None:
    facts, source = readings(kms.key_turning, {}, key(**changes))
    assert (facts, source.asked) == ([], [])


@pytest.mark.parametrize(
    ("days", "claimed", "outcome"),
    [
        (365, 365, Pass("is rotated every 365 days")),
        (366, 365, Fail("is rotated every 366 days")),
        (90, 365, Pass("is rotated every 90 days")),
        (None, 2560, Fail("is not rotated")),
    ],
)
def test_a_key_is_rotated_at_least_as_often_as_claimed(days: int | None, claimed: int, outcome: Outcome) -> None:
    turning = kms.KeyTurning(resource=RESOURCE, days=days)
    assert judge(kms.key_rotation, turning, KeyRotation(days=claimed)) == outcome


def allow(principal: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"} | more


OWN = allow({"AWS": "arn:aws:iam::123456789012:root"})
FOREIGN = allow({"AWS": ["arn:aws:iam::123456789012:root", "arn:aws:iam::999999999999:root"]})
CALLER = {"StringEquals": {"kms:CallerAccount": "123456789012"}}


@pytest.mark.parametrize(
    ("statements", "allowed", "outcome"),
    [
        ([OWN], (), Pass("lets in no foreign account by its policy")),
        ([OWN, allow({"Service": "logs.amazonaws.com"})], (), Pass("lets in no foreign account by its policy")),
        ([FOREIGN], (), Fail("lets in account 999999999999 by its policy")),
        ([FOREIGN], ("999999999999",), Pass("lets in no foreign account by its policy")),
        ([FOREIGN | {"Effect": "Deny"}, OWN], (), Pass("lets in no foreign account by its policy")),
        ([allow("*")], (), Fail("lets in every AWS account by its policy")),
        ([allow("*", Condition=CALLER)], (), Pass("lets in no foreign account by its policy")),
        (
            [allow("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}})],
            (),
            Fail("lets in organisation o-abcdefghij by its policy"),
        ),
        (
            [allow({"AWS": "nobody-known"})],
            (),
            Unknown(
                Cause.NOT_SUPPORTED, "lets in the principal nobody-known, and its policy does not tell whose that is"
            ),
        ),
    ],
)
def test_a_key_is_shared_by_the_accounts_in_its_policy(
    statements: list[Any], allowed: tuple[str, ...], outcome: Outcome
) -> None:
    fact = kms.KeyPolicy(resource=RESOURCE, policy=parse(json.dumps({"Statement": statements})))
    assert judge(kms.key_sharing, fact, NotShared(allowed=allowed)) == outcome


def test_the_policy_of_a_customer_key_is_read() -> None:
    text = json.dumps({"Statement": [OWN]})
    facts, source = readings(kms.key_policy, {"kms:GetKeyPolicy": {"Policy": text}}, key())
    assert facts == [kms.KeyPolicy(resource=RESOURCE, policy=parse(text))]
    assert source.asked[0][1] == {"KeyId": ARN, "PolicyName": "default"}


def test_policies_of_keys_that_aws_manages_are_not_asked_for() -> None:
    facts, source = readings(kms.key_policy, {}, key(manager="AWS"))
    assert (facts, source.asked) == ([], [])


@pytest.mark.parametrize("reader", [kms.keys, kms.key_turning, kms.key_policy])
def test_a_refused_read_is_a_gap(reader: Any) -> None:
    parent = NAME if reader is kms.keys else key()
    with pytest.raises(GapFound) as found:
        readings(reader, {reader.operation: Cause.ACCESS_DENIED}, parent)
    assert (found.value.gap.cause, found.value.gap.permission) == (Cause.ACCESS_DENIED, reader.operation)


@pytest.mark.parametrize(
    ("arn", "manager", "outcome"),
    [
        (ARN, "CUSTOMER", Pass(f"is encrypted under the customer's key {ARN}")),
        (ARN, "AWS", Fail(f"is encrypted under {ARN}, which AWS manages")),
        (ARN, "GUEST", Unknown(Cause.NOT_SUPPORTED, "is encrypted under a key with the manager GUEST")),
        (
            "arn:other",
            "CUSTOMER",
            Unknown(Cause.NOT_SUPPORTED, "is encrypted under arn:other, which is not a key of this account and region"),
        ),
    ],
)
def test_a_customer_key_is_one_that_kms_says_the_customer_manages(arn: str, manager: str, outcome: Outcome) -> None:
    assert kms.under_customer_key(arn, (key(manager=manager),)) == outcome
