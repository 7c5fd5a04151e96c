"""Resource policies as typed values: parsing, pattern coverage, and which requests a policy refuses whoever asks."""

import json
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any

from posture.model import Value


class PolicyError(ValueError):
    """A document that is not a resource policy. The message says what is wrong with it."""


class Effect(StrEnum):
    """What a statement does to the requests that it matches."""

    ALLOW = "Allow"
    DENY = "Deny"


class Principal(Value):
    """A principal as written: ``kind`` is AWS, Service, Federated or CanonicalUser. ``"*"`` is read as AWS: ``"*"``."""

    kind: str
    name: str

    @property
    def anyone(self) -> bool:
        """Whether it stands for everybody, anonymous requests included (IAM guide, "AWS JSON policy elements")."""
        return self.kind == "AWS" and self.name == "*"


class Condition(Value):
    """One operator over one key: it holds when any of ``values`` matches.

    ``operator`` and ``key`` are in lower case, as IAM ignores their case; ``quantifier`` is ``forallvalues``,
    ``foranyvalue`` or empty; ``if_exists`` tells the operator's IfExists form.
    """

    operator: str
    key: str
    values: tuple[str, ...]
    if_exists: bool
    quantifier: str


class Statement(Value):
    """One statement. The ``except_`` fields hold NotPrincipal, NotAction and NotResource; conditions are joined by AND.

    Where a policy type leaves out Resource, the statement is about the resource that it is attached to: ``"*"``.
    """

    effect: Effect
    principals: tuple[Principal, ...]
    except_principals: tuple[Principal, ...]
    actions: tuple[str, ...]
    except_actions: tuple[str, ...]
    resources: tuple[str, ...]
    except_resources: tuple[str, ...]
    conditions: tuple[Condition, ...]

    def for_everyone(self) -> bool:
        """Whether it matches every principal, with no exception."""
        return any(principal.anyone for principal in self.principals)

    def reaches(self, action: str, resource: str) -> bool:
        """Whether it matches all that the two patterns match, conditions aside."""
        return _reaches(_lower(self.actions), _lower(self.except_actions), action.lower()) and _reaches(
            self.resources, self.except_resources, resource
        )


class Policy(Value):
    """The statements of a resource policy; none where there is no policy."""

    statements: tuple[Statement, ...]

    def allows(self) -> tuple[Statement, ...]:
        """The statements that grant something."""
        return tuple(statement for statement in self.statements if statement.effect is Effect.ALLOW)

    def denies(self) -> tuple[Statement, ...]:
        """The statements that refuse something."""
        return tuple(statement for statement in self.statements if statement.effect is Effect.DENY)


NO_POLICY = Policy(statements=())

Context = Mapping[str, str | None]
"""Keys of a request, in lower case, with their values; None for a key that such a request lacks."""


