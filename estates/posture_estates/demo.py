"""The three estates of the demo in one of three states: an AWS account, an Azure tenant and TLS endpoints."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

STATES = {
    "good": "everything is as the documents say",
    "drifted": "settings have drifted away from what the documents say",
    "refused": "the good estate, seen through an account that may not read some of it",
}

HOSTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "good": {"classrooms": ("classrooms",), "exams": ("exams",)},
    "drifted": {"classrooms": ("classrooms", "weak"), "exams": ("exams", "expired", "tracker")},
    "refused": {"classrooms": ("classrooms",), "exams": ("exams", "silent")},
}
"""Which servers of the endpoint lab stand behind the products, per state."""

PRODUCTS = {"coding-rooms": "classrooms", "proctorio": "exams"}
"""Which product each document speaks about, as the targets of its endpoints are called."""

PLACES = {"classrooms": ("aws", "eu-west-1 EC2"), "exams": ("azure", "westeurope -")}
"""Where the addresses of a product lie: provider, region and service. Loopback is nobody's otherwise."""

REGIONS = ["eu-west-1", "us-east-1"]


@contextmanager
def estates(state: str) -> Iterator[Mapping[str, Mapping[str, Any]]]:
    """Start the estates; gives the ``targets`` of a configuration that points at them. All is gone afterwards."""
    import posture_estates.azure as azure
    from posture_estates.arm import ArmServer
    from posture_estates.aws import ACCOUNT, AwsServer, refuse, seed
    from posture_estates.endpoints.lab import EndpointLab

    stored: Literal["good", "drifted"] = "drifted" if state == "drifted" else "good"
    with ExitStack() as stack:
        account = stack.enter_context(AwsServer())
        tenant = stack.enter_context(ArmServer(azure.tenant(stored)))
        lab = stack.enter_context(EndpointLab())
        seed(account.url, stored)
        if state == "refused":
            refuse(account.gate)
            azure.refuse(tenant.faults)
        stack.enter_context(_environment(tenant))
        ranges = Path(stack.enter_context(TemporaryDirectory(prefix="posture-ranges-"))) / "ranges.txt"
        chosen: dict[str, list[Any]] = {
            product: [lab.endpoints[name] for name in names] for product, names in HOSTS[state].items()
        }
        ranges.write_text(_ranges(chosen, lab.resolve), encoding="utf-8")
        azure_target = {
            "tenant": tenant.tenant_id,
            "arm_endpoint": tenant.url,
            "authority": tenant.url,
            "ca_bundle": tenant.ca_file,
            "credential": "environment",
        }
        yield {
            "staging": {"aws": {"account": ACCOUNT, "endpoint_url": account.url, "regions": REGIONS}},
            "tenant": {"azure": azure_target},
            **{
                product: {"endpoint": {**_endpoints(endpoints, lab), "ranges": str(ranges)}}
                for product, endpoints in chosen.items()
            },
        }


def _endpoints(endpoints: Sequence[Any], lab: Any) -> dict[str, Any]:
    return {
        "hosts": [f"{endpoint.host}:{endpoint.port}" for endpoint in endpoints],
        "http_port": endpoints[0].http_port,
        "ca_file": str(lab.ca_file),
        "resolve": {endpoint.host: list(lab.resolve[endpoint.host]) for endpoint in endpoints},
    }


def scopes(targets: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Mapping[str, Any]]:
    """What of the estates each document speaks about: not the endpoints of the other one's product."""
    hosts = {product: targets[product]["endpoint"]["hosts"] for product in PRODUCTS.values()}
    return {
        profile: {
            "exclude": [
                {"cloud": "endpoint", "account": host.rpartition(":")[0], "reason": f"belongs to the {other}"}
                for other, others in hosts.items()
                if other != product
                for host in others
            ]
        }
        for profile, product in PRODUCTS.items()
    }


def _ranges(chosen: Mapping[str, Sequence[Any]], resolve: Mapping[str, Sequence[str]]) -> str:
    """A list of address ranges, of today, in which the classrooms lie at AWS and the exams at Azure."""
    lines = []
    for product, endpoints in chosen.items():
        provider, place = PLACES[product]
        lines.append(f"[{provider}] {datetime.now(UTC):%Y-%m-%d}")
        addresses = sorted({address for endpoint in endpoints for address in resolve[endpoint.host]})
        lines += [f"{address}/32 {place}" for address in addresses]
    return "\n".join([*lines, ""])


@contextmanager
def _environment(tenant: Any) -> Iterator[None]:
    """The credentials that the estates accept, where the SDKs look for them; put back afterwards."""
    wanted = {
        "AWS_ACCESS_KEY_ID": "AKIADEMO",
        "AWS_SECRET_ACCESS_KEY": "demo",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AZURE_TENANT_ID": tenant.tenant_id,
        "AZURE_CLIENT_ID": tenant.client_id,
        "AZURE_CLIENT_SECRET": tenant.client_secret,
    }
    hidden = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ENDPOINT_URL")
    before = {name: os.environ.get(name) for name in (*wanted, *hidden)}
    os.environ.update(wanted)
    for name in hidden:
        os.environ.pop(name, None)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
