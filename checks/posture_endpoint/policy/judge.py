"""Holds what was seen of an endpoint against one level of a policy: what it breaks, and what cannot be told. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from posture.model import Cause
from posture_endpoint.hello.suites import SUITES
from posture_endpoint.policy.rules import Choice, Least, Level, SuiteChoice
from posture_endpoint.tls import FullListing, KeyExchange, State, VersionSeen
from posture_endpoint.trust import Leaf

Doubt = tuple[Cause, str]
"""Why something cannot be told, and the words for it; they complete "the endpoint …", as a breach does."""

SHOWN = 4
"""Names of one kind that a sentence lists."""

_SSL2 = "SSL 2.0"
_BY_NAME = {suite.name: suite for suite in SUITES.values()}


def breaches(level: Level, seen: FullListing) -> list[str]:
    """What the endpoint accepts against the rules, or lacks of what they ask for."""
    accepted = [one for one in seen.versions if one.state is State.ACCEPTED]
    found = list(_outside(level.versions, [one.version for one in accepted], "accepts"))
    found += _missing(level.versions, [one.version for one in seen.versions if one.state is not State.REFUSED])
    suites = _suites(accepted)
    found += _outside(level.suites, suites, "accepts")
    if level.suites is not None and level.suites.encrypt_then_mac:
        bare = [one.version for one in seen.exchanges if one.encrypt_then_mac is False]
        found += [_said(f"accepts CBC suites without encrypt-then-MAC in {_few(bare)}", level.suites)] if bare else []
    groups = _unique(group for one in seen.exchanges for group in one.groups)
    found += _outside(level.groups, groups, "accepts the group", "accepts the groups")
    if seen.exchanges and all(one.groups_complete for one in seen.exchanges):
        found += _missing(level.groups, groups)
    primes = [one.dh_bits for one in seen.exchanges if one.dh_bits is not None]
    if primes and _below(level.dh_bits, min(primes)):
        found.append(_said(f"uses DHE with a prime of {min(primes)} bits", level.dh_bits))
    signatures = _unique(name for one in seen.exchanges for name in one.signatures or ())
    found += _outside(level.signatures, signatures, "signs handshakes with")
    return found


def doubts(level: Level, seen: FullListing) -> list[Doubt]:
    """What was not seen, or is not decided, of what the rules speak about."""
    found: list[Doubt] = []
    accepted = [one for one in seen.versions if one.state is State.ACCEPTED]
    for one in seen.versions:
        if one.state is State.UNKNOWN:
            found.append((one.cause or Cause.DISAGREEMENT, f"may accept {one.version} or not: {one.why}"))
    if not accepted:
        found.append((Cause.DISAGREEMENT, "accepts no version that could be looked at"))
    found += _open(level.versions, [one.version for one in accepted])
    if level.suites is not None:
        found += _unlisted(accepted)
        found += _open(level.suites, _suites(accepted))
    by_version = {one.version: one for one in accepted}
    for exchange in seen.exchanges:
        found += _untold(level, exchange, by_version[exchange.version].suites)
    return found


def certificate_breaches(level: Level, leaf: Leaf) -> list[str]:
    """What a certificate has against the rules."""
    kind, _, curve = leaf.key_type.partition(" ")
    found = list(_outside(level.key_types, [kind], "shows a certificate with a key of the type"))
    found += _outside(level.curves, [curve] if curve else [], "shows a certificate with a key on")
    least = {"RSA": level.rsa_bits, "EC": level.ec_bits}.get(kind)
    if least is not None and _below(least, leaf.key_bits):
        found.append(_said(f"shows a certificate with a key of {leaf.key_bits} bits ({kind})", least))
    signature = [leaf.signature_algorithm]
    found += _outside(level.certificate_signatures, signature, "shows a certificate that is signed with")
    hashes = [leaf.signature_hash] if leaf.signature_hash is not None else []
    found += _outside(level.certificate_hashes, hashes, "shows a certificate that is signed over")
    lasts = datetime.fromisoformat(leaf.not_after) - datetime.fromisoformat(leaf.not_before)
    rule = level.validity_days
    if rule is not None and lasts > timedelta(days=rule.most):
        found.append(f"shows a certificate for {lasts / timedelta(days=1):.4g} days, over {rule.most} ({rule.section})")
    return found


def certificate_doubts(level: Level, leaf: Leaf) -> list[Doubt]:
    """What the source leaves open of a certificate."""
    kind, _, curve = leaf.key_type.partition(" ")
    return [
        *_open(level.key_types, [kind]),
        *_open(level.curves, [curve] if curve else []),
        *_open(level.certificate_signatures, [leaf.signature_algorithm]),
        *_open(level.certificate_hashes, [leaf.signature_hash] if leaf.signature_hash is not None else []),
    ]


def _untold(level: Level, exchange: KeyExchange, suites: Sequence[str]) -> Iterator[Doubt]:
    """What the handshakes of one version did not tell."""
    version = exchange.version
    if level.groups is not None:
        if not exchange.groups_complete:
            yield Cause.CAPPED, f"may accept more groups with {version} than could be listed"
        yield from _open(level.groups, exchange.groups)
    exchanges = {_BY_NAME[name].exchange for name in suites if name in _BY_NAME}
    if level.dh_bits is not None and exchanges & {"DHE_RSA", "DHE_DSS"} and exchange.dh_bits is None:
        yield Cause.NOT_SUPPORTED, f"accepts DHE with {version}, and showed no prime of it"
    if level.suites is not None and level.suites.encrypt_then_mac and _has_cbc(exchange, suites):
        yield Cause.NOT_SUPPORTED, f"accepts CBC suites with {version}, and did not show whether with encrypt-then-MAC"
    if level.signatures is not None and exchange.signatures is not None:
        if not exchange.signatures_complete:
            yield Cause.CAPPED, f"may sign handshakes of {version} with more algorithms than could be listed"
        yield from _open(level.signatures, exchange.signatures)


def _has_cbc(exchange: KeyExchange, suites: Sequence[str]) -> bool:
    """Whether there are CBC suites of which nothing tells whether RFC 7366 goes with them."""
    return exchange.encrypt_then_mac is None and any("_CBC_" in suite for suite in suites)


def _unlisted(accepted: Iterable[VersionSeen]) -> Iterator[Doubt]:
    for one in accepted:
        if not (one.suites_complete and one.suites):
            yield Cause.CAPPED, f"may accept more suites with {one.version} than could be listed"


def _suites(accepted: Iterable[VersionSeen]) -> list[str]:
    """All suites, each once. Those of SSL 2.0 are left to the rule about versions: no policy knows them."""
    return _unique(suite for one in accepted if one.version != _SSL2 for suite in one.suites)


def _outside(rule: Choice | SuiteChoice | None, names: Sequence[str], verb: str, verbs: str = "") -> Iterator[str]:
    if rule is not None:
        wrong = [name for name in names if rule.allows(name) is False]
        if wrong:
            yield _said(f"{verbs or verb if len(wrong) > 1 else verb} {_few(wrong)}", rule)


def _missing(rule: Choice | None, names: Sequence[str]) -> Iterator[str]:
    if rule is not None and rule.one_of and not set(rule.one_of).intersection(names):
        yield _said(f"does not accept {' or '.join(rule.one_of)}", rule)


def _open(rule: Choice | SuiteChoice | None, names: Sequence[str]) -> Iterator[Doubt]:
    if rule is not None:
        unclear = [name for name in names if rule.allows(name) is None]
        if unclear:
            yield Cause.NOT_SUPPORTED, _said(f"has {_few(unclear)}, of which the policy does not decide", rule)


def _below(rule: Least | None, bits: int) -> bool:
    return rule is not None and bits < rule.least


def _said(words: str, rule: Choice | SuiteChoice | Least | None) -> str:
    assert rule is not None, "what breaks a rule names it"
    return f"{words} ({rule.section})"


def _few(names: Sequence[str]) -> str:
    rest = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
