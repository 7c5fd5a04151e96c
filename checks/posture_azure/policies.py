"""How a request travels to Resource Manager: the policies of its pipeline in their order, and the time it may take.

The list is given whole, to our own client and to azure-mgmt-storage alike. An SDK's own list would hold the policy that
answers a 409 by registering a resource provider: a read that writes. There is no redirect policy either.
"""

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from posture.provider import Limits

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from urllib3 import BaseHTTPResponse

PIECE = 1 << 16
"""The most bytes taken from a socket at a time."""


class WriteRefused(RuntimeError):
    """A request that posture never sends was about to leave. It did not."""


class Guard:
    """Stops every request that is not a GET to the one origin it knows, before a token is asked for it."""

    next: Any

    def __init__(self, endpoint: str) -> None:
        self._origin = origin(endpoint)

    def send(self, request: Any) -> Any:
        """Pass a read on, raise WriteRefused for anything else."""
        method, url = request.http_request.method, request.http_request.url
        if method != "GET":
            raise WriteRefused(f"{method} {urlsplit(url).path} is not a read")
        if origin(url) != self._origin:
            raise WriteRefused(f"{urlsplit(url).netloc} is not the Resource Manager that this token is for")
        return self.next.send(request)


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and effective port of a URL: whoever shares all three may see the token."""
    parts = urlsplit(url)
    return (
        parts.scheme.lower(),
        parts.hostname or "",
        parts.port or {"https": 443, "http": 80}.get(parts.scheme.lower()),
    )


def pipeline(credential: "TokenCredential", scope: str, endpoint: str, limits: Limits) -> list[Any]:
    """The policies, in order. Their objects are chained to each other, so every client needs its own list."""
    from azure.core.pipeline import policies as core
    from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

    return [
        core.RequestIdPolicy(),
        core.HeadersPolicy(),
        core.UserAgentPolicy("posture"),
        core.ProxyPolicy(),
        core.CustomHookPolicy(),
        Guard(endpoint),
        retries(limits),
        ARMChallengeAuthenticationPolicy(credential, scope),
    ]


def retries(limits: Limits) -> Any:
    """A retry policy: ``limits.attempts`` tries, Retry-After honoured, and no wait past ``limits.call`` seconds.

    An answer that asks for a longer wait is given back at once: it is throttled, and will stay so.
    """
    from azure.core.pipeline.policies import RetryPolicy

    class Retry(RetryPolicy):  # type: ignore[misc]
        """azure-core's policy, with an end in time that waits count towards."""

        def configure_retries(self, options: dict[str, Any]) -> dict[str, Any]:
            settings: dict[str, Any] = super().configure_retries(options)
            return {**settings, "until": time.monotonic() + limits.call}

        def is_retry(self, settings: dict[str, Any], response: Any) -> bool:
            wait = self.get_retry_after(response) or 0.0
            return time.monotonic() + wait < settings["until"] and bool(super().is_retry(settings, response))

        def get_backoff_time(self, settings: dict[str, Any]) -> float:
            left: float = settings["until"] - time.monotonic()
            return min(float(super().get_backoff_time(settings)), max(left, 0.0))

    again = limits.attempts - 1
    return Retry(retry_total=again, retry_connect=again, retry_read=again, retry_status=again, timeout=limits.call)


def transport(limits: Limits, ca_bundle: str) -> Any:
    """A transport of as many connections as there are threads, whose replies are whole within ``limits.read``.

    requests counts its read timeout for each ``recv``, so that a body which drips never ends. Here the body is read
    piece by piece against the clock; the engine ends what hangs before the body, after ``limits.call``.
    """
    import requests
    from azure.core.pipeline.transport import RequestsTransport
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    class Adapter(HTTPAdapter):
        """Reads each body before it hands the response on."""

        def send(self, *args: Any, **options: Any) -> requests.Response:
            until = time.monotonic() + limits.connect + limits.read
            response = super().send(*args, **options)
            response.raw = whole(response.raw, until)
            return response

    session = requests.Session()
    once = Retry(total=False, redirect=False, raise_on_status=False)
    session.mount("https://", Adapter(pool_maxsize=limits.threads, max_retries=once))
    return RequestsTransport(
        session=session,
        connection_timeout=limits.connect,
        read_timeout=limits.read,
        connection_verify=ca_bundle or True,
    )


def whole(raw: Any, until: float) -> "BaseHTTPResponse":
    """The response with its body read, as it came over the wire, before the clock shows ``until``.

    Raises requests' ReadTimeout, ChunkedEncodingError (cut short) or ConnectionError.
    """
    from io import BytesIO

    import requests
    import urllib3

    pieces = []
    try:
        while piece := _piece(raw, until):
            pieces.append(piece)
    except urllib3.exceptions.ReadTimeoutError as error:
        raise requests.ReadTimeout("the body did not come in time") from error
    except urllib3.exceptions.ProtocolError as error:
        raise requests.exceptions.ChunkedEncodingError(f"IncompleteRead: {error}") from error
    except urllib3.exceptions.HTTPError as error:
        raise requests.ConnectionError(error) from error
    raw.release_conn()
    return urllib3.HTTPResponse(
        body=BytesIO(b"".join(pieces)),
        headers=raw.headers,
        status=raw.status,
        version=raw.version,
        reason=raw.reason,
        preload_content=False,
    )


def _piece(raw: Any, until: float) -> bytes:
    import urllib3

    left = until - time.monotonic()
    if left <= 0:
        raw.close()
        raise urllib3.exceptions.ReadTimeoutError(None, None, "the body came too slowly")  # type: ignore[arg-type]
    socket = getattr(raw.connection, "sock", None)
    if socket is not None:
        socket.settimeout(left)
    piece: bytes = raw.read1(PIECE, decode_content=False)
    return piece
