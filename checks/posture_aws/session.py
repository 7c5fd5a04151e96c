"""How AWS readers ask: one operation, its parameters, its own manner of paging. No SDK is imported here."""

from collections.abc import Iterator
from typing import Any

from posture.claims import TlsVersion
from posture.model import Cause, Gap
from posture.reply import Reply
from posture.session import GapFound, Session

HOME_REGIONS = {
    "aws": "us-east-1",
    "aws-cn": "cn-north-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-eusc": "eusc-de-east-1",
    "aws-iso": "us-iso-east-1",
    "aws-iso-b": "us-isob-east-1",
}
"""Per partition, the region that answers account-wide calls (AWS General Reference, service endpoints)."""

TLS_VERSIONS = {
    "SSLv3": TlsVersion.SSL3,
    "TLSv1": TlsVersion.TLS10,
    "TLSv1.1": TlsVersion.TLS11,
    "TLSv1.2": TlsVersion.TLS12,
    "TLSv1.3": TlsVersion.TLS13,
}
"""TLS versions as AWS names them in policies and lists of protocols (ELB, CloudFront)."""


class AwsSession(Session):
    """A session of one account in one region. Replies are botocore's, with timestamps as ISO 8601 text."""

    def get(self, *, region: str = "", **params: Any) -> Reply:
        """The reply of the reader's operation."""
        reply = self.call(params, region=region)
        assert reply is not None, "a call without absent codes has a reply"
        return reply

    def find(self, absent: str, *, region: str = "", **params: Any) -> Reply | None:
        """The reply, or None where the service answers one of the blank-separated error codes for "there is none"."""
        return self.call(params, absent=absent, region=region)

    def pages(self, ask: str, answer: str = "", *, region: str = "", **params: Any) -> Iterator[Reply]:
        """All pages of a listing. ``ask`` is the parameter that takes the token, ``answer`` the field that gives it.

        A reply that says it is cut short (``IsTruncated``, ``Truncated``) and gives no token is a gap, not the end.
        """
        token = ""
        while True:
            reply = self.get(region=region, **params, **({ask: token} if token else {}))
            yield reply
            token = reply.get(answer or ask) or ""
            if not token:
                if reply.get("IsTruncated") or reply.get("Truncated") or reply.get("HasMoreStreams"):
                    raise GapFound(self._gap(Cause.TRUNCATED, "the reply is cut short and names no next page"))
                return

    @property
    def partition(self) -> str:
        """The partition that this place's region belongs to: the prefix of its ARNs."""
        region = self.place.region
        prefixes = {
            "cn-": "aws-cn",
            "us-gov-": "aws-us-gov",
            "eusc-": "aws-eusc",
            "us-iso-": "aws-iso",
            "us-isob-": "aws-iso-b",
        }
        return next((name for prefix, name in prefixes.items() if region.startswith(prefix)), "aws")

    def arn(self, service: str, rest: str, *, region: str | None = None, account: str | None = None) -> str:
        """An ARN of this account; pass empty text for services whose ARNs leave region or account out."""
        where = self.place.region if region is None else region
        who = self.place.account if account is None else account
        return f"arn:{self.partition}:{service}:{where}:{who}:{rest}"

    def _gap(self, cause: Cause, detail: str) -> Gap:
        return Gap(cause=cause, detail=detail, operation=self.operation, permission=self.permission)


def tags(pairs: Any) -> list[tuple[str, str]]:
    """AWS's ``[{Key, Value}]`` as pairs; an absent list means that the reply carries tags and there are none."""
    return [(pair["Key"], pair.get("Value") or "") for pair in pairs or ()]
