"""What exports call things: claims with their parameters, counted outcomes, what leaves a statement unknown."""

import json
from collections import Counter
from collections.abc import Iterator

from posture.model import Value, Verdict
from posture.report.obstacles import Kind, Obstacle
from posture.report.sample import gravity
from posture.report.statement import ClaimView, Shown, StatementView
from posture.report.words import REMEDIES, number, spoken, tally_words
from posture.verdict import is_vacuous

OPEN = (Verdict.UNKNOWN, Verdict.PARTLY_VERIFIED)
"""Verdicts of a claim for which something is missing."""

NOTHING = "nothing exists that could break it, and nothing was seen that keeps it"


class Hole(Value):
    """What leaves a statement unknown without any finding that says so; ``number`` is the claim's place in it."""

    kind: Kind
    subject: str
    what: str
    remedy: str
    number: int


def claim_name(claim: ClaimView) -> str:
    """The claim with its parameters: "tls-minimum (version TLS 1.2; reading minimum)"."""
    told = "; ".join(f"{name} {value}" for name, value in claim.parameters)
    about = f" of {claim.holders.data}" if claim.holders is not None else ""
    return f"{claim.word}{about} ({told})" if told else f"{claim.word}{about}"


def counted(claim: ClaimView) -> str:
    """What came out, with the denominator, and how many Fails an exception keeps from the gate."""
    excepted = f" ({claim.excepted:,} under an exception)" if claim.excepted else ""
    return tally_words(claim.tally, claim.unlisted, tested=claim.tested) + excepted


def sentence(finding: Shown) -> str:
    """A finding in one line."""
    resource = finding.resource
    where = " ".join(part for part in (resource.account, resource.region) if part)
    return f"{resource.name or resource.id} ({where}) {finding.reason}"


def steps(claim: ClaimView) -> list[str]:
    """What stands against the claim and what is missing for it, each with what to do."""
    found = [
        f"{number(check.tally.failed, 'finding')} against: {check.title}. {check.remedy}".strip()
        for check in claim.checks
        if check.tally.failed
    ]
    for row in claim.missing:
        needs = f", {row.needs}" if row.needs else ""
        found.append(f"{number(row.count, 'finding')} unknown: {spoken(row.cause)}{needs}. {REMEDIES[row.cause]}")
    found += [
        f"No check judges {number(count, 'store')} of kind {kind} for {claim.word}."
        for kind, count in claim.blind.items()
    ]
    return found


def worst(claim: ClaimView) -> int:
    """How grave the worst check is against which something was found; the gravest is 0."""
    return min((gravity(check.severity) for check in claim.checks if check.tally.failed), default=99)


def vacuous(claim: ClaimView) -> bool:
    """Whether the claim holds for want of anything that could break it."""
    return is_vacuous(claim.tally, claim.verdict)


def holes(statement: StatementView) -> Iterator[Hole]:
    """Stores that no check judges, claims that none bears on, populations that are empty."""
    used: Counter[tuple[Kind, str, str]] = Counter()
    for obstacle in statement.between:  # those of one kind and subject stand in the order of the claims
        claims = [place for place, claim in enumerate(statement.claims) if _has(claim, obstacle)]
        if claims:
            key = (obstacle.kind, obstacle.subject, statement.claims[claims[0]].word)
            yield _hole(obstacle, claims[min(used[key], len(claims) - 1)])
            used[key] += 1
    if statement.verdict == Verdict.UNKNOWN and all(claim.verdict == Verdict.VERIFIED for claim in statement.claims):
        yield Hole(kind=Kind.EMPTY, subject=statement.claims[0].word, what=NOTHING, remedy="", number=0)


def _hole(obstacle: Obstacle, number: int) -> Hole:
    return Hole(kind=obstacle.kind, subject=obstacle.subject, what=obstacle.what, remedy=obstacle.remedy, number=number)


def _has(claim: ClaimView, obstacle: Obstacle) -> bool:
    if obstacle.kind not in (Kind.COVER, Kind.UNTESTED, Kind.EMPTY) or json.loads(obstacle.claim)[0] != claim.word:
        return False
    match obstacle.kind:
        case Kind.COVER:
            return obstacle.subject in claim.blind
        case Kind.UNTESTED:
            return not claim.tested
        case _:
            return claim.tested and not claim.tally.population
