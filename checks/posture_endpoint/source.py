"""Live answers from endpoints: name resolution and the probes, bounded in time and gentle to each address."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from posture.model import Cause, Exposed
from posture.place import Place
from posture.provider import Limits
from posture.session import Answer, GapFound
from posture_endpoint._answers.asking import Asking
from posture_endpoint._answers.certificate import certificate
from posture_endpoint._answers.hosting import find, names
from posture_endpoint._answers.resolved import resolve
from posture_endpoint._answers.versions import suites, versions
from posture_endpoint._answers.web import get, pages
from posture_endpoint._probes.wire import Deadline, ProbeFailed
from posture_endpoint.target import EndpointTarget

AT_ONCE = 2
"""Connections that one address sees at a time from this process, over all places: more may look like an attack."""

PATIENCE = 0.9
"""The part of a call's time after which the probe gives up by itself, so that it can still say why."""

ANSWERS: dict[str, Callable[[Asking], dict[str, Any]]] = {
    "dns:Resolve": resolve,
    "tls:Versions": versions,
    "tls:Suites": suites,
    "tls:Certificate": certificate,
    "http:Get": get,
    "target:Pages": pages,
    "ranges:Find": find,
    "account:Names": names,
}
"""Who answers which operation."""

_turns: dict[str, threading.BoundedSemaphore] = {}


class EndpointSource:
    """Answers from one endpoint. What names no ``address`` contacts none, and waits for no turn."""

    def __init__(self, place: Place, target: EndpointTarget, limits: Limits, exposed: Sequence[Exposed] = ()) -> None:
        self._place = place
        self._target = target
        self._limits = limits
        self._exposed = exposed

    def fetch(self, operation: str, params: Mapping[str, Any], region: str, absent: frozenset[str]) -> Answer:
        """Ask once, within ``limits.call``; ``limits.read`` bounds each connection and each wait in it."""
        if operation not in ANSWERS:
            raise ValueError(f"{operation} is not an operation of endpoints")
        budget = Deadline(PATIENCE * self._limits.call)
        asking = Asking(operation, params, self._place, self._target, self._limits, budget, self._exposed)
        try:
            with _turn(params["address"], budget) if "address" in params else nullcontext():
                body = ANSWERS[operation](asking)
        except ProbeFailed as failed:
            raise GapFound(asking.gap(Cause(failed.cause), failed.detail)) from failed
        except TimeoutError as late:
            raise GapFound(asking.gap(Cause.TIMEOUT, str(late))) from late
        except ImportError as missing:
            detail = f"{missing.name} is not installed; it comes with posture[endpoint]"
            raise GapFound(asking.gap(Cause.TOOL_ERROR, detail)) from missing
        return Answer(body=body, status=body.get("status", 200))


@contextmanager
def _turn(address: str, budget: Deadline) -> Iterator[None]:
    """One of the connections that the address may see at once. TimeoutError when none comes free in time."""
    turns = _turns.setdefault(address, threading.BoundedSemaphore(AT_ONCE))
    if not turns.acquire(timeout=budget.remaining()):
        raise TimeoutError(f"waited {budget.seconds:g} s for other probes of {address}")
    try:
        yield
    finally:
        turns.release()
