"""Live answers from Azure Resource Manager: pinned versions, raw bodies, and errors turned into gaps."""

import logging
import threading
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from posture.model import Cause, Gap
from posture.provider import Limits
from posture.session import Answer, GapFound
from posture_azure import storage_client
from posture_azure.credentials import AzureTarget, Identity, credential_of, identity_in
from posture_azure.policies import origin, pipeline, transport

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.mgmt.storage import StorageManagementClient

SIGN_IN = "sign-in"
"""Stands for the token request where a gap names an operation."""

_POLICY = ("RequestDisallowedByPolicy", "RequestDisallowedByAzure", "DenyAssignmentAuthorizationFailed")
_UNSUPPORTED = (
    "NoRegisteredProviderFound", "InvalidApiVersionParameter", "MissingApiVersionParameter", "InvalidResourceType",
    "InvalidResourceNamespace", "FeatureNotSupportedForAccount", "MissingSubscriptionRegistration",
)  # fmt: skip
_GONE = ("ResourceNotFound", "ResourceGroupNotFound", "ParentResourceNotFound")
_TALKERS = ("azure", "msal", "urllib3")
"""Loggers that warn of each failed request, which the gap behind it tells already."""

_signing_in = threading.Lock()


class _Tenant:
    """What the subscriptions of one target share: a credential with its token, the connections and a client."""

    def __init__(self, target: AzureTarget, limits: Limits) -> None:
        from azure.mgmt.core import ARMPipelineClient

        _quiet()
        self._target = target
        self._limits = limits
        self.credential: TokenCredential = credential_of(target, limits)
        self.transport: Any = transport(limits, target.ca_bundle)
        self.client: Any = ARMPipelineClient(target.endpoint, policies=self.policies(), transport=self.transport)

    def policies(self) -> list[Any]:
        """The pipeline of one more client."""
        return pipeline(self.credential, self._target.scope, self._target.endpoint, self._limits)


@lru_cache(maxsize=64)
def _made(target: AzureTarget, limits: Limits) -> _Tenant:
    return _Tenant(target, limits)


def _tenant(target: AzureTarget, limits: Limits) -> _Tenant:
    """One for each target and process, so that its places sign in once; nothing is asked before the first read."""
    with _signing_in:
        return _made(target, limits)


def _quiet() -> None:
    """Keep the SDKs' warnings off stderr, unless somebody has given their loggers a level."""
    for name in _TALKERS:
        logger = logging.getLogger(name)
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.CRITICAL)


NO_CREDENTIALS = "no credentials were found"


class ArmSource:
    """Answers from one Resource Manager, to all threads. What cannot be shared by a target's places goes with each."""

    def __init__(self, target: AzureTarget, limits: Limits) -> None:
        self._target = target
        self._limits = limits
        self._storage: dict[tuple[str, str], StorageManagementClient] = {}
        self._lock = threading.Lock()

    def identity(self) -> Identity:
        """Who we are signed in as. Raises GapFound where the sign-in fails; the token is not kept."""
        from azure.core.exceptions import AzureError

        try:
            return identity_in(_tenant(self._target, self._limits).credential.get_token(self._target.scope).token)
        except AzureError as error:
            raise GapFound(_gap_of(error, SIGN_IN)) from error
        except ValueError as error:
            raise GapFound(_gap(Cause.CREDENTIALS_EXPIRED, str(error), SIGN_IN)) from error

    def fetch(self, operation: str, params: Mapping[str, Any], region: str, absent: frozenset[str]) -> Answer:
        """Perform ``Namespace/type@version`` once, retries included. ``params`` are ArmSession's questions."""
        from azure.core.exceptions import AzureError

        self._stay(operation, params.get("origin", ""))
        try:
            response = self._send(operation, params)
        except AzureError as error:
            raise GapFound(_gap_of(error, operation)) from error
        return answer_of(response, operation, absent)

    def _stay(self, operation: str, leads_to: str) -> None:
        """A next page elsewhere is not fetched: the token would go along. What was listed so far is cut short."""
        if leads_to and origin(leads_to) != origin(self._target.endpoint):
            detail = f"the next page is said to be at {urlsplit(leads_to).netloc}, which is not {self._target.endpoint}"
            raise GapFound(_gap(Cause.TRUNCATED, detail, operation))

    def _send(self, operation: str, params: Mapping[str, Any]) -> Any:
        from azure.core.rest import HttpRequest

        query = urlencode(params["query"], quote_via=quote)
        url = f"{self._target.endpoint}{quote(params['path'])}?{query}"
        method = storage_client.method_for(params["path"])
        if method is not None:
            client = self._storage_client(method.subscription, operation.partition("@")[2])
            return storage_client.ask(client, method, url if "origin" in params else "")
        client = _tenant(self._target, self._limits).client
        return client.send_request(HttpRequest("GET", url, headers={"Accept": "application/json"}))

    def _storage_client(self, subscription: str, version: str) -> "StorageManagementClient":
        from azure.mgmt.storage import StorageManagementClient

        tenant = _tenant(self._target, self._limits)
        with self._lock:
            known = self._storage.get((subscription, version))
            if known is None:
                known = self._storage[subscription, version] = StorageManagementClient(
                    tenant.credential,
                    subscription,
                    base_url=self._target.endpoint,
                    api_version=version,
                    credential_scopes=[self._target.scope],
                    policies=tenant.policies(),
                    transport=tenant.transport,
                )
            return known


