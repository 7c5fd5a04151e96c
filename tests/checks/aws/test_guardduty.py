"""GuardDuty: what is read and how it is judged."""

import pytest

from kit import Recorded, judge, read, session_of
from posture.check import Fail, Incomplete, Outcome, Pass, Unknown
from posture.claims import ThreatDetection
from posture.model import Cause, Gap
from posture.reader import GapFound
from posture_aws import guardduty
from posture_aws.guardduty import Detector, RegionDetectors
from posture_aws.session import AwsSession

REGION = session_of(AwsSession, Recorded({})).resource(
    "aws.guardduty.region", "arn:aws:guardduty:us-east-1:123456789012:region", "us-east-1"
)


def region(*ids: str) -> RegionDetectors:
    return RegionDetectors(resource=REGION, ids=ids)


def detector(id: str, status: str) -> Detector:
    return Detector(resource=REGION, id=id, status=status)


def test_every_page_of_detectors_is_read() -> None:
    source = Recorded({"guardduty:ListDetectors": [{"DetectorIds": ["a"], "NextToken": "n"}, {"DetectorIds": ["b"]}]})
    assert read(guardduty.region_detectors, session_of(AwsSession, source)) == [region("a", "b")]
    assert source.asked[1][1] == {"MaxResults": 50, "NextToken": "n"}


def test_each_detector_is_asked_for_its_status() -> None:
    source = Recorded({"guardduty:GetDetector": [{"Status": "DISABLED"}, {"Status": "ENABLED"}]})
    facts = read(guardduty.detectors, session_of(AwsSession, source), region("a", "b"))
    assert facts == [detector("a", "DISABLED"), detector("b", "ENABLED")]


def test_a_refused_listing_is_a_gap() -> None:
    session = session_of(AwsSession, Recorded({"guardduty:ListDetectors": Cause.ACCESS_DENIED}))
    with pytest.raises(GapFound, match="access-denied"):
        read(guardduty.region_detectors, session)


@pytest.mark.parametrize(
    ("fact", "detectors", "expected"),
    [
        (region(), (), Fail("has no detector")),
        (region("a"), (detector("a", "ENABLED"),), Pass("has an enabled detector")),
        (region("a"), (detector("a", "DISABLED"),), Fail("has a detector that is suspended")),
        (region("a", "b"), (detector("a", "DISABLED"), detector("b", "ENABLED")), Pass("has an enabled detector")),
        (
            region("a"),
            (detector("a", "RESTING"),),
            Unknown(Cause.NOT_SUPPORTED, "has a detector in an unknown state: RESTING"),
        ),
    ],
)
def test_one_enabled_detector_is_needed(
    fact: RegionDetectors, detectors: tuple[Detector, ...], expected: Outcome
) -> None:
    assert judge(guardduty.detector_enabled, fact, ThreatDetection(), detectors) == expected


def test_a_detector_that_could_not_be_read_is_unknown_unless_another_is_enabled() -> None:
    gap = Gap(cause=Cause.THROTTLED, detail="slow", operation="guardduty:GetDetector")
    none = Incomplete.of((), gap)
    one = Incomplete.of((detector("a", "ENABLED"),), gap)
    off = Incomplete.of((detector("a", "DISABLED"),), gap)
    fact = region("a", "b")
    assert judge(guardduty.detector_enabled, fact, ThreatDetection(), none) == Unknown(Cause.THROTTLED, "slow")
    assert judge(guardduty.detector_enabled, fact, ThreatDetection(), off) == Unknown(Cause.THROTTLED, "slow")
    assert judge(guardduty.detector_enabled, fact, ThreatDetection(), one) == Pass("has an enabled detector")
