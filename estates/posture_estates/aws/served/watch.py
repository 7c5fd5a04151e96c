"""GuardDuty, Macie, CloudTrail and Config where moto's answers differ from the services'."""

from __future__ import annotations

from posture_estates.aws.errors import error_reply
from posture_estates.aws.exchange import Forward, Reply, Request
from posture_estates.aws.operations import Operation
from posture_estates.aws.served.state import State

FOUNDATIONAL = {"CloudTrail": "CLOUD_TRAIL", "DNSLogs": "DNS_LOGS", "FlowLogs": "FLOW_LOGS"}
DEFAULT_SELECTOR = {
    "ReadWriteType": "All",
    "IncludeManagementEvents": True,
    "DataResources": [],
    "ExcludeManagementEventSources": [],
}


def get_detector(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """A detector always reads the foundational sources, which moto shows as disabled."""
    reply = emulate(request)
    if reply.status != 200:
        return reply
    members = reply.json
    others = [f for f in members.get("features", ()) if f["name"] not in FOUNDATIONAL.values()]
    members["features"] = [{"name": name, "status": "ENABLED"} for name in FOUNDATIONAL.values()] + others
    for source in members.get("dataSources", {}).keys() & {"cloudTrail", "dnsLogs", "flowLogs"}:
        members["dataSources"][source] = {"status": "ENABLED"}
    return reply.with_json(members)


def describe_trails(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """moto ignores `trailNameList`."""
    reply = emulate(request)
    names = request.json.get("trailNameList")
    if reply.status != 200 or not names:
        return reply
    trails = [t for t in reply.json["trailList"] if t["Name"] in names or t["TrailARN"] in names]
    return reply.with_json({"trailList": trails})


def event_selectors(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """A trail that nobody gave selectors has the default one; only one of the two forms is ever there."""
    reply = emulate(request)
    if reply.status != 200:
        return reply
    members = {name: value for name, value in reply.json.items() if value}
    if not members.keys() & {"EventSelectors", "AdvancedEventSelectors"}:
        members["EventSelectors"] = [DEFAULT_SELECTOR]
    return reply.with_json(members)


def describe_recorders(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """A recorder records continuously unless told otherwise."""
    reply = emulate(request)
    if reply.status != 200:
        return reply
    recorders = [
        {"recordingMode": {"recordingFrequency": "CONTINUOUS", "recordingModeOverrides": []}} | recorder
        for recorder in reply.json["ConfigurationRecorders"]
    ]
    return reply.with_json({"ConfigurationRecorders": recorders})


def recorder_status(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """A recorder that runs has delivered; in moto it stays pending for ever."""
    reply = emulate(request)
    if reply.status != 200:
        return reply
    members = reply.json
    for recorder in members["ConfigurationRecordersStatus"]:
        if recorder["recording"]:
            recorder["lastStatus"] = "SUCCESS"
    return reply.with_json(members)


def enable_macie(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    with state.lock:
        state.macie_regions.add(operation.region)
    return emulate(request)


def disable_macie(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    with state.lock:
        state.macie_regions.discard(operation.region)
    return emulate(request)


def get_macie_session(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """Macie is off until it is enabled, and says so with AccessDeniedException."""
    with state.lock:
        enabled = operation.region in state.macie_regions
    return (
        emulate(request) if enabled else error_reply(operation, 403, "AccessDeniedException", "Macie is not enabled.")
    )


SERVED = {
    ("guardduty", "GetDetector"): get_detector,
    ("cloudtrail", "DescribeTrails"): describe_trails,
    ("cloudtrail", "GetEventSelectors"): event_selectors,
    ("config", "DescribeConfigurationRecorders"): describe_recorders,
    ("config", "DescribeConfigurationRecorderStatus"): recorder_status,
    ("macie2", "EnableMacie"): enable_macie,
    ("macie2", "DisableMacie"): disable_macie,
    ("macie2", "GetMacieSession"): get_macie_session,
}
