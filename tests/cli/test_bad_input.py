"""Bad input: one line that names place and remedy, the documented code, no traceback, and nothing overwritten."""

import json
import os
import stat
import time
from pathlib import Path

import pytest

from commands import (
    ENDPOINTS,
    VOLUMES,
    Done,
    aws_settings,
    azure_environment,
    azure_settings,
    configuration,
    endpoint_settings,
    files,
    posture,
    process,
    written,
)
from posture.yamlfile import MAX_BYTES
from posture_estates.arm import ArmServer
from posture_estates.aws import AwsServer
from posture_estates.endpoints.lab import EndpointLab


@pytest.fixture
def endpoints(tmp_path: Path) -> Path:
    return written(tmp_path / "endpoints.yaml", ENDPOINTS)


@pytest.fixture
def volumes(tmp_path: Path) -> Path:
    return written(tmp_path / "volumes.yaml", VOLUMES)


# -- profiles


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("tls-minimum", "tls-minimun", ":9: there is no claim 'tls-minimun'; did you mean 'tls-minimum'?"),
        ("version:", "versoin:", ":9: unknown key 'versoin'; did you mean 'version'?"),
        ("TLS 1.2}", "TLS 9}", ":9: version: 'TLS 9' is not one of the words allowed here; did you mean 'TLS 1"),
        ("statements:", "statments:", ": unknown key 'statments'; did you mean 'statements'"),
        ("title: Endpoints", "title: !!python/name:os.system", ":3: the tag tag:yaml.org,2002:python/name:os.system"),
        ("title: Endpoints", "title: &all [x]", ":3: anchors and aliases are not allowed"),
        ("title: Endpoints", "title: [" * 60, ":3: nested deeper than 40"),
        ("title: Endpoints", "title: {", ":5: expected the node content"),
        ("id: E1", "id: E1\n    id: E2", ":6: the key 'id' stands here twice"),
    ],
    ids=["claim", "parameter", "value", "key", "tag", "anchor", "depth", "syntax", "twice"],
)
@pytest.mark.parametrize("command", [("plan", "-p"), ("profile", "lint"), ("profile", "show")], ids=" ".join)
def test_a_profile_that_is_wrong_somewhere(
    tmp_path: Path, command: tuple[str, ...], was: str, now: str, told: str
) -> None:
    assert was in ENDPOINTS
    done = posture(*command, written(tmp_path / "mine.yaml", ENDPOINTS.replace(was, now, 1)))
    assert done.code == 2
    assert done.complaint.startswith("mine.yaml:")
    assert told in done.complaint
    assert not done.out


def test_aliases_do_not_explode(tmp_path: Path) -> None:
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))
    began = time.monotonic()
    done = posture("profile", "lint", written(tmp_path / "bomb.yaml", f"a0: &a0 x\n{levels}\n"))
    assert done.code == 2
    assert done.complaint == "bomb.yaml:1: anchors and aliases are not allowed"
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("option", ["-p", "-c", "--exceptions", "--attestations"])
def test_a_file_of_100_mb_is_not_read(tmp_path: Path, endpoints: Path, option: str) -> None:
    big = tmp_path / "big.yaml"
    with big.open("wb") as file:
        file.truncate(100_000_000)
    began = time.monotonic()
    done = posture("plan", "-p", endpoints, option, big)
    assert done.code == 2
    assert done.complaint.startswith(f"big.yaml:1: the file has 100000000 bytes; posture reads at most {MAX_BYTES}")
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("option", ["-p", "-c", "--exceptions", "--attestations"])
@pytest.mark.parametrize("kind", ["folder", "binary", "empty", "missing"])
def test_a_file_that_is_none(tmp_path: Path, endpoints: Path, option: str, kind: str) -> None:
    path = tmp_path / "it.yaml"
    match kind:
        case "folder":
            path.mkdir()
        case "binary":
            path.write_bytes(bytes(range(255, 0, -1)))
        case "empty":
            path.touch()
    done = posture("plan", "-p", endpoints, option, path)
    assert done.code == 2
    assert ("it.yaml: " if kind in ("folder", "missing") else "it.yaml:1: ") in done.complaint
    assert not done.out


def test_an_unknown_profile_has_its_neighbours_named() -> None:
    done = posture("plan", "-p", "coding-room")
    assert done.code == 2
    assert "'coding-rooms'" in done.complaint


# -- configurations


