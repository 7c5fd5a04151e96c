"""GuardDuty: whether threat detection is on in a region."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import ThreatDetection
from posture.model import Cause, Fact
from posture.reader import reader
from posture_aws.session import AwsSession


class RegionDetectors(Fact):
    """The detectors of a region: one where GuardDuty was ever enabled, else none (ListDetectors)."""

    kind: ClassVar[str] = "aws.guardduty.region"

    ids: tuple[str, ...]


class Detector(Fact):
    """A detector; ``status`` is the service's word, DISABLED where it is suspended (GetDetector)."""

    kind: ClassVar[str] = "aws.guardduty.region"

    id: str
    status: str


@reader(operation="guardduty:ListDetectors")
def region_detectors(aws: AwsSession) -> RegionDetectors:
    """The detectors' ids, 50 a page."""
    ids = [id for page in aws.pages("NextToken", MaxResults=50) for id in page["DetectorIds"]]
    return RegionDetectors(
        resource=aws.resource(RegionDetectors.kind, aws.arn("guardduty", "region"), aws.place.region),
        ids=tuple(ids),
    )


@reader(operation="guardduty:GetDetector")
def detectors(aws: AwsSession, region: RegionDetectors) -> Iterator[Detector]:
    """One call a detector."""
    for id in region.ids:
        yield Detector(resource=region.resource, id=id, status=aws.get(DetectorId=id)["Status"])


@check(
    id="aws.guardduty.detector-enabled",
    title="GuardDuty watches the region",
    severity=Severity.MEDIUM,
    remedy="Enable GuardDuty in the region, or resume it where it is suspended.",
)
def detector_enabled(region: RegionDetectors, claim: ThreatDetection, detectors: tuple[Detector, ...]) -> Outcome:
    """A suspended detector watches nothing, and a region without a detector is not watched from another one."""
    if not region.ids:
        return Fail("has no detector")
    if any(detector.status == "ENABLED" for detector in detectors):
        return Pass("has an enabled detector")
    states = {detector.status for detector in detectors}
    if states == {"DISABLED"}:
        return Fail("has a detector that is suspended")
    return Unknown(Cause.NOT_SUPPORTED, f"has a detector in an unknown state: {', '.join(sorted(states)) or 'none'}")
