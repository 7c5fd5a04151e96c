"""Checks of AWS accounts: one file a service, each with its facts, its readers and the checks that judge them."""

from posture_aws.provider import PROVIDER

__all__ = ["PROVIDER"]
