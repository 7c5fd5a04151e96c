"""Endpoints as posture's engine sees them: each host and port is a place, entered without signing in."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from posture.model import Cause, Exposed, Gap
from posture.place import Place, Where
from posture.provider import Cost, Discovery, Limits, SignInFailed
from posture.session import GapFound, Source
from posture.yamlfile import FileError
from posture_endpoint._probes.wire import Deadline, connect
from posture_endpoint.costs import costs
from posture_endpoint.ranges.snapshot import snapshot
from posture_endpoint.session import EndpointSession
from posture_endpoint.source import EndpointSource
from posture_endpoint.target import EndpointTarget, HostPort, public_endpoints
from posture_endpoint.trackerlist.listing import ListUnusable, load
from posture_endpoint.trusted import untrustworthy


class Endpoints:
    """The provider of endpoints on the network."""

    name = "endpoint"
    target_type = EndpointTarget
    places_for_one = 4

    def permissions(self) -> tuple[str, ...]:
        """None: whoever reaches an endpoint may ask what is asked here."""
        return ()

    def operations(self) -> tuple[str, ...]:
        """None: finding the places contacts nobody."""
        return ()

    def discover(self, name: str, target: EndpointTarget, limits: Limits) -> Discovery:
        """One place for each host and port. Contacts nobody; a file of the target that cannot be used ends it here."""
        problem = untrustworthy(target.ca_file)
        if problem:
            raise _unusable(problem, "Name a PEM file of root certificates in `ca_file`, or leave it out.")
        try:
            if target.ranges:
                snapshot(target.ranges)
        except FileError as error:
            raise _unusable(str(error), "Write `ranges` with `posture ranges refresh`, or leave it out.") from None
        try:
            if target.trackers:
                load(target.trackers)
        except ListUnusable as error:
            raise _unusable(str(error), "Name a list of hosts in `trackers`, or leave it out.") from None
        places = tuple(self._place(name, endpoint) for endpoint in target.endpoints())
        return Discovery(identity="nobody (endpoints are asked without signing in)", places=places)

    def _place(self, name: str, endpoint: HostPort) -> Place:
        region = f"{endpoint.port}/{endpoint.starttls}" if endpoint.starttls else str(endpoint.port)
        return Place(provider=self.name, target=name, account=endpoint.host, region=region, where=Where.REGION)

    def source(self, place: Place, target: EndpointTarget, limits: Limits) -> Source:
        """A live source for one endpoint."""
        return EndpointSource(place, target, limits)

    def reachable(self, place: Place, target: EndpointTarget, limits: Limits) -> Gap | None:
        """Why an address of the endpoint takes up no connection; None where all do. One connection to each, no TLS."""
        port = int(place.region.partition("/")[0])
        question = {"host": place.account, "port": port}
        try:
            answer = self.source(place, target, limits).fetch("dns:Resolve", question, place.region, frozenset())
        except GapFound as found:
            return found.gap
        for address in answer.body["addresses"]:
            try:
                connect(address, port, Deadline(limits.connect)).close()
            except OSError as error:
                late = isinstance(error, TimeoutError)
                detail = (
                    f"{address} port {port}: {f'no answer within {limits.connect:g} s' if late else error.strerror}"
                )
                return Gap(cause=Cause.TIMEOUT if late else Cause.UNREACHABLE, detail=detail, operation="connect")
        return None

    def follow(self, name: str, target: EndpointTarget, exposed: Sequence[Exposed]) -> tuple[Place, ...]:
        """A place for each public name and port of the accounts, where the target asks for them."""
        return tuple(self._place(name, endpoint) for endpoint in public_endpoints(target, exposed))

    def told_source(
        self, place: Place, target: EndpointTarget, limits: Limits, exposed: Sequence[Exposed]
    ) -> EndpointSource:
        """A live source for one endpoint, which knows the public names of the accounts."""
        return EndpointSource(place, target, limits, exposed)

    def costs(self, target: EndpointTarget, operations: frozenset[str]) -> tuple[Cost, ...]:
        """How many endpoints there are, and how many connections they see at most."""
        return costs(target, operations)

    def session(self, place: Place, source: Source, now: datetime) -> EndpointSession:
        """A session over any source, live or recorded."""
        return EndpointSession(place, source, now)

    def policy(self, permissions: Iterable[str]) -> Mapping[str, Any]:
        """No rights to grant, and what the network has to let through instead."""
        return {
            "note": "Endpoints need no permission. The scanner needs DNS, and TCP to each host on its TLS port and on "
            "the port of plain HTTP."
        }


def _unusable(problem: str, remedy: str) -> SignInFailed:
    return SignInFailed(Gap(cause=Cause.TOOL_ERROR, detail=problem, operation=""), remedy)


PROVIDER = Endpoints()
