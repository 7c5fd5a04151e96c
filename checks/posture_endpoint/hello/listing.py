"""Lists what an accepted version holds: offers everything, takes away what the server chose, until it refuses.

k suites cost k + 1 hellos for each list of 128 that is offered; the server's order is the order of its choices. Groups
and signature algorithms are listed in the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from posture_endpoint._probes.wire import Answer
from posture_endpoint.hello.answer import Try, group_name, signature_name
from posture_endpoint.hello.connect import Caller
from posture_endpoint.hello.encode import GROUPS, HYBRIDS, MOST_SUITES, SIGNATURES, VERSION_CODES, ClientHello
from posture_endpoint.hello.suites import BEFORE_TLS12, SUITES, TLS13_SUITES, UP_TO_TLS12, name_of

_FINITE_FIELDS = range(0x0100, 0x0200)
"""The code points of finite-field groups (RFC 7919 section 2)."""


@dataclass(slots=True)
class _Found:
    """Codes in the order in which the server chose them; complete when it refused all others."""

    codes: list[int] = field(default_factory=list)
    complete: bool = True


async def list_accepted(
    caller: Caller, versions: dict[str, dict[str, Any]], *, groups: bool
) -> dict[str, dict[str, Any]]:
    """Suites and their order, of every version whose `state` is accepted; SSL 2.0 has told its kinds already.

    Each gets `suites` in the order of the server's choices, `suites_complete` and `order` (server, client, or None
    where two suites were not there to tell). With `groups` also `groups`, `groups_complete` and `hybrids`: whether a
    post-quantum group is among them; `dh_bits`, the shortest prime of DHE that was seen; `signatures` and
    `signatures_complete`, the algorithms that sign its ServerKeyExchange; `encrypt_then_mac`, whether CBC suites come
    with RFC 7366. Each of the last three is None where nothing tells: TLS 1.3 encrypts its CertificateVerify, and older
    versions than TLS 1.2 fix their signature.
    """
    accepted = [version for version in versions if version != "SSLv2" and versions[version]["state"] == "accepted"]
    return {version: await _list_version(caller, version, groups) for version in accepted}


async def _list_version(caller: Caller, version: str, groups: bool) -> dict[str, Any]:
    found = await _suites(caller, version)
    report = {
        "suites": [name_of(code) for code in found.codes],
        "suites_complete": found.complete,
        "order": await _order(caller, version, found.codes),
    }
    if groups:
        seen = await _groups(caller, version, found)
        report["groups"] = [group_name(code) for code in seen.codes]
        report["groups_complete"] = seen.complete
        report["hybrids"] = bool(HYBRIDS.intersection(seen.codes))
        report |= await _key_exchange(caller, version, found)
    return report


async def _key_exchange(caller: Caller, version: str, found: _Found) -> dict[str, Any]:
    signed = await _signatures(caller, version, found)
    return {
        "dh_bits": await _dh_bits(caller, version, found),
        "signatures": None if signed is None else [signature_name(code) for code in signed.codes],
        "signatures_complete": signed is not None and signed.complete,
        "encrypt_then_mac": await _encrypt_then_mac(caller, version, found),
    }


async def _suites(caller: Caller, version: str) -> _Found:
    known = {"TLS 1.3": TLS13_SUITES, "TLS 1.2": UP_TO_TLS12}.get(version, BEFORE_TLS12)
    found = _Found()
    lists = 0
    for start in range(0, len(known), MOST_SUITES):
        here = await _remove(
            known[start : start + MOST_SUITES],
            lambda one: one.suite,
            lambda left: _say(caller, version, left),
            version,
        )
        lists += bool(here.codes)
        found.codes += here.codes
        found.complete &= here.complete
    if lists > 1:  # choices from different lists were never compared
        again = await _remove(
            tuple(found.codes), lambda one: one.suite, lambda left: _say(caller, version, left), version
        )
        if set(again.codes) == set(found.codes):
            found.codes = again.codes
    return found


async def _groups(caller: Caller, version: str, found: _Found) -> _Found:
    """TLS 1.3 names its group in the HelloRetryRequest, older versions in the ServerKeyExchange.

    Before TLS 1.3, a curve that is not offered rules out certificates with it too (RFC 8422 section 5.1). Where every
    suite needs an ECDSA certificate, the refusal may come of that, so the others are offered again before the last one
    that was chosen. Whatever the server does not choose then, it chooses in no handshake.
    """
    suites = tuple(found.codes) if version == "TLS 1.3" else _by_exchange(found, "ECDHE_RSA")
    bound = not suites
    suites = suites or _by_exchange(found, "ECDHE_ECDSA")
    if not suites:  # no curve is needed, or it is not known which suites need one
        return _Found(complete=found.complete and version != "TLS 1.3")

    def say(left: tuple[int, ...]) -> Any:
        hello = ClientHello(newest=version, suites=suites, server_name=caller.server_name, groups=left)
        return caller.say(hello, f"groups of {version}", whole=True)

    groups = await _remove(tuple(GROUPS), lambda one: one.group, say, version)
    if bound and groups.complete and groups.codes:
        own = groups.codes[-1]
        others = tuple(code for code in GROUPS if code not in groups.codes)
        more = await _remove(others, lambda one: one.group, lambda left: say((*left, own)), version, until=own)
        return _Found(codes=groups.codes + more.codes, complete=more.complete)
    return groups


async def _signatures(caller: Caller, version: str, found: _Found) -> _Found | None:
    """What signs the key exchange of TLS 1.2; with a certificate of each key type both are in the list."""
    suites = tuple(
        code for code in found.codes if SUITES[code].exchange in ("ECDHE_ECDSA", "ECDHE_RSA", "DHE_RSA", "DHE_DSS")
    )
    if version != "TLS 1.2" or not suites:
        return None

    def say(left: tuple[int, ...]) -> Any:
        hello = ClientHello(newest=version, suites=suites, server_name=caller.server_name, signatures=left)
        return caller.say(hello, f"signatures of {version}", whole=True)

    return await _remove(tuple(SIGNATURES), lambda one: one.signature, say, version)


async def _dh_bits(caller: Caller, version: str, found: _Found) -> int | None:
    """The shortest prime of DHE, for clients that name finite-field groups (RFC 7919) and for those that do not."""
    suites = _by_exchange(found, "DHE_RSA") + _by_exchange(found, "DHE_DSS")
    if not suites or version == "TLS 1.3":
        return None
    seen = []
    for groups in (tuple(GROUPS), tuple(code for code in GROUPS if code not in _FINITE_FIELDS)):
        hello = ClientHello(newest=version, suites=suites, server_name=caller.server_name, groups=groups)
        seen.append(await caller.say(hello, f"primes of {version}", whole=True))
    sizes = [one.prime_bits for one in seen if one.prime_bits is not None]
    told = all(one.prime_bits is not None or one.answer is Answer.REFUSED for one in seen)
    return min(sizes) if sizes and told else None


async def _encrypt_then_mac(caller: Caller, version: str, found: _Found) -> bool | None:
    suites = tuple(code for code in found.codes if "_CBC_" in SUITES[code].cipher)
    if version in ("TLS 1.3", "SSLv3") or not suites:
        return None
    hello = ClientHello(newest=version, suites=suites, server_name=caller.server_name, encrypt_then_mac=True)
    answer = await caller.say(hello, f"encrypt-then-MAC of {version}")
    return answer.encrypt_then_mac if answer.accepted and answer.version == version else None


def _by_exchange(found: _Found, exchange: str) -> tuple[int, ...]:
    return tuple(code for code in found.codes if SUITES[code].exchange == exchange)


async def _order(caller: Caller, version: str, codes: list[int]) -> str | None:
    """Whose preference decides: the server's when it chooses the same suite from a reversed list."""
    if len(codes) < 2 or len(codes) > MOST_SUITES:
        return None
    found = await _say(caller, version, tuple(reversed(codes)))
    if not found.accepted:
        return None
    return {codes[0]: "server", codes[-1]: "client"}.get(found.suite or 0)


