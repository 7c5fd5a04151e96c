"""Cognito: user pools and what they ask of passwords."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Fail, Outcome, Pass, Severity, check
from posture.claims import PasswordPolicy
from posture.model import Fact
from posture.reader import reader
from posture_aws.session import AwsSession


class UserPool(Fact):
    """A user pool (ListUserPools)."""

    kind: ClassVar[str] = "aws.cognito-idp.user-pool"

    id: str


class UserPoolPasswords(Fact):
    """The least length of a password in a user pool, in characters (DescribeUserPool)."""

    kind: ClassVar[str] = "aws.cognito-idp.user-pool"

    min_length: int


@reader(operation="cognito-idp:ListUserPools")
def user_pools(aws: AwsSession) -> Iterator[UserPool]:
    """All user pools of the region, 60 a page."""
    for page in aws.pages("NextToken", MaxResults=60):
        for pool in page["UserPools"]:
            yield UserPool(
                resource=aws.resource(UserPool.kind, aws.arn("cognito-idp", f"userpool/{pool['Id']}"), pool["Name"]),
                id=pool["Id"],
            )


@reader(operation="cognito-idp:DescribeUserPool")
def user_pool_passwords(aws: AwsSession, pool: UserPool) -> UserPoolPasswords:
    """One call a pool; the service fills in its default where no policy was set."""
    described = aws.get(UserPoolId=pool.id)["UserPool"]
    return UserPoolPasswords(
        resource=pool.resource, min_length=described["Policies"]["PasswordPolicy"]["MinimumLength"]
    )


@check(
    id="aws.cognito.password-length",
    title="User pools ask for long passwords",
    severity=Severity.MEDIUM,
    remedy="Raise the minimum length in the user pool's password policy; users meet it when they next set a password.",
)
def password_length(pool: UserPoolPasswords, claim: PasswordPolicy) -> Outcome:
    """The policy binds the passwords that the pool itself keeps, not those of federated identity providers."""
    least = f"asks for passwords of at least {pool.min_length} characters"
    return Pass(least) if pool.min_length >= claim.min_length else Fail(f"{least}, not {claim.min_length}")