def parse(text: str) -> Policy:
    """A policy from its JSON text. Raises PolicyError."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise PolicyError(f"the policy is not JSON: {error}") from error
    if not isinstance(document, dict) or "Statement" not in document:
        raise PolicyError("the policy has no Statement")
    return Policy(statements=tuple(_statement(item) for item in _listed(document["Statement"])))


def refuses(policy: Policy, action: str, resource: str, context: Context) -> bool | None:
    """Whether every request of anybody for what the patterns match is denied, if it has this context.

    A denial limited to some principals, actions or resources, or by a condition on a key outside ``context``, lets
    some such request through and does not count. None: a statement might deny them, by an operator that is not
    understood for its key.
    """
    answers = [
        holds(statement.conditions, context)
        for statement in policy.denies()
        if statement.for_everyone() and statement.reaches(action, resource)
    ]
    if True in answers:
        return True
    return None if None in answers else False


def holds(conditions: Iterable[Condition], context: Context) -> bool | None:
    """Whether the conditions hold for every request with this context; None where that cannot be told."""
    answers = [_holds(condition, context) for condition in conditions]
    if False in answers:
        return False
    return None if None in answers else True


def covers(pattern: str, target: str) -> bool:
    """Whether a pattern with ``*`` and ``?`` matches all that ``target``, itself perhaps a pattern, matches."""
    return _compiled(pattern).fullmatch(target) is not None


def _holds(condition: Condition, context: Context) -> bool | None:
    if condition.key not in context:
        return condition.if_exists and condition.operator.endswith("like") and "*" in condition.values
    value = context[condition.key]
    wanted = {text.lower() for text in condition.values}
    if condition.operator == "null":
        return ("true" if value is None else "false") in wanted
    if value is None:
        negated = "not" in condition.operator and condition.quantifier != "foranyvalue"
        return condition.if_exists or condition.quantifier == "forallvalues" or negated
    if condition.operator == "bool":
        return value in wanted
    if condition.operator in _NUMERIC:
        return _compares(condition.operator, value, wanted)
    return None


_NUMERIC = {
    "numericequals": lambda left, right: left == right,
    "numericnotequals": lambda left, right: left != right,
    "numericlessthan": lambda left, right: left < right,
    "numericlessthanequals": lambda left, right: left <= right,
    "numericgreaterthan": lambda left, right: left > right,
    "numericgreaterthanequals": lambda left, right: left >= right,
}


def _compares(operator: str, value: str, wanted: set[str]) -> bool | None:
    try:
        answers = [bool(_NUMERIC[operator](float(value), float(bound))) for bound in wanted]
    except ValueError:
        return None
    return all(answers) if "not" in operator else any(answers)


def _reaches(patterns: tuple[str, ...], exceptions: tuple[str, ...], target: str) -> bool:
    if exceptions:
        return not any(_may_meet(exception, target) for exception in exceptions)
    return any(covers(pattern, target) for pattern in patterns)


def _lower(patterns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(pattern.lower() for pattern in patterns)


def _may_meet(left: str, right: str) -> bool:
    heads = re.split(r"[*?$]", left, maxsplit=1)[0], re.split(r"[*?$]", right, maxsplit=1)[0]
    return heads[0].startswith(heads[1]) or heads[1].startswith(heads[0])


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "[^*]"}
    return re.compile("".join(parts.get(char, re.escape(char)) for char in pattern), re.DOTALL)


def _statement(item: Any) -> Statement:
    if not isinstance(item, dict):
        raise PolicyError("a statement is not an object")
    if item.get("Effect") not in tuple(Effect):
        raise PolicyError(f"Effect: {item.get('Effect')!r} is neither Allow nor Deny")
    for name in ("Principal", "Action"):
        if (name in item) == (f"Not{name}" in item):
            raise PolicyError(f"a statement needs either {name} or Not{name}")
    resources, except_resources = _texts(item.get("Resource")), _texts(item.get("NotResource"))
    return Statement(
        effect=Effect(item["Effect"]),
        principals=_principals(item.get("Principal")),
        except_principals=_principals(item.get("NotPrincipal")),
        actions=_texts(item.get("Action")),
        except_actions=_texts(item.get("NotAction")),
        resources=resources or (() if except_resources else ("*",)),
        except_resources=except_resources,
        conditions=tuple(_conditions(item.get("Condition"))),
    )


def _principals(value: Any) -> tuple[Principal, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        value = {"AWS": value}
    if not isinstance(value, dict):
        raise PolicyError("Principal is neither text nor an object")
    return tuple(Principal(kind=kind, name=name) for kind, names in value.items() for name in _texts(names))


def _conditions(value: Any) -> Iterable[Condition]:
    if not isinstance(value, dict | None):
        raise PolicyError("Condition is not an object")
    for written, tests in (value or {}).items():
        if not isinstance(tests, dict):
            raise PolicyError(f"Condition: {written}: is not an object")
        quantifier, _, operator = written.lower().rpartition(":")
        if_exists = operator.endswith("ifexists")
        for key, values in tests.items():
            yield Condition(
                operator=operator.removesuffix("ifexists"),
                key=key.lower(),
                values=_texts(values),
                if_exists=if_exists,
                quantifier=quantifier,
            )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(item) for item in _listed(value))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise PolicyError(f"{value!r} is not text")


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
