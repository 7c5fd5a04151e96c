"""An Azure tenant of a made-up exam-proctoring product, as documents for the local Resource Manager."""

from posture_estates.azure.states import State, refuse, tenant
from posture_estates.azure.truth import BLIND, WRONG, Wrong

__all__ = ["BLIND", "WRONG", "State", "Wrong", "refuse", "tenant"]
