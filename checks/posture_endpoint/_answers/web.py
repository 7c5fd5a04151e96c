"""http:Get and target:Pages: one page of one address without following anything, and which pages are asked for."""

from collections.abc import Callable
from typing import Any

from posture_endpoint._answers.asking import Asking
from posture_endpoint._probes.wire import ProbeFailed, connect
from posture_endpoint.trackerlist.listing import ListUnusable, TrackerList, load

_DEFAULT_PORTS = {"http": 80, "https": 443}


def pages(asking: Asking) -> dict[str, Any]:
    """The paths that the target names. Contacts nobody."""
    paths = dict.fromkeys((*asking.target.pages, *asking.target.login_pages))
    return {"pages": list(paths), "login_pages": list(dict.fromkeys(asking.target.login_pages))}


def get(asking: Asking) -> dict[str, Any]:
    """``path`` over ``scheme``: https on the place's port, http on the target's ``http_port``.

    What a page over TLS names is looked up in the tracker list, and ``trackers`` says in which.
    """
    from posture_endpoint._probes.http_probe import PortClosed, probe_http

    scheme = asking.params["scheme"]
    port = asking.port if scheme == "https" else asking.target.http_port
    url = _url(scheme, asking.host, port, asking.params["path"])
    lookup, trackers = _trackers(asking.target.trackers) if scheme == "https" else (_unlisted, None)
    try:
        page = probe_http(
            url,
            asking.address,
            ca_file=asking.ca_file() if scheme == "https" else None,
            timeout=asking.limits.read,
            deadline=asking.budget.remaining(),
            lookup=lookup,
        )
    except PortClosed:
        if scheme == "https":
            raise
        _prove_reachable(asking)
        return {"url": url, "closed": True}
    return {**page, "closed": False, "trackers": trackers}


def _trackers(path: str) -> tuple[Callable[[str, str, str], tuple[str, bool] | None], dict[str, str]]:
    """How addresses are looked up, and what the list says of itself; ``problem`` where there is no list to be had."""
    try:
        tracked: TrackerList = load(path)
    except ListUnusable as unusable:
        return _unlisted, {"problem": str(unusable), "name": "", "date": "", "sha256": ""}
    return tracked.match, {"problem": "", "name": tracked.name, "date": tracked.date, "sha256": tracked.sha256}


def _unlisted(kind: str, address: str, host: str) -> None:
    """No address is in no list."""


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
