"""What tests of readers and checks share: recorded answers, reading without an engine, and judging one fact."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from posture.check import Check
from posture.claims import Claim
from posture.model import Cause, Fact, Gap, Outcome, Unknown
from posture.place import Place, Where
from posture.reader import Reader
from posture.session import Answer, Call, GapFound, Session, Source

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class Recorded:
    """A source that answers from a table: operation to one reply, or to replies in the order of asking.

    An ``Answer`` is given as it is, a ``Gap`` or ``Cause`` is raised, anything else is the body.
    """

    def __init__(self, replies: Mapping[str, Any]) -> None:
        self._replies = {name: list(reply) if isinstance(reply, list) else [reply] for name, reply in replies.items()}
        self.asked: list[tuple[str, dict[str, Any], str]] = []

    def fetch(self, operation: str, params: Mapping[str, Any], region: str, absent: frozenset[str]) -> Answer:
        self.asked.append((operation, dict(params), region))
        replies = self._replies[operation]
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if isinstance(reply, Cause):
            reply = Gap(cause=reply, detail="recorded", operation=operation)
        if isinstance(reply, Gap):
            raise GapFound(reply)
        if isinstance(reply, Answer):
            assert not reply.absent or reply.absent in absent, f"{reply.absent} is not expected by the reader"
            return reply
        return Answer(body=reply)


def place(provider: str = "aws", account: str = "123456789012", region: str = "us-east-1") -> Place:
    """A place to read in."""
    return Place(provider=provider, target="test", account=account, region=region, where=Where.REGION)


def read(reader: Reader, session: Session, parent: Fact | None = None) -> list[Fact]:
    """All facts that a reader gives, as the engine would read them. Raises GapFound."""
    calls: list[tuple[Call, Any]] = []
    evidence: list[tuple[str, ...]] = []
    bound = session.bound(
        reader.operation,
        reader.permission,
        shared=reader.shared,
        record=lambda call, body: calls.append((call, body)),
        before=lambda: evidence.append(bound.close_replies()),
    )
    facts = list(reader.read(bound, parent))
    bound.close_replies()
    return facts


def judge(check: Check, fact: Fact, claim: Claim, *consulted: tuple[Fact, ...]) -> Outcome:
    """The outcome as the engine would give it."""
    try:
        return check(fact, claim, *consulted)
    except GapFound as found:
        return Unknown(found.gap.cause, found.gap.detail, found.gap.permission)


def session_of(kind: type[Session], source: Source, where: Place | None = None) -> Any:
    """A session over ``source``."""
    return kind(where or place(), source, NOW)
