"""Run directories: written once, sealed, replayed to the same bytes, and not trusted once touched."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine import scans
from posture.assess import Assessment
from posture.identity import digest
from posture.model import Cause
from posture.registry import Registry
from posture.run.directory import IntegrityError, Run, RunError
from posture.scan import Progress, Scanned, evaluate_run, scan
from posture.stop import StoppedBy

CLAIMS = ("encrypted-at-rest", "double-encrypted", "customer-managed-keys", "configuration-recorded", "vault-protected")

Scan = Callable[..., Scanned]


@pytest.fixture
def made(registry: Registry, checks_dir: Path, tmp_path: Path) -> Scan:
    """Scans an account of the lab into ``folder``."""

    def make(answers: dict[str, Any], folder: str = "run", claims: tuple[Any, ...] = CLAIMS, **options: Any) -> Scanned:
        target = {"t": {"lab": {"regions": ("north", "south"), "answers": answers}}}
        rest = {name: options.pop(name) for name in ("limits",) if name in options}
        ordered = scans.order(registry, scans.profile(*claims), checks_dir, targets=target, **rest)
        return scan(ordered, tmp_path / folder, registry, **options)

    return make


def same_bytes(run: Run) -> Assessment:
    """What a new judgement finds, once it is proved to be what the run was sealed with."""
    again = evaluate_run(run)
    encoded = msgspec.json.encode(again, order="deterministic") + b"\n"
    assert encoded == (run.folder / "verdicts.json").read_bytes()
    return again


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_that_exists_is_never_written_into(made: Scan, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "mine.txt").write_text("mine")
    with pytest.raises(RunError, match=r"run exists already; name another folder"):
        made(scans.estate("a"))
    assert bytes_of(tmp_path / "run") == {"mine.txt": b"mine"}


def test_a_run_evaluates_to_the_same_bytes_again_and_again(made: Scan) -> None:
    run = scans.run_of(made(scans.estate("a", "b", **{"GetLock b": {"$absent": "NoLock"}})))
    before = bytes_of(run.folder)
    run.verify()
    assert same_bytes(run) == same_bytes(run)
    assert bytes_of(run.folder) == before, "evaluating writes nothing"


def test_a_run_is_judged_as_of_its_own_day(made: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import UTC, datetime, tzinfo

    class Later(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Later":
            return cls(2031, 1, 1, tzinfo=tz or UTC)

    run = scans.run_of(made(scans.estate("a"), now=datetime(2026, 11, 24, tzinfo=UTC)))
    assert run.head().started == "2026-11-24T00:00:00+00:00"
    for module in ("scan", "session"):
        monkeypatch.setattr(f"posture.{module}.datetime", Later)
    same_bytes(run)


GAPS = ["access-denied", "throttled", "unreachable", "timeout", "credentials-expired", "region-not-enabled"]


@pytest.mark.parametrize("cause", GAPS)
@pytest.mark.parametrize("operation", ["ListBoxes", "GetLock a", "GetGrade *", "ListKeys", "ListSeals", "ListShelves"])
def test_a_run_with_gaps_evaluates_to_the_same_bytes(made: Scan, operation: str, cause: str) -> None:
    scanned = made(scans.estate("a", "b", **{operation: {"$gap": cause}}))
    again = same_bytes(scans.run_of(scanned))
    assert [call.gap.cause for call in scans.run_of(scanned).calls() if call.gap] == [cause] * (
        1 if operation == "ListSeals" else 2
    )
    assert again == scanned.assessment


@pytest.mark.parametrize("reply", [{"boxes": [{"id": "a"}, {}]}, {"$body": "text"}, {"$raise": "boom"}, {"boxes": {}}])
def test_a_poisoned_run_evaluates_to_the_same_bytes(made: Scan, reply: dict[str, Any]) -> None:
    same_bytes(scans.run_of(made(scans.estate(ListBoxes=reply))))


def test_a_lost_read_is_lost_at_the_same_point(made: Scan) -> None:
    answers = scans.estate("a", "b", ListKeys={"keys": [{"id": "k"}]})
    answers["lab:ListBoxes"] |= {"next": "2"}
    answers["lab:ListBoxes 2"] = {"boxes": [{"id": "c"}], "$sleep": 2}
    answers["lab:GetLock b"] = {"cipher": None, "$sleep": 2}
    limits = msgspec.structs.replace(scans.QUICK, call=0.25)
    scanned = made(answers, limits=limits)
    again = same_bytes(scans.run_of(scanned))
    claim = scans.claim(again, "encrypted-at-rest")
    assert (claim.tally.passed, claim.causes) == (2, {"timeout": 4}), "in each region a passes; b and page 2 are lost"


def interrupting(after: float = 0.1) -> Callable[[Progress], None]:
    """A progress display during which the user presses Ctrl-C once."""
    pressed = threading.Event()
    began = time.monotonic()

    def show(progress: Progress) -> None:
        if not pressed.is_set() and time.monotonic() - began > after:
            pressed.set()
            raise KeyboardInterrupt

    return show


def test_an_interrupted_run_is_partial_valid_and_sealed(made: Scan) -> None:
    answers = scans.estate("a", "b", "c", **{"GetLock b": {"cipher": None, "$sleep": 2}})
    began = time.monotonic()
    scanned = made(answers, progress=interrupting())
    assert time.monotonic() - began < 1.5
    assert scanned.interrupted
    run = scans.run_of(scanned)
    run.verify()
    ended = [result for id in run.place_ids() if (result := run.finished(id))]
    assert {result.stopped for result in ended if result.interrupted} == {StoppedBy.USER}
    assert run.seal_digest() == scanned.seal
    again = same_bytes(run)
    claim = scans.claim(again, "encrypted-at-rest")
    assert claim.causes == {"capped": 2}
    assert claim.tally.passed == 4, "what was read before is kept"


def test_places_that_an_interruption_left_out_are_unknown(made: Scan) -> None:
    answers = scans.estate("a", ListSeals={"seals": [], "$sleep": 1}, ListBoxes={"boxes": [], "$sleep": 1})
    one = msgspec.structs.replace(scans.QUICK, places=1)
    scanned = made(answers, progress=interrupting(), limits=one)
    run = scans.run_of(scanned)
    entered = [result.shut is None for id in run.place_ids() if (result := run.finished(id))]
    assert sorted(entered) == [False, False, True]
    assert set(scans.claim(same_bytes(run), "encrypted-at-rest").causes) == {"capped"}
    run.verify()


def test_a_run_that_takes_too_long_ends_as_gaps(made: Scan) -> None:
    answers = scans.estate("a", **{"GetLock a": {"cipher": None, "$sleep": 2}})
    scanned = made(answers, limits=msgspec.structs.replace(scans.QUICK, run=0.1))
    assert not scanned.interrupted
    ended = [result for id in scans.run_of(scanned).place_ids() if (result := scans.run_of(scanned).finished(id))]
    assert {result.stopped for result in ended} >= {StoppedBy.CLOCK}
    assert {lost.gap.detail for result in ended for lost in result.lost} == {"the scan came to its time limit"}
    assert scans.claim(same_bytes(scans.run_of(scanned)), "encrypted-at-rest").causes == {"capped": 2}


def test_a_seal_names_the_run(made: Scan) -> None:
    scanned = made(scans.estate("a"))
    run = scans.run_of(scanned)
    files = msgspec.json.decode((run.folder / "manifest.json").read_bytes())
    assert set(files) == {*bytes_of(run.folder)} - {"manifest.json"}
    assert scanned.seal == run.seal_digest() == digest(files)


NORTH = "places/lab-1111-region-north"


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def cut_a_line(path: Path) -> None:
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def alter(path: Path) -> None:
    old = path.read_bytes()
    words = ((b"AES-256", b"AES-255"), (b"pass", b"fail"), (b"1111", b"1112"), (b"lab", b"lap"))
    path.write_bytes(next(changed for word, other in words if (changed := old.replace(word, other)) != old))


def remove(path: Path) -> None:
    path.unlink()


def add(path: Path) -> None:
    (path.parent / "more.jsonl").write_text("{}\n")


FILES = [
    "run.json",
    "plan.json",
    "verdicts.json",
    f"{NORTH}/calls.jsonl",
    f"{NORTH}/replies.jsonl",
    f"{NORTH}/findings.jsonl",
    f"{NORTH}/listed.jsonl",
    f"{NORTH}/result.json",
]


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory, checks_dir: Path) -> dict[str, bytes]:
    """The files of a sealed run."""
    import sys

    from posture.registry import installed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", list(sys.path))
        patch.setattr("posture.registry.entry_points", scans.no_entry_points)
        registry = installed(checks_dir)
        folder = tmp_path_factory.mktemp("sealed") / "run"
        target = {"t": {"lab": {"answers": scans.estate("a", "b")}}}
        scan(scans.order(registry, scans.profile(*CLAIMS), checks_dir, targets=target), folder, registry)
    return bytes_of(folder)


def restored(files: dict[str, bytes], folder: Path) -> Run:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    run = Run.open(folder)
    run.verify()
    return run


@pytest.mark.parametrize("harm", [cut, cut_a_line, alter, remove])
@pytest.mark.parametrize("name", FILES)
def test_a_file_that_was_touched_is_named(
    name: str, harm: Callable[[Path], None], sealed: dict[str, bytes], tmp_path: Path
) -> None:
    run = restored(sealed, tmp_path)
    harm(run.folder / name)
    with pytest.raises(IntegrityError) as raised:
        run.verify()
    assert str(run.folder / name) in str(raised.value)


def test_a_file_that_was_added_is_named(sealed: dict[str, bytes], tmp_path: Path) -> None:
    run = restored(sealed, tmp_path)
    add(run.folder / f"{NORTH}/calls.jsonl")
    with pytest.raises(IntegrityError, match=r"more\.jsonl: added since the run was sealed"):
        run.verify()


def test_a_run_without_a_seal_is_not_complete(sealed: dict[str, bytes], tmp_path: Path) -> None:
    run = restored(sealed, tmp_path)
    remove(run.folder / "manifest.json")
    with pytest.raises(IntegrityError, match="is not sealed: the scan ended before it was complete"):
        run.verify()


def test_a_reply_that_is_not_its_digest_is_found_even_under_a_new_seal(
    sealed: dict[str, bytes], tmp_path: Path
) -> None:
    run = restored(sealed, tmp_path)
    before = run.seal_digest()
    alter(run.folder / f"{NORTH}/replies.jsonl")
    assert run.seal() != before
    with pytest.raises(IntegrityError, match=r"replies\.jsonl: reply [0-9a-f]{12} is not its digest"):
        run.verify()


@pytest.mark.parametrize(
    ("name", "harm"),
    [
        ("run.json", cut),
        ("run.json", remove),
        (f"{NORTH}/calls.jsonl", cut),
        (f"{NORTH}/replies.jsonl", cut),
        (f"{NORTH}/replies.jsonl", cut_a_line),
        (f"{NORTH}/replies.jsonl", remove),
        (f"{NORTH}/result.json", cut),
    ],
)
def test_a_run_that_lacks_replies_is_an_error_and_never_a_verdict(
    name: str, harm: Callable[[Path], None], sealed: dict[str, bytes], tmp_path: Path, registry: Registry
) -> None:
    run = restored(sealed, tmp_path)
    harm(run.folder / name)
    with pytest.raises(IntegrityError, match=r"run\.json|lab-1111-region-north"):
        evaluate_run(run)


def test_bytes_that_are_no_text_are_an_integrity_error(sealed: dict[str, bytes], tmp_path: Path) -> None:
    run = restored(sealed, tmp_path)
    path = run.folder / f"{NORTH}/calls.jsonl"
    path.write_bytes(path.read_bytes().replace(b"north", b"nor\xff\xfe", 1))
    with pytest.raises(IntegrityError, match=r"calls\.jsonl:1"):
        list(run.calls())


def test_another_format_is_refused(sealed: dict[str, bytes], tmp_path: Path) -> None:
    run = restored(sealed, tmp_path)
    path = run.folder / "run.json"
    path.write_bytes(path.read_bytes().replace(b'"format":1', b'"format":2'))
    with pytest.raises(RunError, match="has run format 2; this posture reads format 1"):
        run.head()


def test_a_folder_without_a_run_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"is not a run directory \(it has no run\.json\)"):
        Run.open(tmp_path)


def test_what_a_reader_did_not_read_is_nowhere_in_the_run(made: Scan) -> None:
    answers = scans.estate(ListBoxes={"boxes": [{"id": "a", "password": "hunter2"}], "token": "hunter2"})
    run = scans.run_of(made(answers | {"lab:GetLock a": {"cipher": "AES-256", "secret": "hunter2"}}))
    places = {name: data for name, data in bytes_of(run.folder).items() if name.startswith("places/")}
    assert places
    assert not [name for name, data in places.items() if b"hunter2" in data]


def test_gaps_are_counted_with_the_calls(made: Scan) -> None:
    run = scans.run_of(made(scans.estate("a", **{"GetLock a": {"$gap": Cause.THROTTLED}})))
    result = run.finished("lab-1111-region-north")
    assert result is not None
    assert (result.gaps, result.interrupted, result.shut is None) == (1, False, True)
    assert result.calls == sum(1 for call in run.calls() if call.region == "north")