@pytest.mark.parametrize(
    ("targets", "told"),
    [
        ({"x": {"gcp": {}}}, "there is no provider 'gcp'; valid are aws, azure, endpoint"),
        ({"x": {"aws": {}, "azure": {}}}, "target 'x' names one provider, not 2"),
        ({"x": {"aws": {"regoins": []}}}, "unknown key 'regoins'; did you mean 'regions'?"),
        ({"x": {"aws": {"account": "12"}}}, "`account` is an id of twelve digits, not '12'"),
        ({"x": {"aws": {"partition": "aws-x"}}}, "'aws-x' is not one of the words allowed here"),
        ({"x": {"aws": {"endpoint_url": "localhost"}}}, "`endpoint_url` starts with http:// or https://"),
        ({"x": {"aws": {"web_identity_role": "arn"}}}, "`web_identity_role` and `web_identity_token_file` go together"),
        ({"x": {"azure": {"cloud": "pubic"}}}, "'pubic' is not one of the words allowed here; did you mean 'public'?"),
        ({"x": {"endpoint": {"hosts": []}}}, "`hosts` names no endpoint"),
        ({"x": {"endpoint": {"hosts": ["a b"]}}}, "'a b' is not a host, host:port or https://host/"),
        (
            {"x": {"endpoint": {"hosts": ["a:99999"]}}},
            ": endpoint: 'a:99999' is not a host, host:port or https://host/",
        ),
        ({"x": {"endpoint": {"hosts": ["a"], "http_port": 0}}}, "http_port: 0: expected `int` >= 1"),
        ({"x": {"azure": {"tenant": "my tenant"}}}, "`tenant` is the id of a tenant, a UUID, and 'my tenant' is none"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_configuration_that_is_wrong_somewhere(tmp_path: Path, targets: object, told: str) -> None:
    config = written(tmp_path / "mine.yaml", json.dumps({"targets": targets}, indent=1))
    done = posture("scan", "-c", config, "-p", "baseline", "-o", tmp_path / "run")
    assert done.code == 2
    assert done.complaint.startswith("mine.yaml:")
    assert told in done.complaint
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "profiles:\n  - use: baseline\n  - use: baselin\n",
            "mine.yaml:3: no installed profile and no file is named 'baselin'; did",
        ),
        ("limits:\n  attempts: -2\n", "mine.yaml:2: attempts: -2: expected `int` >= 1"),
        ("limits:\n  read: 0\n", "mine.yaml:2: read: 0: expected `float` > 0.0"),
        ("limits: {run: .inf}\n", "mine.yaml:1: run: inf: expected `float` <= 604800.0"),
        ("limits:\n  runs: here\n", "mine.yaml:1: unknown key 'runs'; it belongs further out: indent it less"),
        ("scope:\n  include:\n    - cloud: awss\n", "mine.yaml:3: there is no provider 'awss'; did you mean 'aws'?"),
        (
            "profiles:\n  - use: baseline\n    scope: {exclude: [{cloud: gcp, reason: none}]}\n",
            "mine.yaml:3: there is no provider 'gcp'; valid are aws, azure, endpoint",
        ),
        ("holds: {exams: [{name: a}, {cloud: 'x*'}]}\n", "mine.yaml:1: there is no provider 'x*'"),
    ],
)
def test_what_a_configuration_cannot_mean(tmp_path: Path, text: str, told: str) -> None:
    done = posture("plan", "-c", written(tmp_path / "mine.yaml", text), "-p", "baseline", "--aws")
    assert done.code == 2
    assert done.complaint.startswith(told)


def test_a_pattern_of_clouds_may_have_wildcards(tmp_path: Path) -> None:
    config = written(tmp_path / "mine.yaml", "scope: {include: [{cloud: 'a*'}, {cloud: AWS}]}\n")
    assert posture("plan", "-c", config, "-p", "baseline", "--aws").code == 0


def test_only_the_words_of_the_key_itself_are_offered(tmp_path: Path) -> None:
    done = posture("profile", "lint", written(tmp_path / "mine.yaml", ENDPOINTS.replace("testable", "tested")))
    assert (
        done.complaint == "mine.yaml:7: class: 'tested' is not one of the words allowed here; did you mean 'testable'?"
    )


