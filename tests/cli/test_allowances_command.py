"""posture exceptions and attestations: what is incomplete, too long, spent or of no use is said with its line."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from cli.labruns import LOCKS, NO_LOCK, lab_run
from commands import posture, written
from engine import scans
from posture.allowances import load_exemptions
from posture.assess import Assessment
from posture.gate import Exit, Gate, foremost
from posture.identity import canonical
from posture.model import Fail
from posture.report.inert import ACTIVE
from posture.report.terminal import render, summary
from posture.report.view import build
from report.test_inert import HOSTILE

AT = ("--at", "2026-11-24T12:00:00Z")


def exception(**given: Any) -> dict[str, Any]:
    own = {"id": "E-1", "reason": "r", "owner": "o", "approver": "a", "expires": "2026-12-31"}
    about = {} if "finding" in given else {"claim": LOCKS, "resource": "lab/a"}
    return {**own, **about, **given}


def attestation(**given: Any) -> dict[str, Any]:
    own = {"id": "A-1", "statement": "coding-rooms/CR-5", "who": "w", "issued": "2026-01-01"}
    return {**own, "valid_until": "2027-06-30", "document": "d.pdf", "document_sha256": "0" * 64, **given}


def file(folder: Path, key: str, *entries: dict[str, Any]) -> Path:
    """A file with these entries, each key on a line of its own. JSON values are YAML; days are written bare."""
    lines = [f"{key}:"]
    for entry in entries:
        for place, (name, value) in enumerate(entry.items()):
            day = name in ("expires", "created", "issued", "valid_until")
            lines.append(f"{'- ' if place == 0 else '  '}{name}: {value if day else json.dumps(value)}")
    return written(folder / f"{key}.yaml", "\n".join(lines) + "\n")


# -- exceptions lint


def test_exceptions_in_order_have_nothing_to_complain_of(tmp_path: Path) -> None:
    path = file(tmp_path, "exceptions", exception(), exception(id="E-2", finding="f" * 64))
    done = posture("exceptions", "lint", path, *AT)
    assert (done.code, done.err) == (0, "")
    assert done.out == "exceptions.yaml: 2 exceptions, nothing to complain of\n"


@pytest.mark.parametrize(
    ("given", "line", "text"),
    [
        ({"expires": "2027-02-23"}, 6, "E-1 expires on 2027-02-23, 91 days from today; the limit is 90"),
        (
            {"created": "2026-10-01"},
            6,
            "E-1 expires on 2026-12-31, 91 days from 2026-10-01; the limit is 90",
        ),
        ({"created": "2026-11-25"}, 6, "E-1 was created on 2026-11-25, which is yet to come"),
    ],
)
def test_what_breaks_the_policy_is_a_usage_error(tmp_path: Path, given: dict[str, Any], line: int, text: str) -> None:
    done = posture("exceptions", "lint", file(tmp_path, "exceptions", exception(**given)), *AT)
    assert (done.code, done.out) == (2, "")
    assert done.err == f"exceptions.yaml:{line}: {text}\n"


@pytest.mark.parametrize(("expires", "code"), [("2027-02-22", 0), ("2027-02-23", 2)])
def test_ninety_days_are_the_limit_and_another_may_be_set(tmp_path: Path, expires: str, code: int) -> None:
    path = file(tmp_path, "exceptions", exception(expires=expires))
    assert posture("exceptions", "lint", path, *AT).code == code
    assert posture("exceptions", "lint", path, *AT, "--max-days", 91).code == 0
    assert posture("exceptions", "lint", path, *AT, "--max-days", 89).code == 2


@pytest.mark.parametrize(
    ("at", "code", "said"),
    [
        ("2026-12-17T23:59:59Z", 0, ""),
        ("2026-12-18T00:00:00Z", 0, "warning: E-1 expires at the end of 2026-12-31 UTC, in 14 days"),
        ("2026-12-30T00:00:01Z", 0, "warning: E-1 expires at the end of 2026-12-31 UTC, in 1 day"),
        ("2026-12-31T23:59:59Z", 0, "warning: E-1 expires at the end of 2026-12-31 UTC, within a day"),
        ("2027-01-01T00:00:00Z", 7, "E-1 expired at the end of 2026-12-31 UTC"),
    ],
)
def test_an_exception_ends_with_its_day_in_utc_to_the_second(tmp_path: Path, at: str, code: int, said: str) -> None:
    done = posture("exceptions", "lint", file(tmp_path, "exceptions", exception()), "--at", at)
    assert done.code == code
    assert done.err == (f"exceptions.yaml:6: {said}\n" if said else "")
    assert done.out == (
        "" if code else f"exceptions.yaml: 1 exception, nothing to complain of{'; 1 warning' if said else ''}\n"
    )


def test_a_breach_outweighs_an_expiry(tmp_path: Path) -> None:
    path = file(tmp_path, "exceptions", exception(expires="2020-01-01"), exception(id="E-2", expires="2028-01-01"))
    done = posture("exceptions", "lint", path, *AT)
    assert (done.code, done.err.count("\n")) == (2, 2)


def test_an_exception_that_matches_nothing_in_the_run_is_spent(tmp_path: Path) -> None:
    run = lab_run(tmp_path / "run", scans.estate("a", "b", **NO_LOCK))
    path = file(
        tmp_path,
        "exceptions",
        exception(),
        exception(id="E-2", resource="lab/b"),
        exception(id="E-3", resource="lab/*", broad=True),
    )
    done = posture("exceptions", "lint", path, *AT, "--run", run.folder)
    assert (done.code, done.out) == (7, "")
    assert done.err == f"exceptions.yaml:9: E-2 matches no finding that fails in {run.folder}\n"
    assert posture("exceptions", "lint", path, *AT).code == 0


def test_an_altered_run_is_no_ground(tmp_path: Path) -> None:
    run = lab_run(tmp_path / "run", scans.estate("a"))
    (run.folder / "plan.json").write_text("[]")
    path = file(tmp_path, "exceptions", exception())
    for command in ("lint", "list"):
        assert posture("exceptions", command, path, "--run", run.folder).code == 5


# -- exceptions list


def test_exceptions_are_listed_by_their_end_with_what_they_cover(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    run = lab_run(tmp_path / "run", scans.estate("a", "b", **NO_LOCK))
    (failed,) = [finding for finding in run.findings() if isinstance(finding.outcome, Fail)]
    path = file(
        tmp_path,
        "exceptions",
        exception(id="E-late", expires="2026-11-23", reference="T-9"),
        exception(id="E-one", finding=failed.id, expires="2026-11-24"),
        exception(id="E-none", resource="lab/[b]", broad=True),
    )
    done = posture("exceptions", "list", path, *AT, "--run", run.folder)
    assert done.code == 0
    assert max(map(len, done.out.splitlines())) <= 80
    titles = [line for line in done.out.splitlines() if line.startswith("E-")]
    assert titles == [
        "E-late  expired at the end of 2026-11-23 UTC",
        "E-one  expires 2026-11-24, 0 days left",
        "E-none  expires 2026-12-31, 37 days left",
    ]
    assert done.out.count(f"a has no lock (lab.box.encryption, {failed.id[:12]})") == 2
    assert done.out.count("covers    nothing in the run") == 1
    assert done.out.endswith("3 exceptions\n")
    found = json.loads(posture("exceptions", "list", path, *AT, "--run", run.folder, "--json").out)
    assert [(one["id"], one["expired"], one["covers"]["count"]) for one in found] == [
        ("E-late", True, 1),
        ("E-one", False, 1),
        ("E-none", False, 0),
    ]
    assert found[1]["covers"]["findings"][0]["id"] == failed.id
    assert "covers" not in json.loads(posture("exceptions", "list", path, *AT, "--json").out)[0]


def test_many_findings_under_one_exception_are_counted(tmp_path: Path) -> None:
    names = [f"b{number:02}" for number in range(30)]
    run = lab_run(tmp_path / "run", scans.estate(*names, **{"GetLock *": {"$absent": "NoLock"}}))
    path = file(tmp_path, "exceptions", exception(resource="lab/*", broad=True))
    text = posture("exceptions", "list", path, *AT, "--run", run.folder).out
    assert "covers    30 findings" in text
    assert "and 10 more" in text
    (found,) = json.loads(posture("exceptions", "list", path, *AT, "--run", run.folder, "--json").out)
    ids = [named["id"] for named in found["covers"]["findings"]]
    assert ids == sorted(finding.id for finding in run.findings())[:20]


# -- attestations


def test_attestations_in_order_have_nothing_to_complain_of(tmp_path: Path) -> None:
    done = posture("attestations", "lint", file(tmp_path, "attestations", attestation()), *AT)
    assert (done.code, done.err) == (0, "")
    assert done.out == "attestations.yaml: 1 attestation, nothing to complain of\n"


@pytest.mark.parametrize(
    ("given", "code", "line", "text"),
    [
        ({"statement": "codingrooms/CR-5"}, 2, 3, "A-1 speaks about a profile that is not known: 'codingrooms'"),
        ({"statement": "coding-rooms/CR-55"}, 2, 3, "A-1 coding-rooms has no statement 'CR-55'; did you mean"),
        ({"issued": "2026-11-25"}, 2, 5, "A-1 was issued on 2026-11-25, which is yet to come"),
        ({"valid_until": "2026-11-23"}, 7, 6, "A-1 expired at the end of 2026-11-23 UTC"),
        ({"valid_until": "2026-11-24"}, 0, 6, "warning: A-1 expires at the end of 2026-11-24 UTC, within a day"),
        (
            {"statement": "coding-rooms/CR-9"},
            0,
            3,
            "warning: A-1 coding-rooms/CR-9 is tested whole by scans, so vouching for it changes nothing",
        ),
    ],
)
def test_an_attestation_is_about_a_statement_that_exists_and_in_force(
    tmp_path: Path, given: dict[str, Any], code: int, line: int, text: str
) -> None:
    done = posture("attestations", "lint", file(tmp_path, "attestations", attestation(**given)), *AT)
    assert done.code == code
    assert done.err.startswith(f"attestations.yaml:{line}: {text}")


REPORT = b"The report of an audit."
SEEN = hashlib.sha256(REPORT).hexdigest()


@pytest.mark.parametrize(
    ("given", "options", "code", "told"),
    [
        ({}, (), 0, ""),
        ({"file": "papers/d.pdf", "document_sha256": SEEN}, (), 0, ""),
        (
            {"file": "papers/d.pdf"},
            (),
            2,
            f"8: A-1 the document 'papers/d.pdf' has the SHA-256 {SEEN}, not the one that was attested",
        ),
        ({"file": "gone.pdf"}, (), 0, "9: warning: A-1 the document 'gone.pdf' is not at hand, so its hash was not"),
        ({"file": "papers"}, (), 0, "9: warning: A-1 the document 'papers' is not at hand"),
        ({"file": "d.pdf"}, (), 0, "9: warning: A-1 the document 'd.pdf' is not at hand"),
        ({"file": "d.pdf", "document_sha256": SEEN}, ("--documents", "papers"), 0, ""),
        ({"document_sha256": SEEN}, ("--documents", "papers"), 0, ""),
        ({}, ("--documents", "papers"), 2, f"8: A-1 the document 'd.pdf' has the SHA-256 {SEEN}"),
        ({"document": "gone\0.pdf"}, ("--documents", "papers"), 0, "2: warning: A-1 the document 'gone"),
    ],
)
def test_a_document_at_hand_is_the_one_that_was_attested(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: dict[str, Any],
    options: tuple[str, ...],
    code: int,
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "d.pdf").write_bytes(REPORT)
    done = posture("attestations", "lint", file(tmp_path, "attestations", attestation(**given)), *AT, *options)
    assert done.code == code
    assert done.err.startswith(f"attestations.yaml:{told}") if told else done.err == ""


def test_another_document_outweighs_a_lapse_and_a_folder_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "d.pdf").write_bytes(REPORT)
    path = file(tmp_path, "attestations", attestation(file="d.pdf", valid_until="2026-11-23"))
    done = posture("attestations", "lint", path, *AT)
    assert (done.code, done.err.count("\n")) == (2, 2)
    assert posture("attestations", "lint", path, *AT, "--documents", tmp_path / "gone").code == 2


@pytest.mark.parametrize(
    ("at", "code", "said"),
    [
        ("2027-06-16T23:59:59Z", 0, ""),
        ("2027-06-17T00:00:00Z", 0, "warning: A-1 expires at the end of 2027-06-30 UTC, in 14 days"),
        ("2027-06-30T23:59:59Z", 0, "warning: A-1 expires at the end of 2027-06-30 UTC, within a day"),
        ("2027-07-01T00:00:00Z", 7, "A-1 expired at the end of 2027-06-30 UTC"),
    ],
)
def test_an_attestation_ends_with_its_day_in_utc_to_the_second(tmp_path: Path, at: str, code: int, said: str) -> None:
    done = posture("attestations", "lint", file(tmp_path, "attestations", attestation()), "--at", at)
    assert (done.code, done.err) == (code, f"attestations.yaml:6: {said}\n" if said else "")


def test_statements_of_a_named_profile_and_of_a_run_are_known(tmp_path: Path) -> None:
    from commands import ENDPOINTS

    profile = written(tmp_path / "endpoints.yaml", ENDPOINTS)
    path = file(tmp_path, "attestations", attestation(statement="endpoints/E1"))
    assert posture("attestations", "lint", path, *AT).code == 2
    assert posture("attestations", "lint", path, *AT, "-p", profile).code == 0
    run = lab_run(tmp_path / "run", scans.estate("a"))
    path = file(tmp_path, "attestations", attestation(statement=f"page/{LOCKS}"))
    assert posture("attestations", "lint", path, *AT, "--run", run.folder).code == 0


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2027-06-30T23:59:59Z", "valid until 2027-06-30, 0 days left"),
        ("2027-07-01T00:00:00Z", "lapsed at the end of 2027-06-30 UTC"),
    ],
)
def test_attestations_are_listed_by_their_end(tmp_path: Path, at: str, state: str) -> None:
    path = file(tmp_path, "attestations", attestation(id="A-2", valid_until="2028-01-01", note="n"), attestation())
    done = posture("attestations", "list", path, "--at", at)
    assert (done.code, done.out.splitlines()[0]) == (0, f"A-1  {state}")
    assert done.out.endswith("2 attestations\n")
    found = json.loads(posture("attestations", "list", path, "--at", at, "--json").out)
    assert [(one["id"], one["lapsed"]) for one in found] == [("A-1", state.startswith("lapsed")), ("A-2", False)]


# -- both


@pytest.mark.parametrize("group", ["exceptions", "attestations"])
@pytest.mark.parametrize("command", ["lint", "list"])
def test_an_incomplete_file_is_a_usage_error_with_its_line(tmp_path: Path, group: str, command: str) -> None:
    entry = exception() if group == "exceptions" else attestation()
    path = file(tmp_path, group, entry, entry)
    done = posture(group, command, path)
    assert (done.code, done.out) == (2, "")
    assert done.complaint == f"{group}.yaml:{2 + len(entry)}: the id {entry['id']!r} stands here twice"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_text_neither_acts_nor_hides(tmp_path: Path, text: str) -> None:
    boxes = {"boxes": [{"id": text, "name": text}]}
    run = lab_run(tmp_path / "run", scans.estate(ListBoxes=boxes, **{"GetLock *": {"$absent": "NoLock"}}))
    full = dict.fromkeys(("id", "reason", "owner", "approver", "reference"), text)
    wide = exception(**full, resource="*", broad=True, expires="2020-01-01")
    path = file(tmp_path, "exceptions", wide)
    vouched = file(
        tmp_path,
        "attestations",
        attestation(**dict.fromkeys(("id", "who", "document", "note"), text), statement=f"{text[:9]}/x"),
    )
    for command in (
        ("exceptions", "lint", path, "--run", run.folder),
        ("exceptions", "list", path, "--run", run.folder),
        ("exceptions", "list", path, "--run", run.folder, "--json"),
        ("attestations", "lint", vouched),
        ("attestations", "list", vouched),
        ("attestations", "list", vouched, "--json"),
    ):
        done = posture(*command)
        assert not ACTIVE.search((done.out + done.err).replace("\n", "")), command
        assert done.code == {"lint": {"exceptions": 7, "attestations": 2}[command[0]], "list": 0}[command[1]]
        if "list" in command and "--json" not in command:
            assert all(len(line) <= 100 for line in done.out.splitlines())
        if "--json" in command:
            assert json.loads(done.out)[0]["id"] == text


def test_a_report_and_the_end_of_a_scan_name_exceptions_that_are_late_or_of_no_use(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        "exceptions",
        exception(),
        exception(id="E-late", expires="2026-11-23"),
        exception(id="E-last", expires="2026-11-24"),
        exception(id="E-idle", resource="lab/b"),
    )
    run = lab_run(tmp_path / "run", scans.estate("a", "b", **NO_LOCK), exemptions=load_exemptions(path))
    view = build(run, None)
    short, whole = summary(view), " ".join(render(view).split())
    assert "exceptions that have expired: E-late\n" in short
    assert "exceptions that match no finding: E-idle\n" in short
    assert "E-late nothing any more expired 2026-11-23 o" in whole
    assert "E-idle nothing here until 2026-12-31 o" in whole
    assert "E-last 1 finding until 2026-11-24 o" in whole
    bare = summary(build(lab_run(tmp_path / "bare", scans.estate("a")), None))
    assert "exceptions" not in bare


def test_exceptions_change_the_gate_and_not_a_byte_of_a_verdict(tmp_path: Path) -> None:
    answers = scans.estate("a", "b", **NO_LOCK)
    path = file(tmp_path, "exceptions", exception(), exception(id="E-2", expires="2020-01-01"))
    bare = lab_run(tmp_path / "bare", answers, LOCKS, "no-public-access")
    covered = lab_run(tmp_path / "covered", answers, LOCKS, "no-public-access", exemptions=load_exemptions(path))
    verdicts = [json.loads((run.folder / "verdicts.json").read_bytes()) for run in (bare, covered)]
    counted = [
        [c.pop("excepted") for p in v["profiles"] for s in p["statements"] for c in s["claims"]] for v in verdicts
    ]
    assert counted == [[0, 0], [1, 0]]
    listed = [(found.pop("exceptions"), found.pop("expired_exceptions")) for found in verdicts]
    assert listed == [({}, []), ({"E-1": 1, "E-2": 0}, ["E-2"])]
    assert canonical(verdicts[0]) == canonical(verdicts[1])
    findings = [sorted(run.findings(), key=lambda finding: finding.id) for run in (bare, covered)]
    assert findings[0] == findings[1]
    codes = [foremost(Gate().codes(run.read("verdicts.json", Assessment))) for run in (bare, covered)]
    assert codes == [Exit.CONTRADICTED, Exit.COMPLETE]
