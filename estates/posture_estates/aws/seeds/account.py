"""The operator's way into the account: clients by service and region, and the names the parts share."""

from __future__ import annotations

import json
from typing import Any

import boto3
from botocore.awsrequest import AWSRequest
from botocore.config import Config

from posture_estates.aws.exchange import ACCOUNT

HOME, AWAY = "us-east-1", "eu-west-1"
REGIONS = (HOME, AWAY)
FOREIGN_ACCOUNT = "210987654321"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/operator"


class Account:
    """Clients of an account behind a URL, made when first asked for."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.keys: dict[str, str] = {}  # region → ARN of the customer's key there
        self._session = boto3.Session("AKIAOPERATOR", "secret", region_name=HOME)
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, region: str = HOME) -> Any:
        key = (service, region)
        if key not in self._clients:
            config = Config(retries={"total_max_attempts": 1}, inject_host_prefix=False, parameter_validation=False)
            client = self._session.client(service, region_name=region, endpoint_url=self.url, config=config)
            if service == "s3control":
                client.meta.events.register("before-sign.s3-control", without_account_host)
            self._clients[key] = client
        return self._clients[key]


def without_account_host(request: AWSRequest, **event: Any) -> None:
    """S3 Control puts the account's id before the host name, which an address cannot have."""
    request.url = request.url.replace(f"//{ACCOUNT}.", "//", 1)


def named(kind: str, name: str) -> list[dict[str, Any]]:
    """EC2's tag specification for a resource's name."""
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}]}]


def tls_only(bucket: str) -> str:
    """A policy that denies every request to the bucket and its objects that does not come over TLS."""
    arn = f"arn:aws:s3:::{bucket}"
    return policy(
        Sid="TlsOnly",
        Effect="Deny",
        Principal="*",
        Action="s3:*",
        Resource=[arn, f"{arn}/*"],
        Condition={"Bool": {"aws:SecureTransport": "false"}},
    )


def policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
