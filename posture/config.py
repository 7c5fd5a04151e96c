"""The configuration of a scan: which profiles to judge, which targets to look at, what is left out."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from posture import yamlfile
from posture.model import Value
from posture.provider import Limits, Provider
from posture.registry import profile_files
from posture.scope import Match, Scope, fits


class ProfileUse(Value):
    """A profile to judge: the id of an installed one or a path, and what of the estate it speaks about."""

    use: str
    scope: Scope = Scope()


class ConfigSource(Value):
    """A configuration as the file holds it. ``targets`` maps a name of yours to ``{provider: settings}``.

    ``holds`` maps a class of data, in words of yours, to patterns of the stores that hold it; a claim with ``data``
    then speaks only about these. ``note`` is a sentence that every report of the runs says first.
    """

    profiles: tuple[ProfileUse, ...] = ()
    targets: dict[str, dict[str, Any]] = {}
    scope: Scope = Scope()
    holds: dict[str, tuple[Match, ...]] = {}
    exceptions: str = ""
    attestations: str = ""
    limits: Limits = Limits()
    runs: str = "posture-runs"
    note: str = ""


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
    _check_uses(loaded, source.profiles, path.parent)
    _check_holds(loaded, source.holds)
    _check_clouds(loaded, source, list(providers))
    targets = tuple(_target(loaded, name, settings, providers) for name, settings in source.targets.items())
    return Config(source=source, targets=targets, folder=str(path.parent))


def _check_uses(loaded: yamlfile.Loaded, uses: Sequence[ProfileUse], folder: Path) -> None:
    """A profile that is neither installed nor a file here."""
    known = profile_files()
    for place, use in enumerate(uses):
        if use.use not in known and not any((above / use.use).is_file() for above in (folder, Path())):
            hint = yamlfile.nearest(use.use, list(known))
            message = f"no installed profile and no file is named {use.use!r}{hint}"
            raise loaded.error(("profiles", place, "use"), message)


def _check_clouds(loaded: yamlfile.Loaded, source: ConfigSource, providers: list[str]) -> None:
    """A pattern of a cloud that is not there would match nothing."""
    for where, rule in _rules(source):
        if rule.cloud and not any(fits(rule.cloud, provider) for provider in providers):
            hint = yamlfile.nearest(rule.cloud, providers)
            raise loaded.error((*where, "cloud"), f"there is no provider {rule.cloud!r}{hint}")


def _rules(source: ConfigSource) -> Iterator[tuple[yamlfile.Where, Match]]:
    """Every pattern of a configuration with its place."""
    scopes: list[tuple[yamlfile.Where, Scope]] = [(("scope",), source.scope)]
    scopes += [(("profiles", place, "scope"), use.scope) for place, use in enumerate(source.profiles)]
    for where, scope in scopes:
        yield from (((*where, "include", place), rule) for place, rule in enumerate(scope.include))
        yield from (((*where, "exclude", place), rule) for place, rule in enumerate(scope.exclude))
    for name, rules in source.holds.items():
        yield from ((("holds", name, place), rule) for place, rule in enumerate(rules))


def _check_holds(loaded: yamlfile.Loaded, holds: Mapping[str, Sequence[Match]]) -> None:
    """A class without a pattern, and a pattern that says nothing, would classify by accident."""
    for name, rules in holds.items():
        where: yamlfile.Where = ("holds", name)
        if not (name.strip() and rules):
            raise loaded.error(where, f"holds: {name!r} needs a name and at least one pattern")
        for place, rule in enumerate(rules):
            if rule == Match():
                message = f'holds: {name}: the pattern is empty; where all stores are meant, say `name: "*"`'
                raise loaded.error((*where, place), message)


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
