"""Which cause of a gap stands behind an error of AWS, by its code, HTTP status and message."""

from typing import Any

from posture.model import Cause, Gap
from posture.session import Answer, GapFound

_DENIED = (
    "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "Client.UnauthorizedOperation",
    "AuthorizationError", "AuthorizationErrorException", "NotAuthorized", "UnauthorizedException",
    "ForbiddenException", "403", "AllAccessDisabled",
)  # fmt: skip
_THROTTLED = (
    "Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded", "TooManyRequestsException",
    "SlowDown", "RequestThrottled", "RequestThrottledException", "Client.RequestLimitExceeded",
    "LimitExceededException",
    "ProvisionedThroughputExceededException", "BandwidthLimitExceeded", "PriorRequestNotComplete", "429",
)  # fmt: skip
_EXPIRED = (
    "ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "InvalidClientTokenId",
    "UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthFailure", "InvalidToken",
)  # fmt: skip
_NOT_ENABLED = ("OptInRequired", "RegionDisabledException", "SubscriptionRequiredException")
_NOT_SUPPORTED = ("InvalidAction", "UnknownOperationException", "NotImplemented", "UnsupportedOperation", "501")


def absent_or_gap(error: Any, operation: str, absent: frozenset[str]) -> Answer:
    code = str(error.response.get("Error", {}).get("Code", ""))
    meta = error.response.get("ResponseMetadata", {})
    status = int(meta.get("HTTPStatusCode", 0))
    if code in absent and 400 <= status < 500:
        return Answer(absent=code, status=status, request_id=meta.get("RequestId", ""))
    message = str(error.response.get("Error", {}).get("Message", ""))
    raise GapFound(
        Gap(cause=cause_of(code, status, message), detail=f"{code}: {message}"[:500], operation=operation)
    ) from error


def cause_of(code: str, status: int, message: str) -> Cause:
    """The cause behind an AWS error code, HTTP status and message."""
    if code in _DENIED:
        organisation = "service control policy" in message or "resource control policy" in message
        return Cause.DENIED_BY_ORGANISATION if organisation else Cause.ACCESS_DENIED
    if code in _THROTTLED:
        return Cause.THROTTLED
    if code in _EXPIRED:
        return Cause.CREDENTIALS_EXPIRED
    if code in _NOT_ENABLED:
        return Cause.REGION_NOT_ENABLED
    if code in _NOT_SUPPORTED:
        return Cause.NOT_SUPPORTED
    if status == 403:
        return Cause.ACCESS_DENIED
    return Cause.UNREACHABLE if status >= 500 else Cause.TOOL_ERROR


def gap_of(cause: Cause, error: Exception, operation: str) -> Gap:
    return Gap(cause=cause, detail=str(error)[:500], operation=operation)
