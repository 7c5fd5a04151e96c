"""Prints the requirements of one extra of pyproject.toml, extras of posture itself written out, for pip-compile."""

import re
import sys
import tomllib
from pathlib import Path


def flatten(extra: str) -> set[str]:
    """The requirements of an extra, of the core, and of the build."""
    data = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())
    extras = data["project"]["optional-dependencies"]
    found = set(data["project"]["dependencies"]) | set(data["build-system"]["requires"])
    waiting = [f"posture[{extra}]"]
    while waiting:
        requirement = waiting.pop()
        own = re.fullmatch(r"posture\[([\w,]+)\]", requirement)
        if own:
            waiting += [other for name in own[1].split(",") for other in extras[name]]
        else:
            found.add(requirement)
    return found


if __name__ == "__main__":
    print("\n".join(sorted(flatten(sys.argv[1]))))
