"""Checks of Azure subscriptions: one file or folder a service, with its facts, its readers and its checks."""

from posture_azure.provider import PROVIDER

__all__ = ["PROVIDER"]
