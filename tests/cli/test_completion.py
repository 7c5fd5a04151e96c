"""Shell completion: click's own works through the lazy group, in a real bash and for the other shells it knows."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from commands import PROGRAM, clean, process, written
from posture.cli import COMMANDS
from posture.cli.report import FORMATS


def completed(*words: str) -> list[str]:
    """What is offered for the last word, as bash would ask for it."""
    environment = {
        "_POSTURE_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
    }
    done = process(environment=environment)
    assert (done.code, done.err) == (0, "")
    return [line.partition(",")[2] for line in done.out.splitlines() if line]


def test_every_command_is_offered() -> None:
    assert sorted(completed("posture", "")) == sorted(COMMANDS)


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("posture", "per"), ["permissions"]),
        (("posture", "checks", "sh"), ["show"]),
        (("posture", "report", "--forc"), ["--force"]),
        (("posture", "report", "-f", ""), list(FORMATS)),
        (("posture", "explain", "tls"), ["tls-minimum"]),
        (("posture", "explain", "coding-rooms/CR-9"), ["coding-rooms/CR-9"]),
        (("posture", "explain", "aws.s3.default"), ["aws.s3.default-encryption"]),
        (("posture", "no-such-command", "x"), []),
    ],
)
def test_words_are_completed(words: tuple[str, ...], offered: list[str]) -> None:
    assert completed(*words) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(shell: str) -> None:
    done = process(environment={"_POSTURE_COMPLETE": f"{shell}_source"})
    assert (done.code, done.err) == (0, "")
    assert f"_POSTURE_COMPLETE={shell}_complete" in done.out


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_a_real_bash_completes(tmp_path: Path) -> None:
    command = written(tmp_path / "posture", f"#!{sys.executable}\n{PROGRAM}\n")
    command.chmod(0o755)
    typed = (
        'eval "$(_POSTURE_COMPLETE=bash_source posture)"\n'
        "COMP_WORDS=(posture eva); COMP_CWORD=1; _posture_completion posture\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    environment = clean({"PATH": f"{tmp_path}:/usr/bin:/bin"})
    done = subprocess.run(["bash", "-c", typed], capture_output=True, text=True, check=False, env=environment)
    assert (done.stdout, done.stderr) == ("evaluate\n", "")
