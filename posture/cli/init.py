"""posture init: the first configuration, from a few questions."""

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import msgspec

from posture.registry import Registry, find_profile, installed, profile_files
from posture.starter import Start, configuration
from posture.yamlfile import FileError

Settings = dict[str, Any]


@click.command()
@click.option("-p", "--profile", "profiles", multiple=True, help="Profile: an installed id or a file. Repeatable.")
@click.option("--aws", is_flag=True, help="Scan the AWS account of the default credential chain.")
@click.option("--aws-account", metavar="ID", default="", help="Scan this AWS account, and refuse any other.")
@click.option("--aws-profile", metavar="NAME", default="", help="Scan the AWS account of a named profile.")
@click.option("--region", "regions", multiple=True, help="Only this AWS region. Repeatable.")
@click.option("--azure", is_flag=True, help="Scan the Azure subscriptions that the default credential can see.")
@click.option("--tenant", metavar="ID", default="", help="Scan this Azure tenant, and refuse any other.")
@click.option("--subscription", "subscriptions", multiple=True, help="Only this Azure subscription. Repeatable.")
@click.option("--endpoint", "endpoints", multiple=True, metavar="HOST[:PORT]", help="Scan a TLS endpoint. Repeatable.")
@click.option(
    "--people",
    "marks",
    multiple=True,
    metavar="MARK",
    help="Tag (key=value) or name that marks stores with the data of the people. Repeatable.",
)
@click.option("-y", "--yes", is_flag=True, help="Ask nothing: what no option says is left out.")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), default=Path("posture.yaml"), show_default=True, help="The file."
)
def init(profiles: tuple[str, ...], marks: tuple[str, ...], yes: bool, out: Path, **given: Any) -> None:
    """Write a commented configuration, posture.yaml, to start from.

    Asks which documents to judge, where to look, and what marks the stores that hold the data of the people whom the
    document speaks about; a question that an option answers is not asked. Nothing is contacted, and a file that is
    there is never overwritten.
    """
    if out.exists():
        raise click.UsageError(f"{out} exists already; name another file with --out")
    registry = installed()
    asked = not yes
    names = profiles or (_profiles() if asked else ("baseline",))
    for name in names:
        find_profile(name)
    targets: dict[str, Settings] = {}
    for provider, settings, question in (
        ("aws", _aws(given), _ask_aws),
        ("azure", _azure(given), _ask_azure),
        ("endpoint", _endpoint(given), _ask_endpoints),
    ):
        found = settings if settings is not None or not asked else question(registry)
        if found is not None:
            targets[provider] = _checked(registry, provider, found)
    marks = tuple(mark.strip() for mark in marks if mark.strip()) or (_ask_marks() if asked else ())
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(configuration(Start(profiles=tuple(names), targets=targets, marks=marks)))
    except FileExistsError:
        raise click.UsageError(f"{out} exists already; name another file with --out") from None
    named = shlex.quote(str(out))
    click.echo(f"written: {out}\nNext:  posture doctor -c {named}\nPlan:  posture plan -c {named}", err=True)
    click.echo(f"Scan:  posture scan -c {named}", err=True)


def _aws(given: Settings) -> Settings | None:
    if given["aws"] or given["aws_account"] or given["aws_profile"]:
        return {"account": given["aws_account"], "profile": given["aws_profile"], "regions": given["regions"]}
    if given["regions"]:
        raise click.UsageError("--region goes with --aws, --aws-account or --aws-profile")
    return None


def _azure(given: Settings) -> Settings | None:
    if given["azure"] or given["tenant"] or given["subscriptions"]:
        return {"tenant": given["tenant"], "subscriptions": given["subscriptions"]}
    return None


def _endpoint(given: Settings) -> Settings | None:
    return {"hosts": given["endpoints"]} if given["endpoints"] else None


def _profiles() -> tuple[str, ...]:
    def known(text: str) -> tuple[str, ...]:
        for name in text.split():
            try:
                find_profile(name)
            except FileError as error:
                raise click.UsageError(str(error)) from None
        return tuple(text.split())

    listed = ", ".join(profile_files())
    names: tuple[str, ...] = click.prompt(
        f"Which documents? (installed: {listed}; or a file; blanks between)",
        default="baseline",
        value_proc=known,
        err=True,
    )
    return names


def _ask_aws(registry: Registry) -> Settings | None:
    if not click.confirm("Scan an AWS account?", default=False, err=True):
        return None
    return {
        "account": _asked("  its id (twelve digits; empty: any)", _one(registry, "aws", "account")),
        "profile": _asked("  named profile (empty: the default credentials)", str.strip),
        "regions": _asked("  regions (blanks between; empty: all that are enabled)", _words),
    }


def _ask_azure(registry: Registry) -> Settings | None:
    if not click.confirm("Scan an Azure tenant?", default=False, err=True):
        return None
    return {
        "tenant": _asked("  its id (empty: any)", str.strip),
        "subscriptions": _asked("  subscriptions (blanks between; empty: all that can be seen)", _words),
    }


def _ask_endpoints(registry: Registry) -> Settings | None:
    hosts = _asked("Which web hosts? (host or host:port, blanks between; empty: none)", _hosts(registry))
    return {"hosts": hosts} if hosts else None


def _ask_marks() -> tuple[str, ...]:
    marks: tuple[str, ...] = _asked(
        "Which tag or name marks the stores that hold the data of the people the document speaks about? "
        "(data=people or classroom-*, blanks between; empty: none)",
        _words,
    )
    return marks


def _asked(question: str, value: Callable[[str], Any]) -> Any:
    """The answer to a question that may stay unanswered. It is asked again where the answer cannot be."""
    return click.prompt(question, default="", show_default=False, value_proc=value, err=True)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _one(registry: Registry, provider: str, name: str) -> Callable[[str], str]:
    def value(text: str) -> str:
        _checked(registry, provider, {name: text.strip()})
        return text.strip()

    return value


def _hosts(registry: Registry) -> Callable[[str], tuple[str, ...]]:
    def value(text: str) -> tuple[str, ...]:
        hosts = _words(text)
        if hosts:
            _checked(registry, "endpoint", {"hosts": hosts})
        return hosts

    return value


def _checked(registry: Registry, provider: str, settings: Settings) -> Settings:
    """The settings, when the provider takes them. Raises click.UsageError."""
    if provider not in registry.providers:
        raise click.UsageError(f"the provider {provider!r} is not installed")
    try:
        msgspec.convert(settings, registry.providers[provider].target_type)
    except msgspec.ValidationError as error:
        raise click.UsageError(f"{provider}: {error}") from None
    return settings
