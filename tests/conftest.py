"""What tests of several folders share: the demo, run once for all of them."""

import os

import pytest

from demos import Demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Two documents judged against three estates, each in its own run."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    found = Demo(shared / "demo")
    assert found.done.returncode == 0, found.done.stderr
    return found