async def _say(caller: Caller, version: str, suites: tuple[int, ...]) -> Try:
    return await caller.say(
        ClientHello(newest=version, suites=suites, server_name=caller.server_name), f"suites of {version}"
    )


async def _remove(
    offered: tuple[int, ...],
    chosen: Callable[[Try], int | None],
    say: Callable[[tuple[int, ...]], Any],
    version: str,
    until: int | None = None,
) -> _Found:
    """Says hello with what is left until the version is refused; a choice of an older version refuses it too.

    So does a choice of `until`, which stands for nothing else being left that the server would choose.
    """
    found, left = _Found(), list(offered)
    while left:
        answer: Try = await say(tuple(left))
        if answer.implicit:
            answer = await _confirm(answer, tuple(left), tuple(found.codes) or None, say)
        choice = chosen(answer)
        if answer.accepted and answer.version == version and choice in left:
            found.codes.append(choice)
            left.remove(choice)
            continue
        older = answer.version is not None and VERSION_CODES[answer.version] < VERSION_CODES[version]
        last = until is not None and answer.version == version and choice == until
        found.complete = answer.answer is Answer.REFUSED or (answer.accepted and (older or last))
        break
    return found


async def _confirm(
    first: Try, left: tuple[int, ...], good: tuple[int, ...] | None, say: Callable[[tuple[int, ...]], Any]
) -> Try:
    """A refusal without words, said again between two offers that were accepted before; then it counts as one."""
    if good is None or not (await say(good)).accepted:
        return first
    again: Try = await say(left)
    if again.answer is not first.answer or not (await say(good)).accepted:
        return again
    return Try(purpose=again.purpose, answer=Answer.REFUSED, detail=f"{again.detail} (2 of 2, controls 2 of 2)")
