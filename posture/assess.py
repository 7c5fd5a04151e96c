"""Assesses a run: findings and coverage become verdicts of claims, statements and documents."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from posture.allowances import Attestation, Exemption, expired
from posture.claims import Claim
from posture.coverage import Listed, blind_kinds, is_inventory
from posture.model import Fail, Finding, NotApplicable, Pass, Resource, Unknown, Value, Verdict
from posture.narrowing import Narrowing
from posture.profile import Asserted, Profile, Reading, Statement
from posture.scope import Holding, Holds
from posture.verdict import Tally, claim_verdict, is_vacuous, statement_verdict

NAMED = 12
"""Resources that are named of those that no class of data mentions; the others are counted."""


UNCONFIRMED = "Its reading has not been confirmed by a person."
"""What keeps a statement from being verified whose reading, or that of one of its claims, is a draft."""


class Holders(Value):
    """Which resources a claim about one class of data speaks about, by the map that the configuration holds.

    ``holding`` are known to hold it, ``undecided`` may (their tags were not read), ``unclassified`` are in no class:
    the claim speaks about all three. ``elsewhere`` hold other classes alone and are left out. Without the class in the
    map (``mapped``) nothing is left out. ``named`` names some that are not classified.
    """

    data: str
    mapped: bool
    holding: int = 0
    undecided: int = 0
    unclassified: int = 0
    elsewhere: int = 0
    named: tuple[str, ...] = ()


class ClaimVerdict(Value):
    """What the scan says of one claim of a statement.

    ``excepted`` counts Fails that an exception keeps from the gate. ``causes`` and ``needs`` count why outcomes are
    unknown and which permissions would mend it; ``bases`` why Passes hold; ``blind`` names store kinds no check judges,
    whatever they hold. ``holders`` is there where the claim is about one class of data.
    """

    claim: str
    word: str
    parameters: Any
    verdict: Verdict
    tally: Tally
    tested: bool
    excepted: int
    causes: dict[str, int]
    needs: dict[str, int]
    bases: dict[str, int]
    blind: dict[str, int]
    holders: Holders | None = None
    alternative: "ClaimVerdict | None" = None


class Attested(Value):
    """That somebody vouches for a statement, and until when; ``lapsed`` when that day is over."""

    id: str
    who: str
    until: str
    document_sha256: str
    lapsed: bool


class StatementVerdict(Value):
    """What the scan says of one statement. ``remainder`` is what no scan can see, a draft's reading included."""

    id: str
    summary: str
    class_: str
    verdict: Verdict
    claims: tuple[ClaimVerdict, ...]
    remainder: str
    attested: tuple[Attested, ...]


class ProfileVerdict(Value):
    """What the scan says of a document: its statements, and how many have which verdict."""

    id: str
    title: str
    statements: tuple[StatementVerdict, ...]
    counts: dict[str, int]


class Assessment(Value):
    """All verdicts of a run. ``exceptions`` counts the findings each exception covers; 0 means it matches nothing."""

    profiles: tuple[ProfileVerdict, ...]
    exceptions: dict[str, int]
    expired_exceptions: tuple[str, ...]


class _Count:
    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.causes: Counter[str] = Counter()
        self.needs: Counter[str] = Counter()
        self.bases: Counter[str] = Counter()
        self.kinds: set[str] = set()
        self.excepted = 0
        self._held: dict[Holding, set[tuple[str, str, str]]] = {held: set() for held in Holding}

    def hold(self, held: Holding, resource: Resource) -> None:
        """Note how a resource stands to the class of data; a stand-in for all of a kind is no resource."""
        if not resource.stands_for_all:
            self._held[held].add((resource.kind, resource.name or resource.id, resource.id))

    def holders(self, data: str, *, mapped: bool) -> Holders:
        """Counts and names."""
        loose = sorted(self._held[Holding.UNCLASSIFIED])
        return Holders(
            data=data,
            mapped=mapped,
            holding=len(self._held[Holding.HOLDS]),
            undecided=len(self._held[Holding.UNDECIDED]),
            unclassified=len(loose),
            elsewhere=len(self._held[Holding.ELSEWHERE]),
            named=tuple(name for _, name, _ in loose[:NAMED]),
        )


_Counts = dict[tuple[str, str, str], _Count]
"""By profile, claim and class of data; all data goes by the empty word."""


def assess(
    profiles: Sequence[Profile],
    findings: Iterable[Finding],
    coverage: Sequence[Listed],
    untested: Iterable[str],
    exemptions: Sequence[Exemption],
    attestations: Sequence[Attestation],
    now: datetime,
    holds: Holds = {},  # noqa: B006 - nobody writes to it
) -> Assessment:
    """The verdicts. ``now`` is the instant of the run, so that a saved run is assessed alike on any day.

    ``holds`` maps classes of data to the resources that hold them.
    """
    matched = {exemption.id: 0 for exemption in exemptions}
    narrowing = Narrowing(profiles, holds)
    counts = _count(findings, exemptions, matched, narrowing, now)
    missing = frozenset(untested)
    verdicts = tuple(
        _profile(profile, counts, narrowing, list(coverage), missing, attestations, now) for profile in profiles
    )
    late = tuple(sorted(exemption.id for exemption in exemptions if expired(exemption.expires, now)))
    return Assessment(profiles=verdicts, exceptions=matched, expired_exceptions=late)


