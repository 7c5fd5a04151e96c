"""Cuts collections into pages linked by opaque skip tokens."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from posture_estates.arm.refusal import Refusal
from posture_estates.arm.tenant import Body


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages of at most `size` entries; skip tokens mean something only to the one who made them."""

    size: int
    key: bytes

    @classmethod
    def of(cls, size: int) -> Pages:
        return cls(size, secrets.token_bytes(16))

    def page(self, found: Sequence[Body], query: Mapping[str, str], url: str) -> dict[str, Any]:
        start = self._start(query.get("$skiptoken"))
        size = self.size
        if (top := query.get("$top")) is not None:
            if not top.isdecimal() or int(top) == 0:
                raise Refusal(400, "InvalidQueryParameter", f"The value '{top}' of $top is invalid.")
            size = min(size, int(top))
        page: dict[str, Any] = {"value": list(found[start : start + size])}
        if start + size < len(found):
            page["nextLink"] = f"{url}?{urlencode({**query, '$skiptoken': self._token(start + size)})}"
        return page

    def _token(self, start: int) -> str:
        text = str(start).encode()
        return base64.urlsafe_b64encode(hmac.digest(self.key, text, "sha256")[:12] + text).decode()

    def _start(self, token: str | None) -> int:
        if token is None:
            return 0
        try:
            raw = base64.urlsafe_b64decode(token)
        except (binascii.Error, ValueError):
            raw = b""
        if not hmac.compare_digest(raw[:12], hmac.digest(self.key, raw[12:], "sha256")[:12]):
            raise Refusal(400, "InvalidSkipToken", "The skip token provided is invalid.")
        return int(raw[12:])
