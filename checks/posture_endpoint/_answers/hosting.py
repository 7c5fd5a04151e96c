"""ranges:Find and account:Names: whose range an address lies in, and which resource of an account has the endpoint."""

import socket
from typing import Any

import msgspec

from posture.model import Cause, Exposed
from posture.session import GapFound
from posture.yamlfile import FileError
from posture_endpoint._answers.asking import Asking
from posture_endpoint._probes.wire import ProbeFailed, is_ip_address
from posture_endpoint.ranges.snapshot import plain_address, snapshot

DUALSTACK = "dualstack."
"""What AWS puts before a load balancer's name where it gives IPv6 addresses too (ELB, DNS name)."""


def find(asking: Asking) -> dict[str, Any]:
    """From the target's own file of ranges or the shipped one. Contacts nobody."""
    address = str(asking.params["ip"])
    try:
        known = snapshot(asking.target.ranges)
    except FileError as error:
        raise GapFound(asking.gap(Cause.TOOL_ERROR, f"ranges: {error}")) from error
    return {
        "scope": scope(address),
        "dates": known.dates(),
        "found": [msgspec.to_builtins(one) for one in known.find(address)],
    }


def scope(address: str) -> str:
    """How far an address reaches: public, or the word for what it is instead (IANA, special-purpose registries)."""
    ip = plain_address(address)
    if ip.is_loopback:
        return "loopback"
    if ip.is_link_local:
        return "link-local"
    if ip.is_multicast:
        return "multicast"
    if ip.is_unspecified:
        return "unspecified"
    return "public" if ip.is_global else "private or reserved"


def names(asking: Asking) -> dict[str, Any]:
    """By the address, then by the host's name, then by the name that DNS has it be an alias of.

    DNS is asked only where the first two find nothing, and the target does not fix the addresses of the host.
    """
    address, host = str(asking.params["ip"]), asking.host
    owners = [_owner(seen, "address") for seen in asking.exposed if _plain(address) in map(_plain, seen.addresses)]
    owners += [_owner(seen, "name") for seen in asking.exposed if _stands_for(seen.host, host)]
    alias = "" if owners or not asking.exposed else _alias(asking)
    if alias:
        bare = alias.removeprefix(DUALSTACK)
        owners += [_owner(seen, "alias") for seen in asking.exposed if seen.host in (alias, bare)]
    once = {(one["by"], one["id"]): one for one in owners}
    return {"alias": alias, "owners": [once[key] for key in sorted(once)]}


def _owner(seen: Exposed, by: str) -> dict[str, Any]:
    thing = seen.resource
    return {
        "by": by,
        "id": thing.id,
        "cloud": thing.cloud,
        "account": thing.account,
        "region": thing.region,
        "name": thing.name,
    }


def _plain(address: str) -> str:
    return str(plain_address(address)) if is_ip_address(address) else address


def _stands_for(name: str, host: str) -> bool:
    """A wildcard stands for one label (RFC 6125, 6.4.3)."""
    return name == host or (name.startswith("*.") and host.partition(".")[2] == name[2:])


def _alias(asking: Asking) -> str:
    """The host's canonical name in DNS; empty where it has no other. Raises ProbeFailed where DNS does not answer."""
    host = asking.host
    if is_ip_address(host) or asking.target.fixed(host):
        return ""
    try:
        found = socket.getaddrinfo(host, asking.port, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME)
    except socket.gaierror as error:
        raise ProbeFailed("unreachable", f"{host} has no canonical name: {error.strerror}") from error
    name = next((entry[3].rstrip(".").lower() for entry in found if entry[3]), "")
    return "" if name == host else name
