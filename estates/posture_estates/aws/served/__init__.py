"""The answers that moto lacks or fakes, given in the shape that AWS gives them; one module per service."""

from __future__ import annotations

from collections.abc import Mapping

from posture_estates.aws.served import account, backup, databases, ec2, elbv2, inspector2, kms, lists, rds, s3, watch
from posture_estates.aws.served.state import Serve, State

__all__ = ["SERVED", "Serve", "State"]

SERVED: Mapping[tuple[str, str], Serve] = {
    (service, operation): serve
    for module in (account, backup, databases, ec2, elbv2, inspector2, kms, lists, rds, s3, watch)
    for (service, operation), serve in module.SERVED.items()
}
