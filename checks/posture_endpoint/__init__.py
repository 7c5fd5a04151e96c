"""Checks of endpoints from the outside: one file a subject, each with its facts, its readers and its checks."""

from posture_endpoint.provider import PROVIDER

__all__ = ["PROVIDER"]
