"""Whom resource policies let in."""

import json
from typing import Any

import pytest

from posture_aws.audience import Kind, Party, admitted
from posture_aws.policy import parse

OWN, FOREIGN = "123456789012", "210987654321"
ANYBODY = Party(kind=Kind.ANYONE, id="s3:GetObject")
ORGANISATION = Party(kind=Kind.ORGANISATION, id="o-abc123defg")
SERVICES = Party(kind=Kind.SERVICE, id="any service of AWS")


def allow(**changes: Any) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::b/*",
    } | changes
    return {key: value for key, value in statement.items() if value is not None}


def deny(**changes: Any) -> dict[str, Any]:
    return allow(**{"Effect": "Deny", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]} | changes)


def parties(*statements: dict[str, Any]) -> set[Party]:
    return set(admitted(parse(json.dumps({"Statement": list(statements)}))))


def account(id: str) -> Party:
    return Party(kind=Kind.ACCOUNT, id=id)


@pytest.mark.parametrize(
    ("principal", "party"),
    [
        ("*", ANYBODY),
        ({"AWS": "*"}, ANYBODY),
        ({"AWS": FOREIGN}, account(FOREIGN)),
        ({"AWS": f"arn:aws:iam::{FOREIGN}:root"}, account(FOREIGN)),
        ({"AWS": f"arn:aws-cn:sts::{FOREIGN}:assumed-role/r/s"}, account(FOREIGN)),
        ({"AWS": "arn:aws:iam::127311923021:root"}, Party(kind=Kind.SERVICE, id="load balancer logs (127311923021)")),
        (
            {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"},
            Party(kind=Kind.SERVICE, id="cloudfront.amazonaws.com"),
        ),
        ({"Service": "cloudtrail.amazonaws.com"}, Party(kind=Kind.SERVICE, id="cloudtrail.amazonaws.com")),
        ({"CanonicalUser": "79a5"}, Party(kind=Kind.CANONICAL_USER, id="79a5")),
        ({"Federated": "accounts.google.com"}, Party(kind=Kind.IDENTITY_PROVIDER, id="accounts.google.com")),
        ({"Federated": f"arn:aws:iam::{FOREIGN}:saml-provider/x"}, account(FOREIGN)),
        ({"AWS": "something"}, Party(kind=Kind.UNSURE, id="the principal something")),
    ],
)
def test_a_principal_is_read_as_the_party_it_stands_for(principal: Any, party: Party) -> None:
    assert parties(allow(Principal=principal)) == {party}


def test_a_deleted_principal_lets_nobody_in() -> None:
    assert parties(allow(Principal={"AWS": "AROAEXAMPLE1234567890"})) == set()


def test_an_allow_for_all_but_some_is_for_anybody() -> None:
    assert parties(allow(Principal=None, NotPrincipal={"AWS": FOREIGN})) == {ANYBODY}


@pytest.mark.parametrize(
    ("condition", "party"),
    [
        ({"StringEquals": {"aws:PrincipalAccount": OWN}}, account(OWN)),
        ({"StringEquals": {"AWS:sourceaccount": [OWN]}}, account(OWN)),
        ({"StringEquals": {"s3:DataAccessPointAccount": OWN}}, account(OWN)),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{FOREIGN}:role/*"}}, account(FOREIGN)),
        ({"StringEquals": {"aws:PrincipalOrgID": ORGANISATION.id}}, ORGANISATION),
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{ORGANISATION.id}/*"}}, ORGANISATION),
        ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, Party(kind=Kind.NETWORK, id="203.0.113.0/24")),
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, Party(kind=Kind.NETWORK, id="vpce-1")),
        (
            {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::other"}},
            Party(kind=Kind.UNSURE, id="the source arn:aws:s3:::other"),
        ),
        ({"Bool": {"aws:PrincipalIsAWSService": "true"}}, SERVICES),
        (
            {"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}},
            Party(kind=Kind.UNSURE, id="aws:principalaccount ${aws:ResourceAccount}"),
        ),
        (
            {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "StringEquals": {"aws:PrincipalAccount": OWN}},
            account(OWN),
        ),
    ],
)
def test_a_condition_that_fixes_who_asks_narrows_a_grant_to_everybody(condition: Any, party: Party) -> None:
    assert parties(allow(Condition=condition)) == {party}


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEqualsIfExists": {"aws:PrincipalOrgID": ORGANISATION.id}},
        {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": ORGANISATION.id}},
        {"StringNotEquals": {"aws:PrincipalAccount": OWN}},
        {"StringLike": {"aws:PrincipalAccount": "*"}},
        {"StringLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/reader", f"arn:aws:iam::{OWN}:role/reader"]}},
        {"StringLike": {"aws:PrincipalOrgID": "o-*"}},
        {"StringLike": {"aws:Referer": "https://example.com/*"}},
        {"StringEquals": {"aws:PrincipalTag/team": "red"}},
        {"Bool": {"aws:SecureTransport": "true"}},
        {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
        {"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}},
        {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "::/0"]}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}},
        {"StringLike": {"aws:userid": "*:session"}},
    ],
)
def test_a_condition_that_anybody_can_meet_narrows_nothing(condition: Any) -> None:
    assert parties(allow(Condition=condition)) == {ANYBODY}


@pytest.mark.parametrize(
    ("denial", "left"),
    [
        (deny(Condition={"StringNotEquals": {"aws:PrincipalOrgID": ORGANISATION.id}}), {ORGANISATION}),
        (
            deny(
                Condition={
                    "StringNotEqualsIfExists": {"aws:PrincipalOrgID": ORGANISATION.id},
                    "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                }
            ),
            {ORGANISATION, SERVICES},
        ),
        (
            deny(Condition={"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
            {Party(kind=Kind.NETWORK, id="203.0.113.0/24")},
        ),
        (deny(Principal=None, NotPrincipal={"AWS": f"arn:aws:iam::{OWN}:root"}), {account(OWN)}),
        (deny(), set()),
    ],
)
def test_a_denial_of_everybody_else_leaves_those_it_spares(denial: dict[str, Any], left: set[Party]) -> None:
    assert parties(allow(), denial) == left


@pytest.mark.parametrize(
    "denial",
    [
        deny(Condition={"Bool": {"aws:SecureTransport": "false"}}),
        deny(Action="s3:PutObject", Condition={"StringNotEquals": {"aws:PrincipalOrgID": ORGANISATION.id}}),
        deny(
            Resource="arn:aws:s3:::b/private/*", Condition={"StringNotEquals": {"aws:PrincipalOrgID": ORGANISATION.id}}
        ),
        deny(Principal={"AWS": FOREIGN}),
        deny(
            Condition={
                "StringNotEquals": {"aws:PrincipalOrgID": ORGANISATION.id},
                "Bool": {"aws:PrincipalIsAWSService": "false"},
            }
        ),
        deny(Condition={"ForAnyValue:StringNotEquals": {"aws:PrincipalOrgID": ORGANISATION.id}}),
        deny(Condition={"StringEquals": {"aws:PrincipalAccount": FOREIGN}}),
    ],
)
def test_a_denial_that_anonymous_requests_escape_leaves_everybody(denial: dict[str, Any]) -> None:
    assert parties(allow(), denial) == {ANYBODY}


@pytest.mark.parametrize(
    ("condition", "party"),
    [
        ({"StringEquals": {"aws:SourceAccount": FOREIGN}}, account(FOREIGN)),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:cloudtrail:us-east-1:{OWN}:trail/t"}}, account(OWN)),
        ({"StringEquals": {"aws:SourceOrgID": ORGANISATION.id}}, ORGANISATION),
        (
            {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::other"}},
            Party(kind=Kind.SERVICE, id="logging.s3.amazonaws.com"),
        ),
    ],
)
def test_a_service_counts_as_the_account_it_acts_for(condition: Any, party: Party) -> None:
    assert parties(allow(Principal={"Service": "logging.s3.amazonaws.com"}, Condition=condition)) == {party}
