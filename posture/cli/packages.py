"""Check packages as a command uses them: the installed ones, and those in a folder that the caller names."""

import traceback
from pathlib import Path

import click

from posture.registry import Registry, RegistryError, installed
from posture.run.directory import Run


def registry_with(checks_dir: Path | None) -> Registry:
    """All readers, checks and providers. Raises RegistryError for a package of the folder that does not load."""
    if checks_dir is None:
        return installed()
    try:
        return installed(checks_dir)
    except RegistryError:
        raise
    except Exception as error:
        # Somebody else's module may break in any way while it is imported; that is no error of posture's own.
        detail = " ".join(f"{type(error).__name__}: {error}".split())
        raise RegistryError(f"{_place(error, checks_dir)}: this check package does not load: {detail}") from error


def registry_for(run: Run, checks_dir: Path | None) -> Registry:
    """What a run was made with, as it is installed now.

    Check packages run as code. A run that names a folder of them may come from anybody, so the caller has to name the
    folder too. Raises click.UsageError.
    """
    named = run.head().checks_dir
    if named and (checks_dir is None or checks_dir.resolve() != Path(named).resolve()):
        raise click.UsageError(
            f"{run.folder} was made with check packages in {named}, which would run as code; "
            f"if you trust them, say --checks-dir {named}"
        )
    return registry_with(checks_dir)


def _place(error: Exception, checks_dir: Path) -> str:
    """File and line of the user's own where loading ended; the folder where no file of it is to blame."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).resolve().is_relative_to(checks_dir.resolve())]
    return f"{own[-1].filename}:{own[-1].lineno}" if own else str(checks_dir)
