"""How tests talk to the emulated AWS account: as an auditor, through boto3, without retries."""

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from posture_estates.aws import AwsServer
from posture_estates.aws.seeds.account import without_account_host

SESSION = boto3.Session("AKIAAUDITOR", "secret", region_name="us-east-1")
HOME, AWAY = "us-east-1", "eu-west-1"
VAULT = "classrooms"


def client(server: AwsServer | str, service: str, region: str = HOME, **options: Any) -> Any:
    url = server if isinstance(server, str) else server.url
    settings = {"retries": {"total_max_attempts": 1}, "inject_host_prefix": False} | options
    made = SESSION.client(service, region_name=region, endpoint_url=url, config=Config(**settings))
    if service == "s3control":
        made.meta.events.register("before-sign.s3-control", without_account_host)
    return made


def code(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    response = error.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]
