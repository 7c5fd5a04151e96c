"""The ways Azure Resource Manager says no: status, code and message as its clients know them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from posture_estates.arm.access import Principal
from posture_estates.arm.path import Target


class Refusal(Exception):
    """An error reply in ARM's envelope."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        headers: dict[str, str] | None = None,
        details: Sequence[dict[str, str]] = (),
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message = status, code, message
        self.headers = headers or {}
        self.details = tuple(details)

    @property
    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.details:
            error["details"] = list(self.details)
        return {"error": error}


def unauthenticated(code: str, message: str, *, authority: str, reason: str = "invalid_token") -> Refusal:
    """401 with the challenge that names the sign-in authority."""
    challenge = f'Bearer authorization_uri="{authority}", error="{reason}", error_description="{message}"'
    return Refusal(401, code, message, headers={"WWW-Authenticate": challenge})


def forbidden(principal: Principal, action: str, scope: str) -> Refusal:
    return Refusal(
        403,
        "AuthorizationFailed",
        f"The client '{principal.client_id}' with object id '{principal.object_id}' does not have "
        f"authorization to perform action '{action}' over scope '{scope}' or the scope is invalid. If access "
        "was recently granted, please refresh your credentials.",
    )


def missing_version() -> Refusal:
    return Refusal(
        400,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
    )


def invalid_version(version: str, accepted: Sequence[str]) -> Refusal:
    return Refusal(
        400,
        "InvalidApiVersionParameter",
        f"The api-version '{version}' is invalid. The supported versions are '{','.join(accepted)}'.",
    )


def unregistered_version(target: Target, version: str, accepted: Sequence[str], location: str) -> Refusal:
    return Refusal(
        400,
        "NoRegisteredProviderFound",
        f"No registered resource provider found for location '{location}' and API version '{version}' for "
        f"type '{'/'.join(target.types)}'. The supported api-versions are '{', '.join(accepted)}'.",
    )


def unknown_namespace(target: Target) -> Refusal:
    return Refusal(404, "InvalidResourceNamespace", f"The resource namespace '{target.namespace}' is invalid.")


def unknown_type(target: Target, version: str) -> Refusal:
    return Refusal(
        404,
        "InvalidResourceType",
        f"The resource type '{'/'.join(target.types)}' could not be found in the namespace "
        f"'{target.namespace}' for api version '{version}'.",
    )


def not_registered(namespace: str) -> Refusal:
    code = "MissingSubscriptionRegistration"
    message = (
        f"The subscription is not registered to use namespace '{namespace}'. "
        "See https://aka.ms/rps-not-found for how to register subscriptions."
    )
    detail = {"code": code, "target": namespace, "message": message}
    return Refusal(409, code, message, details=(detail,))


def no_such_path(path: str) -> Refusal:
    return Refusal(404, "NotFound", f"No HTTP resource was found that matches the request URI '{path}'.")


def no_subscription(subscription: str) -> Refusal:
    return Refusal(404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found.")


def no_group(group: str) -> Refusal:
    return Refusal(404, "ResourceGroupNotFound", f"Resource group '{group}' could not be found.")


def no_resource(target: Target) -> Refusal:
    name = "/".join(
        [target.namespace, *(part for pair in zip(target.types, target.names, strict=True) for part in pair)]
    )
    place = f" under resource group '{target.resource_group}'" if target.resource_group else ""
    return Refusal(
        404,
        "ResourceNotFound",
        f"The Resource '{name}'{place} was not found. "
        "For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    )


def no_parent(root: Target) -> Refusal:
    """A child of a resource that is not there: not the same as a child that is not set."""
    return Refusal(
        404,
        "ParentResourceNotFound",
        "Failed to perform 'read' on resource(s) of type "
        f"'{root.type}', because the parent resource '/{'/'.join(root.segments)}' could not be found.",
    )


def read_only(method: str) -> Refusal:
    return Refusal(
        405,
        "MethodNotAllowed",
        f"The local Resource Manager answers reads only; '{method}' was recorded and nothing was changed.",
        headers={"Allow": "GET, HEAD"},
    )


def throttled(subscription: str | None, operation: str, retry_after: int) -> Refusal:
    return Refusal(
        429,
        "SubscriptionRequestsThrottled",
        f"Number of requests for subscription '{subscription}' and operation '{operation}' exceeded the "
        f"backend storage limit. Please try again after '{retry_after}' seconds.",
        headers={"Retry-After": str(retry_after)},
    )


def expired(expiry: float) -> str:
    """Message of 401 ExpiredAuthenticationToken."""
    return (
        f"The access token expiry UTC time '{_stamp(expiry)}' is earlier than current UTC time "
        f"'{_stamp(datetime.now(UTC).timestamp())}'."
    )


def _stamp(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%m/%d/%Y %I:%M:%S %p}"