def answer_of(response: Any, operation: str, absent: frozenset[str]) -> Answer:
    """The answer in an HTTP response: a body, or one of the codes in ``absent``. Raises GapFound for all else."""
    status: int = response.status_code
    request_id = response.headers.get("x-ms-request-id", "")
    date = response.headers.get("Date", "")
    body = _json(response.content)
    if status == 200:
        if not isinstance(body, dict):
            raise GapFound(_gap(Cause.MALFORMED_REPLY, "the body is not a JSON object", operation))
        return Answer(body=body, status=status, request_id=request_id, date=date)
    code, message = _error_in(body)
    if code in absent and 400 <= status < 500:
        return Answer(absent=code, status=status, request_id=request_id, date=date)
    detail = f"{status} {code}: {message}" if code else f"HTTP status {status}"
    raise GapFound(_gap(cause_of(status, code, message), detail, operation), date)


def cause_of(status: int, code: str, message: str) -> Cause:
    """The cause behind Resource Manager's HTTP status, error code and message.

    SubscriptionNotFound counts as denied: a subscription of another tenant and one in which the caller has no role look
    alike, and the subscription was visible or named when the scan began. A resource that was listed a moment ago and is
    not found has gone since: what the listing said of it is stale, and nothing is said of it.
    """
    if status == 401:
        return Cause.CREDENTIALS_EXPIRED
    if code in _POLICY or (status == 403 and "deny assignment" in message):
        return Cause.DENIED_BY_ORGANISATION
    if status == 403 or code == "SubscriptionNotFound":
        return Cause.ACCESS_DENIED
    if status == 429:
        return Cause.THROTTLED
    if status >= 500:
        return Cause.UNREACHABLE
    if code in _UNSUPPORTED:
        return Cause.NOT_SUPPORTED
    if code in _GONE:
        return Cause.STALE
    if status == 408:
        return Cause.TIMEOUT
    return Cause.TOOL_ERROR if code else Cause.MALFORMED_REPLY


def _json(content: bytes) -> Any:
    """The body, or None where it is not JSON."""
    try:
        return msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError):
        return None


def _error_in(body: Any) -> tuple[str, str]:
    """Code and message of ARM's error envelope, or of the flat form that some providers send."""
    found = body.get("error", body) if isinstance(body, dict) else None
    if not isinstance(found, dict):
        return "", ""
    return str(found.get("code") or ""), str(found.get("message") or "")


def _gap_of(error: Any, operation: str) -> Gap:
    """The gap behind an error of azure-core: no response came, or only a part of one.

    azure-identity calls every failed sign-in an authentication error; one that never got through is told by its cause.
    """
    from azure.core import exceptions as core

    lost = (core.ServiceRequestError, core.ServiceResponseError)
    match error:
        case core.ClientAuthenticationError(__cause__=behind) if isinstance(behind, lost):
            return _gap_of(behind, operation)
        case core.ClientAuthenticationError() if _found_nothing(str(error)):
            return _gap(Cause.ACCESS_DENIED, f"{NO_CREDENTIALS}: {' '.join(str(error).split())}", operation)
        case core.ClientAuthenticationError():
            cause = Cause.CREDENTIALS_EXPIRED
        case core.ServiceRequestTimeoutError() | core.ServiceResponseTimeoutError():
            cause = Cause.TIMEOUT
        case core.ServiceRequestError() | core.ServiceResponseError():
            cause = Cause.UNREACHABLE
        case _:
            cause = Cause.MALFORMED_REPLY
    return _gap(cause, str(error), operation)


def _found_nothing(message: str) -> bool:
    """Whether azure-identity says that no way to sign in is set up. What Entra ID refuses has a code (AADSTS)."""
    return "unavailable" in message and "AADSTS" not in message


def _gap(cause: Cause, detail: str, operation: str) -> Gap:
    return Gap(cause=cause, detail=detail[:500], operation=operation)
