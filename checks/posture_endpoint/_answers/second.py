"""What sslyze says with commands of its own: kept as evidence, and of the versions compared with what we saw."""

from typing import Any

from posture_endpoint._answers.asking import Asking
from posture_endpoint._probes.wire import Allowance, ProbeFailed, current_allowance
from posture_endpoint.manners import AT_ONCE
from posture_endpoint.target import DEEP_CONNECTIONS, VERSION_CONNECTIONS


def second_view(asking: Asking) -> dict[str, Any]:
    """``deep`` with all that its commands found, ``cross_check`` with the versions; each only where it is asked for.

    Where no report came, ``error`` and ``detail`` say why; no verdict comes of that.
    """
    from posture_endpoint._probes.sslyze_commands import read_versions

    try:
        report = _run(asking)
    except ProbeFailed as failed:
        report = {"status": "failed", "error": failed.cause, "detail": failed.detail, "commands": {}}
    found: dict[str, Any] = {"deep": report} if asking.target.deep else {}
    if asking.is_sampled:
        told = {name: value for name, value in report.items() if name != "commands"}
        found["cross_check"] = {**told, "versions": read_versions(report)}
    return found


def _run(asking: Asking) -> dict[str, Any]:
    from posture_endpoint._probes.sslyze_commands import run_commands

    most = DEEP_CONNECTIONS if asking.target.deep else VERSION_CONNECTIONS
    allowance = current_allowance() or Allowance(most)
    allowance.take(most)
    opened = most
    try:
        report = run_commands(
            asking.host,
            asking.port,
            asking.address,
            versions_alone=not asking.target.deep,
            starttls=asking.starttls,
            timeout=asking.wait,
            deadline=asking.budget.remaining(),
            at_once=AT_ONCE,
            most=most,
        )
        opened = report["connections"]
        return report
    except TimeoutError as late:
        raise ProbeFailed("timeout", str(late)) from late
    finally:
        allowance.give_back(most - opened)
