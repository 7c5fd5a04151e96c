"""Live answers from AWS through boto3: credentials, clients, the read-only guard, and errors turned into gaps."""

import threading
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from posture.model import Cause, Gap, Value
from posture.provider import Limits, SignInFailed
from posture.session import Answer, GapFound

if TYPE_CHECKING:
    import boto3
    from botocore.client import BaseClient
    from botocore.credentials import DeferredRefreshableCredentials

READ_VERBS = ("Describe", "Get", "List", "BatchGet", "Lookup", "Head")
CONTENT_OPERATIONS = frozenset(
    {
        "s3:GetObject", "secretsmanager:GetSecretValue", "ssm:GetParameter", "ssm:GetParameters", "kms:Decrypt",
        "lambda:GetFunction", "logs:GetLogEvents", "logs:FilterLogEvents", "dynamodb:GetItem", "sqs:ReceiveMessage",
        "ebs:GetSnapshotBlock", "ec2:GetPasswordData", "ec2:GetConsoleOutput", "sts:GetSessionToken",
    }
)  # fmt: skip
"""Reads that carry content or secrets: never performed, whatever a reader says."""

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


CREDENTIALS = "Check the credentials (AWS_PROFILE, environment, role) and try again."
"""What to do about a sign-in that failed, where nothing nearer is known."""


class AssumeRole(Value):
    """One step of a role chain. The external id is named by the environment variable that holds it."""

    arn: str
    external_id_env: str = ""
    session_name: str = "posture"


class AwsTarget(Value):
    """An AWS account to scan. Without further fields: the default credential chain, all enabled regions.

    ``account`` is the id that must be found there (a guard against the wrong credentials); ``profile`` a named
    profile; ``assume`` a chain of roles; ``web_identity_role`` with ``web_identity_token_file`` a federated sign-in.
    ``endpoint_url`` points all services at one address, for emulators and private proxies.
    """

    account: str = ""
    profile: str = ""
    assume: tuple[AssumeRole, ...] = ()
    web_identity_role: str = ""
    web_identity_token_file: str = ""
    regions: tuple[str, ...] = ()
    partition: Literal["aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b"] = "aws"
    endpoint_url: str = ""
    ca_bundle: str = ""

    def __post_init__(self) -> None:
        if self.account and not (len(self.account) == 12 and self.account.isdigit()):
            raise ValueError(f"`account` is an id of twelve digits, not {self.account!r}")
        if self.endpoint_url and not self.endpoint_url.startswith(("http://", "https://")):
            raise ValueError(f"`endpoint_url` starts with http:// or https://, and {self.endpoint_url!r} does not")
        if bool(self.web_identity_role) != bool(self.web_identity_token_file):
            raise ValueError("`web_identity_role` and `web_identity_token_file` go together")


class _Account:
    """The session of one target. Making a client reads the session's caches, so one thread does it at a time."""

    def __init__(self, target: AwsTarget, limits: Limits) -> None:
        self.session = sign_in(target, limits)
        self.lock = threading.Lock()


@lru_cache(maxsize=64)
def _account(target: AwsTarget, limits: Limits) -> _Account:
    """One session per target and process: every further one would parse the service models again."""
    return _Account(target, limits)


