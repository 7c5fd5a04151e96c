"""Where a database or a copy of it lies."""

from collections.abc import Iterable

from posture.check import Fail, Outcome, Pass
from posture.claims import HostedBy, HostedIn
from posture.model import Resource


def judge_provider(claim: HostedBy) -> Outcome:
    """RDS runs on AWS alone."""
    return Pass("runs on AWS") if claim.provider == "aws" else Fail("runs on AWS")


def judge_region(resource: Resource, claim: HostedIn, copies: frozenset[str] = frozenset()) -> Outcome:
    """The resource's own region, then the regions that it is copied to."""
    if resource.region not in claim.regions:
        return Fail(f"lies in {resource.region}")
    outside = sorted(copies - set(claim.regions))
    return Fail(f"is copied to {', '.join(outside)}") if outside else Pass(f"lies in {resource.region}")


def regions_of(arns: Iterable[str]) -> frozenset[str]:
    """The regions that ARNs name. Replicas in the same region are given by name, not by ARN, and are left out."""
    return frozenset(arn.split(":")[3] for arn in arns if arn.startswith("arn:"))
