"""Which cause of a gap stands behind an error of AWS, by its code, HTTP status and message."""

from collections.abc import Mapping
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
    "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidClientTokenId",
    "UnrecognizedClientException", "InvalidAccessKeyId", "InvalidToken",
)  # fmt: skip
_SKEWED = ("RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture")
_SIGNATURES = ("SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure")
_UNTIMELY = ("Signature expired", "not yet current")
"""What AWS says of a signature whose time is more than five minutes from its own (fifteen for S3): the code alone, or
the message of a code that has other reasons too."""

CLOCK_OFF = "the clock of this machine is off, so that AWS refuses its signatures"
NO_CREDENTIALS = "no credentials were found"
_NOT_ENABLED = ("OptInRequired", "RegionDisabledException", "SubscriptionRequiredException")
_NOT_SUPPORTED = ("InvalidAction", "UnknownOperationException", "NotImplemented", "UnsupportedOperation", "501")


def absent_or_gap(error: Any, operation: str, absent: frozenset[str]) -> Answer:
    code = str(error.response.get("Error", {}).get("Code", ""))
    meta = error.response.get("ResponseMetadata", {})
    status = int(meta.get("HTTPStatusCode", 0))
    if code in absent and 400 <= status < 500:
        return Answer(absent=code, status=status, request_id=meta.get("RequestId", ""), date=date_of(meta))
    message = str(error.response.get("Error", {}).get("Message", ""))
    detail = f"{code}: {message}"
    if is_untimely(code, message):
        detail = f"{CLOCK_OFF} ({detail})"
    gap = Gap(cause=cause_of(code, status, message), detail=detail[:500], operation=operation)
    raise GapFound(gap, date_of(meta)) from error


def date_of(meta: Mapping[str, Any]) -> str:
    """The Date header in the metadata of a reply; botocore writes header names in lower case."""
    return str((meta.get("HTTPHeaders") or {}).get("date", ""))


def is_untimely(code: str, message: str) -> bool:
    """Whether AWS refused a signature for its time alone: the clock that made it is off."""
    return code in _SKEWED or (code in _SIGNATURES and any(words in message for words in _UNTIMELY))


def cause_of(code: str, status: int, message: str) -> Cause:
    """The cause behind an AWS error code, HTTP status and message.

    A signature that is refused counts as credentials out of date, whether its key, its time or a proxy is to blame.
    """
    if code in (*_SKEWED, *_SIGNATURES):
        return Cause.CREDENTIALS_EXPIRED
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


def credentials_gap(error: Exception, operation: str) -> Gap:
    """The gap behind credentials that cannot be used: none are there, or those that were there ran out."""
    import botocore.exceptions as errors

    ran_out = (errors.CredentialRetrievalError, errors.TokenRetrievalError, errors.SSOError)
    if isinstance(error, ran_out):
        return gap_of(Cause.CREDENTIALS_EXPIRED, error, operation)
    return Gap(cause=Cause.ACCESS_DENIED, detail=f"{NO_CREDENTIALS}: {error}"[:500], operation=operation)


def gap_of(cause: Cause, error: Exception, operation: str) -> Gap:
    return Gap(cause=cause, detail=str(error)[:500], operation=operation)
