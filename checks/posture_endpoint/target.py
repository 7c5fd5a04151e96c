"""Endpoints as a configuration names them: hosts and ports, the trust to judge by, addresses that are fixed."""

import hashlib
import ipaddress
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Literal
from urllib.parse import urlsplit

import msgspec

from posture.model import Exposed, Value

Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Count = Annotated[int, msgspec.Meta(ge=1, le=1000)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=60)]

PAGES = ("/", "/login", "/privacy", "/privacy-policy", "/legal/privacy")
"""The paths that are asked for when a target names none: the front page, and where sign-in and policies usually are."""

STARTTLS_PORTS = {
    "ftp": 21,
    "imap": 143,
    "ldap": 389,
    "mysql": 3306,
    "pop3": 110,
    "postgres": 5432,
    "rdp": 3389,
    "smtp": 25,
    "xmpp": 5222,
}
"""The protocols that begin in clear text and change to TLS when asked, with their usual ports (IANA's registry)."""

DEEP_CONNECTIONS = 640
"""At most so many are opened by all commands of sslyze: some 615 where each suite is asked for by itself."""

VERSION_CONNECTIONS = 560
"""At most so many are opened by its commands for versions."""

_IMPLICIT = {"ftps": 990, "imaps": 993, "ldaps": 636, "pop3s": 995, "smtps": 465, "submissions": 465, "xmpps": 5223}
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NAME_LIMIT = 253


class HostPort(Value):
    """A host and the port of its TLS service. Names are in lower case and ASCII (A-labels), without a final dot.

    ``starttls`` names the protocol in which TLS is asked for; it is empty where TLS begins at once.
    """

    host: str
    port: int
    starttls: str = ""


class EndpointTarget(Value, weakref=True):
    """Endpoints to look at from here, without signing in.

    ``hosts`` are written ``host``, ``host:port`` or ``https://host[:port]/``; the port is 443 unless named, an IPv6
    address stands in brackets. ``smtp://host[:port]``, and the same with each of STARTTLS_PORTS, is a server that
    begins in clear text and is asked for TLS in its protocol. ``http_port`` is where plain HTTP is asked for.
    ``ca_file`` is a PEM file of roots that count as trusted besides the public ones: for private PKI. ``resolve`` fixes
    the addresses of hosts, for split DNS.

    ``pages`` are the paths that are asked for over plain HTTP and over TLS, ``login_pages`` those of them where people
    sign in. ``depth`` "full" lists suites, groups and signature algorithms even where less would decide; ``deep`` adds
    what all commands of sslyze say, as evidence; ``cross_check`` endpoints are judged by sslyze too. ``from_accounts``
    looks at the public names that the scanned accounts have as well. ``ranges`` is a file of providers' address ranges
    and ``trackers`` one of tracker hosts, in place of those that posture brings.

    ``most_connections`` are opened to an address to prove its versions, ``most_connections_listing`` to list suites,
    and ``most_connections_total`` for all questions of a scan, besides what ``deep`` and ``cross_check`` need.
    ``pause`` seconds lie between two of them, and ``backoff`` after one that was not answered, doubled each time.
    """

    hosts: tuple[str, ...] = ()
    pages: tuple[str, ...] = PAGES
    login_pages: tuple[str, ...] = ("/login",)
    depth: Literal["proof", "full"] = "proof"
    deep: bool = False
    cross_check: Annotated[int, msgspec.Meta(ge=0)] = 0
    from_accounts: bool = False
    ranges: str = ""
    trackers: str = ""
    http_port: Port = 80
    ca_file: str = ""
    resolve: dict[str, tuple[str, ...]] = {}
    most_connections: Count = 20
    most_connections_listing: Count = 120
    most_connections_total: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 400
    pause: Seconds = 0.0
    backoff: Seconds = 0.0

    def __post_init__(self) -> None:
        if not self.hosts and not self.from_accounts:
            raise ValueError("`hosts` names no endpoint")
        for page in (*self.pages, *self.login_pages):
            if not re.fullmatch(r"/[!-~]*", page):
                raise ValueError(f"{page!r} is not a path: it begins with / and has neither blanks nor other letters")
        known = {endpoint.host for endpoint in self.endpoints()}
        for name, addresses in self.resolve.items():
            if canonical_host(name) not in known and not self.from_accounts:
                raise ValueError(f"`resolve` gives addresses of {name!r}, which is not one of `hosts`")
            if not addresses:
                raise ValueError(f"`resolve` gives no address of {name!r}")
            for address in addresses:
                ipaddress.ip_address(address)

    def endpoints(self) -> tuple[HostPort, ...]:
        """The endpoints in the order of ``hosts``, each once."""
        return tuple(dict.fromkeys(map(parse_endpoint, self.hosts)))

    @property
    def connections_allowed(self) -> int:
        """Connections that one address may see in a scan, those of sslyze included where they are asked for."""
        extra = DEEP_CONNECTIONS if self.deep else VERSION_CONNECTIONS if self.cross_check else 0
        return self.most_connections_total + extra

    def fixed(self, host: str) -> tuple[str, ...]:
        """The addresses that ``resolve`` gives a host (in the form of HostPort); none when DNS is to be asked."""
        named = {canonical_host(name): addresses for name, addresses in self.resolve.items()}
        return tuple(str(ipaddress.ip_address(address)) for address in named.get(host, ()))


