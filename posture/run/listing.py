"""The runs of a folder, each in a line: read from what a run says of itself, without going over its findings."""

from collections import Counter
from enum import StrEnum
from pathlib import Path

from posture.assess import Assessment
from posture.model import Cause, Value, Verdict
from posture.run.directory import IntegrityError, Run, RunError
from posture.run.record import Head


class Seal(StrEnum):
    """How a run stands to its seal.

    ``sealed`` has a seal and exactly the files that it lists; only ``intact`` says that their content was compared.
    """

    NONE = "unsealed"
    SEALED = "sealed"
    INTACT = "intact"
    ALTERED = "altered"


class RunRow(Value):
    """A run in short. ``problem`` says why it cannot be read; what could not be read is empty then.

    ``verdicts`` counts the statements of all profiles; ``complete`` says that every target was
    entered and no place cut short or left out; ``size`` is in bytes.
    """

    folder: str
    started: str
    tool: str
    profiles: tuple[str, ...]
    targets: tuple[str, ...]
    verdicts: dict[str, int]
    complete: bool
    seal: Seal
    size: int
    problem: str


def rows(folder: Path, *, verify: bool = False) -> list[RunRow]:
    """The runs right below a folder, or the folder itself where it is one; the latest first. Raises RunError.

    A run that cannot be read has its row as well. ``verify`` compares the content of every file with the seal.
    """
    if (folder / "run.json").is_file():
        return [row(folder, verify=verify)]
    if not folder.is_dir():
        raise RunError(f"{folder} is no folder; name the one that holds your runs")
    found = [row(entry, verify=verify) for entry in folder.iterdir() if (entry / "run.json").is_file()]
    return sorted(sorted(found, key=lambda row: row.folder), key=lambda row: row.started, reverse=True)


def row(folder: Path, *, verify: bool = False) -> RunRow:
    """The row of one run."""
    run = Run.open(folder)
    head: Head | None = None
    problem, complete = "", False
    counts: Counter[str] = Counter()
    try:
        head = run.head()
        complete = _complete(run, head)
        if (folder / "verdicts.json").exists():
            for profile in run.read("verdicts.json", Assessment).profiles:
                counts.update(profile.counts)
        else:
            complete, problem = False, "ended before its verdicts"
    except (IntegrityError, RunError) as error:
        complete, problem = False, str(error)
    files = [path for path in folder.rglob("*") if path.is_file()]
    seal, broken = _seal(run, {str(path.relative_to(folder)) for path in files}, verify=verify)
    return RunRow(
        folder=str(folder),
        started=head.started if head else "",
        tool=head.tool if head else "",
        profiles=tuple(str(record.data["id"]) for record in head.profiles) if head else (),
        targets=tuple(str(target["name"]) for target in head.targets) if head else (),
        verdicts={verdict: counts[verdict] for verdict in Verdict} if counts else {},
        complete=complete,
        seal=seal,
        size=sum(path.stat().st_size for path in files),
        problem=problem or broken,
    )


def _complete(run: Run, head: Head) -> bool:
    """Whether every place was read to its end, but for those that can hold nothing."""
    results = [run.finished(place.id) for place in run.places()]
    gaps = [closed.gap for closed in head.closed] + [result.shut for result in results if result and result.shut]
    whole = all(result is not None and not result.interrupted for result in results)
    return whole and all(gap.cause is Cause.REGION_NOT_ENABLED for gap in gaps)


def _seal(run: Run, names: set[str], *, verify: bool) -> tuple[Seal, str]:
    if "manifest.json" not in names:
        return Seal.NONE, ""
    try:
        if verify:
            run.verify()
            return Seal.INTACT, ""
        sealed = set(run.read("manifest.json", dict[str, str]))
    except IntegrityError as error:
        return Seal.ALTERED, str(error)
    if sealed == names - {"manifest.json"}:
        return Seal.SEALED, ""
    return Seal.ALTERED, "files are missing or were added since it was sealed"
