"""Live answers from endpoints: name resolution and the probes, bounded in time and gentle to each address."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
from posture_endpoint._probes.wire import Deadline, ProbeFailed, allowed
from posture_endpoint.manners import AT_ONCE, allowance, turns
from posture_endpoint.target import EndpointTarget

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
            with _gently(asking):
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
def _gently(asking: Asking) -> Iterator[None]:
    """Within it the address sees no more connections than it may, at a time and in all.

    sslyze with all its commands takes every turn there is: it opens hundreds of connections, two at a time.
    """
    if "address" not in asking.params:
        yield
        return
    count = AT_ONCE if asking.operation == "tls:Versions" and asking.wants_sslyze else 1
    with turns(asking.address, asking.budget, count), allowed(allowance(asking.target, asking.address)):
        yield