def public_endpoints(target: EndpointTarget, exposed: Sequence[Exposed]) -> tuple[HostPort, ...]:
    """An endpoint for each public name and port of the accounts, where the target asks for them.

    A wildcard is no host that could be asked.
    """
    if not target.from_accounts:
        return ()
    named = {
        HostPort(host=canonical_host(seen.host), port=port, starttls=seen.starttls)
        for seen in exposed
        if is_host(seen.host)
        for port in seen.ports
    }
    return tuple(sorted(named, key=lambda one: (one.host, one.port)))


def sample(target: EndpointTarget, exposed: tuple[Exposed, ...]) -> frozenset[HostPort]:
    """The ``cross_check`` endpoints of a target, the same ones in each scan: those whose hashes come first."""
    return _sample(target.hosts, public_endpoints(target, exposed), target.cross_check)


@lru_cache(maxsize=8)
def _sample(hosts: tuple[str, ...], more: tuple[HostPort, ...], count: int) -> frozenset[HostPort]:
    endpoints = {*map(parse_endpoint, hosts), *more}
    return frozenset(sorted(endpoints, key=_lot)[:count])


def _lot(endpoint: HostPort) -> str:
    return hashlib.sha256(f"{endpoint.host}:{endpoint.port}/{endpoint.starttls}".encode()).hexdigest()


def parse_endpoint(text: str) -> HostPort:
    """One of ``hosts`` as host, port and protocol. ValueError for anything else."""
    meant = "host, host:port or https://host/, nor smtp://host or the like"
    if not text.isprintable() or " " in text:
        raise ValueError(f"{text!r} is not a {meant}")
    try:
        parts = urlsplit(text if "//" in text else f"//{text}")
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValueError(f"{text!r} is not a {meant}: {error}") from None
    if parts.scheme in _IMPLICIT:
        instead = f"{parts.netloc}" if port else f"{parts.netloc}:{_IMPLICIT[parts.scheme]}"
        raise ValueError(f"{text!r}: TLS begins at once there, so say {instead!r}")
    if parts.scheme not in ("", "https", *STARTTLS_PORTS) or "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError(f"{text!r} is not a {meant}; protocols: {', '.join(STARTTLS_PORTS)}")
    if parts.path not in ("", "/"):
        raise ValueError(f"{text!r} has a path; an endpoint is a host and a port")
    if port == 0:
        raise ValueError(f"{text!r} names port 0")
    protocol = parts.scheme if parts.scheme in STARTTLS_PORTS else ""
    usual = STARTTLS_PORTS.get(protocol, 443)
    return HostPort(host=canonical_host(host), port=usual if port is None else port, starttls=protocol)


def is_host(text: str) -> bool:
    """Whether the text is a host name or an IP address that can be asked."""
    try:
        canonical_host(text)
    except ValueError:
        return False
    return True


def canonical_host(host: str) -> str:
    """One spelling for a host name or IP address, however it was written. ValueError when it is neither."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        name = host.encode("idna").decode("ascii").lower().rstrip(".")
    except UnicodeError:
        raise ValueError(f"{host!r} is not a host name") from None
    labels = name.split(".")
    # A numeric last label is how systems tell addresses such as 10.1 from names (WHATWG URL, host parsing).
    if len(name) > _NAME_LIMIT or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdigit():
        raise ValueError(f"{host!r} is not a host name")
    return name
