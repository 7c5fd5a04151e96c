"""Who a resource policy lets in: its grants as accounts, organisations, services, networks, or everybody."""

import re
from collections.abc import Iterable, Iterator
from enum import IntEnum
from ipaddress import IPv4Network, ip_network

from posture.model import Value
from posture_aws.policy import Condition, Policy, Principal, Statement


class Kind(IntEnum):
    """Kinds of party, the most telling first: where a grant has several bounds, the first of these is kept."""

    ACCOUNT = 1
    ORGANISATION = 2
    SERVICE = 3
    IDENTITY_PROVIDER = 4
    CANONICAL_USER = 5
    NETWORK = 6
    UNSURE = 7
    ANYONE = 8


class Party(Value):
    """One that a policy lets in.

    ``id`` is an account id, an organisation id, a service's host name, a canonical user id, a provider's name, an
    address range or VPC; for UNSURE the part of the policy that does not tell; for ANYONE an action that is granted.
    """

    kind: Kind
    id: str


LOG_DELIVERY_ACCOUNTS = frozenset(
    {
        "127311923021", "033677994240", "027434742980", "797873946194", "098369216593", "754344448648", "589379963580",
        "718504428378", "383597477331", "600734575887", "114774131450", "783225319266", "582318560864", "985666609251",
        "054676820928", "156460612806", "652711504416", "635631232127", "009996457667", "897822967062", "076674570225",
        "507241528517", "048591011584", "190560391635", "638102146993", "037604701340",
    }
)  # fmt: skip
"""AWS's own accounts that deliver load balancer logs, one a region (Elastic Load Balancing guide, access logs)."""


def admitted(policy: Policy) -> frozenset[Party]:
    """Everyone whom the policy's Allow statements let in, as narrowly as their conditions and the denials tell."""
    return frozenset(party for statement in policy.allows() for party in _audience(statement, policy))


def _audience(statement: Statement, policy: Policy) -> Iterable[Party]:
    bounds = [_narrowed(condition) for condition in statement.conditions]
    if statement.except_principals or statement.for_everyone():
        left = _first([*bounds, *(_fence(denial, statement) for denial in policy.denies())])
        return [_anyone(statement)] if left is None else left
    return [party for principal in statement.principals for party in _named(principal, _first(bounds))]


def _anyone(statement: Statement) -> Party:
    granted = statement.actions or tuple(f"all but {action}" for action in statement.except_actions)
    return Party(kind=Kind.ANYONE, id=", ".join(granted))


def _first(bounds: Iterable[list[Party] | None]) -> list[Party] | None:
    """Of several bounds, each of which holds, the most telling."""
    known = [bound for bound in bounds if bound is not None]
    return min(known, key=lambda bound: max((party.kind for party in bound), default=Kind.ACCOUNT), default=None)


def _named(principal: Principal, bound: list[Party] | None) -> list[Party]:
    match principal.kind:
        case "AWS":
            return _aws(principal.name)
        case "Service":
            # A service acts for whoever configured it, unless the policy says for whom.
            told = [party for party in bound or () if party.kind in (Kind.ACCOUNT, Kind.ORGANISATION)]
            return told or [Party(kind=Kind.SERVICE, id=principal.name)]
        case "CanonicalUser":
            return [Party(kind=Kind.CANONICAL_USER, id=principal.name)]
        case "Federated":
            return [_provider(principal.name)]
        case _:
            return [Party(kind=Kind.UNSURE, id=f"a principal of kind {principal.kind}")]


def _aws(name: str) -> list[Party]:
    if re.fullmatch(r"(AIDA|AROA|AGPA|ANPA)[A-Z0-9]+", name):
        return []  # what IAM leaves in place of a deleted user or role: it lets nobody in
    account = name if re.fullmatch(r"\d{12}", name) else _account_of(name)
    if account == "cloudfront":
        return [Party(kind=Kind.SERVICE, id="cloudfront.amazonaws.com")]
    if account in LOG_DELIVERY_ACCOUNTS:
        return [Party(kind=Kind.SERVICE, id=f"load balancer logs ({account})")]
    if re.fullmatch(r"\d{12}", account):
        return [Party(kind=Kind.ACCOUNT, id=account)]
    return [Party(kind=Kind.UNSURE, id=f"the principal {name}")]


def _provider(name: str) -> Party:
    account = _account_of(name)
    if re.fullmatch(r"\d{12}", account):
        return Party(kind=Kind.ACCOUNT, id=account)
    return Party(kind=Kind.IDENTITY_PROVIDER, id=name)


def _account_of(arn: str) -> str:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and parts[0] == "arn" else ""


