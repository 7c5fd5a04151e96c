"""The public names of the scanned accounts in a report: which were looked at as endpoints, and which were not."""

from collections.abc import Collection, Iterable

from posture.model import Exposed, Value
from posture.place import Place


class PublicName(Value):
    """A name under which something of an account answers on the network.

    ``looked_at`` tells whether an endpoint was asked at each of its ports, or at any where no port is known; ``judged``
    whether a check judged the configuration of something that has the name.
    """

    host: str
    ports: tuple[int, ...]
    kind: str
    resource: str
    account: str
    region: str
    looked_at: bool
    judged: bool


def public_names(
    exposed: Iterable[Exposed], places: Iterable[Place], judged: Collection[str]
) -> tuple[PublicName, ...]:
    """Each name once, with all the ports that were seen; first those that nobody looked at, and of these nobody judged.

    ``judged`` holds the ids of the resources that findings are about.
    """
    ports: dict[str, set[int]] = {}
    behind: dict[str, set[str]] = {}
    first: dict[str, Exposed] = {}
    for name in exposed:
        ports.setdefault(name.host, set()).update(name.ports)
        behind.setdefault(name.host, set()).add(name.resource.id)
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
            judged=not behind[host].isdisjoint(judged),
        )
        for host, name in first.items()
    ]
    return tuple(sorted(rows, key=lambda row: (row.looked_at, row.judged, row.host)))
