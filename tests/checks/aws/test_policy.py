"""The policy language: what is parsed, what a pattern covers, and which requests a policy refuses whoever asks."""

import json
from typing import Any

import pytest

from posture_aws.policy import Context, Policy, PolicyError, covers, parse, refuses

BUCKET = "arn:aws:s3:::records"
OBJECTS = f"{BUCKET}/*"
CLEAR: Context = {"aws:securetransport": "false", "s3:tlsversion": None}
IN_CLEAR = {"Bool": {"aws:SecureTransport": "false"}}


def deny(**changes: Any) -> dict[str, Any]:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [BUCKET, OBJECTS],
        "Condition": IN_CLEAR,
    } | changes
    return {key: value for key, value in statement.items() if value is not None}


def policy(*statements: dict[str, Any]) -> Policy:
    return parse(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))


def refused(*statements: dict[str, Any]) -> tuple[bool | None, bool | None]:
    written = policy(*statements)
    return refuses(written, "s3:*", BUCKET, CLEAR), refuses(written, "s3:*", OBJECTS, CLEAR)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"AWS": ["arn:aws:iam::123456789012:root", "*"]}},
        {"Action": "*"},
        {"Action": ["s3:GetObject", "S3:*"]},
        {"Action": None, "NotAction": "iam:*"},
        {"Resource": "*"},
        {"Resource": f"{BUCKET}*"},
        {"Resource": "arn:*:s3:::rec?rds*"},
        {"Resource": None, "NotResource": "arn:aws:s3:::other/*"},
        {"Condition": {"Bool": {"AWS:securetransport": False}}},
        {"Condition": {"bool": {"aws:SecureTransport": ["false"]}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "False"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": [True, False]}}},
        {"Condition": {"BoolIfExists": {"aws:SecureTransport": "false"}}},
        {"Condition": {"ForAnyValue:Bool": {"aws:SecureTransport": "false"}}},
        {"Condition": {"Null": {"aws:SecureTransport": False}}},
        {"Condition": {"NumericLessThanIfExists": {"s3:TlsVersion": 1.2}}},
        {"Condition": {"Null": {"s3:TlsVersion": "true"}}},
        {"Condition": IN_CLEAR | {"StringLikeIfExists": {"aws:PrincipalArn": "*"}}},
        {"Condition": None},
    ],
)
def test_a_denial_of_everybody_counts_however_it_is_written(changes: dict[str, Any]) -> None:
    assert refused(deny(**changes)) == (True, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"Effect": "Allow"},
        {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
        {"Principal": {"Service": "logging.s3.amazonaws.com"}},
        {"Principal": None, "NotPrincipal": {"AWS": "arn:aws:iam::123456789012:root"}},
        {"Action": "s3:GetObject"},
        {"Action": ["s3:Get*", "s3:Put*", "s3:List*"]},
        {"Action": None, "NotAction": "s3:ListBucket"},
        {"Resource": "arn:aws:s3:::recordings/*"},
        {"Resource": f"{BUCKET}/private/*"},
        {"Resource": None, "NotResource": [f"{BUCKET}*"]},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Condition": {"Null": {"aws:SecureTransport": "true"}}},
        {"Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "false", "aws:MultiFactorAuthPresent": "false"}}},
        {"Condition": IN_CLEAR | {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}},
        {"Condition": IN_CLEAR | {"StringLike": {"aws:PrincipalArn": "*"}}},
        {"Condition": {"Bool": {"aws:Secure": "false"}}},
    ],
)
def test_a_denial_that_lets_some_clear_text_through_does_not_count(changes: dict[str, Any]) -> None:
    assert refused(deny(**changes)) == (False, False)


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"Resource": BUCKET}, (True, False)),
        ({"Resource": OBJECTS}, (False, True)),
        ({"Resource": None, "NotResource": f"{BUCKET}/public/*"}, (False, False)),
        ({"Condition": {"StringEquals": {"aws:SecureTransport": "false"}}}, (None, None)),
    ],
)
def test_bucket_and_objects_are_answered_apart(changes: dict[str, Any], answer: object) -> None:
    assert refused(deny(**changes)) == answer


def test_two_denials_may_cover_the_bucket_and_its_objects_together() -> None:
    assert refused(deny(Resource=BUCKET), deny(Resource=OBJECTS)) == (True, True)


def test_a_denial_that_is_not_understood_does_not_spoil_one_that_is() -> None:
    assert refused(deny(Condition={"StringEquals": {"aws:SecureTransport": "false"}}), deny()) == (True, True)


def test_a_statement_need_not_be_in_a_list() -> None:
    assert refuses(parse(json.dumps({"Statement": deny()})), "s3:*", OBJECTS, CLEAR) is True


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<html>", "not JSON"),
        ("[]", "no Statement"),
        ('{"Statement": ["x"]}', "not an object"),
        (json.dumps({"Statement": deny(Effect="Maybe")}), "Effect"),
        (json.dumps({"Statement": deny(Principal=None)}), "Principal"),
        (json.dumps({"Statement": deny(NotAction="s3:GetObject")}), "NotAction"),
        (json.dumps({"Statement": deny(Action={"a": 1})}), "not text"),
        (json.dumps({"Statement": deny(Condition=["x"])}), "Condition"),
    ],
)
def test_what_is_no_policy_is_not_read_as_one(text: str, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        parse(text)


@pytest.mark.parametrize(
    ("pattern", "target", "answer"),
    [
        ("s3:*", "s3:*", True),
        ("*", "s3:*", True),
        ("s3:Get*", "s3:*", False),
        ("s3:?", "s3:*", False),
        ("arn:aws:s3:::a/*", "arn:aws:s3:::a/b/*", True),
        ("arn:aws:s3:::a/b", "arn:aws:s3:::a/*", False),
        ("a.c", "abc", False),
    ],
)
def test_a_pattern_covers_another_when_it_matches_all_of_it(pattern: str, target: str, answer: bool) -> None:
    assert covers(pattern, target) is answer
