"""tls:Certificate: the certificates of an address, judged by sslyze against its stores and the target's own."""

from typing import Any

from posture_endpoint._answers.asking import Asking


def certificate(asking: Asking) -> dict[str, Any]:
    """The certificate of the newest version, and that of the other key type."""
    from posture_endpoint._probes.sslyze_probe import probe_certificate

    report = probe_certificate(
        asking.host,
        asking.port,
        asking.address,
        starttls=asking.starttls,
        ca_file=asking.ca_file(),
        timeout=asking.limits.read,
        connect_timeout=asking.limits.connect,
        deadline=asking.budget.remaining(),
    )
    if report["others"] is None and report["version"] == "TLS 1.3":
        _ask_further(asking, report)
    return report


def _ask_further(asking: Asking, report: dict[str, Any]) -> None:
    """No suite of TLS 1.3 calls for a key, but a server without another one refuses hellos that do not fit its own."""
    from posture_endpoint.hello.connect import Caller
    from posture_endpoint.hello.otherkey import ask_for_other_key

    key_type = report["key_type"].partition(" ")[0]
    if key_type not in ("RSA", "EC") or asking.budget.passed:
        return
    caller = Caller(asking.host, asking.port, asking.address, asking.starttls, asking.wait, asking.budget)
    report["other_key"] = ask_for_other_key(caller, key_type)
    report["connections"] += caller.connections
    if report["other_key"]["refused"]:
        report["others"] = []
