"""Options that say what to judge and where to look, and the order they make."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click
import msgspec

from posture.allowances import load_attestations, load_exemptions
from posture.cli.packages import registry_with
from posture.config import Config, ConfigSource, ProfileUse, Target, load_config
from posture.plan import Scoped
from posture.registry import Registry, find_profile
from posture.scan import Order
from posture.scope import Scope
from posture.yamlfile import FileError

Command = Callable[..., Any]


def order_options(command: Command) -> Command:
    """The options that ``plan``, ``permissions`` and ``scan`` share; the command gets an order and a registry."""

    @click.option(
        "-c", "--config", "config", type=click.Path(path_type=Path), help="Configuration file (posture.yaml)."
    )
    @click.option(
        "-p", "--profile", "profiles", multiple=True, help="Profile to judge: an installed id or a file. Repeatable."
    )
    @click.option("--aws", is_flag=True, help="Scan the AWS account of the default credential chain.")
    @click.option("--aws-profile", metavar="NAME", help="Scan the AWS account of a named profile.")
    @click.option("--region", "regions", multiple=True, help="Only this AWS region. Repeatable.")
    @click.option("--azure", is_flag=True, help="Scan the Azure subscriptions that the default credential can see.")
    @click.option("--subscription", "subscriptions", multiple=True, help="Only this Azure subscription. Repeatable.")
    @click.option(
        "--endpoint",
        "endpoints",
        multiple=True,
        metavar="HOST[:PORT]",
        help="Scan a TLS endpoint; smtp://HOST and the like where TLS is asked for first. Repeatable.",
    )
    @click.option(
        "--public-names", is_flag=True, help="Scan the public names that the accounts have as endpoints, too."
    )
    @click.option("--exceptions", type=click.Path(path_type=Path), help="File of exceptions: they quiet the gate only.")
    @click.option("--attestations", type=click.Path(path_type=Path), help="File of attestations.")
    @click.option("--checks-dir", type=click.Path(path_type=Path), help="Folder of further check packages.")
    @wraps(command)
    def with_order(**options: Any) -> Any:
        names = ("config", "profiles", "aws", "aws_profile", "regions", "azure", "subscriptions", "endpoints")
        more = ("public_names", "exceptions", "attestations", "checks_dir")
        given = {name: options.pop(name) for name in (*names, *more)}
        registry = registry_with(given["checks_dir"])
        config = _config(given, registry)
        return command(order=_order(config, given, registry), registry=registry, config=config, **options)

    return with_order


def require_targets(order: Order) -> None:
    """Refuse an order that looks nowhere. Raises click.UsageError."""
    if not order.targets:
        raise click.UsageError("name a target: --aws, --azure, --endpoint HOST, or `targets` in the configuration")


def depth_options(command: Command) -> Command:
    """The options of ``plan`` and ``scan`` that say how closely endpoints are looked at; they stand for all of them."""

    @click.option("--depth", type=click.Choice(("proof", "full")), help="full: list suites and groups of endpoints.")
    @click.option("--deep", is_flag=True, help="Keep what all commands of sslyze say of endpoints, as evidence.")
    @click.option("--cross-check", type=click.IntRange(min=1), metavar="N", help="Let sslyze judge N endpoints too.")
    @wraps(command)
    def with_depth(*, order: Order, registry: Registry, **options: Any) -> Any:
        chosen = {name: options.pop(name) for name in ("depth", "deep", "cross_check")}
        changes = {name: value for name, value in chosen.items() if value}
        order = msgspec.structs.replace(order, targets=_closer(order.targets, changes))
        return command(order=order, registry=registry, **options)

    return with_depth


def _closer(targets: tuple[Target, ...], changes: dict[str, Any]) -> tuple[Target, ...]:
    """The targets, those of endpoints with other settings."""
    if changes and not any(target.provider == "endpoint" for target in targets):
        named = ", ".join(f"--{name.replace('_', '-')}" for name in changes)
        raise click.UsageError(f"{named}: there is no endpoint among the targets; name one with --endpoint")
    return tuple(
        msgspec.structs.replace(target, settings=msgspec.structs.replace(target.settings, **changes))
        if target.provider == "endpoint"
        else target
        for target in targets
    )


def _config(given: dict[str, Any], registry: Registry) -> Config:
    if given["config"] is not None:
        return load_config(given["config"], registry.providers)
    return Config(source=ConfigSource(), targets=(), folder=".")


def _order(config: Config, given: dict[str, Any], registry: Registry) -> Order:
    uses = [ProfileUse(use=name) for name in given["profiles"]] or list(config.source.profiles)
    if not uses:
        raise click.UsageError(
            "name a profile with --profile or in the configuration; `posture profile list` shows them"
        )
    targets = (*config.targets, *_targets(given, registry))
    names = [target.name for target in targets]
    if len(set(names)) < len(names):
        raise click.UsageError(
            "two targets have the same name; leave out the option that the configuration holds already"
        )
    exemptions = given["exceptions"] or _beside(config, config.source.exceptions)
    attestations = given["attestations"] or _beside(config, config.source.attestations)
    return Order(
        scoped=tuple(_scoped(use, config.source.scope, Path(config.folder)) for use in uses),
        targets=targets,
        limits=config.source.limits,
        exemptions=load_exemptions(exemptions) if exemptions else (),
        attestations=load_attestations(attestations) if attestations else (),
        checks_dir=str(given["checks_dir"].resolve()) if given["checks_dir"] else "",
        holds=config.source.holds,
        note=config.source.note,
    )


def _scoped(use: ProfileUse, scope: Scope, folder: Path) -> Scoped:
    beside = folder / use.use
    profile = find_profile(str(beside) if beside.is_file() else use.use)
    return Scoped(profile=profile, scopes=(profile.source.scope, use.scope, scope))


def _beside(config: Config, name: str) -> Path | None:
    return Path(config.folder) / name if name else None


def _targets(given: dict[str, Any], registry: Registry) -> list[Target]:
    targets = []
    if given["regions"] and not (given["aws"] or given["aws_profile"]):
        raise click.UsageError("--region goes with --aws or --aws-profile; a configuration has `regions` of its own")
    if given["aws"] or given["aws_profile"]:
        targets.append(_target(registry, "aws", {"profile": given["aws_profile"] or "", "regions": given["regions"]}))
    if given["azure"] or given["subscriptions"]:
        targets.append(_target(registry, "azure", {"subscriptions": given["subscriptions"]}))
    if given["endpoints"] or given["public_names"]:
        settings = {"hosts": given["endpoints"], "from_accounts": given["public_names"]}
        targets.append(_target(registry, "endpoint", settings))
    return targets


def _target(registry: Registry, provider: str, settings: dict[str, Any]) -> Target:
    try:
        typed = msgspec.convert(settings, registry.providers[provider].target_type)
    except msgspec.ValidationError as error:
        raise FileError(f"--{provider}: {error}") from None
    return Target(name=provider, provider=provider, settings=typed)
