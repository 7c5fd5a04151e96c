"""Listeners of load balancers: only those that speak TLS have a TLS policy."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from posture_estates.aws.exchange import Forward, Reply, Request
from posture_estates.aws.operations import Operation
from posture_estates.aws.served.state import State
from posture_estates.aws.served.xml import corrected, drop, text


def describe_listeners(operation: Operation, request: Request, state: State, emulate: Forward) -> Reply:
    """moto gives its default policy to every listener, whatever the protocol."""

    def correct(document: Element) -> None:
        for listener in document.iterfind(".//{*}Listeners/{*}member"):
            if text(listener, "Protocol") not in ("HTTPS", "TLS"):
                drop(listener, "SslPolicy")

    return corrected(emulate(request), correct)


SERVED = {("elbv2", "DescribeListeners"): describe_listeners}
