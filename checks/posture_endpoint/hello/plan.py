"""Which hellos an address gets, one after the other: each next one follows from what the last ones brought.

A server that refuses by alert gets ten: a whole handshake; TLS 1.2 with every likely suite (the control); at most
TLS 1.1 with every suite that was there then, which one answer settles down to SSL 3.0, since a server takes the highest
version that it accepts (RFC 5246 appendix E.1); SSL 2.0; the forbidden suites in two, and those of TLS 1.3; the allowed
ones without forward secrecy; the other key type; and at most TLS 1.1 again without a name. An older version that is
accepted is asked for its own suites, since a server may have suites that go with it alone. What is not answered is
repeated between controls.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

from posture_endpoint._probes.wire import Answer
from posture_endpoint.hello import handshake
from posture_endpoint.hello.answer import Try
from posture_endpoint.hello.connect import Caller
from posture_endpoint.hello.encode import MOST_SUITES, ClientHello, Ssl2Hello
from posture_endpoint.hello.suites import (
    BEFORE_TLS12,
    FORBIDDEN,
    FORBIDDEN_TLS13,
    SSL2_KINDS,
    STATIC,
    SUITES,
    TLS13_SUITES,
    UP_TO_TLS12,
)

REPETITIONS = 3
"""How often a refusal without words has to be seen, each time between two controls that were accepted."""

CONTROL = "at most TLS 1.2"
MODERN = "TLS 1.3 alone"
OLD = "at most TLS 1.1"
OLDER = "at most TLS 1.0"
OLDEST = "SSLv3"
ANCIENT = "SSLv2"
FORBIDDEN_FIRST, FORBIDDEN_REST = "forbidden suites, first part", "forbidden suites, second part"
FORBIDDEN_NEW = "forbidden suites of TLS 1.3"
LASTING = "suites without forward secrecy"
OTHER_KEY = "other key type"
NAMELESS = "at most TLS 1.1 without a name"

JUDGED = {
    CONTROL: ("TLS 1.2",),
    MODERN: ("TLS 1.3",),
    OLD: ("SSLv3", "TLS 1.0", "TLS 1.1"),
    OLDER: ("SSLv3", "TLS 1.0"),
    OLDEST: ("SSLv3",),
    ANCIENT: ("SSLv2",),
}
"""The versions that a refusal of each hello refuses."""

_OLD_VERSIONS = ("TLS 1.1", "TLS 1.0", "SSLv3")
_OLD_FORBIDDEN = {version: f"forbidden suites, at most {version}" for version in _OLD_VERSIONS}
_OLD_LASTING = {version: f"suites without forward secrecy, at most {version}" for version in _OLD_VERSIONS}

FORBIDDEN_OF = {
    "TLS 1.3": (FORBIDDEN_NEW,),
    "TLS 1.2": (FORBIDDEN_FIRST, FORBIDDEN_REST),
    **{version: (purpose,) for version, purpose in _OLD_FORBIDDEN.items()},
}
"""The hellos that offer, between them, every suite of a version that a promise of strong encryption rules out."""

LASTING_OF = {"TLS 1.2": (LASTING,), **{version: (purpose,) for version, purpose in _OLD_LASTING.items()}}
"""The hellos that offer every allowed suite of a version without forward secrecy; those of TLS 1.3 all have it."""

_SPOKEN = (Answer.ACCEPTED, Answer.REFUSED, Answer.OTHER_ALERT)
_NOT_REPEATED = (handshake.PURPOSE, OTHER_KEY, NAMELESS)
_SILENCE_FLOOR, _SILENCE_FACTOR = 2.0, 20
# Silent answers in a row after which the control is asked whether anybody is still there.
_SILENCES_BORNE = 3


@dataclass(slots=True)
class Proof:
    """The tries in the order of their connections, and the purpose that served as control; None when none did."""

    tries: list[Try] = field(default_factory=list)
    control: str | None = None


async def prove(caller: Caller, *, suites: bool = True) -> Proof:
    """Says the hellos of the plan; without `suites` those that settle the versions alone."""
    proof = Proof()
    with contextlib.suppress(_WentMute):  # the tries tell
        await _follow(_Say(caller, proof), suites=suites)
    return proof


async def _follow(say: _Say, *, suites: bool) -> None:
    proof = say.proof
    await _open(say)
    if proof.control is None and not any(one.answer in _SPOKEN for one in proof.tries):
        return
    extra = await _step_down(say)
    await say(ANCIENT)
    if proof.tries[0].version != "TLS 1.3" and say.last(MODERN) is None:
        await say(MODERN)
    if suites and proof.control is not None:
        await _ask_suites(say)
    await _repeat(say, extra)


class _WentMute(Exception):
    """The control is not answered either: more hellos would only be waited for."""


@dataclass(slots=True)
class _Say:
    caller: Caller
    proof: Proof
    silences: int = 0

    async def __call__(self, purpose: str) -> Try:
        hello = HELLOS[purpose](self.caller.server_name)
        found = await self.caller.say(hello, purpose, JUDGED.get(purpose, ()), whole=purpose in (CONTROL, OTHER_KEY))
        self.proof.tries.append(found)
        self.silences = self.silences + 1 if found.implicit and found.answer is Answer.TIMEOUT else 0
        if self.silences == _SILENCES_BORNE and self.proof.control is not None and not (await self.control()).accepted:
            raise _WentMute
        return found

    async def control(self) -> Try:
        """Says once more what was accepted."""
        assert self.proof.control is not None, "a control is repeated only where there is one"
        return await self(self.proof.control)

    async def other_key(self, authentication: str) -> None:
        offered = tuple(code for code in UP_TO_TLS12 if SUITES[code].authentication == authentication)[:MOST_SUITES]
        hello = ClientHello(newest="TLS 1.2", suites=offered, server_name=self.caller.server_name)
        self.proof.tries.append(await self.caller.say(hello, OTHER_KEY, whole=True))

    def last(self, purpose: str) -> Try | None:
        return next((one for one in reversed(self.proof.tries) if one.purpose == purpose), None)


async def _open(say: _Say) -> None:
    """The handshake, and the first hello that is accepted as control; three connections where nobody answers."""
    proof, caller = say.proof, say.caller
    first = await handshake.shake_hands(caller)
    proof.tries.append(first)
    if not caller.reached:
        return
    found = await say(CONTROL)
    if found.implicit and first.accepted:
        found = await say(CONTROL)
    if found.accepted:
        proof.control = CONTROL
    elif first.version == "TLS 1.3":
        found = await say(MODERN)
        proof.control = MODERN if found.accepted else None
    if found.accepted:
        # A server that drops old hellos in silence is not waited for much longer than it took to answer a good one.
        needed = max(found.milliseconds, first.milliseconds) / 1000
        caller.timeout = min(caller.timeout, max(_SILENCE_FLOOR, _SILENCE_FACTOR * needed))
    old = await say(OLD)
    if proof.control is None and old.accepted:
        proof.control = OLD


async def _step_down(say: _Say) -> set[str]:
    """Older hellos, where the one before left something open. Returns those said for safety alone.

    Who does not answer at most TLS 1.1 may still know an older version by itself, so each gets one hello.
    """
    old = say.last(OLD)
    if old is None or old.answer is Answer.REFUSED:
        return set()
    if not old.accepted:
        return {(await say(OLDER)).purpose, (await say(OLDEST)).purpose}
    if old.version == "TLS 1.1":
        old = await say(OLDER)
    if old.version == "TLS 1.0":
        await say(OLDEST)
    return set()


async def _ask_suites(say: _Say) -> None:
    for purpose in (FORBIDDEN_FIRST, FORBIDDEN_REST, LASTING):
        await say(purpose)
    taken = {one.version for one in say.proof.tries if one.accepted}
    for version in ("TLS 1.3", *_OLD_VERSIONS):
        if version in taken:
            for purpose in (*FORBIDDEN_OF[version], *LASTING_OF.get(version, ())):
                await say(purpose)
    old, control = say.last(OLD), say.last(CONTROL)
    if old is None or old.implicit:
        return  # what is left of the connections is needed for repetitions
    chosen = SUITES[control.suite].authentication if control and control.suite is not None else ""
    if chosen:
        await say.other_key("ECDSA" if chosen == "RSA" else "RSA")
    if say.caller.server_name is not None:
        await say(NAMELESS)


async def _repeat(say: _Say, extra: set[str]) -> None:
    """Says again what met a refusal without words, until it is one for good or a control fails."""
    proof = say.proof
    left = [
        one.purpose
        for one in proof.tries
        if one.implicit and one.purpose not in (*_NOT_REPEATED, *extra, proof.control)
    ]
    repeated = frozenset(left)
    if proof.control is None or not left:
        return
    for _ in range(REPETITIONS - 1):
        if not (await say.control()).accepted:
            return
        # In another order each time: a server that drops every n-th connection must not meet the same one.
        left = [purpose for purpose in reversed(left) if (await say(purpose)).implicit]
        if not left:
            return
    await say.control()
    if any(one.purpose in repeated and not one.implicit for one in proof.tries):
        # The address is not steady, so no silence of it counts: an answer has to be had.
        for purpose in left:
            for _ in range(REPETITIONS):
                if not (await say(purpose)).implicit:
                    break


def _up_to(newest: str, suites: tuple[int, ...]) -> Callable[[str | None], ClientHello]:
    return lambda name: ClientHello(newest=newest, suites=suites, server_name=name)


def _old_suites() -> tuple[int, ...]:
    return BEFORE_TLS12[:MOST_SUITES]


def _before_tls12(suites: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(code for code in suites if not SUITES[code].since_tls12)


HELLOS: dict[str, Callable[[str | None], ClientHello | Ssl2Hello]] = {
    CONTROL: _up_to("TLS 1.2", UP_TO_TLS12[:MOST_SUITES]),
    MODERN: _up_to("TLS 1.3", TLS13_SUITES),
    OLD: _up_to("TLS 1.1", _old_suites()),
    OLDER: _up_to("TLS 1.0", _old_suites()),
    OLDEST: _up_to("SSLv3", _old_suites()),
    ANCIENT: lambda name: Ssl2Hello(kinds=tuple(SSL2_KINDS)),
    FORBIDDEN_FIRST: _up_to("TLS 1.2", FORBIDDEN[:MOST_SUITES]),
    FORBIDDEN_REST: _up_to("TLS 1.2", FORBIDDEN[MOST_SUITES : 2 * MOST_SUITES]),
    FORBIDDEN_NEW: _up_to("TLS 1.3", FORBIDDEN_TLS13),
    LASTING: _up_to("TLS 1.2", STATIC),
    **{purpose: _up_to(version, _before_tls12(FORBIDDEN)) for version, purpose in _OLD_FORBIDDEN.items()},
    **{purpose: _up_to(version, _before_tls12(STATIC)) for version, purpose in _OLD_LASTING.items()},
    NAMELESS: lambda name: ClientHello(newest="TLS 1.1", suites=_old_suites(), server_name=None),
}
