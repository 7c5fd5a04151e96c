"""Cognito: what is read and how it is judged."""

import pytest

from kit import Recorded, judge, read, session_of
from posture.check import Fail, Outcome, Pass
from posture.claims import PasswordPolicy
from posture.model import Cause
from posture.reader import GapFound
from posture_aws import cognito
from posture_aws.cognito import UserPool, UserPoolPasswords
from posture_aws.session import AwsSession


def pool(id: str = "us-east-1_a") -> UserPool:
    session = session_of(AwsSession, Recorded({}))
    arn = f"arn:aws:cognito-idp:us-east-1:123456789012:userpool/{id}"
    return UserPool(resource=session.resource("aws.cognito-idp.user-pool", arn, "students"), id=id)


def passwords(min_length: int) -> UserPoolPasswords:
    return UserPoolPasswords(resource=pool().resource, min_length=min_length)


def test_every_page_of_pools_is_read() -> None:
    first, second = ({"Id": id, "Name": "students"} for id in ("us-east-1_a", "us-east-1_b"))
    source = Recorded(
        {"cognito-idp:ListUserPools": [{"UserPools": [first], "NextToken": "n"}, {"UserPools": [second]}]}
    )
    assert read(cognito.user_pools, session_of(AwsSession, source)) == [pool(), pool("us-east-1_b")]
    assert source.asked[1][1] == {"MaxResults": 60, "NextToken": "n"}


def test_the_policy_of_a_pool_is_read() -> None:
    reply = {"UserPool": {"Id": "us-east-1_a", "Policies": {"PasswordPolicy": {"MinimumLength": 12}}}}
    source = Recorded({"cognito-idp:DescribeUserPool": reply})
    assert read(cognito.user_pool_passwords, session_of(AwsSession, source), pool()) == [passwords(12)]
    assert source.asked == [("cognito-idp:DescribeUserPool", {"UserPoolId": "us-east-1_a"}, "us-east-1")]


def test_a_reply_without_policy_is_not_taken_for_an_answer() -> None:
    session = session_of(AwsSession, Recorded({"cognito-idp:DescribeUserPool": {"UserPool": {"Policies": {}}}}))
    with pytest.raises(KeyError, match="PasswordPolicy"):
        read(cognito.user_pool_passwords, session, pool())


def test_a_refused_read_is_a_gap() -> None:
    session = session_of(AwsSession, Recorded({"cognito-idp:DescribeUserPool": Cause.ACCESS_DENIED}))
    with pytest.raises(GapFound, match="access-denied"):
        read(cognito.user_pool_passwords, session, pool())


@pytest.mark.parametrize(
    ("min_length", "claim", "expected"),
    [
        (7, PasswordPolicy(), Fail("asks for passwords of at least 7 characters, not 8")),
        (8, PasswordPolicy(), Pass("asks for passwords of at least 8 characters")),
        (8, PasswordPolicy(min_length=9), Fail("asks for passwords of at least 8 characters, not 9")),
        (14, PasswordPolicy(min_length=12), Pass("asks for passwords of at least 14 characters")),
    ],
)
def test_a_pool_must_ask_for_the_claimed_length(min_length: int, claim: PasswordPolicy, expected: Outcome) -> None:
    assert judge(cognito.password_length, passwords(min_length), claim) == expected
