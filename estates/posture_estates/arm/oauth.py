"""Sign-in: the client-credentials endpoint, its metadata, and the bearer tokens it issues and recognises."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import time
import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple

from posture_estates.arm.access import Principal
from posture_estates.arm.refusal import expired, unauthenticated
from posture_estates.arm.tenant import Tenant

PUBLIC_AUDIENCE = "https://management.azure.com"
_AUDIENCES = (PUBLIC_AUDIENCE, "https://management.core.windows.net")


class AccessToken(NamedTuple):
    """A bearer token and when it ends, in seconds since 1970; the shape azure-core's credentials return."""

    token: str
    expires_on: int


class StaticCredential:
    """A credential that always hands out the same token, whatever scope is asked for."""

    def __init__(self, token: AccessToken) -> None:
        self._token = token

    def get_token(
        self,
        *scopes: str,
        claims: str | None = None,
        tenant_id: str | None = None,
        enable_cae: bool = False,
        **options: Any,
    ) -> Any:
        """An AccessToken: azure-core's in shape, without a dependency on it."""
        return self._token


class Tokens:
    """Issues and recognises tokens: JWTs in form, signed with a key that lives as long as the server."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def issue(self, tenant: Tenant, principal: Principal, *, issuer: str, audience: str, seconds: float) -> AccessToken:
        now = time.time()
        claims = {
            "aud": audience,
            "iss": f"{issuer}/{tenant.id}/v2.0",
            "iat": int(now),
            "nbf": int(now),
            "exp": int(now + seconds),
            "appid": principal.client_id,
            "oid": principal.object_id,
            "tid": tenant.id,
            "idtyp": "app",
            "ver": "1.0",
        }
        head = _encoded({"typ": "JWT", "alg": "HS256"})
        text = f"{head}.{_encoded(claims)}"
        return AccessToken(f"{text}.{self._signature(text)}", int(now + seconds))

    def authenticate(self, header: str | None, tenant: Tenant, *, origin: str) -> Principal:
        """The principal a request's Authorization header stands for. Raises Refusal (401)."""
        authority = f"{origin}/{tenant.id}"
        if not header:
            message = "Authentication failed. The 'Authorization' header is missing."
            raise unauthenticated("AuthenticationFailed", message, authority=authority)
        scheme, _, token = header.partition(" ")
        text, _, signature = token.rpartition(".")
        if scheme.lower() != "bearer" or not hmac.compare_digest(signature.encode(), self._signature(text).encode()):
            message = "The access token is invalid."
            raise unauthenticated("InvalidAuthenticationToken", message, authority=authority)
        claims = json.loads(_decoded(text.partition(".")[2]))
        if claims["exp"] <= time.time():
            message = expired(claims["exp"])
            raise unauthenticated("ExpiredAuthenticationToken", message, authority=authority)
        allowed = (*_AUDIENCES, origin)
        if claims["aud"].rstrip("/") not in allowed:
            message = (
                "The access token has been obtained for wrong audience or resource "
                f"'{claims['aud']}'. It should exactly match with one of the allowed audiences "
                f"'{','.join(allowed)}'."
            )
            raise unauthenticated("InvalidAuthenticationTokenAudience", message, authority=authority)
        principal = tenant.principal(claims["appid"])
        if principal is None or claims["tid"].lower() != tenant.id.lower():
            message = f"The access token is from the wrong issuer '{claims['iss']}'."
            raise unauthenticated("InvalidAuthenticationTokenTenant", message, authority=authority)
        return principal

    def _signature(self, text: str) -> str:
        digest = hmac.digest(self._key, text.encode(), "sha256")
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def sign_in(
    form: Mapping[str, str], authority: str, tenant: Tenant, tokens: Tokens, *, origin: str, seconds: float
) -> tuple[int, dict[str, Any]]:
    """Answer a token request at an authority (a tenant id): status and body."""
    client_id = form.get("client_id", "")
    if authority.lower() != tenant.id.lower():
        return 400, _no_tenant(authority)
    if form.get("grant_type") != "client_credentials":
        text = f"The app requested an unsupported grant type '{form.get('grant_type', '')}'."
        return 400, _problem("unsupported_grant_type", 70003, text)
    resource, slash, default = form.get("scope", "").rpartition("/")
    if default != ".default" or not slash:
        text = f"The provided value for scope {form.get('scope', '')} is not valid."
        return 400, _problem("invalid_scope", 1002012, text)
    principal = tenant.principal(client_id)
    if principal is None:
        text = f"Application with identifier '{client_id}' was not found in the directory '{tenant.name}'."
        return 400, _problem("unauthorized_client", 700016, text)
    if not hmac.compare_digest(form.get("client_secret", "").encode(), principal.client_secret.encode()):
        text = (
            "Invalid client secret provided. Ensure the secret being sent in the request is the client "
            f"secret value, not the client secret ID, for a secret added to app '{client_id}'."
        )
        return 401, _problem("invalid_client", 7000215, text)
    token = tokens.issue(tenant, principal, issuer=origin, audience=resource, seconds=seconds)
    lifetime = {"expires_in": int(seconds), "ext_expires_in": int(seconds)}
    return 200, {"token_type": "Bearer", **lifetime, "access_token": token.token}


def metadata(authority: str, tenant: Tenant, origin: str) -> tuple[int, dict[str, Any]]:
    """The OpenID document of an authority, status and body; only what a client-credentials sign-in reads."""
    if authority.lower() != tenant.id.lower():
        return 400, _no_tenant(authority)
    authority = f"{origin}/{tenant.id}"
    return 200, {
        "issuer": f"{authority}/v2.0",
        "authorization_endpoint": f"{authority}/oauth2/v2.0/authorize",
        "token_endpoint": f"{authority}/oauth2/v2.0/token",
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "response_types_supported": ["token"],
        "subject_types_supported": ["pairwise"],
        "tenant_region_scope": "EU",
    }


def _no_tenant(authority: str) -> dict[str, Any]:
    text = f"Tenant '{authority}' not found. Check to make sure you have the correct tenant ID."
    return _problem("invalid_tenant", 90002, text)


def _problem(error: str, number: int, text: str) -> dict[str, Any]:
    now = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime())
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    return {
        "error": error,
        "error_description": f"AADSTS{number}: {text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {now}",
        "error_codes": [number],
        "timestamp": now,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"https://login.microsoftonline.com/error?code={number}",
    }


def _encoded(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
