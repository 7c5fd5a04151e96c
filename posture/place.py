"""Where a scan looks: the places (account × region, subscription, endpoint) that targets break down into."""

from enum import StrEnum

from posture.model import ANY, Gap, Resource, Value


class Where(StrEnum):
    """What a listing is made once for: each region of an account, or the account as a whole."""

    REGION = "region"
    ACCOUNT = "account"


class Place(Value):
    """One shard of work. ``target`` names the target of the configuration that leads here.

    ``where`` says which listings run here; ``region`` is the provider's region code, or the region that
    account-wide calls are sent to. Both are ``ANY`` where a target could not be entered.
    """

    provider: str
    target: str
    account: str
    region: str
    where: Where

    @property
    def id(self) -> str:
        """Stable name of the shard, safe as a folder name."""
        text = f"{self.provider}-{self._who}-{self.where}-{self.region}".lower()
        return "".join(char if char.isalnum() or char in "-." else "_" for char in text)

    def whole(self, kind: str) -> Resource:
        """The stand-in for all resources of a kind here, when their listing is what is missing.

        What an account lists as a whole may lie in any region.
        """
        region = self.region if self.where == Where.REGION else ANY
        return Resource(
            id=f"{self.provider}:{self._who}:{region}:{kind}:*",
            kind=kind,
            cloud=self.provider,
            account=self.account,
            region=region,
            name=f"all {kind} of {self._who}" + (f" {region}" if region != ANY else ""),
        )

    @property
    def _who(self) -> str:
        return (self.target or "none") if self.account == ANY else self.account


class Closed(Value):
    """A place that could not be entered, and why: not enabled, not reachable, refused."""

    place: Place
    gap: Gap
