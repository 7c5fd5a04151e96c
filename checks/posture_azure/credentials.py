"""How posture signs in to Azure: azure-identity's own credentials. Secrets come from the environment, never from us."""

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from posture.model import Value
from posture.provider import Limits
from posture_azure.clouds import CLOUDS

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

_DOMAIN = re.compile(r"(?=.{4,253}$)([A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]")

Way = Literal["default", "environment", "cli", "managed-identity", "workload-identity"]


class AzureTarget(Value):
    """An Azure tenant to scan. Without further fields: the default credential chain, all visible subscriptions.

    ``tenant`` is the id that must be found there (a guard against the wrong credentials): a UUID, because a domain name
    cannot be compared with what a token says. ``subscriptions`` are the ids to scan, where not all; ``credential`` the
    way to sign in. ``arm_endpoint`` and ``authority`` point Resource Manager
    and sign-in at another address, for emulators and private clouds, and ``ca_bundle`` at the authorities to trust
    there. A token is made out to the address it is sent to.

    The secrets of a service principal are read by azure-identity from AZURE_CLIENT_ID, AZURE_TENANT_ID and
    AZURE_CLIENT_SECRET, AZURE_CLIENT_CERTIFICATE_PATH or AZURE_FEDERATED_TOKEN_FILE.
    """

    tenant: str = ""
    subscriptions: tuple[str, ...] = ()
    cloud: Literal["public", "us-government", "china"] = "public"
    arm_endpoint: str = ""
    authority: str = ""
    ca_bundle: str = ""
    credential: Way = "default"

    def __post_init__(self) -> None:
        if self.tenant and self.tenant_id is None and not _DOMAIN.fullmatch(self.tenant):
            raise ValueError(f"`tenant` is the id of a tenant, a UUID, and {self.tenant!r} is none")

    @property
    def tenant_id(self) -> str | None:
        """The expected tenant as tokens name it; None where no id was given."""
        try:
            return str(UUID(self.tenant))
        except ValueError:
            return None

    @property
    def endpoint(self) -> str:
        """Where Resource Manager is, without a slash at the end."""
        return (self.arm_endpoint or CLOUDS[self.cloud].resource_manager).rstrip("/")

    @property
    def scope(self) -> str:
        """What a token is asked for."""
        return f"{self.arm_endpoint.rstrip('/') or CLOUDS[self.cloud].audience}/.default"


class Identity(Value):
    """Who a token speaks for: the ids of the tenant, of the application and of the principal, as far as it says."""

    tenant: str
    client: str
    object: str

    def __str__(self) -> str:
        return f"tenant {self.tenant}, client {self.client}, object {self.object}"


def credential_of(target: AzureTarget, limits: Limits) -> "TokenCredential":
    """The credential for a target. Nothing is asked yet.

    An authority of the target's own knows nothing of Microsoft's list of instances, so a service principal signs in
    there without looking it up.
    """
    import azure.identity as identity

    patience: dict[str, Any] = {
        "connection_timeout": limits.connect,
        "read_timeout": limits.read,
        "retry_total": limits.attempts - 1,
    }
    trust: dict[str, Any] = {"connection_verify": target.ca_bundle} if target.ca_bundle else {}
    entra: dict[str, Any] = {"authority": target.authority or CLOUDS[target.cloud].authority, **patience, **trust}
    if target.authority:
        entra["disable_instance_discovery"] = True
    match target.credential:
        case "environment":
            return identity.EnvironmentCredential(**entra)
        case "cli":
            return identity.AzureCliCredential(tenant_id=target.tenant)
        case "managed-identity":
            return identity.ManagedIdentityCredential(**patience, **_client())
        case "workload-identity":
            return identity.WorkloadIdentityCredential(**entra)
    return identity.EnvironmentCredential(**entra) if target.authority else identity.DefaultAzureCredential(**entra)


def identity_in(token: str) -> Identity:
    """What a token says of its bearer, unverified: it is shown to people and compared with what they expected."""
    try:
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        return Identity(
            tenant=str(claims.get("tid", "")),
            client=str(claims.get("appid") or claims.get("azp") or ""),
            object=str(claims.get("oid", "")),
        )
    except (IndexError, binascii.Error, ValueError, AttributeError):
        return Identity(tenant="", client="", object="")


def _client() -> dict[str, str]:
    """A user-assigned identity is named by AZURE_CLIENT_ID, as azure-identity's default chain has it."""
    import os

    client = os.environ.get("AZURE_CLIENT_ID", "")
    return {"client_id": client} if client else {}
