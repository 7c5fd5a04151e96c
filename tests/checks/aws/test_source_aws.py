"""Live answers from AWS: what does not answer is a gap, unless nothing can be there."""

import pytest

from posture.model import Cause
from posture.provider import Limits
from posture.session import GapFound
from posture_aws.signin import AwsTarget
from posture_aws.source import AwsSource
from scans import aws_credentials

LIMITS = Limits(connect=1.0, read=1.0, attempts=1)
CLOSED = "http://127.0.0.1:1"
NO_NAME = "http://nowhere.invalid"


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
