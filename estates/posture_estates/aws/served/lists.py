"""Listings of services that moto lacks altogether: the account has nothing there."""

from __future__ import annotations

from posture_estates.aws.exchange import Forward, Reply, Request, json_reply
from posture_estates.aws.operations import Operation
from posture_estates.aws.served.state import State

EMPTY = {
    ("accessanalyzer", "ListAnalyzers"): "analyzers",
    ("chime-sdk-media-pipelines", "ListMediaCapturePipelines"): "MediaCapturePipelines",
    ("chime-sdk-media-pipelines", "ListMediaPipelines"): "MediaPipelines",
    ("comprehend", "ListPiiEntitiesDetectionJobs"): "PiiEntitiesDetectionJobPropertiesList",
    ("macie2", "ListClassificationJobs"): "items",
    ("rekognition", "ListStreamProcessors"): "StreamProcessors",
}


def nothing(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    return json_reply({EMPTY[operation.service, operation.name]: []})


SERVED = dict.fromkeys(EMPTY, nothing)
