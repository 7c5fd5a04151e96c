"""Writes the reference pages of docs/reference from the code; a test fails when one of them is stale.

python docs/generate.py          writes the pages
"""

import inspect
import re
from collections.abc import Sequence
from pathlib import Path

import click

from posture.check import Check
from posture.claims import Claim, vocabulary
from posture.cli import COMMANDS, app
from posture.registry import Registry, installed
from posture_endpoint.policy.rules import Choice, Least, Level, Most, Policy, SuiteChoice, policies

FOLDER = Path(__file__).parent / "reference"
NOTE = "<!-- Written by docs/generate.py from the code. Do not edit. -->\n\n"


def pages() -> dict[str, str]:
    """Every reference page by the name of its file."""
    registry = installed()
    return {
        "checks.md": NOTE + check_page(registry),
        "claims.md": NOTE + claim_page(registry),
        "permissions.md": NOTE + permission_page(registry),
        "cli.md": NOTE + cli_page(),
        "tls-policies.md": NOTE + policy_page(),
    }


def check_page(registry: Registry) -> str:
    """What each check asks, of which claim, and what it reads."""
    parts = ["# Checks\n"]
    for provider in sorted(registry.providers):
        own = [check for check in registry.checks.values() if registry.provider_of(check.fact) == provider]
        parts.append(f"\n## {provider} ({len(own)})\n")
        parts += [_check(check, registry) for check in sorted(own, key=lambda check: check.id)]
    return "".join(parts)


def _check(check: Check, registry: Registry) -> str:
    readers = {reader.operation: reader for fact in (check.fact, *check.consulted) for reader in registry.chain(fact)}
    return (
        f"\n### `{check.id}`\n\n{check.title}. Severity {check.severity}; claim `{check.claim.word()}`.\n\n"
        f"{check.doc}\n\n"
        f"- When it fails: {check.remedy}\n"
        f"- Reads: {', '.join(f'`{name}`' for name in sorted(readers))}\n"
    )


def claim_page(registry: Registry) -> str:
    """What a profile can claim: meaning, parameters, falsifiers, control ids, and the checks that bear on it."""
    return "# Claims\n" + "".join(_claim(word, kind, registry) for word, kind in sorted(vocabulary().items()))


def _claim(word: str, kind: type[Claim], registry: Registry) -> str:
    checks = sorted(check.id for check in registry.checks.values() if check.claim is kind)
    controls = kind.controls()
    fields = [
        f"`{name}` ({_type_name(kind.__annotations__[name])}{_default(kind, name)})" for name in kind.__struct_fields__
    ]
    covers = ", ".join(sorted(kind.covers))
    lines = [
        f"\n## `{word}`\n\n{inspect.getdoc(kind)}\n",
        f"- Parameters: {', '.join(fields) or 'none'}",
        f"- Refuted by: {'; '.join(kind.falsifiers)}",
        f"- Store families it speaks about: {covers}" if covers else "- Speaks about no family of stores",
        f"- Controls: NIST SP 800-53r5 {', '.join(controls.nist_800_53r5)}; "
        f"ISO/IEC 27001:2022 {', '.join(controls.iso_27001_2022)}; SOC 2 {', '.join(controls.soc2)}; "
        f"HECVAT 4 {', '.join(controls.hecvat_4)}",
        f"- Checks: {', '.join(f'`{id}`' for id in checks) or 'none yet'}\n",
    ]
    return "\n".join(lines)


def _type_name(annotation: object) -> str:
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    return re.sub(r"\b(?:typing|posture\.\w+)\.", "", text)


def _default(kind: type[Claim], name: str) -> str:
    place = kind.__struct_fields__.index(name) - len(kind.__struct_fields__) + len(kind.__struct_defaults__)
    return f", by default {kind.__struct_defaults__[place]}" if place >= 0 else ""


def permission_page(registry: Registry) -> str:
    """Every permission that any check needs, per provider; a scan of one profile needs fewer."""
    parts = ["# Permissions\n\n`posture permissions` prints what one profile needs. This is what all checks need.\n"]
    for name, provider in sorted(registry.providers.items()):
        readers = [r for fact, r in registry.readers.items() if registry.provider_of(fact) == name and r.permission]
        if readers:
            needed = sorted({reader.permission for reader in readers} | set(provider.permissions()))
            parts.append(f"\n## {name}\n\n" + "\n".join(f"- `{permission}`" for permission in needed) + "\n")
    return "".join(parts)


def policy_page() -> str:
    """What each named TLS policy asks on its two levels, with the sections of its sources."""
    intro = (
        "# TLS policies\n\nA profile picks one for the claim `meets-tls-policy`. The lenient level holds what a policy "
        "demands, the strict one what it recommends too; where the strict column is empty, the lenient rule stands. "
        "What neither names is not judged.\n"
    )
    return intro + "".join(_policy(policy) for policy in policies().values())


def _policy(policy: Policy) -> str:
    sources = "\n".join(
        f"- [{source.document}]({source.url}), {source.publisher}, {source.date}" for source in policy.sources
    )
    rows = [
        f"| {field.replace('_', ' ')} | {_rule(getattr(policy.lenient, field))} "
        f"| {_rule(getattr(policy.strict, field))} |"
        for field in Level.__struct_fields__
        if getattr(policy.lenient, field) is not None or getattr(policy.strict, field) is not None
    ]
    notes = "".join(f"- {note.strip()}\n" for note in policy.notes)
    left = "".join(f"- {left.strip()}\n" for left in policy.not_judged)
    return (
        f"\n## `{policy.id}`\n\n{policy.title}; version {policy.version}.\n\n{sources}\n\n"
        f"How the values were checked: {policy.checked.strip()}\n\n"
        "| rule | lenient | strict |\n|---|---|---|\n" + "\n".join(rows) + "\n"
        f"\nHow it is read:\n\n{notes}\nNot judged:\n\n{left}"
    )


def _rule(rule: Choice | SuiteChoice | Least | Most | None) -> str:
    match rule:
        case None:
            return ""
        case Least(least=least, section=section):
            return f"{least} bits or more ({section})"
        case Most(most=most, section=section):
            return f"{most} days or fewer ({section})"
        case SuiteChoice():
            ruled_out = [*rule.without_ciphers, *rule.without_exchanges]
            words = _listed("only", rule.only) + _listed("none with", ruled_out)
            words += _listed("undecided", [*rule.undecided, *rule.undecided_ciphers])
            return "; ".join([*words, *["CBC with encrypt-then-MAC"] * rule.encrypt_then_mac]) + f" ({rule.section})"
        case Choice():
            words = _listed("only", rule.only) + _listed("none of", rule.without)
            words += _listed("undecided", rule.undecided) + _listed("at least one of", rule.one_of)
            return "; ".join(words) + f" ({rule.section})"


def _listed(verb: str, names: Sequence[str]) -> list[str]:
    return [f"{verb} {', '.join(names)}"] if names else []


def cli_page() -> str:
    """The help of every command."""
    parts = ["# Command line\n", _help(app, "posture")]
    for name in COMMANDS:
        command = app.get_command(click.Context(app), name)
        assert command is not None
        parts.append(_help(command, f"posture {name}"))
        if isinstance(command, click.Group):
            parts += [_help(child, f"posture {name} {word}") for word, child in sorted(command.commands.items())]
    return "".join(parts)


def _help(command: click.Command, name: str) -> str:
    context = click.Context(
        command,
        info_name=name,
        terminal_width=98,
        max_content_width=98,
        help_option_names=["-h", "--help"],
    )
    return f"\n## {name}\n\n```text\n{command.get_help(context)}\n```\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
