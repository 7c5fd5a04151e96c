"""The verdict algebra: from counted outcomes to the verdict of a claim, from claims to a statement."""

from collections.abc import Iterable

from posture.model import Value, Verdict


class Tally(Value):
    """Outcomes of one claim, counted. ``blind`` counts stores in scope which no check judges."""

    passed: int = 0
    failed: int = 0
    unknown: int = 0
    not_applicable: int = 0
    blind: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            passed=self.passed + other.passed,
            failed=self.failed + other.failed,
            unknown=self.unknown + other.unknown,
            not_applicable=self.not_applicable + other.not_applicable,
            blind=self.blind + other.blind,
        )

    @property
    def population(self) -> int:
        """Everything the claim speaks about: what was judged, what could not be, and what no check covers."""
        return self.passed + self.failed + self.unknown + self.blind


def is_vacuous(tally: Tally, verdict: Verdict) -> bool:
    """Whether a claim is verified without a single Pass: there was nothing to judge, and that was acceptable."""
    return verdict is Verdict.VERIFIED and tally.passed == 0


def claim_verdict(tally: Tally, *, tested: bool = True, empty_acceptable: bool = False) -> Verdict:
    """The verdict of a claim.

    Any Fail contradicts, whatever else is missing. Only a complete, non-empty population of Passes verifies. Nothing
    to judge is unknown, unless the profile says that an empty estate keeps the promise too.
    """
    if tally.failed:
        return Verdict.CONTRADICTED
    if not tested:
        return Verdict.UNKNOWN
    missing = tally.unknown + tally.blind
    if tally.passed:
        return Verdict.PARTLY_VERIFIED if missing else Verdict.VERIFIED
    if not missing and empty_acceptable:
        return Verdict.VERIFIED
    return Verdict.UNKNOWN


def statement_verdict(claims: Iterable[Verdict], *, vacuous: bool = False) -> Verdict:
    """The verdict of a statement: the conjunction of its claims. Without claims it is not testable.

    ``vacuous`` says that there are further claims which hold because nothing exists that could break them. They add
    nothing to a statement of which nothing else was seen to hold.
    """
    verdicts = set(claims)
    if vacuous:
        grounded = verdicts & {Verdict.VERIFIED, Verdict.PARTLY_VERIFIED}
        verdicts.add(Verdict.VERIFIED if grounded else Verdict.UNKNOWN)
    if Verdict.CONTRADICTED in verdicts:
        return Verdict.CONTRADICTED
    if verdicts == {Verdict.VERIFIED}:
        return Verdict.VERIFIED
    if verdicts & {Verdict.VERIFIED, Verdict.PARTLY_VERIFIED}:
        return Verdict.PARTLY_VERIFIED
    if Verdict.UNKNOWN in verdicts:
        return Verdict.UNKNOWN
    return Verdict.NOT_TESTABLE
