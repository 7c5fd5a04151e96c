"""Listings that moto lacks, of services or kinds of which the account has nothing."""

from __future__ import annotations

from posture_estates.aws.exchange import Forward, Reply, Request, json_reply
from posture_estates.aws.operations import Operation
from posture_estates.aws.served.state import State
from posture_estates.aws.served.xml import query_listing

EMPTY = {
    ("accessanalyzer", "ListAnalyzers"): "analyzers",
    ("chime-sdk-media-pipelines", "ListMediaCapturePipelines"): "MediaCapturePipelines",
    ("chime-sdk-media-pipelines", "ListMediaPipelines"): "MediaPipelines",
    ("comprehend", "ListPiiEntitiesDetectionJobs"): "PiiEntitiesDetectionJobPropertiesList",
    ("elasticache", "DescribeServerlessCaches"): "ServerlessCaches",
    ("macie2", "ListClassificationJobs"): "items",
    ("rekognition", "ListStreamProcessors"): "StreamProcessors",
}


def nothing(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    name = EMPTY[operation.service, operation.name]
    return query_listing(operation, request, name, []) if operation.protocol == "query" else json_reply({name: []})


SERVED = dict.fromkeys(EMPTY, nothing)
