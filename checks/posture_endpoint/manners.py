"""How gently addresses are treated, over all places of a process: turns, and connections that are counted."""

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from posture_endpoint._probes.wire import Allowance, Deadline
from posture_endpoint.target import EndpointTarget

AT_ONCE = 2
"""Connections that one address sees at a time from this process, over all places: more may look like an attack."""

_change = threading.Condition()
_busy: dict[str, int] = {}
_opened: dict[int, dict[str, Allowance]] = {}


@contextmanager
def turns(address: str, budget: Deadline, count: int = 1) -> Iterator[None]:
    """So many of the connections that the address may see at once. TimeoutError when they come not free in time."""
    with _change:
        if not _change.wait_for(lambda: _busy.get(address, 0) + count <= AT_ONCE, budget.remaining()):
            raise TimeoutError(f"waited {budget.seconds:g} s for other probes of {address}")
        _busy[address] = _busy.get(address, 0) + count
    try:
        yield
    finally:
        with _change:
            _busy[address] -= count
            if not _busy[address]:
                del _busy[address]
            _change.notify_all()


def allowance(target: EndpointTarget, address: str) -> Allowance:
    """What one scan of the target may still open to the address. A scan has the target as a value of its own."""
    with _change:
        if id(target) not in _opened:
            _opened[id(target)] = {}
            weakref.finalize(target, _opened.pop, id(target), None)
        return _opened[id(target)].setdefault(address, Allowance(target.connections_allowed))
