"""Keys, told whole; and those that AWS manages for its services (`alias/aws/…`), which moto shows as the customer's."""

from __future__ import annotations

from moto.kms.models import kms_backends

from posture_estates.aws.exchange import ACCOUNT, Forward, Reply, Request
from posture_estates.aws.operations import Operation
from posture_estates.aws.served.state import State

ALIASES = "alias/aws/"


def aws_managed_key(region: str, service: str) -> str:
    """The ARN of the key that a service uses when the customer names none; made when first needed, as AWS does."""
    keys = kms_backends[ACCOUNT][region]
    alias = f"{ALIASES}{service}"
    if not keys.alias_exists(alias):
        key = keys.create_key("", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", f"Default key of {service}", [])
        keys.create_alias(key.id, alias)
    return str(keys.describe_key(alias).arn)


def describe_key(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """moto leaves out the usage where none was asked for, and tells algorithms that a key does not have."""
    reply = emulate(request)
    if reply.status != 200:
        return reply
    key = reply.json["KeyMetadata"]
    told = {name: value for name, value in key.items() if value not in (None, [])}
    told |= {"KeyUsage": key.get("KeyUsage") or "ENCRYPT_DECRYPT", "MultiRegion": bool(key.get("MultiRegion"))}
    if is_aws_managed(operation.region, key["KeyId"]):
        told["KeyManager"] = "AWS"
    return reply.with_json({"KeyMetadata": told})


def rotation_status(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """Keys of AWS rotate every year, always."""
    reply = emulate(request)
    key = request.json["KeyId"].rpartition("/")[2]
    if reply.status != 200 or not is_aws_managed(operation.region, key):
        return reply
    return reply.with_json(reply.json | {"KeyRotationEnabled": True})


def is_aws_managed(region: str, key_id: str) -> bool:
    return any(alias.startswith(ALIASES) for alias in kms_backends[ACCOUNT][region].keys[key_id].aliases)


SERVED = {("kms", "DescribeKey"): describe_key, ("kms", "GetKeyRotationStatus"): rotation_status}
