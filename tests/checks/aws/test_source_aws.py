"""Live answers from AWS: what does not answer is a gap, unless nothing can be there."""

from collections.abc import Iterator

import pytest

from posture.model import Cause
from posture.provider import Limits
from posture.session import GapFound
from posture_aws.errors import CLOCK_OFF, cause_of, is_untimely
from posture_aws.signin import AwsTarget
from posture_aws.source import AwsSource
from posture_estates.aws import AwsServer
from scans import aws_credentials

LIMITS = Limits(connect=1.0, read=1.0, attempts=1)
CLOSED = "http://127.0.0.1:1"
NO_NAME = "http://nowhere.invalid"


@pytest.fixture
def account() -> Iterator[AwsServer]:
    with AwsServer() as server:
        yield server


@pytest.mark.parametrize(
    ("endpoint", "operation", "region", "cause"),
    [
        (CLOSED, "rds:DescribeDBInstances", "us-east-1", Cause.REGION_UNREACHABLE),
        (CLOSED, "rds:DescribeDBInstances", "xx-newer-9", Cause.REGION_UNREACHABLE),
        (CLOSED, "memorydb:DescribeClusters", "af-south-1", Cause.REGION_UNREACHABLE),
        (NO_NAME, "rds:DescribeDBInstances", "us-east-1", Cause.REGION_UNREACHABLE),
        (NO_NAME, "rds:DescribeDBInstances", "xx-newer-9", Cause.REGION_UNREACHABLE),
        (NO_NAME, "memorydb:DescribeClusters", "af-south-1", Cause.REGION_NOT_ENABLED),
    ],
)
def test_only_a_service_that_is_not_offered_and_has_no_host_holds_nothing(
    endpoint: str, operation: str, region: str, cause: Cause
) -> None:
    with aws_credentials(), pytest.raises(GapFound) as found:
        AwsSource(AwsTarget(endpoint_url=endpoint), LIMITS).fetch(operation, {}, region, frozenset())
    assert found.value.gap.cause is cause


@pytest.mark.parametrize(
    ("code", "message", "untimely"),
    [
        ("RequestTimeTooSkewed", "The difference between the request time and the current time is too large.", True),
        ("RequestExpired", "Request has expired.", True),
        ("RequestInTheFuture", "", True),
        ("SignatureDoesNotMatch", "Signature expired: 20261124T120000Z is now earlier than 20261124T120500Z", True),
        ("InvalidSignatureException", "Signature not yet current: 20261124T1300Z is still later than …", True),
        ("InvalidSignatureException", "Credential should be scoped to a valid region", False),
        ("SignatureDoesNotMatch", "The request signature we calculated does not match", False),
        ("AccessDenied", "Signature expired", False),
        ("ExpiredToken", "The security token included in the request is expired", False),
    ],
)
def test_only_a_signature_refused_for_its_time_speaks_against_the_clock(
    code: str, message: str, untimely: bool
) -> None:
    assert is_untimely(code, message) is untimely
    if untimely:
        assert cause_of(code, 403, message) is Cause.CREDENTIALS_EXPIRED


@pytest.mark.parametrize("operation", ["sts:GetCallerIdentity", "s3:ListBuckets", "ec2:DescribeVolumes"])
def test_a_refusal_for_its_time_says_so_in_every_protocol_and_tells_the_date(
    account: AwsServer, operation: str
) -> None:
    account.gate.untimely()
    with aws_credentials(), pytest.raises(GapFound) as found:
        AwsSource(AwsTarget(endpoint_url=account.url), LIMITS).fetch(operation, {}, "us-east-1", frozenset())
    assert found.value.gap.cause is Cause.CREDENTIALS_EXPIRED
    assert found.value.gap.detail.startswith(CLOCK_OFF)
    assert found.value.date.endswith(" GMT")


def test_an_answer_tells_its_date(account: AwsServer) -> None:
    with aws_credentials():
        source = AwsSource(AwsTarget(endpoint_url=account.url), LIMITS)
        answer = source.fetch("sts:GetCallerIdentity", {}, "us-east-1", frozenset())
    assert answer.date.endswith(" GMT")
