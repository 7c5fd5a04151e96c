"""A local Azure Resource Manager: serves a tenant document over TLS on loopback, with ARM's own refusals."""

from __future__ import annotations

from posture_estates.arm.faults import Faults
from posture_estates.arm.server import ArmServer, Recorded
from posture_estates.arm.tenant import TenantError

__all__ = ["ArmServer", "Faults", "Recorded", "TenantError"]
