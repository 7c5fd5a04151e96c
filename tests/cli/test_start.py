"""What starting the command line costs: no SDK is loaded before it is needed, and none is needed to judge."""

import subprocess
import sys

import pytest

SDKS = (
    "boto3",
    "botocore",
    "azure",
    "msal",
    "sslyze",
    "nassl",
    "cryptography",
    "moto",
    "flask",
    "requests",
    "pydantic",
)

BLOCKED = f"""
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {SDKS!r}:
            raise ModuleNotFoundError(f"no {{name}} here", name=name)
sys.meta_path.insert(0, Blocked())
from posture.cli import main
sys.argv[0] = "posture"
main()
"""


def posture(*arguments: str, code: str = BLOCKED) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("checks", "list"),
        ("checks", "show", "aws.s3.default-encryption"),
        ("profile", "list"),
        ("profile", "show", "coding-rooms"),
        ("plan", "-p", "baseline", "--aws", "--azure", "--endpoint", "www.example.org"),
        ("permissions", "aws", "-p", "coding-rooms"),
        ("permissions", "azure", "-p", "proctorio"),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_no_sdk_is_needed_to_look_and_to_plan(arguments: tuple[str, ...]) -> None:
    done = posture(*arguments)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_a_scan_without_its_extra_says_which_one_to_install(tmp_path: object) -> None:
    done = posture("scan", "-p", "baseline", "--aws", "-o", f"{tmp_path}/run")
    assert done.returncode == 2
    assert "pip install 'posture[aws]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_overview_loads_neither_the_engine_nor_yaml() -> None:
    code = (
        "import sys; from posture.cli import app\n"
        "try: app.main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = ('yaml', 'msgspec', 'jinja2', 'posture.scan')\n"
        "print([name for name in sys.modules if name in heavy], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
