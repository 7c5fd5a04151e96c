"""The command line: thin, lazy, and the only place that prints, exits or reads the environment."""

import os
import sys
import warnings
from importlib import import_module
from io import TextIOWrapper
from typing import Any

import click

COMMANDS = {
    "demo": ("demo", "Judge two published documents against three embedded estates."),
    "init": ("init", "Write a commented configuration to start from."),
    "doctor": ("doctor", "Try what a scan needs: who you are on each target, and what you may read."),
    "plan": ("scan", "Show what a scan would ask, without contacting anything."),
    "permissions": ("permissions", "Print the least-privilege policy that a scan needs."),
    "scan": ("scan", "Judge the statements of profiles against accounts and endpoints."),
    "evaluate": ("evaluate", "Judge a recorded run again, offline, from its replies."),
    "verify": ("evaluate", "Prove that a run is what was sealed."),
    "report": ("report", "Render a run for people, or in the formats of other programs."),
    "runs": ("runs", "List the runs of a folder."),
    "diff": ("runs", "Tell what changed between two runs, and why."),
    "checks": ("checks", "List the checks, or show one."),
    "profile": ("profile", "List, show and lint profiles."),
    "exceptions": ("allowances", "List and lint exceptions: what is kept from the gate, and until when."),
    "attestations": ("allowances", "List and lint attestations: who vouches for what, and until when."),
    "schema": ("schema", "Print the JSON Schema of a profile or configuration, for editors."),
    "explain": ("explain", "Explain a statement, claim, check or finding, and what was tried."),
    "document": ("document", "Hold a profile against its document, or draft one for another."),
    "ranges": ("ranges", "Look up whose an address is, or renew the snapshot of providers' ranges."),
}
"""Command, the module that holds it, and its line of help: nothing else is imported to print the overview."""


class PipeClosed(Exception):
    """Whoever read the output wants no more of it."""


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is used, not before."""

    def make_context(self, *arguments: Any, **extra: Any) -> click.Context:
        """The context, which may print help. click would take a closed pipe for a failure."""
        try:
            return super().make_context(*arguments, **extra)
        except BrokenPipeError:
            raise PipeClosed from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command. click would take a closed pipe for a failure."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise PipeClosed from None

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which a new user meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"posture.cli.{COMMANDS[cmd_name][0]}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The overview, from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Name the nearest command for one that does not exist."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            from posture.yamlfile import nearest

            raise click.UsageError(f"there is no command {args[0]!r}{nearest(args[0], list(COMMANDS))}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="posture", prog_name="posture")
def app() -> None:
    """Judge published sentences about a product against the accounts and endpoints behind it.

    Each statement of a document comes out verified, contradicted, partly verified, unknown or not testable.
    What could not be read is unknown: never a pass, never a failure.
    """


def main() -> None:
    """The console script: one line for an error that a user can mend, and the documented exit code."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # what libraries tell their developers is no word to a user
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that lacks a character gets its number
    try:
        code = app.main(prog_name="posture", standalone_mode=False)
        sys.stdout.flush()
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.ClickException as error:
        _show(error)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("posture: interrupted", err=True)
        sys.exit(130)
    except (BrokenPipeError, PipeClosed):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:  # noqa: BLE001 - the last line of defence: a message instead of a traceback
        sys.exit(_failed(error))


def _show(error: click.ClickException) -> None:
    """One line, as for every other error; the overview for a group that was named without a command."""
    if isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):
        error.show()
        return
    context = getattr(error, "ctx", None)
    hint = f" (see {context.command_path} --help)" if context else ""
    click.echo(f"posture: {' '.join(error.format_message().split()).removesuffix('.')}{hint}", err=True)


def _failed(error: Exception) -> int:
    from posture.cli.errors import explain
    from posture.report.inert import inert

    if os.environ.get("POSTURE_DEBUG"):
        raise error
    message, code = explain(error)
    click.echo(f"posture: {inert(message)}", err=True)
    return int(code)