def _count(
    findings: Iterable[Finding],
    exemptions: Sequence[Exemption],
    matched: dict[str, int],
    narrowing: Narrowing,
    now: datetime,
) -> _Counts:
    counts: _Counts = {}
    for finding in findings:
        covering = [e.id for e in exemptions if isinstance(finding.outcome, Fail) and e.covers(finding, now)]
        for id in covering:
            matched[id] += 1
        for profile in finding.profiles:
            _add(counts.setdefault((profile, finding.claim, ""), _Count()), finding, bool(covering))
            for data, held in narrowing.of(profile, finding):
                count = counts.setdefault((profile, finding.claim, data), _Count())
                count.hold(held, finding.resource)
                if held is not Holding.ELSEWHERE:
                    _add(count, finding, bool(covering))
    return counts


def _add(count: _Count, finding: Finding, excepted: bool) -> None:
    match finding.outcome:
        case Pass(basis=basis):
            count.outcomes["passed"] += 1
            count.bases[basis] += 1
        case Fail():
            count.outcomes["failed"] += 1
            count.excepted += excepted
        case Unknown(cause=cause, needs=needs):
            count.outcomes["unknown"] += 1
            count.causes[cause] += 1
            if needs:
                count.needs[needs] += 1
        case NotApplicable():
            count.outcomes["not_applicable"] += 1
    if not is_inventory(finding.check):
        count.kinds.add(finding.resource.kind)


def _profile(
    profile: Profile,
    counts: _Counts,
    narrowing: Narrowing,
    coverage: list[Listed],
    untested: frozenset[str],
    attestations: Sequence[Attestation],
    now: datetime,
) -> ProfileVerdict:
    def judge(claim: Claim, asserted: Asserted) -> ClaimVerdict:
        data = asserted.use.data
        mapped = narrowing.maps(data)
        whole = counts.get((profile.id, claim.key(), "")) or _Count()
        count = counts.get((profile.id, claim.key(), data)) or _Count() if mapped else whole
        blind = blind_kinds(coverage, profile.id, claim.covers, whole.kinds)
        tally = Tally(**count.outcomes, blind=sum(blind.values()))
        tested = claim.key() not in untested
        return ClaimVerdict(
            claim=claim.key(),
            word=claim.word(),
            parameters=msgspec.to_builtins(claim),
            verdict=claim_verdict(tally, tested=tested, empty_acceptable=asserted.use.empty == "acceptable"),
            tally=tally,
            tested=tested,
            excepted=count.excepted,
            causes=_sorted(count.causes),
            needs=_sorted(count.needs),
            bases=_sorted(count.bases),
            blind=blind,
            holders=count.holders(data, mapped=mapped) if data else None,
        )

    def judge_both(asserted: Asserted) -> ClaimVerdict:
        verdict = judge(asserted.claim, asserted)
        if asserted.alternative is None:
            return verdict
        return msgspec.structs.replace(verdict, alternative=judge(asserted.alternative, asserted))

    statements = tuple(
        _statement(profile, statement, tuple(judge_both(a) for a in statement.asserted), attestations, now)
        for statement in profile.statements
    )
    found = Counter(statement.verdict for statement in statements)
    return ProfileVerdict(
        id=profile.id,
        title=profile.source.title,
        statements=statements,
        counts={verdict: found[verdict] for verdict in Verdict},
    )


def drafts(statement: Statement) -> list[Reading]:
    """The readings of a statement and of its claims that no person has confirmed."""
    readings = (statement.source.reading, *(asserted.use.reading for asserted in statement.asserted))
    return [reading for reading in readings if reading is not None and not reading.confirmed]


def _statement(
    profile: Profile,
    statement: Statement,
    claims: tuple[ClaimVerdict, ...],
    attestations: Sequence[Attestation],
    now: datetime,
) -> StatementVerdict:
    vacuous = [claim for claim in claims if is_vacuous(claim.tally, claim.verdict)]
    verdicts = [claim.verdict for claim in claims if claim not in vacuous]
    remainder = " ".join(
        text for text in (statement.source.remainder, UNCONFIRMED if drafts(statement) else "") if text
    )
    if remainder:
        verdicts.append(Verdict.NOT_TESTABLE)
    name = f"{profile.id}/{statement.id}"
    attested = tuple(
        Attested(
            id=attestation.id,
            who=attestation.who,
            until=attestation.valid_until.isoformat(),
            document_sha256=attestation.document_sha256,
            lapsed=expired(attestation.valid_until, now),
        )
        for attestation in attestations
        if attestation.statement == name
    )
    return StatementVerdict(
        id=statement.id,
        summary=statement.source.summary,
        class_=statement.source.class_,
        verdict=statement_verdict(verdicts, vacuous=bool(vacuous)),
        claims=claims,
        remainder=remainder,
        attested=attested,
    )


def _sorted(counter: Counter[str]) -> dict[str, int]:
    return {str(key): counter[key] for key in sorted(counter)}
