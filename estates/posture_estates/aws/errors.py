"""The errors AWS answers with, in the code, status and body that each protocol gives them.

Codes and statuses follow the services' API references ("Common Errors"): IAM refusals are 403 in the query and REST
protocols, 400 in the JSON protocol; EC2 and S3 have words of their own.
"""

from __future__ import annotations

from typing import Literal
from xml.sax.saxutils import escape

from posture_estates.aws.exchange import ACCOUNT, CALLER, REQUEST_ID, Reply, Request, json_reply, xml_reply
from posture_estates.aws.operations import Operation, model

MessageKind = Literal["identity", "scp"]

ACTIONS = {  # operations whose IAM action has another name (Service Authorization Reference)
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetBucketReplication": "s3:GetReplicationConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3control:GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock",
}
ACTION_PREFIXES = {
    "cloudwatch": "cloudwatch",
    "resourcegroupstaggingapi": "tag",
    "sesv2": "ses",
    "efs": "elasticfilesystem",
}


def error_reply(operation: Operation, status: int, code: str, message: str) -> Reply:
    """An error in the shape of the operation's protocol."""
    detail = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    match operation.protocol:
        case "ec2":
            return xml_reply(
                f"<Response><Errors><Error>{detail}</Error></Errors><RequestID>{REQUEST_ID}</RequestID></Response>",
                status,
            )
        case "rest-xml" if operation.service == "s3":
            return xml_reply(f"<Error>{detail}<RequestId>{REQUEST_ID}</RequestId><HostId>gate</HostId></Error>", status)
        case "query" | "rest-xml":
            fault = "Receiver" if status >= 500 else "Sender"
            return xml_reply(
                f"<ErrorResponse><Error><Type>{fault}</Type>{detail}</Error>"
                f"<RequestId>{REQUEST_ID}</RequestId></ErrorResponse>",
                status,
            )
        case "json" if "awsQueryCompatible" in model(operation.service).metadata:
            fault = "Receiver" if status >= 500 else "Sender"
            header = ("x-amzn-query-error", f"{code};{fault}")
            return json_reply({"__type": code, "message": message}, status, (header,))
        case "json":
            return json_reply({"__type": code, "message": message}, status)
        case _:
            return json_reply({"message": message}, status, (("x-amzn-ErrorType", code),))


def access_denied(operation: Operation, request: Request, kind: MessageKind, action: str | None) -> Reply:
    """A refusal by IAM, in the words of the service: no policy allows it, or an organisation's policy forbids it."""
    key = f"{operation.service}:{operation.name}"
    prefix = ACTION_PREFIXES.get(operation.service, operation.signing_name)
    action = action or ACTIONS.get(key, f"{prefix}:{operation.name}")
    cause = {
        "identity": f"because no identity-based policy allows the {action} action",
        "scp": "with an explicit deny in a service control policy",
    }[kind]
    sentence = (
        f"User: {CALLER} is not authorized to perform: {action} on resource: {resource(operation, request)} {cause}"
    )
    match operation:
        case Operation(protocol="ec2"):
            return error_reply(
                operation, 403, "UnauthorizedOperation", f"You are not authorized to perform this operation. {sentence}"
            )
        case Operation(service="sns"):
            return error_reply(operation, 403, "AuthorizationError", sentence)
        case Operation(protocol="query" | "rest-xml"):
            return error_reply(operation, 403, "AccessDenied", sentence)
        case Operation(protocol="json") if "awsQueryCompatible" in model(operation.service).metadata:
            return error_reply(operation, 403, "AccessDenied", sentence)
        case Operation(protocol="json"):
            return error_reply(operation, 400, "AccessDeniedException", sentence)
        case _:
            return error_reply(operation, 403, "AccessDeniedException", sentence)


def resource(operation: Operation, request: Request) -> str:
    """The resource that a refusal names."""
    if operation.service == "s3":
        bucket = request.path.strip("/").partition("/")[0]
        return f'"arn:aws:s3:::{bucket}"' if bucket else "*"
    prefix = ACTION_PREFIXES.get(operation.service, operation.signing_name)
    return f"arn:aws:{prefix}:{operation.region}:{ACCOUNT}:*"


def throttled(operation: Operation) -> Reply:
    """Too many requests. Some services say TooManyRequestsException: their models name it."""
    match operation:
        case Operation(protocol="ec2"):
            return error_reply(operation, 503, "RequestLimitExceeded", "Request limit exceeded.")
        case Operation(service="s3"):
            return error_reply(operation, 503, "SlowDown", "Please reduce your request rate.")
        case Operation(protocol="query" | "rest-xml"):
            return error_reply(operation, 400, "Throttling", "Rate exceeded")
        case _:
            own_word = model(operation.service).names_error("TooManyRequestsException")
            code = "TooManyRequestsException" if own_word else "ThrottlingException"
            return error_reply(operation, 429 if operation.protocol == "rest-json" else 400, code, "Rate exceeded")


def untimely(operation: Operation) -> Reply:
    """A signature whose time is too far off; S3 and EC2 have codes of their own for it."""
    if operation.service == "s3":
        message = "The difference between the request time and the current time is too large."
        return error_reply(operation, 403, "RequestTimeTooSkewed", message)
    if operation.protocol == "ec2":
        return error_reply(operation, 400, "RequestExpired", "Request has expired.")
    code = "SignatureDoesNotMatch" if operation.protocol == "query" else "InvalidSignatureException"
    message = "Signature expired: 20261124T120000Z is now earlier than 20261124T125500Z (20261124T130000Z - 5 min.)"
    return error_reply(operation, 403, code, message)


def expired(operation: Operation) -> Reply:
    """Temporary credentials past their time."""
    message = "The security token included in the request is expired"
    match operation:
        case Operation(protocol="ec2"):
            return error_reply(operation, 400, "RequestExpired", "Request has expired.")
        case Operation(service="s3"):
            return error_reply(operation, 400, "ExpiredToken", "The provided token has expired.")
        case Operation(protocol="query" | "rest-xml"):
            return error_reply(operation, 403, "ExpiredToken", message)
        case Operation(protocol="json"):
            return error_reply(operation, 400, "ExpiredTokenException", message)
        case _:
            return error_reply(operation, 403, "ExpiredTokenException", message)


def failed(operation: Operation, status: int) -> Reply:
    """An error of the service's own making."""
    if status == 503:
        return error_reply(operation, status, "ServiceUnavailable", "The service is unavailable. Please try again.")
    code = "InternalError" if operation.service in ("s3", "ec2") else "InternalFailure"
    return error_reply(operation, status, code, "An internal error occurred. Please try again.")


def not_emulated(operation: Operation) -> Reply:
    """What the emulator cannot answer is refused as an unknown operation, never answered with invented data."""
    return error_reply(
        operation, 400, "UnknownOperationException", f"{operation.service}:{operation.name} is not emulated"
    )
