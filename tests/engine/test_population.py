"""A claim over stores sees the stores that no check judges, also at a provider without any check for it."""

import pytest

import posture_aws
import posture_azure
from posture.plan import Plan, Scoped, plan
from posture.profile import build_profile
from posture.registry import Registry
from posture.yamlfile import parse

REGISTRY = Registry([posture_aws, posture_azure])

PROFILE = """
id: one
title: One claim
statements:
  - {{id: A, summary: a claim, class: testable, claims: [{{claim: {word}}}]}}
"""


def planned(word: str, *providers: str) -> Plan:
    profile = build_profile(parse(PROFILE.format(word=word), "one.yaml"))
    return plan(REGISTRY, [Scoped(profile=profile, scopes=())], providers)


def operations(made: Plan, provider: str) -> set[str]:
    return {step.operation for step in made.steps if step.provider == provider}


def test_a_provider_without_a_check_for_the_claim_is_asked_for_its_stores() -> None:
    asked = operations(planned("named-principals-only", "aws", "azure"), "aws")
    assert {"s3:ListBuckets", "rds:DescribeDBInstances", "dynamodb:ListTables"} <= asked


def test_stores_of_other_families_are_not_asked_for() -> None:
    asked = operations(planned("named-principals-only", "aws"), "aws")
    assert not {"ec2:DescribeVolumes", "sqs:ListQueues", "logs:DescribeLogGroups"} & asked


@pytest.mark.parametrize("word", ["threat-detection", "password-policy", "role-based-access"])
def test_a_claim_that_speaks_of_no_stores_asks_for_none(word: str) -> None:
    assert "dynamodb:ListTables" not in operations(planned(word, "aws"), "aws")
