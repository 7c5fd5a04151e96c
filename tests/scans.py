"""What tests of whole scans share: orders against the estates, and a scan into a temporary folder."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from posture.config import Target
from posture.plan import Scoped
from posture.provider import Limits
from posture.registry import Registry, find_profile
from posture.scan import Order
from posture.scope import Match, Scope
from posture_estates.aws import AwsServer

QUICK = Limits(connect=10.0, read=15.0, call=30.0, kind=60.0, place=90.0, run=180.0, attempts=1, threads=6)
"""Few threads: the emulators answer in the same process, and each waiting request would wait for all others."""

IMPATIENT = Limits(connect=2.0, read=2.5, call=15.0, kind=30.0, place=60.0, run=120.0, attempts=1, threads=6)
"""For estates in which something hangs."""


def target(registry: Registry, name: str, provider: str, **settings: Any) -> Target:
    """A target of the provider with typed settings."""
    typed = msgspec.convert(settings, registry.providers[provider].target_type)
    return Target(name=name, provider=provider, settings=typed)


def order_of(targets: Sequence[Target], *profiles: str, limits: Limits = QUICK) -> Order:
    """An order to judge installed profiles over the targets, and over no other provider."""
    scope = Scope(include=tuple(Match(cloud=target.provider) for target in targets))
    return Order(
        scoped=tuple(Scoped(profile=find_profile(name), scopes=(scope,)) for name in profiles),
        targets=tuple(targets),
        limits=limits,
    )


def aws_target(registry: Registry, server: AwsServer, *regions: str) -> Target:
    """The embedded AWS account."""
    return target(registry, "account", "aws", endpoint_url=server.url, regions=list(regions) or ["us-east-1"])


def azure_target(registry: Registry, server: Any) -> Target:
    """The embedded Azure tenant."""
    return target(
        registry,
        "tenant",
        "azure",
        tenant=server.tenant_id,
        arm_endpoint=server.url,
        authority=server.url,
        ca_bundle=server.ca_file,
        credential="environment",
    )


@contextmanager
def aws_credentials() -> Iterator[None]:
    """Credentials that moto accepts, and nothing of the machine's own configuration."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"):
            patch.delenv(name, raising=False)
        patch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_CONFIG_FILE", "/dev/null")
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@contextmanager
def azure_credentials(server: Any) -> Iterator[None]:
    """Credentials that the ARM emulator accepts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AZURE_TENANT_ID", server.tenant_id)
        patch.setenv("AZURE_CLIENT_ID", server.client_id)
        patch.setenv("AZURE_CLIENT_SECRET", server.client_secret)
        yield


def run_folder(base: Path, name: str = "run") -> Path:
    """A folder for a run that does not exist yet."""
    number = sum(1 for _ in base.iterdir())
    return base / f"{name}-{number}"
