"""Live answers from AWS through boto3: clients, the read-only guard, and errors turned into gaps."""

import threading
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from posture.model import Cause
from posture.provider import Limits
from posture.session import Answer, GapFound
from posture_aws.errors import absent_or_gap, credentials_gap, date_of, gap_of
from posture_aws.signin import AwsTarget, sign_in, unusable_credentials

if TYPE_CHECKING:
    import boto3
    from botocore.client import BaseClient

READ_VERBS = ("Describe", "Get", "List", "BatchGet", "Lookup", "Head")
CONTENT_OPERATIONS = frozenset(
    {
        "s3:GetObject", "secretsmanager:GetSecretValue", "ssm:GetParameter", "ssm:GetParameters", "kms:Decrypt",
        "lambda:GetFunction", "logs:GetLogEvents", "logs:FilterLogEvents", "dynamodb:GetItem", "sqs:ReceiveMessage",
        "ebs:GetSnapshotBlock", "ec2:GetPasswordData", "ec2:GetConsoleOutput", "sts:GetSessionToken",
    }
)  # fmt: skip
"""Reads that carry content or secrets: never performed, whatever a reader says."""


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

    def __init__(self, target: AwsTarget, limits: Limits) -> None:
        self._target = target
        self._limits = limits
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
            return absent_or_gap(error, operation, absent)
        except errors.ReadTimeoutError as error:
            raise GapFound(gap_of(Cause.TIMEOUT, error, operation)) from error
        except errors.EndpointConnectionError as error:
            nothing = _has_no_host(error) and not self._offered(service, region)
            cause = Cause.REGION_NOT_ENABLED if nothing else Cause.REGION_UNREACHABLE
            raise GapFound(gap_of(cause, error, operation)) from error
        except (errors.ConnectTimeoutError, errors.ConnectionClosedError) as error:
            raise GapFound(gap_of(Cause.REGION_UNREACHABLE, error, operation)) from error
        except ResponseParserError as error:
            raise GapFound(gap_of(Cause.MALFORMED_REPLY, error, operation)) from error
        except unusable_credentials() as error:
            raise GapFound(credentials_gap(error, operation)) from error
        except errors.HTTPClientError as error:
            raise GapFound(gap_of(Cause.UNREACHABLE, error, operation)) from error
        except errors.BotoCoreError as error:
            raise GapFound(gap_of(Cause.NOT_SUPPORTED, error, operation)) from error
        meta = reply.pop("ResponseMetadata", {})
        return Answer(
            body=reply,
            status=meta.get("HTTPStatusCode", 200),
            request_id=meta.get("RequestId", ""),
            date=date_of(meta),
        )

    def _offered(self, service: str, region: str) -> bool:
        """Whether the provider may run the service in the region, as far as botocore's endpoint list can tell.

        A list that does not know the region at all is older than it, and tells nothing.
        """
        session, partition = _account(self._target, self._limits).session, self._target.partition
        known = session.get_available_regions(service, partition_name=partition)
        return (
            not known or region in known or region not in session.get_available_regions("ec2", partition_name=partition)
        )

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
            refuse_writes(f"{service}:{model.name}")

        return before_call


def _has_no_host(error: Any) -> bool:
    """Whether the endpoint's name does not exist; a host that refuses or is fenced off does exist."""
    import socket

    from urllib3.exceptions import NameResolutionError

    return isinstance(error.kwargs.get("error"), socket.gaierror | NameResolutionError)


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
