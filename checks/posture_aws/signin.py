"""Signing in to an AWS account through boto3: the target's settings, profiles, web identity and chains of roles."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from posture.model import Cause, Gap, Value
from posture.provider import Limits, SignInFailed
from posture_aws.errors import NO_CREDENTIALS, credentials_gap

if TYPE_CHECKING:
    import boto3
    from botocore.client import BaseClient
    from botocore.credentials import DeferredRefreshableCredentials

WHO = "sts:GetCallerIdentity"
"""What asks who we are signed in as."""

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
    gap = Gap(cause=Cause.ACCESS_DENIED, detail=f"{NO_CREDENTIALS}: {detail}", operation=WHO)
    return SignInFailed(gap, remedy)


def unusable_credentials() -> tuple[type[Exception], ...]:
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
    except unusable_credentials() as error:
        raise SignInFailed(credentials_gap(error, WHO), CREDENTIALS) from error
    if own is None:
        raise _failed(f"none to assume {step.arn} with", CREDENTIALS)
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