# -- words on the command line


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("scann",), "there is no command 'scann'; did you mean 'scan', 'schema'? (see posture --help)"),
        (("plan", "--regoin", "x"), "No such option '--regoin'"),
        (("permissions", "gcp", "-p", "baseline"), "'gcp' is not one of 'aws', 'azure'"),
        (("permissions",), "Missing argument"),
        (("checks", "show", "aws.s3.defalt-encryption"), "did you mean 'aws.s3.default-encryption'"),
        (("checks", "shwo"), "No such command 'shwo'"),
        (("checks", "list", "--claim", "tls-minmum"), "there is no claim 'tls-minmum'; did you mean 'tls-minimum'?"),
        (("checks", "list", "--provider", "gcp"), "there is no provider 'gcp'; valid are aws, azure, endpoint"),
        (("checks", "list", "--checks-dir", "nowhere"), "nowhere: no such folder of check packages"),
        (("scan", "-p", "baseline"), "name a target: --aws, --azure, --endpoint HOST, or `targets`"),
        (("plan", "-p", "baseline"), "name a target: --aws, --azure, --endpoint HOST, or `targets`"),
        (("scan", "--aws"), "name a profile with --profile or in the configuration"),
        (("scan", "-p", "baseline", "--endpoint", "host:99999"), "--endpoint: 'host:99999' is not a host"),
        (("scan", "-p", "baseline", "--endpoint", "h", "--region", "x"), "--region goes with --aws or --aws-profile"),
        (("scan", "-p", "baseline", "--aws", "--timeout", "0"), "Invalid value for '--timeout'"),
        (("scan", "-p", "baseline", "--aws", "--fail-on", "all"), "'all' is not one of 'contradicted'"),
        (("evaluate", "nowhere"), "nowhere is not a run directory (it has no run.json)"),
        (("verify", "."), ". is not a run directory (it has no run.json)"),
        (("report", "nowhere", "-f", "pdf"), "'pdf' is not one of 'text', 'html', 'json'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_words_that_mean_nothing(arguments: tuple[str, ...], told: str) -> None:
    done = posture(*arguments)
    assert done.code == 2
    assert told in done.complaint
    assert not done.out


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("PROVIDER = (", "__init__.py:1: this check package does not load: SyntaxError"),
        ("import no_such_module", "__init__.py:1: this check package does not load: ModuleNotFoundError"),
        ("\n1 / 0", "__init__.py:2: this check package does not load: ZeroDivisionError: division by zero"),
        ("", "this check package does not load: AttributeError: module 'mine' has no attribute 'PROVIDER'"),
    ],
    ids=["syntax", "import", "error", "empty"],
)
def test_a_check_package_of_the_users_own_that_does_not_load(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "checks" / "mine").mkdir(parents=True)
    written(tmp_path / "checks" / "mine" / "__init__.py", text)
    done = process("checks", "list", "--checks-dir", tmp_path / "checks")
    assert done.code == 2
    assert told in done.complaint
    assert str(tmp_path / "checks") in done.complaint


# -- files and folders in the way


def scanned(tmp_path: Path, lab: EndpointLab, endpoints: Path) -> Path:
    config = configuration(tmp_path / "posture.yaml", {"web": endpoint_settings(lab, "good")}, [endpoints])
    assert posture("scan", "-c", config, "-o", tmp_path / "run").code == 0
    return tmp_path / "run"


def test_a_run_is_not_overwritten_and_nobody_is_contacted(
    tmp_path: Path, lab: EndpointLab, account: AwsServer, endpoints: Path
) -> None:
    run = scanned(tmp_path, lab, endpoints)
    before = dict(files(run))
    config = configuration(tmp_path / "c.yaml", {"account": aws_settings(account.url)}, [endpoints])
    done = process("scan", "-c", config, "-o", run)
    assert done == Done(2, "", f"posture: {run} exists already; name another folder with --out\n")
    assert dict(files(run)) == before
    assert not account.requests


def test_a_report_is_overwritten_by_force_only(tmp_path: Path, lab: EndpointLab, endpoints: Path) -> None:
    run = scanned(tmp_path, lab, endpoints)
    mine = written(tmp_path / "mine.html", "mine")
    done = posture("report", run, "-f", "html", "-o", mine)
    assert done.code == 2
    assert f"{mine} exists already; name another file or say --force" in done.complaint
    assert mine.read_text() == "mine"
    assert posture("report", run, "-f", "html", "-o", mine, "--force").code == 0
    assert mine.read_text().lower().startswith("<!doctype html>")


