"""What every answering function is handed: where, of which target, what was asked, and how long it may take."""

from collections.abc import Mapping, Sequence
from typing import Any

from posture.model import Cause, Exposed, Gap
from posture.place import Place
from posture.provider import Limits
from posture.session import GapFound
from posture_endpoint._probes.wire import Deadline
from posture_endpoint.target import EndpointTarget, HostPort, sample
from posture_endpoint.trusted import untrustworthy

LONGEST_WAIT = 10.0
"""Seconds after which a hello that met silence is taken for unanswered, however long a read may take."""


class Asking:
    """One question to one endpoint. ``budget`` is the time that is left for all of it.

    ``exposed`` are the public names that the accounts of the scan were seen to have.
    """

    def __init__(
        self,
        operation: str,
        params: Mapping[str, Any],
        place: Place,
        target: EndpointTarget,
        limits: Limits,
        budget: Deadline,
        exposed: Sequence[Exposed] = (),
    ) -> None:
        self.operation = operation
        self.params = params
        self.place = place
        self.target = target
        self.limits = limits
        self.budget = budget
        self.exposed = exposed

    @property
    def host(self) -> str:
        """The name that is sent as SNI and asked for in HTTP."""
        return str(self.params["host"])

    @property
    def port(self) -> int:
        """The port of the TLS service."""
        return int(self.params["port"])

    @property
    def starttls(self) -> str | None:
        """The protocol in which TLS is asked for; None where TLS begins at once."""
        return self.params.get("starttls")

    @property
    def address(self) -> str:
        """The one address that is looked at."""
        return str(self.params["address"])

    @property
    def endpoint(self) -> HostPort:
        """Host, port and protocol."""
        return HostPort(host=self.host, port=self.port, starttls=self.starttls or "")

    @property
    def is_sampled(self) -> bool:
        """Whether this endpoint is one of those that sslyze judges too."""
        return self.target.cross_check > 0 and self.endpoint in sample(self.target, tuple(self.exposed))

    @property
    def wants_sslyze(self) -> bool:
        """Whether sslyze runs its own commands here."""
        return self.target.deep or self.is_sampled

    @property
    def wait(self) -> float:
        """Seconds that one connection may keep silent."""
        return min(self.limits.read, LONGEST_WAIT)

    def ca_file(self) -> str | None:
        """The target's own roots, if it has any. Raises GapFound when their file cannot be used."""
        problem = untrustworthy(self.target.ca_file)
        if problem:
            raise GapFound(self.gap(Cause.TOOL_ERROR, problem))
        return self.target.ca_file or None

    def gap(self, cause: Cause, detail: str) -> Gap:
        """A gap of the operation."""
        return Gap(cause=cause, detail=detail[:500], operation=self.operation)
