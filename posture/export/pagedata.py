"""The findings of a run for the page that lists them all: texts once, rows as numbers, the gravest first."""

from collections.abc import Iterable
from heapq import nsmallest
from typing import Any

from posture.export.entries import Bearing, Entry
from posture.model import Pass, Unknown
from posture.report.catalogue import Catalogue, Tables, block
from posture.report.sample import gravity, outcome_word
from posture.report.view import View
from posture.report.words import BASES, OUTCOMES, listing, spoken

ROOM = 30_000
"""Findings that a page holds: about ten megabytes. Of a larger run the gravest are kept, and the page says so."""

_ORDER = tuple(OUTCOMES)


def catalogue(view: View, entries: Iterable[Entry], room: int = ROOM) -> Catalogue:
    """The findings for the page of ``view``, at most ``room`` of them. Memory holds no more than that."""
    kept = nsmallest(room, entries, key=_rank)
    tables = _Tables(view)
    rows = [tables.row(entry) for entry in kept]
    return Catalogue(data=block(tables.named() | {"rows": rows}), held=len(rows), total=view.run.findings)


def _rank(entry: Entry) -> tuple[int, int, str, str, str]:
    finding = entry.finding
    order = _ORDER.index(outcome_word(finding))
    return order, gravity(finding.severity), finding.check, finding.resource.id, finding.id


class _Tables:
    def __init__(self, view: View) -> None:
        self._titles = {
            check.id: check.title
            for profile in view.profiles
            for statement in profile.statements
            for claim in statement.claims
            for check in claim.checks
        }
        self._anchors = {
            f"{profile.id}/{statement.id}": (f"s{place}-{number}", statement.id)
            for place, profile in enumerate(view.profiles, 1)
            for number, statement in enumerate(profile.statements, 1)
        }
        self._checks = Tables()
        self._resources = Tables()
        self._texts = Tables()
        self._claims = Tables()
        self._bearings = Tables()
        self._digests = Tables()
        self._proofs = Tables()

    def row(self, entry: Entry) -> list[Any]:
        """Id, then the places of: outcome, check, resource, reason, note, bearings, evidence (see findings.js)."""
        finding, resource = entry.finding, entry.finding.resource
        return [
            finding.id,
            _ORDER.index(outcome_word(finding)),
            self._checks.place((finding.check, self._titles.get(finding.check, finding.check), str(finding.severity))),
            self._resources.place(
                (resource.name or resource.id, resource.id, resource.kind, resource.account, resource.region)
            ),
            self._texts.place(finding.outcome.reason),
            self._texts.place(_note(entry)),
            self._bearings.place(tuple(self._claims.place(self._claim(bearing)) for bearing in entry.bearings)),
            self._proofs.place(tuple(map(self._digests.place, finding.evidence))),
        ]

    def named(self) -> dict[str, Any]:
        """The tables by the names that the script knows them by."""
        return {
            "outcomes": [(word, *OUTCOMES[word]) for word in _ORDER],
            "checks": self._checks.rows(),
            "resources": self._resources.rows(),
            "texts": self._texts.rows(),
            "claims": self._claims.rows(),
            "bearings": self._bearings.rows(),
            "digests": self._digests.rows(),
            "proofs": self._proofs.rows(),
        }

    def _claim(self, bearing: Bearing) -> tuple[str, str, str, str]:
        """Claim's anchor, statement's anchor, statement's id, claim's word; the other reading has no claim's anchor."""
        anchor, id = self._anchors[bearing.name]
        word = spoken(bearing.claim.word)
        if not bearing.adopted:
            return "", anchor, id, f"{word}, read the other way"
        return f"{anchor}-{bearing.number + 1}", anchor, id, word


def _note(entry: Entry) -> str:
    match entry.finding.outcome:
        case Unknown(cause=cause, needs=needs):
            return f"{spoken(cause)}, {needs}" if needs else spoken(cause)
        case Pass(basis=basis):
            return BASES[basis]
        case _:
            return f"under exception {listing(entry.exceptions)}" if entry.exceptions else ""
