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
        return int(self.place.region)

    def get(self, **params: Any) -> Reply:
        """The reply of the reader's operation, asked of this host and port."""
        reply = self.call({"host": self.host, "port": self.port, **params})
        assert reply is not None, "a call without absent codes has a reply"
        return reply
