"""The public names of the scanned accounts in a report: which were looked at as endpoints, and which were not."""

from collections.abc import Iterable

from posture.model import Exposed, Value
from posture.place import Place


class PublicName(Value):
    """A name under which something of an account answers on the network.

    ``looked_at`` tells whether an endpoint was asked at each of its ports, or at any where no port is known; its
    configuration may have been judged all the same.
    """

    host: str
    ports: tuple[int, ...]
    kind: str
    resource: str
    account: str
    region: str
    looked_at: bool


def public_names(exposed: Iterable[Exposed], places: Iterable[Place]) -> tuple[PublicName, ...]:
    """Each name once, with all the ports that were seen, those that nobody looked at first."""
    ports: dict[str, set[int]] = {}
    first: dict[str, Exposed] = {}
    for name in exposed:
        ports.setdefault(name.host, set()).update(name.ports)
        first.setdefault(name.host, name)
    asked: dict[str, set[str]] = {}
    for place in places:
        asked.setdefault(place.account.lower(), set()).add(place.region.partition("/")[0])
    rows = [
        PublicName(
            host=host,
            ports=tuple(sorted(ports[host])),
            kind=name.resource.kind,
            resource=name.resource.name,
            account=name.resource.account,
            region=name.resource.region,
            looked_at=host in asked and set(map(str, ports[host])) <= asked[host],
        )
        for host, name in first.items()
    ]
    return tuple(sorted(rows, key=lambda row: (row.looked_at, row.host)))
