"""posture explain: what an id names, what was tried of it, on which evidence, and what to do."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from cli.labruns import LOCKS, lab_run
from commands import AWS_ENVIRONMENT, Done, aws_settings, configuration, posture, process, written
from engine import lab, scans
from posture import explain as explaining
from posture.allowances import Attestation
from posture.assess import Assessment
from posture.claims import vocabulary
from posture.model import Fail, Finding, Severity
from posture.narrowing import Narrowing
from posture.registry import Registry, find_profile, installed, profile_files
from posture.run.directory import Run
from posture.run.record import ReplyRecord
from posture_estates.aws import AwsServer, seed

STORES = """
id: stores
title: Stores
statements:
  - id: S1
    summary: Buckets and volumes are encrypted.
    class: testable
    reading: {words: encrypted, meaning: at rest, author: A. Editor, date: 2026-01-01, reason: usual}
    claims:
      - {claim: encrypted-at-rest, quantifier: all, alternative: {algorithm: any}}
  - {id: S2, summary: We care., class: vague, reason: no machine sees care}
"""
REFUSED = "s3:GetEncryptionConfiguration"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, running_account: AwsServer) -> Run:
    """A run over an account with volumes in the clear, in which one bucket's encryption could not be read."""
    folder = tmp_path_factory.mktemp("explain")
    seed(running_account.url, "drifted")
    running_account.gate.deny("s3:GetBucketEncryption", times=1)
    profile = written(folder / "stores.yaml", STORES)
    config = configuration(folder / "c.yaml", {"account": aws_settings(running_account.url)}, [profile])
    done = process("scan", "-c", config, "-o", folder / "run", environment=AWS_ENVIRONMENT)
    running_account.gate.clear()
    assert done.code == 1, done.err
    return Run.open(folder / "run")


def first(run: Run, outcome: str) -> Finding:
    return next(f for f in run.findings() if f.outcome.__struct_config__.tag == outcome and f.check[:6] != "aws.in")


def explained(*arguments: object) -> dict[str, tuple[str, ...]]:
    """The parts of an explanation by their headings."""
    done = posture("explain", *arguments, "--json")
    assert (done.code, done.err) == (0, "")
    return {part["heading"]: tuple(part["lines"]) for part in json.loads(done.out)["parts"]}


@pytest.mark.parametrize("name", profile_files())
def test_every_statement_of_every_installed_profile_is_explained(name: str) -> None:
    profile = find_profile(name)
    for statement in profile.statements:
        parts = explained(f"{name}/{statement.id}", "-p", name)
        for asserted in statement.asserted:
            assert f"Claim {asserted.use.claim}" in parts


@pytest.mark.parametrize("word", vocabulary())
def test_every_claim_is_explained_with_its_parameters_and_tests(word: str) -> None:
    parts = explained(word)
    sought = [line for line in parts["Refuted by"] if not line.startswith(("  ", "tests that do not say"))]
    assert tuple(sought) == vocabulary()[word].falsifiers
    for field in vocabulary()[word].__struct_fields__:
        assert any(f"(`{field}`): " in line for line in parts["Parameters"])
    own = {check.id for check in installed().checks.values() if check.claim is vocabulary()[word]}
    shown = [line for heading, lines in parts.items() if heading.startswith("Tests, ") for line in lines]
    assert {line.partition(": ")[0] for line in shown} - {"no check here bears on it"} == own


def test_a_check_is_explained_with_what_it_reads_and_needs() -> None:
    parts = explained("aws.s3.default-encryption")
    assert parts["Bears on"] == ("encrypted-at-rest, severity high",)
    assert parts["Reads"][1].startswith(f"s3:GetBucketEncryption (needs {REFUSED}): ")
    assert parts["When it fails"] == (installed().check("aws.s3.default-encryption").remedy,)


