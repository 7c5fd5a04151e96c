"""What a scan may cost the endpoints that it looks at: upper bounds, told before anybody is contacted."""

from collections.abc import Iterator

from posture.provider import Cost
from posture_endpoint._probes.wire import RECONNECTS, is_ip_address
from posture_endpoint.target import DEEP_CONNECTIONS, VERSION_CONNECTIONS, EndpointTarget, HostPort, sample

CERTIFICATE_CONNECTIONS = 9 + RECONNECTS
"""Each version in each of two libraries until one brings a certificate, and one for that of the other key type."""

CONFIRMATION_CONNECTIONS = 2 + RECONNECTS
"""One whole handshake of an old version, in each of two libraries."""

PAGE_CONNECTIONS = 3
"""A page over TLS, over plain HTTP, and one that proves the address alive where plain HTTP is closed."""


def costs(target: EndpointTarget, operations: frozenset[str]) -> tuple[Cost, ...]:
    """The lines of one target. Nobody knows yet what addresses DNS will tell, and what names the accounts have."""
    endpoints = target.endpoints()
    known = {one.host: _known(target, one.host) for one in endpoints}
    asked = sum(not addresses for addresses in known.values())
    pageless = endpoints and all(one.starttls for one in endpoints)
    each = list(_each(target, operations - {"http:Get"} if pageless else operations))
    lines: list[tuple[str, int | None]] = [
        ("endpoints that the configuration names", len(endpoints)),
        ("addresses of them that are known", len({address for found in known.values() for address in found})),
        ("hosts whose addresses DNS is asked for", asked),
        *([("endpoints that sslyze judges too", target.cross_check)] if target.cross_check else []),
        *((f"most connections to an address for {what}", most) for what, most in each),
        ("most connections to an address for all of an endpoint", sum(most for _, most in each)),
        ("most connections to an address over the whole scan", target.connections_allowed),
        (f"most connections in all{_conditions(target, asked)}", _all(target, operations)),
        (_contacted(target), None),
    ]
    return tuple(Cost(what=what, count=count) for what, count in lines)


def _each(target: EndpointTarget, operations: frozenset[str]) -> Iterator[tuple[str, int]]:
    """What is opened to an address for one endpoint; the commands of sslyze are for a sample where not for all."""
    if "tls:Versions" in operations:
        listed = target.depth == "full"
        yield "the protocol versions", target.most_connections_listing if listed else target.most_connections
        yield "the confirmation of an old version", CONFIRMATION_CONNECTIONS
        if target.deep:
            yield "all commands of sslyze", DEEP_CONNECTIONS
        elif target.cross_check:
            yield "the second view by sslyze", VERSION_CONNECTIONS
    if "tls:Suites" in operations:
        yield "the list of suites", target.most_connections_listing
    if "tls:Certificate" in operations:
        yield "the certificate", CERTIFICATE_CONNECTIONS
    if "http:Get" in operations:
        yield "pages", PAGE_CONNECTIONS * len({*target.pages, *target.login_pages})


def _for_one(target: EndpointTarget, endpoint: HostPort, operations: frozenset[str], *, sampled: bool) -> int:
    """Connections to one address of an endpoint. Protocols that change to TLS have no pages."""
    asked = operations - {"http:Get"} if endpoint.starttls else operations
    whole = sum(most for _, most in _each(target, asked))
    skipped = target.cross_check and not target.deep and not sampled and "tls:Versions" in operations
    return whole - VERSION_CONNECTIONS if skipped else whole


def _per_endpoint(target: EndpointTarget, endpoints: tuple[HostPort, ...], operations: frozenset[str]) -> list[int]:
    chosen = sample(target, ())
    return [_for_one(target, one, operations, sampled=one in chosen) for one in endpoints]


def _all(target: EndpointTarget, operations: frozenset[str]) -> int:
    """Each address counts what its endpoints need, and no more than it may see."""
    endpoints = target.endpoints()
    needs: dict[str, int] = {}
    for one, need in zip(endpoints, _per_endpoint(target, endpoints, operations), strict=True):
        for address in _known(target, one.host) or (one.host,):
            needs[address] = needs.get(address, 0) + need
    return sum(min(need, target.connections_allowed) for need in needs.values())


def _known(target: EndpointTarget, host: str) -> tuple[str, ...]:
    return target.fixed(host) or ((host,) if is_ip_address(host) else ())


def _conditions(target: EndpointTarget, asked: int) -> str:
    """What the sum takes for granted."""
    dns = ", if DNS tells one address for a host" if asked else ""
    return dns + (", to endpoints of the configuration" if target.from_accounts else "")


def _contacted(target: EndpointTarget) -> str:
    if target.from_accounts:
        return "only these are contacted, and the public names of the scanned accounts with as much for each"
    return "only these are contacted"
