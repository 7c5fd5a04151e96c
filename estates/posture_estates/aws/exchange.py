"""One HTTP exchange as the gate sees it: the request that arrived and the reply that will leave."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote

ACCOUNT = "123456789012"
CALLER = f"arn:aws:iam::{ACCOUNT}:user/auditor"
REQUEST_ID = "4f1c0de5-0000-4000-8000-1de57a7e0001"


@dataclass(frozen=True)
class Request:
    """What a client sent; `path` is still percent-encoded, header names are in lower case."""

    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.query_string, keep_blank_values=True))

    @cached_property
    def form(self) -> dict[str, str]:
        """Fields of a query- or ec2-protocol call, wherever they stand (body of a POST, or the URL)."""
        fields = dict(self.query)
        if self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            fields |= parse_qsl(self.body.decode(), keep_blank_values=True)
        return fields

    @cached_property
    def json(self) -> dict[str, Any]:
        """Members of a JSON call; empty when it sent none."""
        members: dict[str, Any] = json.loads(self.body) if self.body else {}
        return members

    @cached_property
    def text(self) -> str:
        """Everything a resource may be named in: path, query and body, decoded."""
        return " ".join((unquote(self.path), unquote(self.query_string), unquote(self.body.decode(errors="replace"))))

    def listed(self, name: str) -> list[str]:
        """Values of a numbered form list: `Owner` → values of `Owner.1`, `Owner.2` …"""
        return [value for key, value in self.form.items() if key.rpartition(".")[0] == name]

    def segment(self, position: int) -> str:
        """One decoded segment of the path, counted from 0 after the leading slash."""
        return unquote(self.path.strip("/").split("/")[position])


@dataclass(frozen=True, slots=True)
class Reply:
    """What a client is sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        members: dict[str, Any] = json.loads(self.body)
        return members

    def with_body(self, body: bytes) -> Reply:
        """The same reply with other content; its length is corrected."""
        kept = tuple((name, value) for name, value in self.headers if name.lower() != "content-length")
        return Reply(self.status, (*kept, ("Content-Length", str(len(body)))), body)

    def with_json(self, members: Mapping[str, Any]) -> Reply:
        return self.with_body(json.dumps(members).encode())


Forward = Callable[[Request], Reply]


def xml_reply(document: str, status: int = 200) -> Reply:
    headers = (("Content-Type", "text/xml;charset=UTF-8"), ("x-amzn-RequestId", REQUEST_ID))
    return Reply(status, headers, b"").with_body(f'<?xml version="1.0" encoding="UTF-8"?>\n{document}'.encode())


def json_reply(members: Mapping[str, Any], status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    fixed = (("Content-Type", "application/json"), ("x-amzn-RequestId", REQUEST_ID))
    return Reply(status, (*fixed, *headers), b"").with_json(members)
