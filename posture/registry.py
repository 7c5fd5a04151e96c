"""Finds what is installed: check packages and profiles, by entry points and in a folder that the user names."""

import importlib
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from posture.check import Check
from posture.model import Fact
from posture.place import Where
from posture.profile import Profile, load_profile
from posture.provider import Provider
from posture.reader import Reader
from posture.yamlfile import FileError, nearest


class RegistryError(Exception):
    """Installed parts that do not fit together, or a name that nothing answers to."""


class Registry:
    """All readers, checks and providers of the check packages."""

    def __init__(self, packages: Iterable[ModuleType]) -> None:
        self.providers: dict[str, Provider] = {}
        self.checks: dict[str, Check] = {}
        self.readers: dict[type[Fact], Reader] = {}
        self._provider_of: dict[type[Fact], str] = {}
        for package in packages:
            self._add(package)
        for check in self.checks.values():
            self._fit(check)

    def _add(self, package: ModuleType) -> None:
        provider: Provider = package.PROVIDER
        self.providers[provider.name] = provider
        for module in _modules(package):
            for value in vars(module).values():
                if isinstance(value, Reader) and value.function.__module__ == module.__name__:
                    self._add_reader(value, provider.name)
                elif isinstance(value, Check) and value.function.__module__ == module.__name__:
                    self._add_check(value)

    def _add_reader(self, reader: Reader, provider: str) -> None:
        other = self.readers.setdefault(reader.fact, reader)
        if other is not reader:
            raise RegistryError(f"{reader.name} and {other.name} both read {reader.fact.__name__}")
        self._provider_of[reader.fact] = provider

    def _add_check(self, check: Check) -> None:
        other = self.checks.setdefault(check.id, check)
        if other is not check:
            raise RegistryError(f"two checks have the id {check.id}")

    def _fit(self, check: Check) -> None:
        home = self._shard(check.fact)
        for fact in check.consulted:
            if self._shard(fact) != home:
                raise RegistryError(f"{check.id} consults {fact.__name__}, which is not read where its own fact is")

    def _shard(self, fact: type[Fact]) -> tuple[str, Where]:
        listing = self.chain(fact)[0]
        return self._provider_of[listing.fact], listing.where

    def provider_of(self, fact: type[Fact]) -> str:
        """The name of the provider whose package reads a fact."""
        return self._provider_of[fact]

    def chain(self, fact: type[Fact]) -> list[Reader]:
        """The readers that lead to a fact, from the listing to its own."""
        readers: list[Reader] = []
        wanted: type[Fact] | None = fact
        while wanted is not None:
            reader = self.readers.get(wanted)
            if reader is None or reader in readers:
                raise RegistryError(f"no reader leads to {wanted.__name__}")
            readers.insert(0, reader)
            wanted = reader.parent
        return readers

    def checks_of(self, provider: str) -> list[Check]:
        """The checks of a provider's package, in the order of their ids."""
        checks = sorted(self.checks.values(), key=lambda check: check.id)
        return [check for check in checks if self._provider_of[check.fact] == provider]

    def readers_of(self, provider: str) -> list[Reader]:
        """The readers of a provider's package."""
        return [reader for fact, reader in self.readers.items() if self._provider_of[fact] == provider]

    def check(self, id: str) -> Check:
        """The check of that id. Raises RegistryError with the nearest ids."""
        if id not in self.checks:
            raise RegistryError(f"there is no check {id!r}{nearest(id, list(self.checks))}")
        return self.checks[id]


def installed(checks_dir: Path | None = None) -> Registry:
    """The registry of all installed check packages, and of the packages in ``checks_dir``."""
    names = [point.value for point in sorted(entry_points(group="posture.checks"), key=lambda point: point.name)]
    if checks_dir is not None:
        if not checks_dir.is_dir():
            raise RegistryError(f"{checks_dir}: no such folder of check packages")
        if str(checks_dir) not in sys.path:
            sys.path.insert(0, str(checks_dir))
        names += sorted(path.parent.name for path in checks_dir.glob("*/__init__.py"))
    return Registry([importlib.import_module(name) for name in dict.fromkeys(names)])


def profile_files() -> dict[str, Path]:
    """The installed profiles by id, which is their file's name."""
    found: dict[str, Path] = {}
    for point in entry_points(group="posture.profiles"):
        folder = Path(str(importlib.import_module(point.value).__file__)).parent
        found |= {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    return found


def find_profile(name: str) -> Profile:
    """A profile by the id of an installed one, or by the path of a file."""
    known = profile_files()
    if name in known:
        return load_profile(known[name])
    if Path(name).suffix in (".yaml", ".yml") or Path(name).exists():
        return load_profile(Path(name))
    raise FileError(f"{name}:1: no installed profile and no file of that name{nearest(name, list(known))}")


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    """The modules that may hold readers and checks. What lies under a name with an underscore may need an SDK."""
    yield package
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if "._" not in info.name:
            yield importlib.import_module(info.name)
