"""tls:Versions and tls:Suites: what the hello engine sees, and what sslyze adds to it."""

from collections.abc import Mapping
from typing import Any

from posture_endpoint._answers.asking import Asking
from posture_endpoint._answers.second import second_view
from posture_endpoint._probes.wire import ProbeFailed

_OLD = ("TLS 1.0", "TLS 1.1", "SSLv3", "SSLv2")


def versions(asking: Asking) -> dict[str, Any]:
    """By the hello engine; the oldest version below TLS 1.2 that it saw accepted is confirmed by sslyze.

    A target of full ``depth`` has everything listed besides; ``deep`` and ``cross_check`` add what commands of sslyze
    say.
    """
    report = _observed(asking, suites=asking.target.depth == "full", weak=True)
    report["confirmation"] = _confirmation(asking, report)
    return report | second_view(asking) if asking.wants_sslyze else report


def suites(asking: Asking) -> dict[str, Any]:
    """All suites of the accepted versions in the server's order, their groups and what else a key exchange has."""
    return _observed(asking, suites=True, weak=False)


def _observed(asking: Asking, *, suites: bool, weak: bool) -> dict[str, Any]:
    from posture_endpoint.hello.probe import Manners, probe_versions

    target = asking.target
    most = target.most_connections_listing if suites else target.most_connections
    report = probe_versions(
        asking.host,
        asking.port,
        asking.address,
        timeout=asking.wait,
        deadline=asking.budget.remaining(),
        starttls=asking.starttls,
        suites=suites,
        groups=suites,
        weak=weak,
        manners=Manners(most=most, pause=target.pause, backoff=target.backoff, connect=asking.limits.connect),
    )
    if report["speaks_tls"] is None:
        nothing = report["versions"]["TLS 1.2"]
        raise ProbeFailed(nothing["cause"], nothing["why"])
    return report


def _confirmation(asking: Asking, report: Mapping[str, Any]) -> dict[str, Any] | None:
    """One completed handshake as further evidence of an old version; None where there is none, or no sslyze.

    It changes no verdict: a ServerHello that takes an old version up is proof enough.
    """
    old = [version for version in _OLD if report["versions"][version]["state"] == "accepted"]
    if not old or asking.budget.passed or report["connections"] >= report["most_connections"]:
        return None
    try:
        from posture_endpoint._probes.sslyze_probe import confirm_version
    except ImportError:
        return None
    return confirm_version(
        asking.host,
        asking.port,
        asking.address,
        old[0],
        starttls=asking.starttls,
        timeout=asking.wait,
        deadline=asking.budget.remaining(),
    )