class AwsSource:
    """Answers from one place. Clients are made when first needed, shared by all threads and dropped with the place."""

    def __init__(self, target: AwsTarget, limits: Limits, allowed: frozenset[str] | None = None) -> None:
        self._target = target
        self._limits = limits
        self._allowed = allowed
        self._clients: dict[tuple[str, str], BaseClient] = {}

    def fetch(self, operation: str, params: Mapping[str, Any], region: str, absent: frozenset[str]) -> Answer:
        """Perform ``service:Operation`` once, retries included."""
        import botocore.exceptions as errors
        from botocore.parsers import ResponseParserError

        service, _, action = operation.partition(":")
        refuse_writes(operation)
        try:
            reply = self._method(service, action, region)(**params)
        except errors.ClientError as error:
            return _absent_or_gap(error, operation, absent)
        except errors.ReadTimeoutError as error:
            raise GapFound(_gap(Cause.TIMEOUT, error, operation)) from error
        except errors.EndpointConnectionError as error:
            cause = Cause.REGION_UNREACHABLE if self._offered(service, region) else Cause.REGION_NOT_ENABLED
            raise GapFound(_gap(cause, error, operation)) from error
        except (errors.ConnectTimeoutError, errors.ConnectionClosedError) as error:
            raise GapFound(_gap(Cause.REGION_UNREACHABLE, error, operation)) from error
        except ResponseParserError as error:
            raise GapFound(_gap(Cause.MALFORMED_REPLY, error, operation)) from error
        except _unusable_credentials() as error:
            raise GapFound(_gap(Cause.CREDENTIALS_EXPIRED, error, operation)) from error
        except errors.HTTPClientError as error:
            raise GapFound(_gap(Cause.UNREACHABLE, error, operation)) from error
        except errors.BotoCoreError as error:
            raise GapFound(_gap(Cause.NOT_SUPPORTED, error, operation)) from error
        meta = reply.pop("ResponseMetadata", {})
        return Answer(body=reply, status=meta.get("HTTPStatusCode", 200), request_id=meta.get("RequestId", ""))

    def _offered(self, service: str, region: str) -> bool:
        """Whether the provider runs the service in the region, as far as botocore's endpoint list knows.

        A host that does not answer and that the list does not have either is no outage: nothing can be there.
        """
        known = _account(self._target, self._limits).session.get_available_regions(
            service, partition_name=self._target.partition
        )
        return not known or region in known

    def _method(self, service: str, action: str, region: str) -> Any:
        from botocore import xform_name

        return getattr(self._client(service, region), xform_name(action))

    def _client(self, service: str, region: str) -> "BaseClient":
        known = self._clients.get((service, region))
        if known is None:
            account = _account(self._target, self._limits)
            with account.lock:
                known = self._clients.get((service, region))
                if known is None:
                    known = self._clients[service, region] = self._new_client(account.session, service, region)
        return known

    def _new_client(self, session: "boto3.Session", service: str, region: str) -> "BaseClient":
        from botocore.config import Config

        limits = self._limits
        client = session.client(
            service,
            region_name=region,
            endpoint_url=self._target.endpoint_url or None,
            verify=self._target.ca_bundle or None,
            config=Config(
                connect_timeout=limits.connect,
                read_timeout=limits.read,
                retries={"mode": "standard", "total_max_attempts": limits.attempts},
                max_pool_connections=limits.threads,
                s3={"addressing_style": "path"} if self._target.endpoint_url else {},
                user_agent_extra="posture",
            ),
        )
        client.meta.events.register_first(
            f"before-call.{client.meta.service_model.service_id.hyphenize()}", self._guard(service)
        )
        if self._target.endpoint_url and service == "s3control":
            client.meta.events.register("before-sign.s3-control", _without_account_host)
        return client

    def _guard(self, service: str) -> Any:
        def before_call(model: Any, **_: Any) -> None:
            operation = f"{service}:{model.name}"
            refuse_writes(operation)
            if self._allowed is not None and operation not in self._allowed:
                raise WriteRefused(f"{operation} is not an operation of any reader")

        return before_call


def _without_account_host(request: Any, **_: Any) -> None:
    """S3 Control puts the account id before the host name, which a single address for all services cannot have."""
    scheme, _, rest = request.url.partition("://")
    first, _, other = rest.partition(".")
    if first.isdigit() and len(first) == 12:
        request.url = f"{scheme}://{other}"


class WriteRefused(RuntimeError):
    """An operation that posture never performs was about to be sent. It was not."""


def refuse_writes(operation: str) -> None:
    """Stop anything that is not a read of configuration, before it is signed."""
    _, _, action = operation.partition(":")
    if not action.startswith(READ_VERBS) or operation in CONTENT_OPERATIONS:
        raise WriteRefused(f"{operation} is not a read of configuration")


def sign_in(target: AwsTarget, limits: Limits) -> "boto3.Session":
    """A boto3 session for the target: default chain or profile, then web identity, then the role chain.

    Timestamps stay the text that the service sent. Raises SignInFailed for what can be told before anybody is asked.
    """
    import boto3
    import botocore.exceptions as errors
    import botocore.session

    try:
        core = botocore.session.Session(profile=target.profile or None)
        core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_iso)
        session = boto3.Session(botocore_session=core)
    except errors.ProfileNotFound as error:
        raise _failed(str(error), "Name a profile of your AWS configuration, or leave `profile` out.") from error
    if target.web_identity_role:
        _use(session, _web_identity(session, target, limits))
    for step in target.assume:
        session = _assumed(session, step, target, limits)
    return session


