"""How endpoint readers ask: one operation at the host and port of a place."""

from typing import Any

from posture.reply import Reply
from posture.session import Session


class EndpointSession(Session):
    """A session of one endpoint. Replies are what the probes report; nobody signs in anywhere."""

    @property
    def host(self) -> str:
        """The host name, or the IP address where the endpoint has no name."""
        return self.place.account

    @property
    def port(self) -> int:
        """The port of its TLS service."""
        return int(self.place.region.partition("/")[0])

    @property
    def starttls(self) -> str:
        """The protocol in which TLS is asked for; empty where TLS begins at once."""
        return self.place.region.partition("/")[2]

    def get(self, **params: Any) -> Reply:
        """The reply of the reader's operation, asked of this host and port, in its protocol where it has one."""
        protocol = {"starttls": self.starttls} if self.starttls else {}
        reply = self.call({"host": self.host, "port": self.port, **protocol, **params})
        assert reply is not None, "a call without absent codes has a reply"
        return reply