@pytest.mark.parametrize("way", ["below-a-file", "not-writable"])
def test_a_folder_that_cannot_be_made(tmp_path: Path, account: AwsServer, endpoints: Path, way: str) -> None:
    above = tmp_path / "above"
    if way == "below-a-file":
        above.touch()
    else:
        above.mkdir()
        above.chmod(stat.S_IRUSR)
        if os.access(above, os.W_OK):
            pytest.skip("this user may write everywhere")
    config = configuration(tmp_path / "c.yaml", {"account": aws_settings(account.url)}, [endpoints])
    done = process("scan", "-c", config, "-o", above / "run")
    assert done.code == 2
    assert done.complaint.startswith(f"{above / 'run'} cannot be made: ")
    assert "--out" in done.complaint
    assert not account.requests


def test_a_report_that_cannot_be_written(tmp_path: Path, lab: EndpointLab, endpoints: Path) -> None:
    run = scanned(tmp_path, lab, endpoints)
    done = posture("report", run, "-o", tmp_path / "no" / "such" / "folder.txt")
    assert done.code == 2
    assert "folder.txt: No such file or directory; check the path" in done.complaint


def test_a_run_that_names_code_is_not_judged_before_the_caller_names_it_too(tmp_path: Path, lab: EndpointLab) -> None:
    package = tmp_path / "checks" / "mine"
    package.mkdir(parents=True)
    trace = tmp_path / "trace"
    own = "import pathlib, posture_endpoint\nclass Mine(type(posture_endpoint.PROVIDER)):\n    name = 'mine'\n"
    written(package / "__init__.py", f"{own}PROVIDER = Mine()\npathlib.Path({str(trace)!r}).touch()\n")
    profile = written(tmp_path / "endpoints.yaml", ENDPOINTS)
    config = configuration(tmp_path / "posture.yaml", {"web": endpoint_settings(lab, "good")}, [profile])
    own_checks = ("--checks-dir", tmp_path / "checks")
    run = tmp_path / "run"
    assert process("scan", "-c", config, "-o", run, *own_checks).code == 0
    trace.unlink()
    for command in ("evaluate", "report"):
        done = process(command, run)
        assert done.code == 2
        assert f"if you trust them, say --checks-dir {tmp_path / 'checks'}" in done.complaint
        assert not trace.exists()
        assert process(command, run, *own_checks).code == 0
        assert trace.exists()
        trace.unlink()


# -- accounts, tenants and endpoints that do not answer as hoped


def account_scan(
    tmp_path: Path, profile: Path, url: str, environment: dict[str, str] | None = None, **settings: object
) -> Done:
    config = configuration(tmp_path / "c.yaml", {"account": aws_settings(url, **settings)}, [profile])
    return process("scan", "-c", config, "-o", tmp_path / "run", environment=environment)


@pytest.mark.parametrize(
    ("environment", "told", "chain"),
    [
        ({}, "Unable to locate credentials", False),
        ({}, "none to assume arn:aws:iam::123456789012:role/posture with", True),
        ({"AWS_ACCESS_KEY_ID": "AKIATEST"}, "missing: AWS_SECRET_ACCESS_KEY", False),
        ({"AWS_ACCESS_KEY_ID": "AKIATEST"}, "missing: AWS_SECRET_ACCESS_KEY", True),
        ({"AWS_PROFILE": "nosuch"}, "The config profile (nosuch) could not be found", False),
        ({"AWS_CONFIG_FILE": __file__}, "Unable to parse config file", False),
    ],
    ids=["none", "none-for-a-role", "half", "half-for-a-role", "profile", "file"],
)
def test_no_aws_credentials(
    tmp_path: Path, account: AwsServer, volumes: Path, environment: dict[str, str], told: str, chain: bool
) -> None:
    steps = [{"arn": "arn:aws:iam::123456789012:role/posture"}] if chain else []
    done = account_scan(tmp_path, volumes, account.url, environment, assume=steps)
    assert done.code == 4
    assert done.complaint.startswith("account: ")
    assert told in done.complaint
    assert "account: no credentials were found: " in done.complaint
    assert "(access-denied)" in done.complaint
    assert "posture permissions" not in done.complaint
    assert not account.requests


def test_the_wrong_account(tmp_path: Path, account: AwsServer, volumes: Path) -> None:
    done = account_scan(tmp_path, volumes, account.url, account="999999999999")
    assert done.code == 4
    assert done.complaint == (
        "account: signed in to account 123456789012, expected 999999999999 (disagreement). "
        "Use the credentials of the expected account, or correct `account` in the configuration."
    )
    assert {record.operation for record in account.requests} == {"GetCallerIdentity"}


