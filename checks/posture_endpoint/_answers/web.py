"""http:Get: one page of one address over plain HTTP or TLS, without following anything."""

from typing import Any

from posture_endpoint._answers.asking import Asking
from posture_endpoint._probes.wire import ProbeFailed, connect

_DEFAULT_PORTS = {"http": 80, "https": 443}


def get(asking: Asking) -> dict[str, Any]:
    """``path`` over ``scheme``: https on the place's port, http on the target's ``http_port``."""
    from posture_endpoint._probes.http_probe import PortClosed, probe_http

    scheme = asking.params["scheme"]
    port = asking.port if scheme == "https" else asking.target.http_port
    url = _url(scheme, asking.host, port, asking.params["path"])
    try:
        page = probe_http(
            url,
            asking.address,
            ca_file=asking.ca_file() if scheme == "https" else None,
            timeout=asking.limits.read,
            deadline=asking.budget.remaining(),
        )
    except PortClosed:
        if scheme == "https":
            raise
        _prove_reachable(asking)
        return {"url": url, "closed": True}
    return {**page, "closed": False}


def _prove_reachable(asking: Asking) -> None:
    """A port that refuses is closed only where another one answers: else the whole address may be down."""
    try:
        connect(asking.address, asking.port, asking.budget.within(asking.limits.connect)).close()
    except OSError as error:
        detail = f"refuses plain HTTP, but port {asking.port} does not answer either: {error.strerror or error}"
        raise ProbeFailed("unreachable", detail) from error


def _url(scheme: str, host: str, port: int, path: str) -> str:
    named = f"[{host}]" if ":" in host else host
    suffix = "" if port == _DEFAULT_PORTS[scheme] else f":{port}"
    return f"{scheme}://{named}{suffix}{path}"
