"""Compares this machine's clock with a provider's, by the Date header of its replies."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from posture.model import Value
from posture.session import Answer, GapFound, Source

OFF = 60.0
"""Seconds between two clocks from which on it is a problem, well before anybody is refused for it."""

REFUSED = 300.0
"""Seconds from which on requests are refused: AWS asks in most cases that they arrive within five minutes of their time
stamp (IAM User Guide, "Signature Version 4"), and five minutes are the usual leeway for tokens."""


class Clock(Value):
    """How far this machine's clock is ahead of the provider's: between ``least`` and ``most`` seconds."""

    least: float
    most: float

    @property
    def within(self) -> float:
        """The most that the clocks can differ."""
        return max(abs(self.least), abs(self.most))

    @property
    def off(self) -> float:
        """The least that they differ; 0 where they may be the same."""
        return max(self.least, -self.most, 0.0)

    @property
    def is_off(self) -> bool:
        """Whether the clocks are known to be too far apart."""
        return self.off > OFF


class Clocks:
    """Compares clocks, reply by reply. Replies come on many threads; the narrowest comparison is the one to keep."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._best: Clock | None = None

    def compare(self, asked: datetime, date: str) -> None:
        """Take note of a reply that came just now and says that it was made at ``date``, which is cut to the second."""
        try:
            told = parsedate_to_datetime(date)
        except ValueError:
            return
        if told.tzinfo is None:
            return
        ahead = (asked - told).total_seconds() - 1, (datetime.now(UTC) - told).total_seconds()
        with self._lock:
            if self._best is None or ahead[1] - ahead[0] < self._best.most - self._best.least:
                self._best = Clock(least=round(ahead[0], 1), most=round(ahead[1], 1))

    def narrowest(self) -> Clock | None:
        """What is known of the clocks."""
        with self._lock:
            return self._best


class ClockedSource:
    """A source whose replies tell the time."""

    def __init__(self, source: Source, clocks: Clocks) -> None:
        self._source = source
        self._clocks = clocks

    def fetch(self, operation: str, params: Mapping[str, Any], region: str, absent: frozenset[str]) -> Answer:
        """The answer or gap of the source, which is told on as it is."""
        asked = datetime.now(UTC)
        try:
            answer = self._source.fetch(operation, params, region, absent)
        except GapFound as found:
            self._clocks.compare(asked, found.date)
            raise
        self._clocks.compare(asked, answer.date)
        return answer
