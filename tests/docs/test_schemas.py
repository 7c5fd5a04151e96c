"""The published schemas are what the types say, take what the loader takes, and mark what it refuses."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from commands import posture, written
from posture.allowances import attestations_in, exemptions_in
from posture.claims import vocabulary
from posture.config import load_config
from posture.model import Value
from posture.profile import build_profile
from posture.registry import installed, profile_files
from posture.schemas import attestations_schema, config_schema, exceptions_schema, profile_schema
from posture.yamlfile import FileError, parse, read

DOCS = Path(__file__).parents[2] / "docs"
PROFILE = jsonschema.Draft202012Validator(profile_schema())
CONFIG = jsonschema.Draft202012Validator(config_schema(installed().providers))

PAGE = (DOCS / "profiles.md").read_text(encoding="utf-8")
EXAMPLE, *_ = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def plain(text: str) -> Any:
    """YAML as an editor's validator sees it: a date is text."""
    return json.loads(json.dumps(parse(text, "file.yaml").data, default=str))


@pytest.mark.parametrize("name", ["profile", "config", "exceptions", "attestations"])
def test_a_schema_is_fresh_and_a_schema(name: str) -> None:
    done = posture("schema", name)
    kept = (DOCS / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")
    assert done.code == 0
    assert done.out == kept, f"stale: run posture schema {name} > docs/schemas/{name}.schema.json"
    jsonschema.Draft202012Validator.check_schema(json.loads(kept))


@pytest.mark.parametrize("path", profile_files().values(), ids=lambda path: path.stem)
def test_every_installed_profile_is_valid(path: Path) -> None:
    PROFILE.validate(json.loads(json.dumps(read(path).data, default=str)))


def test_the_example_of_the_page_is_valid_and_loads() -> None:
    PROFILE.validate(plain(EXAMPLE))
    profile = build_profile(parse(EXAMPLE, "example.yaml"))
    assert [statement.id for statement in profile.statements] == ["TLS", "BACKUPS", "CARE"]


def test_the_page_names_no_command_that_does_not_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "example.yaml", EXAMPLE)
    assert posture("profile", "lint", "example.yaml").code == 0
    for command in re.findall(r"^posture (.*?) >", PAGE, re.MULTILINE):
        assert posture(*command.split()).code == 0


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("tls-minimum", "tls-maximum"),
        ("version: TLS 1.2", "version: TLS 9"),
        ("version: TLS 1.2", "versions: TLS 1.2"),
        ("reading: supported", "reading: sometimes"),
        ("quantifier: all ", "quantifier: most "),
        ("class: vague", "class: fuzzy"),
        ("    remainder: Whether those people are trained.", "    section: people"),
        ("id: our-page ", "key: our-page "),
        ("title: Our", "titles: Our"),
    ],
)
def test_what_the_loader_refuses_the_schema_marks(good: str, bad: str) -> None:
    assert good in EXAMPLE
    text = EXAMPLE.replace(good, bad)
    with pytest.raises(FileError):
        build_profile(parse(text, "bad.yaml"))
    assert not PROFILE.is_valid(plain(text))


@pytest.mark.parametrize("word", vocabulary())
def test_every_claim_is_known_with_the_types_of_its_parameters(word: str) -> None:
    def made(parameters: dict[str, Any]) -> dict[str, Any]:
        use = {"claim": word, "with": parameters}
        return {
            "id": "p",
            "title": "P",
            "statements": [{"id": "S", "summary": "s", "class": "testable", "claims": [use]}],
        }

    needs: dict[str, dict[str, Any]] = {"hosted-by": {"provider": "aws"}, "hosted-in": {"regions": ["us-east-1"]}}
    needed = needs.get(word, {})
    PROFILE.validate(made(needed))
    for field in vocabulary()[word].__struct_encode_fields__:
        assert not PROFILE.is_valid(made({**needed, field: {"neither": "text nor number"}}))
    assert not PROFILE.is_valid(made({**needed, "no-such-parameter": 1}))


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("targets: {a: {aws: {account: '123456789012', regions: [us-east-1]}}}", True),
        ("targets: {a: {aws: }, b: {azure: {cloud: china}}, c: {endpoint: {hosts: [a.example]}}}", True),
        ("holds: {uploads: [{tag: data=uploads}, {kind: 'aws.rds.*', name: 'u-*'}]}", True),
        ("holds: {uploads: [{label: data=uploads}]}", False),
        ("holds: [uploads]", False),
        ("{profiles: [{use: baseline}], limits: {run: 60}, scope: {exclude: [{name: x, reason: r}]}}", True),
        ("targets: {a: {aws: {acount: '123456789012'}}}", False),
        ("targets: {a: {aws: {}, azure: {}}}", False),
        ("targets: {a: {gcp: {}}}", False),
        ("targets: {a: {azure: {cloud: mars}}}", False),
        ("scope: {exclude: [{name: x}]}", False),
        ("profile: baseline", False),
    ],
)
def test_a_configuration_fits_the_schema_when_it_loads(text: str, fits: bool, tmp_path: Path) -> None:
    assert CONFIG.is_valid(plain(text)) is fits
    path = written(tmp_path / "posture.yaml", text)
    if fits:
        load_config(path, installed().providers)
    else:
        with pytest.raises(FileError):
            load_config(path, installed().providers)


