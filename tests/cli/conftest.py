"""The estates that commands are pointed at: alive for one module of tests, behaving again after each."""

from collections.abc import Iterator

import pytest

from posture_estates import azure
from posture_estates.arm import ArmServer
from posture_estates.aws import AwsServer
from posture_estates.endpoints.lab import EndpointLab


@pytest.fixture(scope="module")
def running_account() -> Iterator[AwsServer]:
    with AwsServer() as server:
        yield server


@pytest.fixture
def account(running_account: AwsServer) -> Iterator[AwsServer]:
    """An AWS account that behaves."""
    running_account.gate.forget()
    yield running_account
    running_account.gate.clear()


@pytest.fixture(scope="module")
def running_tenant() -> Iterator[ArmServer]:
    with ArmServer(azure.tenant("good")) as server:
        yield server


@pytest.fixture
def tenant(running_tenant: ArmServer) -> Iterator[ArmServer]:
    """An Azure tenant as it should be, that behaves."""
    yield running_tenant
    running_tenant.faults.clear()


@pytest.fixture(scope="module")
def lab() -> Iterator[EndpointLab]:
    """Endpoints of every kind."""
    with EndpointLab() as running:
        yield running
