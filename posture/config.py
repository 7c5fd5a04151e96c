"""The configuration of a scan: which profiles to judge, which targets to look at, what is left out."""

from pathlib import Path
from typing import Any

import msgspec

from posture import yamlfile
from posture.model import Value
from posture.provider import Limits, Provider
from posture.scope import Scope


class ProfileUse(Value):
    """A profile to judge: the id of an installed one or a path, and what of the estate it speaks about."""

    use: str
    scope: Scope = Scope()


class ConfigSource(Value):
    """A configuration as the file holds it. ``targets`` maps a name of yours to ``{provider: settings}``."""

    profiles: tuple[ProfileUse, ...] = ()
    targets: dict[str, dict[str, Any]] = {}
    scope: Scope = Scope()
    exceptions: str = ""
    attestations: str = ""
    limits: Limits = Limits()
    runs: str = "posture-runs"


class Target(Value):
    """Something to sign in to: a name, its provider, and the settings typed by that provider."""

    name: str
    provider: str
    settings: Any

    def data(self) -> dict[str, Any]:
        """The target as plain data, as it is kept in a run. It holds no secret: those are named, never stored."""
        return {"name": self.name, "provider": self.provider, "settings": msgspec.to_builtins(self.settings)}


class Config(Value):
    """A configuration with its targets typed."""

    source: ConfigSource
    targets: tuple[Target, ...]
    folder: str


def load_config(path: Path, providers: dict[str, Provider]) -> Config:
    """A configuration from its file. Raises yamlfile.FileError."""
    loaded = yamlfile.read(path)
    source = loaded.typed(ConfigSource)
    targets = tuple(_target(loaded, name, settings, providers) for name, settings in source.targets.items())
    return Config(source=source, targets=targets, folder=str(path.parent))


def _target(loaded: yamlfile.Loaded, name: str, settings: dict[str, Any], providers: dict[str, Provider]) -> Target:
    where: yamlfile.Where = ("targets", name)
    if len(settings) != 1:
        raise loaded.error(where, f"target {name!r} names one provider, not {len(settings)}")
    (provider,) = settings
    if provider not in providers:
        hint = yamlfile.nearest(provider, list(providers))
        raise loaded.error((*where, provider), f"there is no provider {provider!r}{hint}")
    typed = loaded.typed(providers[provider].target_type, settings[provider] or {}, (*where, provider))
    return Target(name=name, provider=provider, settings=typed)


def target_from_data(data: dict[str, Any], providers: dict[str, Provider]) -> Target:
    """A target from the plain data of a run."""
    settings = msgspec.convert(data["settings"], providers[data["provider"]].target_type)
    return Target(name=data["name"], provider=data["provider"], settings=settings)
