"""The three estates of the demo in one of three states: an AWS account, an Azure tenant and TLS endpoints."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Literal

STATES = {
    "good": "everything is as the documents say",
    "drifted": "settings have drifted away from what the documents say",
    "refused": "the good estate, seen through an account that may not read some of it",
}

HOSTS = {
    "good": ("good",),
    "drifted": ("good", "weak", "expired"),
    "refused": ("good", "silent"),
}
"""Which servers of the endpoint lab stand behind the product, per state."""

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
        chosen = [lab.endpoints[name] for name in HOSTS[state]]
        yield {
            "staging": {"aws": {"account": ACCOUNT, "endpoint_url": account.url, "regions": REGIONS}},
            "tenant": {
                "azure": {
                    "tenant": tenant.tenant_id,
                    "arm_endpoint": tenant.url,
                    "authority": tenant.url,
                    "ca_bundle": tenant.ca_file,
                    "credential": "environment",
                }
            },
            "web": {
                "endpoint": {
                    "hosts": [f"{endpoint.host}:{endpoint.port}" for endpoint in chosen],
                    "http_port": chosen[0].http_port,
                    "ca_file": str(lab.ca_file),
                    "resolve": {endpoint.host: list(lab.resolve[endpoint.host]) for endpoint in chosen},
                }
            },
        }


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
