"""dns:Resolve: the addresses of a host, from the target's own table, the host itself, or the resolver."""

import ipaddress
import socket
from typing import Any

from posture_endpoint._answers.asking import Asking
from posture_endpoint._probes.wire import ProbeFailed, is_ip_address


def resolve(asking: Asking) -> dict[str, Any]:
    """All addresses, IPv4 first. Raises ProbeFailed where the resolver knows none."""
    host = asking.host
    found = set(asking.target.fixed(host))
    if not found and is_ip_address(host):
        return {"addresses": [host]}
    if not found:
        try:
            found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, asking.port, type=socket.SOCK_STREAM)}
        except socket.gaierror as error:
            raise ProbeFailed("unreachable", f"{host} has no address: {error.strerror}") from error
    return {"addresses": sorted(found, key=_order)}


def _order(address: str) -> tuple[int, int]:
    number = ipaddress.ip_address(address)
    return number.version, int(number)
