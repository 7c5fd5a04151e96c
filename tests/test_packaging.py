"""What the wheel holds is what the folders hold, and every extra is locked."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FOLDERS = PROJECT["tool"]["setuptools"]["package-dir"]


def test_every_package_is_listed() -> None:
    found = set()
    for package, folder in FOLDERS.items():
        for init in (ROOT / folder).rglob("__init__.py"):
            found.add(".".join([package, *init.parent.relative_to(ROOT / folder).parts]))
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == found


def test_every_requirement_of_an_extra_is_locked() -> None:
    locked = {line.partition("==")[0].lower() for line in (ROOT / "locks" / "dev.txt").read_text().splitlines()}
    for extra, requirements in PROJECT["project"]["optional-dependencies"].items():
        for requirement in requirements:
            name = requirement.partition(">")[0].partition("[")[0].strip().lower()
            assert name == "posture" or name in locked, f"{requirement} of the extra {extra} is not locked"


def test_no_lock_names_a_place_to_fetch_from() -> None:
    for lock in (ROOT / "locks").glob("*.txt"):
        text = lock.read_text()
        assert "://" not in text.replace("https://github.com", ""), lock.name
        assert "find-links" not in text
        assert "index-url" not in text
