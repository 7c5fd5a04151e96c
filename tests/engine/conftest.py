"""Fixtures of the engine's tests: the lab as a folder of check packages, apart from what else is installed."""

import sys
from pathlib import Path

import pytest

from engine import lab, scans
from posture.registry import Registry, installed


@pytest.fixture(scope="session")
def checks_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two check packages: the lab, and the barn, which is the lab under another name."""
    folder = tmp_path_factory.mktemp("packages")
    text = Path(lab.__file__).read_text(encoding="utf-8")
    for name in ("lab", "barn"):
        package = folder / f"posture_{name}"
        package.mkdir()
        other = text.replace("lab", name).replace("Lab", name.title())
        (package / "__init__.py").write_text(other, encoding="utf-8")
    return folder


@pytest.fixture
def registry(checks_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """The registry of the two packages and no others."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr("posture.registry.entry_points", scans.no_entry_points)
    return installed(checks_dir)
