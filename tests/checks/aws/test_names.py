"""What all AWS readers ask, compared with botocore's models: operations, permissions, parameters, tokens."""

import builtins
import contextlib
import importlib
import pkgutil
import re
from collections.abc import Mapping
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import botocore.model
import botocore.session
import botocore.validate
import pytest
from botocore.exceptions import UnknownServiceError

import posture_aws
from kit import read, session_of
from posture.model import Cause, Gap, Value
from posture.reader import GapFound, Reader
from posture.session import Answer
from posture_aws.session import AwsSession
from posture_aws.source import CONTENT_OPERATIONS, READ_VERBS


def readers() -> list[Reader]:
    """The readers of every module of the package; those that a module imports from another count once."""
    names = [module.name for module in pkgutil.walk_packages(posture_aws.__path__, "posture_aws.")]
    values = [value for name in names for value in vars(importlib.import_module(name)).values()]
    return list(dict.fromkeys(value for value in values if isinstance(value, Reader)))


@cache
def service(name: str) -> botocore.model.ServiceModel:
    return botocore.session.get_session().get_service_model(name)


def operation(reader: Reader) -> botocore.model.OperationModel:
    name, _, action = reader.operation.partition(":")
    return service(name).operation_model(action)


def tokens(reader: Reader) -> list[tuple[str, str]]:
    """Which field of the reply asks which parameter for the next page; empty where the service gives no pages."""
    name, _, action = reader.operation.partition(":")
    try:
        pager = botocore.session.get_session().get_paginator_model(name).get_paginator(action)
    except (ValueError, UnknownServiceError):
        return []
    given, taken = pager["output_token"], pager["input_token"]
    given, taken = ([given], [taken]) if isinstance(given, str) else (given, taken)
    return [(re.split(r"\s*\|\|\s*", field)[0], parameter) for field, parameter in zip(given, taken, strict=True)]


ALL = readers()
LISTINGS = [reader for reader in ALL if reader.parent is None and reader.many]
OTHERS = [reader for reader in ALL if reader not in LISTINGS]


@pytest.mark.parametrize("reader", ALL, ids=repr)
def test_a_reader_reads_configuration_by_an_operation_of_the_service(reader: Reader) -> None:
    name, _, action = reader.operation.partition(":")
    assert name in botocore.session.get_session().get_available_services()
    assert action in service(name).operation_names
    assert action.startswith(READ_VERBS)
    assert reader.operation not in CONTENT_OPERATIONS


@pytest.mark.parametrize("reader", ALL, ids=repr)
def test_a_permission_is_an_iam_action_that_reads(reader: Reader) -> None:
    assert re.fullmatch(r"[a-z0-9-]+:(Batch)?(Describe|Get|List|Lookup)[A-Za-z0-9]+|apigateway:GET", reader.permission)


def misunderstood(model: botocore.model.OperationModel, params: Mapping[str, Any]) -> str:
    """What the service would not take: parameters that it does not know, lack, or has of another type."""
    shape = model.input_shape or botocore.model.StructureShape("Nothing", {"type": "structure", "members": {}})
    unknown = params.keys() - shape.members.keys()
    if unknown:
        return f"unknown: {unknown}"
    return botocore.validate.ParamValidator().validate(dict(params), shape).generate_report()


class Emptied:
    """A source whose replies have every field of the service's model, with empty lists, on two pages."""

    def __init__(self, reader: Reader) -> None:
        self.model = operation(reader)
        self.tokens = tokens(reader)
        self.asked: list[dict[str, Any]] = []

    def fetch(self, operation: str, params: Mapping[str, Any], region: str, absent: frozenset[str]) -> Answer:
        self.asked.append(dict(params))
        body = filled(self.model.output_shape, ())
        self._leave_out_tokens(body, keep=len(self.asked) == 1)
        return Answer(body=body)

    def _leave_out_tokens(self, body: dict[str, Any], keep: bool) -> None:
        if keep:
            return
        for field, _ in self.tokens:
            *path, last = field.split(".")
            inner = body
            for name in path:
                inner = inner[name]
            inner.pop(last, None)


def filled(shape: Any, above: tuple[str, ...]) -> Any:
    match shape.type_name:
        case "structure":
            inner = (*above, shape.name)
            return {name: filled(member, inner) for name, member in shape.members.items() if member.name not in inner}
        case "list":
            return []
        case "map":
            return {}
        case "boolean":
            return False
        case "integer" | "long" | "float" | "double":
            return 0
        case _:
            return "word"


@pytest.mark.parametrize("reader", LISTINGS, ids=repr)
def test_a_listing_asks_as_the_service_defines_and_to_the_last_page(reader: Reader) -> None:
    source = Emptied(reader)
    read(reader, session_of(AwsSession, source))
    assert not any(misunderstood(source.model, asked) for asked in source.asked)
    if source.tokens and reader.operation != "kinesis:ListStreams":
        (_, parameter), *_ = source.tokens
        assert len(source.asked) == 2
        assert source.asked[1] == source.asked[0] | {parameter: "word"}
    else:
        assert len(source.asked) == 1


class Refusing:
    """A source that keeps what is asked and gives no answer."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def fetch(self, operation: str, params: Mapping[str, Any], region: str, absent: frozenset[str]) -> Answer:
        self.asked.append(dict(params))
        raise GapFound(Gap(cause=Cause.ACCESS_DENIED, detail="refused", operation=operation))


def imagined(kind: Any) -> Any:
    """A value of the kind, with one item in every collection, to ask about."""
    if isinstance(kind, type) and issubclass(kind, Value):
        hints = get_type_hints(kind)
        return kind(**{name: imagined(hints[name]) for name in kind.__struct_fields__})
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    arguments = get_args(kind)
    match get_origin(kind) or kind:
        case origin if origin in (Union, UnionType):
            return imagined(arguments[0])
        case builtins.tuple:
            return tuple(imagined(item) for item in arguments if item is not ...)
        case builtins.frozenset:
            return frozenset({imagined(arguments[0])})
        case builtins.str:
            return "000000000000"
        case builtins.int | builtins.float | builtins.bool as number:
            return number(1)
        case _:
            raise NotImplementedError(kind)


@pytest.mark.parametrize("reader", OTHERS, ids=repr)
def test_a_setting_or_a_detail_is_asked_as_the_service_defines(reader: Reader) -> None:
    parent = reader.parent and imagined(reader.parent)
    source = Refusing()
    with contextlib.suppress(GapFound):
        read(reader, session_of(AwsSession, source), parent)
    for asked in source.asked:
        assert not misunderstood(operation(reader), asked)