def test_the_targets_are_those_of_the_providers_that_are_there() -> None:
    class Settings(Value):
        """Settings."""

        key: str

    class Cloud:
        name = "own"
        target_type = Settings

    validator = jsonschema.Draft202012Validator(config_schema({"own": Cloud()}))  # type: ignore[dict-item]
    assert validator.is_valid({"targets": {"t": {"own": {"key": "k"}}}})
    assert not validator.is_valid({"targets": {"t": {"aws": {}}}})


EXCEPTION = {"id": "E", "reason": "r", "owner": "o", "approver": "a", "expires": "2027-01-01", "finding": "f" * 64}
ABOUT = {**EXCEPTION, "finding": None, "claim": "encrypted-at-rest", "resource": "r-1"}
VOUCHED = {
    "id": "A",
    "statement": "page/S",
    "who": "w",
    "issued": "2026-01-01",
    "valid_until": "2026-12-31",
    "document": "d.pdf",
    "document_sha256": "0a" * 32,
}
KINDS = {"exceptions": (exceptions_schema, exemptions_in), "attestations": (attestations_schema, attestations_in)}


@pytest.mark.parametrize(
    ("kind", "entry", "changed", "fits"),
    [
        ("exceptions", EXCEPTION, {}, True),
        ("exceptions", ABOUT, {}, True),
        ("exceptions", ABOUT, {"resource": "r-*", "broad": True, "created": "2026-12-01", "reference": "T-1"}, True),
        ("exceptions", EXCEPTION, {"broad": True, "claim": "", "resource": ""}, True),
        ("attestations", VOUCHED, {}, True),
        ("attestations", VOUCHED, {"note": "n", "file": "d.pdf"}, True),
        *(("exceptions", EXCEPTION, {name: None}, False) for name in EXCEPTION),
        *(("exceptions", EXCEPTION, {name: " "}, False) for name in ("id", "reason", "owner", "approver")),
        *(("exceptions", ABOUT, {name: None}, False) for name in ("claim", "resource")),
        *(("exceptions", ABOUT, {"resource": pattern}, False) for pattern in ("r-*", "r-?", "[r]")),
        ("exceptions", ABOUT, {"resource": "r-*", "broad": False}, False),
        ("exceptions", ABOUT, {"claim": "encrypted-at-test"}, False),
        ("exceptions", ABOUT, {"finding": "f" * 64}, False),
        ("exceptions", EXCEPTION, {"finding": "F" * 64}, False),
        ("exceptions", EXCEPTION, {"expires": "soon"}, False),
        ("exceptions", EXCEPTION, {"until": "2027-01-01"}, False),
        *(("attestations", VOUCHED, {name: None}, False) for name in VOUCHED),
        *(("attestations", VOUCHED, {name: ""}, False) for name in ("id", "who", "document", "document_sha256")),
        ("attestations", VOUCHED, {"statement": "S"}, False),
        ("attestations", VOUCHED, {"statement": "page/"}, False),
        ("attestations", VOUCHED, {"document_sha256": "0A" * 32}, False),
    ],
)
def test_an_allowance_fits_the_schema_when_it_loads(
    kind: str, entry: dict[str, Any], changed: dict[str, Any], fits: bool
) -> None:
    made, loader = KINDS[kind]
    validator = jsonschema.Draft202012Validator(made(), format_checker=jsonschema.FormatChecker())
    data = {kind: [{name: value for name, value in (entry | changed).items() if value is not None}]}
    assert validator.is_valid(data) is fits
    if fits:
        loader(parse(json.dumps(data), "f.yaml"))
    else:
        with pytest.raises(FileError, match=r"^f\.yaml:\d+: "):
            loader(parse(json.dumps(data), "f.yaml"))


@pytest.mark.parametrize("name", ["report", "findings", "diff", "runs"])
def test_the_schema_of_what_programs_read_is_printed(name: str) -> None:
    done = posture("schema", name)
    assert done.code == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(done.out))
