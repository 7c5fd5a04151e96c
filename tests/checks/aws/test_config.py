"""Config: what is read and how it is judged."""

from typing import Any

import pytest

from kit import Recorded, judge, read, session_of
from posture.check import Fail, Incomplete, Outcome, Pass, Unknown
from posture.claims import ConfigurationRecorded
from posture.model import Cause, Gap
from posture.reader import GapFound
from posture_aws import config
from posture_aws.config import Recorder, RecorderStatus, RegionRecorders
from posture_aws.session import AwsSession

REGION = session_of(AwsSession, Recorded({})).resource(
    "aws.config.region", "arn:aws:config:us-east-1:123456789012:region", "us-east-1"
)


def recorder(
    strategy: str = "ALL_SUPPORTED_RESOURCE_TYPES", chosen: tuple[str, ...] = (), frequency: str = "CONTINUOUS"
) -> Recorder:
    return Recorder(name="default", strategy=strategy, chosen=chosen, frequency=frequency)


def region(*recorders: Recorder) -> RegionRecorders:
    return RegionRecorders(resource=REGION, recorders=recorders)


def status(recording: bool = True, last: str = "SUCCESS", error: str = "") -> RecorderStatus:
    return RecorderStatus(resource=REGION, recorder="default", recording=recording, last=last, error=error)


def group(**fields: Any) -> dict[str, Any]:
    return {"name": "default", "recordingGroup": {"allSupported": False, "resourceTypes": []} | fields}


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ([], region()),
        ([group(allSupported=True)], region(recorder())),
        ([group(resourceTypes=["B", "A"])], region(recorder("INCLUSION_BY_RESOURCE_TYPES", ("A", "B")))),
        (
            [
                group(
                    recordingStrategy={"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
                    exclusionByResourceTypes={"resourceTypes": ["AWS::IAM::Role"]},
                )
                | {"recordingMode": {"recordingFrequency": "DAILY"}}
            ],
            region(recorder("EXCLUSION_BY_RESOURCE_TYPES", ("AWS::IAM::Role",), "DAILY")),
        ),
    ],
)
def test_the_scope_of_a_recorder_is_read_in_each_of_its_forms(reply: Any, expected: RegionRecorders) -> None:
    source = Recorded({"config:DescribeConfigurationRecorders": {"ConfigurationRecorders": reply}})
    assert read(config.region_recorders, session_of(AwsSession, source)) == [expected]


def test_the_status_is_read_in_one_call_and_not_asked_without_a_recorder() -> None:
    reply = {"name": "default", "recording": True, "lastStatus": "Failure", "lastErrorCode": "NoBucket"}
    source = Recorded({"config:DescribeConfigurationRecorderStatus": {"ConfigurationRecordersStatus": [reply]}})
    session = session_of(AwsSession, source)
    assert read(config.recorder_statuses, session, region()) == []
    assert source.asked == []
    assert read(config.recorder_statuses, session, region(recorder())) == [status(True, "FAILURE", "NoBucket")]


def test_a_refused_status_is_a_gap() -> None:
    session = session_of(AwsSession, Recorded({"config:DescribeConfigurationRecorderStatus": Cause.ACCESS_DENIED}))
    with pytest.raises(GapFound, match="access-denied"):
        read(config.recorder_statuses, session, region(recorder()))


@pytest.mark.parametrize(
    ("fact", "statuses", "expected"),
    [
        (region(), (), Fail("has no recorder")),
        (region(recorder()), (status(),), Pass("has all supported resource types recorded")),
        (
            region(recorder(frequency="DAILY")),
            (status(),),
            Pass("has all supported resource types recorded once a day"),
        ),
        (
            region(recorder("EXCLUSION_BY_RESOURCE_TYPES", ("AWS::IAM::Role", "AWS::IAM::User"))),
            (status(),),
            Pass("has all resource types recorded except AWS::IAM::Role, AWS::IAM::User"),
        ),
        (
            region(recorder("INCLUSION_BY_RESOURCE_TYPES", ("AWS::S3::Bucket",))),
            (status(),),
            Fail("has a recorder of 1 chosen resource types only"),
        ),
        (region(recorder()), (status(recording=False),), Fail("has a recorder that is stopped")),
        (
            region(recorder()),
            (status(last="FAILURE", error="NoBucket"),),
            Fail("has a recorder that fails to deliver (NoBucket)"),
        ),
        (
            region(recorder()),
            (status(last="PENDING"),),
            Unknown(Cause.STALE, "has a recorder that has delivered nothing yet; scan again later"),
        ),
        (
            region(recorder()),
            (status(last=""),),
            Unknown(Cause.NOT_SUPPORTED, "has a recorder with the unknown status none"),
        ),
        (
            region(recorder("BY_MOOD")),
            (status(),),
            Unknown(Cause.NOT_SUPPORTED, "has a recorder of the unknown strategy BY_MOOD"),
        ),
        (
            region(recorder(frequency="WEEKLY")),
            (status(),),
            Unknown(Cause.NOT_SUPPORTED, "has a recorder of the unknown frequency WEEKLY"),
        ),
        (
            region(recorder()),
            (),
            Unknown(Cause.DISAGREEMENT, "lists the recorder default but has no status of it"),
        ),
    ],
)
def test_a_recorder_must_record_everything_and_deliver(
    fact: RegionRecorders, statuses: tuple[RecorderStatus, ...], expected: Outcome
) -> None:
    assert judge(config.recorder_runs, fact, ConfigurationRecorded(), statuses) == expected


def test_a_refused_status_is_unknown_only_where_the_answer_hangs_on_it() -> None:
    refused = Incomplete.of((), Gap(cause=Cause.ACCESS_DENIED, detail="no", operation="o", permission="p"))
    claim = ConfigurationRecorded()
    assert judge(config.recorder_runs, region(recorder()), claim, refused) == Unknown(Cause.ACCESS_DENIED, "no", "p")
    assert judge(config.recorder_runs, region(), claim, refused) == Fail("has no recorder")
