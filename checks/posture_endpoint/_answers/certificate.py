"""tls:Certificate: the certificates of an address, judged by sslyze against its stores and the target's own."""

from typing import Any

from posture_endpoint._answers.asking import Asking


def certificate(asking: Asking) -> dict[str, Any]:
    """The certificate of the newest version, and that of the other key type."""
    from posture_endpoint._probes.sslyze_probe import probe_certificate

    return probe_certificate(
        asking.host,
        asking.port,
        asking.address,
        starttls=asking.starttls,
        ca_file=asking.ca_file(),
        timeout=asking.limits.read,
        deadline=asking.budget.remaining(),
    )