@pytest.mark.parametrize("columns", ["60", "100"])
def test_text_stays_within_the_width_but_for_what_cannot_be_broken(
    columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    done = posture("explain", "CR-9")
    assert done.code == 0
    assert all(len(line) <= int(columns) or " " not in line.strip() for line in done.out.splitlines())


def test_a_statement_under_a_run_tells_what_was_tried_and_what_was_not(run: Run) -> None:
    parts = explained("S1", "--run", run.folder)
    assert parts["Statement"][-1] == "in this run: ✘ contradicted"
    assert parts["Reading"][0] == "“encrypted” is taken to mean: at rest"
    tests = dict(line.split(": ", 1) for line in parts["Tests, aws"])
    failed = first(run, "fail")
    assert re.search(r"\(tried: breaks it \d+×(, holds \d+×)?\)$", tests[failed.check])
    assert re.search(r"\(tried: unknown 1×, holds \d+×\)$", tests["aws.s3.default-encryption"])
    assert all(line.endswith("(not tried: nothing to judge)") for line in parts["Tests, azure"])
    counted = sum(f.check == failed.check and "AES-256" in f.claim for f in run.findings())
    assert sum(map(int, re.findall(r"(\d+)×", tests[failed.check]))) == counted


def test_a_statement_under_a_run_names_what_breaks_it_first(run: Run) -> None:
    parts = explained("S1", "--run", run.folder)
    key = next(f.claim for f in run.findings() if '"encrypted-at-rest"' in f.claim and "AES-256" in f.claim)
    failed = {f.id[:12]: f for f in run.findings() if isinstance(f.outcome, Fail) and f.claim == key}
    assert list(parts)[:2] == ["Statement", "Broken by"]
    shown = parts["Broken by"]
    assert 0 < len(shown) == len(failed) <= 5
    for line in shown:
        finding = failed[line.split()[1]]
        assert line == f"✘ {finding.id[:12]} {finding.resource.name} {finding.outcome.reason}"
    order = list(reversed(Severity))
    rank = [order.index(failed[line.split()[1]].severity) for line in shown]
    assert rank == sorted(rank)
    assert "Broken by" not in explained("S2", "--run", run.folder)


@pytest.mark.parametrize(
    ("until", "told"),
    [
        ("2099-01-01", "attested by me until 2099-01-01 (A1), which changes no verdict"),
        ("2020-01-01", "the attestation A1 of me ended on 2020-01-01"),
    ],
)
def test_an_attestation_of_a_run_is_told(tmp_path: Path, until: str, told: str) -> None:
    attestation = Attestation(
        id="A1",
        statement="page/encrypted-at-rest",
        who="me",
        issued=date(2019, 1, 1),
        valid_until=date.fromisoformat(until),
        document="d.pdf",
        document_sha256="0" * 64,
    )
    run = lab_run(tmp_path / "run", scans.estate("a"), attestations=(attestation,))
    assert of_lab(run).parts[0].lines[-1] == told


def of_lab(run: Run) -> explaining.Explanation:
    """The one statement of a run over the lab."""
    profile = scans.profile(LOCKS)
    (statement,) = profile.statements
    (verdict,) = run.read("verdicts.json", Assessment).profiles[0].statements
    breaks = explaining.broken(statement, profile, run.findings(), Narrowing([profile], {}))
    return explaining.statement(profile, statement, Registry([lab]), verdict, None, breaks)


def test_five_of_many_that_break_a_statement_are_named(tmp_path: Path) -> None:
    boxes = "abcdefg"
    open_boxes = {f"GetLock {box}": {"$absent": "NoLock"} for box in boxes}
    run = lab_run(tmp_path / "run", scans.estate(*boxes, **open_boxes))
    part = of_lab(run).parts[1]
    ids = sorted(f.id[:12] for f in run.findings() if isinstance(f.outcome, Fail))
    assert part.heading == "Broken by"
    assert [line.split()[1] for line in part.lines[:-1]] == ids[:5]
    assert part.lines[-1] == f"and {len(ids) - 5} more"


def test_a_reason_beside_claims_is_a_note(tmp_path: Path) -> None:
    noted = written(tmp_path / "one.yaml", STORES.replace("class: testable", "class: testable\n    reason: as agreed"))
    assert explained("S1", "-p", noted)["Note"] == ("as agreed",)
    assert explained("S2", "-p", noted)["No claims, because"] == ("no machine sees care",)


def falsifiers(parts: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Each way to refute a claim, by its first two words, with what is said of it."""
    lines = parts["Refuted by"]
    return {" ".join(told.split()[:2]): said.strip() for told, said in zip(lines[::2], lines[1::2], strict=False)}


def test_without_a_run_it_is_told_which_falsifiers_are_looked_for_at_all() -> None:
    found = falsifiers(explained("role-based-access"))
    assert found == {
        "more owners": "looked for by 1 check of azure",
        "a custom": "looked for by 1 check of azure",
        "a classic": "no check looks for it",
    }


def test_a_run_tells_which_falsifiers_were_tried_on_what_and_why_others_were_not(
    tmp_path: Path, account: AwsServer
) -> None:
    account.gate.deny("kms:*")
    claims = ("no-public-access", "role-based-access", "activity-logged", "vault-protected", "key-rotation")
    statements = "".join(
        f"  - {{id: {word}, summary: s, class: testable, claims: [{{claim: {word}}}]}}\n" for word in claims
    )
    profile = written(tmp_path / "p.yaml", f"id: p\ntitle: P\nstatements:\n{statements}")
    config = configuration(tmp_path / "c.yaml", {"account": aws_settings(account.url)}, [profile])
    assert process("scan", "-c", config, "-o", tmp_path / "run", environment=AWS_ENVIRONMENT).code in (1, 3)
    run = ("--run", tmp_path / "run")
    public = falsifiers(explained("p/no-public-access", *run))["anonymous read"]
    counted = re.match(
        r"tried on (\d+) resources by (.*): found on (\d+), not found on (\d+), cannot be on (\d+)$", public
    )
    assert counted, public
    checks = counted[2].split(", ")
    looked = {f.resource.id for f in Run.open(tmp_path / "run").findings() if f.check in checks}
    assert {"aws.s3.public-acl", "aws.s3.public-policy"} <= set(checks)
    assert int(counted[1]) == sum(map(int, counted.groups()[2:])) == len(looked)
    assert set(falsifiers(explained("p/role-based-access", *run)).values()) == {
        "not tried: no target of azure",
        "not tried: no check looks for it",
    }
    logged = falsifiers(explained("p/activity-logged", *run))
    assert set(logged.values()) == {"tried on 1 resource by aws.cloudtrail.activity-logged: this or another found on 1"}
    assert falsifiers(explained("p/vault-protected", *run))["a vault"] == "not tried: no target of azure"
    rotated = falsifiers(explained("p/key-rotation", *run))["an enabled"]
    assert re.match(r"tried without an answer by aws\.kms\.[\w-]+: 1 listing could not be read$", rotated)


def test_a_failed_finding_tells_its_evidence_its_remedy_and_where_to_look(run: Run) -> None:
    found = first(run, "fail")
    parts = explained(found.id[:8], "--run", run.folder)
    assert parts["Outcome"] == (f"✘ breaks it (severity {found.severity})",)
    assert parts["What to do"] == (installed().check(found.check).remedy,)
    assert f"https://console.aws.amazon.com/go/view?arn={found.resource.id}" in parts["Resource"]
    assert parts["Statements"] == ("stores/S1: Buckets and volumes are encrypted.",)
    shown = [re.match(r"(places/\S+) line (\d+), sha256 (\w+)$", line) for line in parts["Evidence"][::2]]
    assert shown
    for match in shown:
        assert match is not None
        line = (run.folder / match[1]).read_text().splitlines()[int(match[2]) - 1]
        assert json.loads(line)["sha256"] == match[3]
        assert match[3] in found.evidence


def test_an_unknown_finding_tells_the_permission_that_is_missing(run: Run) -> None:
    parts = explained(first(run, "unknown").id, "--run", run.folder)
    assert parts["Outcome"] == (
        "? unknown (severity high)",
        "cause: access denied",
        f"needs the permission {REFUSED}",
    )
    assert parts["What to do"] == ("Grant it to the identity of the scan, and scan again.",)


def test_a_finding_whose_evidence_is_gone_is_no_finding_to_rely_on(run: Run) -> None:
    place = next(place for place in run.place_ids() if any(run.lines(place, "replies.jsonl", ReplyRecord)))
    replies = run.place(place) / "replies.jsonl"
    kept = replies.read_bytes()
    try:
        replies.write_bytes(b"")
        assert posture("explain", first(run, "fail").id, "--run", run.folder).code == 5
    finally:
        replies.write_bytes(kept)


@pytest.mark.parametrize(
    ("id", "told"),
    [
        ("CR-99", "there is no statement, claim or check 'CR-99'; did you mean"),
        ("coding-room/CR-9", "did you mean 'coding-rooms/CR-9'"),
        ("tls-minimun", "did you mean 'tls-minimum'"),
        ("aws.s3.default-encrypted", "did you mean 'aws.s3.default-encryption'"),
        ("0123abcd", "'0123abcd' looks like a finding: name its run with --run"),
        ("0123abc", "there is no statement, claim or check '0123abc'"),
    ],
)
def test_an_unknown_id_gets_the_nearest_words(id: str, told: str) -> None:
    done = posture("explain", id)
    assert (done.code, done.out) == (2, "")
    assert told in done.complaint


def test_ids_of_no_finding_and_of_several_are_refused(run: Run) -> None:
    done = posture("explain", "0" * 64, "--run", run.folder)
    assert (done.code, done.out) == (2, "")
    assert "has no finding whose id begins with '000" in done.complaint


def test_a_short_id_of_two_profiles_is_refused_and_the_long_one_is_not(tmp_path: Path) -> None:
    one = written(tmp_path / "one.yaml", STORES)
    two = written(tmp_path / "two.yaml", STORES.replace("id: stores", "id: shops"))

    def explain(id: str) -> Done:
        return posture("explain", id, "-p", one, "-p", two)

    assert (explain("S1").code, explain("shops/S1").code) == (2, 0)
    assert explain("S1").complaint.startswith("several profiles have 'S1': stores/S1, shops/S1")


def test_hostile_text_of_a_profile_is_inert(tmp_path: Path) -> None:
    profile = written(tmp_path / "one.yaml", STORES.replace("We care.", '"We \\e[31m care \\u202e."'))
    done = posture("explain", "S2", "-p", profile)
    assert done.code == 0
    assert not {"\x1b", "\u202e"} & set(done.out)
    assert "We \\x1b[31m care \\u202e." in done.out


def test_a_claim_about_one_class_of_data_says_so(tmp_path: Path) -> None:
    text = STORES.replace("quantifier: all,", "quantifier: all, data: uploads,")
    assert text != STORES
    parts = explained("S1", "-p", written(tmp_path / "s.yaml", text))
    assert (
        "speaks only about stores that hold uploads, where the configuration says which do"
        in parts["Claim encrypted-at-rest"]
    )
