"""The gate: which exit code a run earns, from its verdicts and from what went wrong."""

from enum import IntEnum

from posture.assess import Assessment, ClaimVerdict, StatementVerdict
from posture.model import Value, Verdict


class Exit(IntEnum):
    """Exit codes of the commands. Where several apply, the order of ``PRECEDENCE`` decides."""

    COMPLETE = 0
    CONTRADICTED = 1
    USAGE = 2
    INCOMPLETE = 3
    UNREACHED = 4
    INTEGRITY = 5
    DRIFT = 6
    EXCEPTION_EXPIRED = 7
    INTERNAL = 70
    INTERRUPTED = 130


PRECEDENCE = (
    Exit.INTERRUPTED,
    Exit.INTERNAL,
    Exit.INTEGRITY,
    Exit.UNREACHED,
    Exit.CONTRADICTED,
    Exit.DRIFT,
    Exit.INCOMPLETE,
    Exit.EXCEPTION_EXPIRED,
    Exit.COMPLETE,
)

CONTRADICTED, INCOMPLETE, EXCEPTIONS = "contradicted", "incomplete", "exceptions"


class Gate(Value):
    """What fails a run: ``contradicted`` statements, ``incomplete`` ones, ``exceptions`` that are expired or unused."""

    fail_on: frozenset[str] = frozenset({CONTRADICTED, INCOMPLETE})

    def codes(self, assessment: Assessment) -> set[Exit]:
        """Every code that the verdicts earn."""
        found = {Exit.COMPLETE}
        stopped = {word for profile in assessment.profiles for s in profile.statements for word in stops(s)}
        if CONTRADICTED in self.fail_on & stopped:
            found.add(Exit.CONTRADICTED)
        if INCOMPLETE in self.fail_on & stopped:
            found.add(Exit.INCOMPLETE)
        unused = [id for id, count in assessment.exceptions.items() if count == 0]
        if EXCEPTIONS in self.fail_on and (assessment.expired_exceptions or unused):
            found.add(Exit.EXCEPTION_EXPIRED)
        return found


def foremost(codes: set[Exit]) -> Exit:
    """The code that a command ends with when several apply."""
    return next(code for code in PRECEDENCE if code in codes)


def stops(statement: StatementVerdict) -> frozenset[str]:
    """Which of ``contradicted`` and ``incomplete`` the gate sees in a statement; exceptions count here alone."""
    found = set()
    if any(_contradicted(claim) for claim in statement.claims):
        found.add(CONTRADICTED)
    if any(_incomplete(claim) for claim in statement.claims):
        found.add(INCOMPLETE)
    return frozenset(found)


def _contradicted(claim: ClaimVerdict) -> bool:
    return claim.tally.failed > claim.excepted


def _incomplete(claim: ClaimVerdict) -> bool:
    missing = claim.tally.unknown + claim.tally.blind
    return bool(missing) or claim.verdict is Verdict.UNKNOWN