_ACCOUNTS = frozenset(
    {"aws:principalaccount", "aws:sourceaccount", "aws:sourceowner", "kms:calleraccount", "s3:dataaccesspointaccount"}
)
_ARNS = frozenset(
    {"aws:principalarn", "aws:sourcearn", "s3:dataaccesspointarn", "s3:x-amz-server-side-encryption-aws-kms-key-id"}
)
_ORGANISATIONS = frozenset({"aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths"})
_NETWORKS = frozenset({"aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn"})
_SERVICES = frozenset({"aws:principalservicename", "aws:principalservicenameslist"})
_POSITIVE = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress"})
_NEGATIVE = frozenset(
    {"stringnotequals", "stringnotequalsignorecase", "stringnotlike", "arnnotequals", "arnnotlike", "notipaddress"}
)


def _narrowed(condition: Condition) -> list[Party] | None:
    """Whom a condition of an Allow leaves, or None when it leaves everybody.

    IfExists and ForAllValues hold when the key is absent, as it is in anonymous requests: they leave everybody. Keys
    that the caller chooses (referer, user agent, tags of its own principal) leave everybody too.
    """
    if condition.if_exists or condition.quantifier == "forallvalues":
        return None
    if condition.operator == "bool" and condition.key == "aws:principalisawsservice" and condition.values == ("true",):
        return [Party(kind=Kind.SERVICE, id="any service of AWS")]
    return _parties(condition) if condition.operator in _POSITIVE else None


def _fence(denial: Statement, grant: Statement) -> list[Party] | None:
    """Whom a Deny of everybody else leaves of a grant to everybody, or None when it is no such denial."""
    actions, resources = grant.actions or ("*",), grant.resources or ("*",)
    if not all(denial.reaches(action, resource) for action in actions for resource in resources):
        return None
    parties = [party for principal in denial.except_principals for party in _named(principal, None)]
    if not denial.except_principals and not (denial.for_everyone() and denial.conditions):
        return [] if denial.for_everyone() else None
    for condition in denial.conditions:
        left = _spared(condition)
        if left is None:
            return None
        parties += left
    return parties


def _spared(condition: Condition) -> list[Party] | None:
    if condition.key in ("aws:principalisawsservice", "aws:viaawsservice"):
        # The first key is absent from anonymous requests: only BoolIfExists denies those.
        applies = condition.if_exists or condition.key == "aws:viaawsservice"
        if condition.operator == "bool" and condition.values == ("false",) and applies:
            return [Party(kind=Kind.SERVICE, id="any service of AWS")]
        return None
    if condition.operator not in _NEGATIVE or condition.quantifier == "foranyvalue":
        return None
    return _parties(condition)


def _parties(condition: Condition) -> list[Party] | None:
    """The parties that a condition names, or None when one of its values is open."""
    found = list(_of_values(condition))
    return None if not found or None in found else [party for party in found if party is not None]


def _of_values(condition: Condition) -> Iterator[Party | None]:
    for value in condition.values:
        if "${" in value and condition.key in _ACCOUNTS | _ARNS | _ORGANISATIONS | _NETWORKS | _SERVICES:
            yield Party(kind=Kind.UNSURE, id=f"{condition.key} {value}")
        elif condition.key in _ACCOUNTS:
            yield _fixed(Kind.ACCOUNT, value, r"\d{12}")
        elif condition.key in _ORGANISATIONS:
            yield _fixed(Kind.ORGANISATION, value.split("/")[0], r"o-[a-z0-9]+")
        elif condition.key in _NETWORKS:
            yield _fixed(Kind.NETWORK, value, r"[^*?]+")
        elif condition.key in _SERVICES:
            yield _fixed(Kind.SERVICE, value, r"[^*?]+")
        elif condition.key == "aws:userid":
            yield Party(kind=Kind.UNSURE, id=f"the user id {value}") if re.match(r"A[A-Z0-9]{15}", value) else None
        elif condition.key in _ARNS:
            yield _of_arn(value)
        elif condition.key == "aws:sourceip":
            yield _range(value)
        else:
            yield None


def _fixed(kind: Kind, value: str, pattern: str) -> Party | None:
    return Party(kind=kind, id=value) if re.fullmatch(pattern, value) else None


def _of_arn(value: str) -> Party | None:
    account = _account_of(value)
    if re.fullmatch(r"\d{12}", account):
        return Party(kind=Kind.ACCOUNT, id=account)
    if account or not re.fullmatch(r"arn:[^:*?]+:s3:::[^*?/]+(/.*)?", value):
        return None
    return Party(kind=Kind.UNSURE, id=f"the source {value}")  # the ARN of a bucket names no account


def _range(value: str) -> Party | None:
    """A range of addresses; one wider than /8 (IPv4) or /32 (IPv6) is everybody, as S3's own reading has it."""
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        return None
    widest = 8 if isinstance(network, IPv4Network) else 32
    return Party(kind=Kind.NETWORK, id=value) if network.prefixlen >= widest else None
