"""Amazon Inspector: which resource types it scans in a region, and the coverage that follows from the resources."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from moto.awslambda.models import lambda_backends
from moto.ec2.models import ec2_backends
from moto.ecr.models import ecr_backends

from posture_estates.aws.exchange import ACCOUNT, Forward, Reply, Request, json_reply
from posture_estates.aws.operations import Operation
from posture_estates.aws.served.state import State, page

TYPES = {
    "EC2": "ec2",
    "ECR": "ecr",
    "LAMBDA": "lambda",
    "LAMBDA_CODE": "lambdaCode",
    "CODE_REPOSITORY": "codeRepository",
}


def enable(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """Everything there is gets scanned at once, and not again."""
    with state.lock:
        state.last_scans[operation.region] = time.time()
        state.scanned_types[operation.region] |= set(request.json["resourceTypes"])
    return changed(operation, request, state)


def disable(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """Without types all scanning ends."""
    with state.lock:
        state.scanned_types[operation.region] -= set(request.json.get("resourceTypes") or TYPES)
    return changed(operation, request, state)


def changed(operation: Operation, request: Request, state: State) -> Reply:
    statuses = type_statuses(operation.region, state)
    account = {"accountId": ACCOUNT, "status": account_status(statuses), "resourceStatus": statuses}
    return json_reply({"accounts": [account], "failedAccounts": []})


def account_statuses(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """Only the account's own status: others are refused, as for an account that is no administrator of theirs."""
    asked = request.json.get("accountIds") or [ACCOUNT]
    statuses = type_statuses(operation.region, state)
    own = {
        "accountId": ACCOUNT,
        "state": described(account_status(statuses)),
        "resourceState": {member: described(status) for member, status in statuses.items()},
    }
    failed = [
        {"accountId": account, "errorCode": "ACCESS_DENIED", "errorMessage": "Access denied"}
        for account in asked
        if account != ACCOUNT
    ]
    return json_reply({"accounts": [own] if ACCOUNT in asked else [], "failedAccounts": failed})


def type_statuses(region: str, state: State) -> dict[str, str]:
    with state.lock:
        scanned = set(state.scanned_types[region])
    return {member: "ENABLED" if kind in scanned else "DISABLED" for kind, member in TYPES.items()}


def account_status(statuses: dict[str, str]) -> str:
    return "ENABLED" if "ENABLED" in statuses.values() else "DISABLED"


def described(status: str) -> dict[str, str]:
    return {"status": status, "errorCode": "", "errorMessage": ""}


def list_coverage(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    with state.lock:
        scanned, when = set(state.scanned_types[operation.region]), state.last_scans.get(operation.region)
    covered = [resource | {"lastScannedAt": when} for resource in coverage(operation.region, scanned)]
    shown, token = page(covered, request.json.get("maxResults", 200), request.json.get("nextToken"))
    return json_reply({"coveredResources": shown} | ({"nextToken": token} if token else {}))


def coverage(region: str, scanned: set[str]) -> Iterator[dict[str, Any]]:
    if "EC2" in scanned:
        for reservation in ec2_backends[ACCOUNT][region].reservations.values():
            for instance in reservation.instances:
                running = instance.state == "running"
                yield covered_resource(
                    "AWS_EC2_INSTANCE", instance.id, "SUCCESSFUL" if running else "EC2_INSTANCE_STOPPED"
                )
    if "ECR" in scanned:
        for repository in ecr_backends[ACCOUNT][region].repositories.values():
            yield covered_resource("AWS_ECR_REPOSITORY", repository.arn, "SUCCESSFUL")
    if "LAMBDA" in scanned:
        for function in lambda_backends[ACCOUNT][region].list_functions():
            yield covered_resource("AWS_LAMBDA_FUNCTION", f"{function.function_arn}:$LATEST", "SUCCESSFUL")


def covered_resource(kind: str, resource: str, reason: str) -> dict[str, Any]:
    return {
        "accountId": ACCOUNT,
        "resourceType": kind,
        "resourceId": resource,
        "scanType": "PACKAGE",
        "scanStatus": {"statusCode": "ACTIVE" if reason == "SUCCESSFUL" else "INACTIVE", "reason": reason},
    }


SERVED = {
    ("inspector2", "Enable"): enable,
    ("inspector2", "Disable"): disable,
    ("inspector2", "BatchGetAccountStatus"): account_statuses,
    ("inspector2", "ListCoverage"): list_coverage,
}