def _failed(detail: str, remedy: str) -> SignInFailed:
    gap = Gap(cause=Cause.CREDENTIALS_EXPIRED, detail=detail, operation="sts:GetCallerIdentity")
    return SignInFailed(gap, remedy)


def _unusable_credentials() -> tuple[type[Exception], ...]:
    """What botocore raises where credentials are missing, incomplete, out of date or cannot be read."""
    import botocore.exceptions as errors

    return (
        errors.NoCredentialsError, errors.PartialCredentialsError, errors.CredentialRetrievalError,
        errors.TokenRetrievalError, errors.SSOError, errors.ConfigParseError, errors.ProfileNotFound,
        errors.InvalidConfigError, errors.MetadataRetrievalError,
    )  # fmt: skip


def _web_identity(session: "boto3.Session", target: AwsTarget, limits: Limits) -> "DeferredRefreshableCredentials":
    from botocore.credentials import AssumeRoleWithWebIdentityCredentialFetcher, DeferredRefreshableCredentials
    from botocore.utils import FileWebIdentityTokenLoader

    try:
        Path(target.web_identity_token_file).read_bytes()
    except OSError as error:
        detail = f"web_identity_token_file: {target.web_identity_token_file!r} cannot be read: {error.strerror}"
        raise _failed(detail, "Name the file in which your platform keeps the token.") from error
    fetcher = AssumeRoleWithWebIdentityCredentialFetcher(
        client_creator=_client_creator(session, target, limits),
        web_identity_token_loader=FileWebIdentityTokenLoader(target.web_identity_token_file),
        role_arn=target.web_identity_role,
        extra_args={"RoleSessionName": "posture"},
    )
    return DeferredRefreshableCredentials(
        refresh_using=fetcher.fetch_credentials, method="assume-role-with-web-identity"
    )


def _assumed(session: "boto3.Session", step: AssumeRole, target: AwsTarget, limits: Limits) -> "boto3.Session":
    import os

    import boto3
    import botocore.session
    from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials

    extra = {"RoleSessionName": step.session_name}
    if step.external_id_env:
        extra["ExternalId"] = os.environ.get(step.external_id_env, "")
        if not extra["ExternalId"]:
            detail = f"the environment has no {step.external_id_env}, which holds the external id for {step.arn}"
            raise _failed(detail, f"Set {step.external_id_env}, or leave `external_id_env` out.")
    try:
        own = session._session.get_credentials()
    except _unusable_credentials() as error:
        raise _failed(str(error), CREDENTIALS) from error
    if own is None:
        raise _failed(f"no credentials to assume {step.arn} with", CREDENTIALS)
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=_client_creator(session, target, limits),
        source_credentials=own,
        role_arn=step.arn,
        extra_args=extra,
    )
    core = botocore.session.Session()
    core.register_component("data_loader", session._session.get_component("data_loader"))
    core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_iso)
    next_session = boto3.Session(botocore_session=core)
    _use(next_session, DeferredRefreshableCredentials(refresh_using=fetcher.fetch_credentials, method="assume-role"))
    return next_session


def _client_creator(session: "boto3.Session", target: AwsTarget, limits: Limits) -> Any:
    """Makes the clients of STS that sign-in itself needs; callers may add a configuration of their own."""
    from botocore.config import Config

    patience = Config(
        connect_timeout=limits.connect,
        read_timeout=limits.read,
        retries={"mode": "standard", "total_max_attempts": limits.attempts},
        user_agent_extra="posture",
    )

    def create(service: str, *, config: Config | None = None, **others: Any) -> "BaseClient":
        return session._session.create_client(
            service,
            endpoint_url=target.endpoint_url or None,
            verify=target.ca_bundle or None,
            region_name=_sts_region(target),
            config=patience.merge(config) if config is not None else patience,
            **others,
        )

    return create


def _sts_region(target: AwsTarget) -> str:
    from posture_aws.session import HOME_REGIONS

    return HOME_REGIONS[target.partition]


def _use(session: "boto3.Session", credentials: Any) -> None:
    session._session._credentials = credentials


def _iso(value: Any) -> str:
    from datetime import UTC, datetime

    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC).isoformat()
    return str(value)


def _absent_or_gap(error: Any, operation: str, absent: frozenset[str]) -> Answer:
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


def _gap(cause: Cause, error: Exception, operation: str) -> Gap:
    return Gap(cause=cause, detail=str(error)[:500], operation=operation)
