"""Faults injected into answers while the server runs: refusals, bad bodies, slow and lost answers."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from threading import Lock
from typing import Literal

from posture_estates.arm.access import matches


@dataclass(frozen=True, slots=True)
class Denied:
    """403 AuthorizationFailed, as if no role allowed the action."""


@dataclass(frozen=True, slots=True)
class Throttled:
    """429 with Retry-After in seconds."""

    retry_after: int


@dataclass(frozen=True, slots=True)
class Failed:
    """An error in ARM's envelope."""

    status: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """A body of the announced length that is not the JSON it should be."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Truncated:
    """The connection ends half-way through the body."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """The connection ends without an answer."""


@dataclass(frozen=True, slots=True)
class Hung:
    """Nothing is sent for so many seconds; then the answer follows."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Dripping:
    """The body comes in pieces of so many bytes with a pause, in seconds, before each."""

    pause: float
    piece: int


@dataclass(frozen=True, slots=True)
class NextLink:
    """The page's nextLink leads to another origin, or back to the same page."""

    leads: Literal["elsewhere", "back"]
    origin: str = ""


Fault = Denied | Throttled | Failed | Malformed | Truncated | Dropped | Hung | Dripping | NextLink


@dataclass(slots=True)
class _Rule:
    action: str
    fault: Fault
    remaining: int | None  # requests still to be hit; None: all


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a read limit; `retry_after` is None while a read is allowed."""

    remaining: int
    retry_after: int | None = None


class Faults:
    """Thread-safe set of faults by action pattern (`*`, `Microsoft.Sql/*/read`); `times` limits the hits."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rules: list[_Rule] = []
        self._limit: tuple[int, float] | None = None
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}

    def deny(self, action: str, *, times: int | None = None) -> None:
        self._add(action, Denied(), times)

    def throttle(self, action: str, *, retry_after: int = 1, times: int | None = None) -> None:
        self._add(action, Throttled(retry_after), times)

    def fail(
        self,
        action: str,
        status: int = 500,
        *,
        code: str = "InternalServerError",
        message: str = "The server failed to answer, as it was told to.",
        times: int | None = None,
    ) -> None:
        self._add(action, Failed(status, code, message), times)

    def malformed(self, action: str, *, body: bytes = b'{"value": [{"id": ', times: int | None = None) -> None:
        self._add(action, Malformed(body), times)

    def truncate(self, action: str, *, times: int | None = None) -> None:
        self._add(action, Truncated(), times)

    def drop(self, action: str, *, times: int | None = None) -> None:
        self._add(action, Dropped(), times)

    def hang(self, action: str, seconds: float, *, times: int | None = None) -> None:
        self._add(action, Hung(seconds), times)

    def drip(self, action: str, pause: float, *, piece: int = 1, times: int | None = None) -> None:
        self._add(action, Dripping(pause, piece), times)

    def next_link_elsewhere(
        self, action: str, origin: str = "https://elsewhere.invalid", *, times: int | None = None
    ) -> None:
        self._add(action, NextLink("elsewhere", origin), times)

    def next_link_back(self, action: str, *, times: int | None = None) -> None:
        self._add(action, NextLink("back"), times)

    def limit(self, reads: int = 250, per_second: float = 25.0) -> None:
        """A token bucket per subscription and principal; the defaults are Azure's own figures."""
        with self._lock:
            self._limit = (reads, per_second)
            self._buckets.clear()

    def clear(self) -> None:
        """No faults and no limit any more; an answer that hangs already goes on hanging."""
        with self._lock:
            self._rules.clear()
            self._limit = None
            self._buckets.clear()

    def take(self, action: str) -> tuple[Fault, ...]:
        """The faults that hit a request, each counted as used."""
        with self._lock:
            hit = [rule for rule in self._rules if matches(rule.action, action)]
            for rule in hit:
                if rule.remaining is not None:
                    rule.remaining -= 1
            self._rules = [rule for rule in self._rules if rule.remaining != 0]
            return tuple(rule.fault for rule in hit)

    def spend(self, subscription: str, client_id: str) -> Allowance:
        """Take one read out of the bucket, if there is a limit."""
        with self._lock:
            if self._limit is None:
                return Allowance(249)
            capacity, rate = self._limit
            now = time.monotonic()
            left, since = self._buckets.get((subscription, client_id), (float(capacity), now))
            left = min(capacity, left + (now - since) * rate)
            allowed = left >= 1
            self._buckets[subscription, client_id] = (left - allowed, now)
            if allowed:
                return Allowance(int(left - 1))
            return Allowance(0, max(1, math.ceil((1 - left) / rate)) if rate else 3600)

    def _add(self, action: str, fault: Fault, times: int | None) -> None:
        with self._lock:
            self._rules.append(_Rule(action, fault, times))