def test_a_region_that_does_not_exist(tmp_path: Path, account: AwsServer, volumes: Path) -> None:
    done = account_scan(tmp_path, volumes, account.url, regions=["eu-nowhere-9"])
    assert done.code == 3
    assert "account 123456789012 eu-nowhere-9: AWS knows no region eu-nowhere-9" in done.complaint
    assert "check its name" in done.complaint


def test_an_external_id_that_the_environment_lacks(tmp_path: Path, account: AwsServer, volumes: Path) -> None:
    step = {"arn": "arn:aws:iam::123456789012:role/posture", "external_id_env": "NOT_THERE"}
    done = account_scan(tmp_path, volumes, account.url, assume=[step])
    assert done.code == 4
    assert "Set NOT_THERE, or leave `external_id_env` out" in done.complaint
    assert not account.requests


def test_a_token_file_that_is_missing(tmp_path: Path, account: AwsServer, volumes: Path) -> None:
    role, file = "arn:aws:iam::123456789012:role/web", str(tmp_path / "token")
    done = account_scan(tmp_path, volumes, account.url, web_identity_role=role, web_identity_token_file=file)
    assert done.code == 4
    assert f"{file!r} cannot be read: No such file or directory" in done.complaint
    assert not account.requests


def test_a_subscription_that_is_not_there(tmp_path: Path, tenant: ArmServer) -> None:
    wrong = "00000000-0000-0000-0000-000000000009"
    config = configuration(tmp_path / "c.yaml", {"tenant": azure_settings(tenant, subscriptions=[wrong])}, ["baseline"])
    done = process("scan", "-c", config, "-o", tmp_path / "run", environment=azure_environment(tenant))
    assert done.code == 3
    assert f"tenant {wrong}: subscription {wrong} is not visible to this identity" in done.complaint
    assert "needs Microsoft.Resources/subscriptions/read" in done.complaint


def test_the_wrong_tenant(tmp_path: Path, tenant: ArmServer) -> None:
    wrong = "00000000-0000-0000-0000-000000000009"
    config = configuration(tmp_path / "c.yaml", {"tenant": azure_settings(tenant, tenant=wrong)}, ["baseline"])
    done = process("scan", "-c", config, "-o", tmp_path / "run", environment=azure_environment(tenant))
    assert done.code == 4
    assert "correct `tenant` in the configuration" in done.complaint


@pytest.mark.parametrize("name", ["silent", "dripping", "resets", "refused"])
def test_an_endpoint_that_hangs_or_drips_ends_as_unknown_within_its_limits(
    tmp_path: Path, lab: EndpointLab, endpoints: Path, name: str
) -> None:
    limits = {"call": 3.0, "kind": 5.0, "place": 6.0}
    config = configuration(tmp_path / "c.yaml", {"web": endpoint_settings(lab, name)}, [endpoints], limits=limits)
    began = time.monotonic()
    done = posture("scan", "-c", config, "-o", tmp_path / "run", "--json")
    assert done.code == 3
    assert time.monotonic() - began < 8
    (statement,) = json.loads(done.out)["profiles"][0]["statements"]
    assert statement["verdict"] == "unknown"
    assert done.complaint.startswith(f"{name}.lab.example: 1 read without an answer: ")
    assert posture("verify", tmp_path / "run").code == 0


def test_a_scan_ends_when_its_time_is_over(tmp_path: Path, lab: EndpointLab, endpoints: Path) -> None:
    limits = {"read": 30.0, "call": 30.0, "kind": 30.0}
    config = configuration(
        tmp_path / "c.yaml", {"web": endpoint_settings(lab, "silent", "good")}, [endpoints], limits=limits
    )
    began = time.monotonic()
    done = posture("scan", "-c", config, "-o", tmp_path / "run", "--timeout", "2")
    assert done.code == 3
    assert time.monotonic() - began < 6
    assert posture("evaluate", tmp_path / "run").code == 3


def test_a_name_that_does_not_resolve(tmp_path: Path, endpoints: Path) -> None:
    done = posture("scan", "-p", endpoints, "--endpoint", "nosuch.invalid", "-o", tmp_path / "run")
    assert done.code == 3
    assert "nosuch.invalid: 2 reads without an answer: nosuch.invalid has no address" in done.complaint
    assert "check its name" in done.complaint
