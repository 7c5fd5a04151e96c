"""Config: whether a region's changes of configuration are recorded."""

from collections.abc import Iterator
from typing import ClassVar

from posture.check import Fail, Outcome, Pass, Severity, Unknown, check
from posture.claims import ConfigurationRecorded
from posture.model import Cause, Fact, Value
from posture.reader import reader
from posture_aws.session import AwsSession


class Recorder(Value):
    """The recorder that a customer set up.

    ``strategy`` is the service's word for how ``chosen`` types are meant: recorded alone, or left out.
    ``frequency`` is CONTINUOUS or DAILY.
    """

    name: str
    strategy: str
    chosen: tuple[str, ...]
    frequency: str


class RegionRecorders(Fact):
    """The recorders that customers set up in a region, one or none (DescribeConfigurationRecorders)."""

    kind: ClassVar[str] = "aws.config.region"

    recorders: tuple[Recorder, ...]


class RecorderStatus(Fact):
    """How a recorder fares (DescribeConfigurationRecorderStatus); ``last`` tells its last delivery, in capitals."""

    kind: ClassVar[str] = "aws.config.region"

    recorder: str
    recording: bool
    last: str
    error: str


@reader(operation="config:DescribeConfigurationRecorders")
def region_recorders(aws: AwsSession) -> RegionRecorders:
    """One call a region, unpaged."""
    recorders = []
    for recorder in aws.get()["ConfigurationRecorders"]:
        group = recorder["recordingGroup"]
        strategy = group.get("recordingStrategy", {}).get("useOnly")
        if not strategy:
            strategy = "ALL_SUPPORTED_RESOURCE_TYPES" if group["allSupported"] else "INCLUSION_BY_RESOURCE_TYPES"
        if strategy == "EXCLUSION_BY_RESOURCE_TYPES":
            chosen = group["exclusionByResourceTypes"]["resourceTypes"]
        else:
            chosen = group.get("resourceTypes") or ()
        recorders.append(
            Recorder(
                name=recorder["name"],
                strategy=strategy,
                chosen=tuple(sorted(chosen)),
                frequency=recorder.get("recordingMode", {}).get("recordingFrequency", "CONTINUOUS"),
            )
        )
    return RegionRecorders(
        resource=aws.resource(RegionRecorders.kind, aws.arn("config", "region"), aws.place.region),
        recorders=tuple(recorders),
    )


@reader(operation="config:DescribeConfigurationRecorderStatus")
def recorder_statuses(aws: AwsSession, region: RegionRecorders) -> Iterator[RecorderStatus]:
    """One call for all recorders of the region, and none where there is no recorder."""
    if not region.recorders:
        return
    for status in aws.get()["ConfigurationRecordersStatus"]:
        yield RecorderStatus(
            resource=region.resource,
            recorder=status["name"],
            recording=status["recording"],
            last=(status.get("lastStatus") or "").upper(),
            error=status.get("lastErrorCode") or "",
        )


@check(
    id="aws.config.recorder",
    title="A recorder records the region's changes of configuration",
    severity=Severity.MEDIUM,
    remedy="Set up a recorder for all supported resource types with a delivery channel, and start it.",
)
def recorder_runs(
    region: RegionRecorders, claim: ConfigurationRecorded, statuses: tuple[RecorderStatus, ...]
) -> Outcome:
    """A recorder may exist and be stopped, run and fail to deliver, or record a list that new types never enter.

    A list of what is left out is accepted and named: it is how types without a region are kept to one region.
    """
    if not region.recorders:
        return Fail("has no recorder")
    recorder = region.recorders[0]
    if recorder.strategy == "INCLUSION_BY_RESOURCE_TYPES":
        return Fail(f"has a recorder of {len(recorder.chosen)} chosen resource types only")
    status = next((status for status in statuses if status.recorder == recorder.name), None)
    if status is None:
        return Unknown(Cause.DISAGREEMENT, f"lists the recorder {recorder.name} but has no status of it")
    if not status.recording:
        return Fail("has a recorder that is stopped")
    match status.last:
        case "FAILURE":
            return Fail(f"has a recorder that fails to deliver ({status.error or 'no code'})")
        case "PENDING":
            return Unknown(Cause.STALE, "has a recorder that has delivered nothing yet; scan again later")
        case "SUCCESS":
            return _scope(recorder)
        case _:
            return Unknown(Cause.NOT_SUPPORTED, f"has a recorder with the unknown status {status.last or 'none'}")


def _scope(recorder: Recorder) -> Outcome:
    pace = {"CONTINUOUS": "", "DAILY": " once a day"}.get(recorder.frequency)
    match recorder.strategy:
        case _ if pace is None:
            return Unknown(Cause.NOT_SUPPORTED, f"has a recorder of the unknown frequency {recorder.frequency}")
        case "ALL_SUPPORTED_RESOURCE_TYPES":
            return Pass(f"has all supported resource types recorded{pace}")
        case "EXCLUSION_BY_RESOURCE_TYPES":
            return Pass(f"has all resource types recorded{pace} except {', '.join(recorder.chosen)}")
        case unknown:
            return Unknown(Cause.NOT_SUPPORTED, f"has a recorder of the unknown strategy {unknown}")
