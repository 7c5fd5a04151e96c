"""Goes once over the findings of a run and keeps what a report shows: counts per check and a bounded choice."""

from bisect import insort
from collections import Counter
from collections.abc import Iterator

from posture.assess import ClaimVerdict
from posture.coverage import Listed
from posture.model import Fail, Finding, NotApplicable, Pass, Severity, Store, Unknown, Value
from posture.narrowing import Narrowing
from posture.report.listings import Listing, Listings, Unlisted
from posture.run.directory import Run
from posture.scope import Holding
from posture.verdict import Tally

SHOWN = 20
"""Findings that a report shows of one claim."""

_ORDER = ("fail", "unknown", "pass", "not-applicable")
_FIELDS = {"fail": "failed", "unknown": "unknown", "pass": "passed", "not-applicable": "not_applicable"}
_GRAVEST = list(reversed(Severity))


class Judged(Value):
    """One check of a claim: how its findings came out."""

    check: str
    severity: Severity
    tally: Tally


class Missing(Value):
    """How many findings of a claim are unknown for one cause and one permission (empty when none applies)."""

    cause: str
    needs: str
    count: int


class Sample:
    """What is kept of the findings of one claim of one profile."""

    def __init__(self) -> None:
        self._checks: dict[str, _Check] = {}
        self._missing: Counter[tuple[str, str]] = Counter()
        self._listings: set[tuple[str, str]] = set()
        self._for_listings = 0

    def add(self, finding: Finding, word: str, listing: Listing | None = None) -> None:
        """Count a finding, and keep it while fewer than SHOWN of its check come before it."""
        self._checks.setdefault(finding.check, _Check(finding.severity)).add(finding, word)
        if isinstance(finding.outcome, Unknown):
            self._missing[str(finding.outcome.cause), finding.outcome.needs] += 1
        if listing is not None:
            self._for_listings += 1
            self._listings.add((listing.of, listing.kind))

    def unlisted(self) -> Unlisted | None:
        """The listings that were not read, if any."""
        if not self._listings:
            return None
        return Unlisted(findings=self._for_listings, listings=len(self._listings))

    def judged(self) -> list[Judged]:
        """The checks, those that fail first, then by severity."""
        found = [
            Judged(check=id, severity=check.severity, tally=Tally(**check.counts))
            for id, check in sorted(self._checks.items())
        ]
        return sorted(found, key=lambda row: (not row.tally.failed, gravity(row.severity)))

    def missing(self) -> list[Missing]:
        """Why findings are unknown, the most frequent first."""
        ranked = sorted(self._missing.items(), key=lambda item: (-item[1], item[0]))
        return [Missing(cause=cause, needs=needs, count=count) for (cause, needs), count in ranked]

    def chosen(self) -> list[Finding]:
        """At most SHOWN findings: Fails, then Unknowns, then Passes, with each check having its turn."""
        ranked = []
        for id, check in self._checks.items():
            turn: Counter[int] = Counter()
            for (place, *_), finding in check.kept:
                ranked.append((place, turn[place], gravity(finding.severity), id, finding.id, finding))
                turn[place] += 1
        ranked.sort(key=lambda row: row[:5])
        return [row[5] for row in sorted(ranked[:SHOWN], key=lambda row: (row[0], row[2], row[3], row[1]))]


class _Check:
    __slots__ = ("counts", "kept", "severity")

    def __init__(self, severity: Severity) -> None:
        self.severity = severity
        self.counts: Counter[str] = Counter()
        self.kept: list[tuple[tuple[int, str, str], Finding]] = []

    def add(self, finding: Finding, word: str) -> None:
        self.counts[_FIELDS[word]] += 1
        rank = (_ORDER.index(word), finding.resource.id, finding.id)
        if len(self.kept) < SHOWN or rank < self.kept[-1][0]:
            insort(self.kept, (rank, finding), key=lambda item: item[0])
            del self.kept[SHOWN:]


class Survey:
    """What one pass over a run's findings leaves: a sample per profile, claim and class of data, and counts per place.

    ``judged`` counts resources with a Pass or a Fail, by place, profile and kind, of kinds that hold data; ``unlisted``
    has the place, profile, family and kind of the stores whose listing was not read.
    """

    def __init__(self, run: Run, narrowing: Narrowing, listings: Listings) -> None:
        self._narrowing = narrowing
        self._listings = listings
        self._samples: dict[tuple[str, str, str], Sample] = {}
        self.judged: Counter[tuple[str, str, str]] = Counter()
        self.unlisted: set[tuple[str, str, Store, str]] = set()
        self.findings = 0
        for place in run.place_ids():
            stores = {row.kind for row in run.lines(place, "listed.jsonl", Listed) if row.store}
            self._place(place, run.lines(place, "findings.jsonl", Finding), stores)

    def sample(self, profile: str, claim: ClaimVerdict) -> Sample:
        """The sample of a claim, narrowed as its verdict is; empty where nothing was found."""
        holders = claim.holders
        data = holders.data if holders is not None and holders.mapped else ""
        return self._samples.get((profile, claim.claim, data)) or Sample()

    def _place(self, place: str, findings: Iterator[Finding], stores: set[str]) -> None:
        seen: dict[str, set[int]] = {}  # one place at a time, and of each resource no more than its hash
        for finding in findings:
            self.findings += 1
            word = outcome_word(finding)
            listing = self._listings(finding)
            counts = word in ("pass", "fail") and finding.resource.kind in stores
            mark = hash((finding.resource.kind, finding.resource.id)) if counts else 0
            for profile in finding.profiles:
                self._samples.setdefault((profile, finding.claim, ""), Sample()).add(finding, word, listing)
                if listing is not None and listing.store is not None:
                    self.unlisted.add((place, profile, listing.store, listing.kind))
                for data, held in self._narrowing.of(profile, finding):
                    if held is not Holding.ELSEWHERE:
                        self._samples.setdefault((profile, finding.claim, data), Sample()).add(finding, word, listing)
                if counts and mark not in (known := seen.setdefault(profile, set())):
                    known.add(mark)
                    self.judged[place, profile, finding.resource.kind] += 1


def outcome_word(finding: Finding) -> str:
    """The outcome as runs write it."""
    match finding.outcome:
        case Pass():
            return "pass"
        case Fail():
            return "fail"
        case Unknown():
            return "unknown"
        case NotApplicable():
            return "not-applicable"


def gravity(severity: str) -> int:
    """Place of a severity, the gravest first."""
    return _GRAVEST.index(Severity(severity))
