"""The values that flow through posture: resources, facts, gaps, outcomes, findings and verdicts."""

from enum import StrEnum
from typing import Any, ClassVar, dataclass_transform

import msgspec


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Frozen(msgspec.StructMeta):
    """Makes every kind of value frozen and strict about unknown fields, without each class saying so."""

    def __new__(mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **config: Any) -> Any:
        """A new kind of value; ``config`` may still say otherwise, as outcomes do for positional fields."""
        strict = {"frozen": True, "kw_only": True, "forbid_unknown_fields": True}
        return super().__new__(mcls, name, bases, namespace, **(strict | config))


class Value(msgspec.Struct, metaclass=Frozen):
    """A frozen value with keyword-only fields that travels to and from JSON without loss."""


class Severity(StrEnum):
    """How much a Fail matters to the person a statement was made to."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Basis(StrEnum):
    """Why a Pass holds, from the weakest ground to the strongest that a scan can see."""

    ATTESTATION = "attestation"
    PROVIDER_GUARANTEE = "provider-guarantee"
    CONFIGURATION = "configuration"
    OBSERVED = "observed"


class Store(StrEnum):
    """The families of things that hold data, as claims about data at rest quantify over them."""

    OBJECT = "object"
    BLOCK = "block"
    FILE = "file"
    DATABASE = "database"
    CACHE = "cache"
    QUEUE = "queue"
    STREAM = "stream"
    SEARCH = "search"
    WAREHOUSE = "warehouse"
    LOG = "log"
    REGISTRY = "registry"
    SECRET = "secret"
    BACKUP = "backup"
    SNAPSHOT = "snapshot"


class Cause(StrEnum):
    """Why a read did not answer, or why a check could not decide."""

    ACCESS_DENIED = "access-denied"
    DENIED_BY_ORGANISATION = "denied-by-organisation-policy"
    THROTTLED = "throttled"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    REGION_NOT_ENABLED = "region-not-enabled"
    REGION_UNREACHABLE = "region-unreachable"
    NOT_SUPPORTED = "not-supported"
    TRUNCATED = "truncated"
    CAPPED = "capped"
    MALFORMED_REPLY = "malformed-reply"
    STALE = "stale"
    DISAGREEMENT = "disagreement"
    CREDENTIALS_EXPIRED = "credentials-expired"
    TOOL_ERROR = "tool-error"


ANY = "any"
"""The account or region of a stand-in for resources whose account or region is not known."""


class Resource(Value):
    """One thing that can be judged, under an id that survives renames of everything but itself.

    ``id`` is canonical: an ARN, a lower-cased ARM id, or ``host|address|port``. ``tags`` is None when tags
    were not read, which is not the same as having none.
    """

    id: str
    kind: str
    cloud: str
    account: str
    region: str
    name: str
    tags: tuple[tuple[str, str], ...] | None = None

    @property
    def stands_for_all(self) -> bool:
        """Whether this is the stand-in for all resources of a kind at a place (``Place.whole``), known by no name."""
        return self.id.startswith(f"{self.cloud}:") and self.id.endswith(f":{self.region}:{self.kind}:*")


class Exposed(Value):
    """A name under which something of an account answers on the network.

    ``host`` is in lower case; ``ports`` are those of its TLS services, as far as known; ``addresses``
    are those that the account itself names. ``starttls`` is the protocol in which TLS is asked for, empty where TLS
    comes first.
    """

    host: str
    ports: tuple[int, ...]
    resource: Resource
    addresses: tuple[str, ...] = ()
    starttls: str = ""


class Fact(Value):
    """What one read told us about one resource. Subclasses add fields without defaults.

    ``kind`` names the resource kind (``aws.s3.bucket``); ``store`` says which family of data store the fact
    proves to exist. ``inventory`` marks facts that only say that something is there: they are read to find
    stores which no check covers.
    """

    kind: ClassVar[str] = ""
    store: ClassVar[Store | None] = None
    inventory: ClassVar[bool] = False

    resource: Resource

    def holds(self) -> Store | None:
        """The family of store that this fact shows to exist; an inventory may say it row by row."""
        return self.store

    def exposes(self) -> tuple[Exposed, ...]:
        """The public names under which this thing answers; a fact type that knows some says so by overriding this."""
        return ()

    @classmethod
    def is_exposing(cls) -> bool:
        """Whether facts of this type may know public names."""
        return cls.exposes is not Fact.exposes


class Gap(Value):
    """A read that did not answer. ``permission`` is what was missing or exercised, empty when none applies."""

    cause: Cause
    detail: str
    operation: str
    permission: str = ""


class Pass(Value, tag="pass", kw_only=False):
    """The claim holds for this resource. ``reason`` completes "<resource> …"."""

    reason: str
    basis: Basis = Basis.CONFIGURATION


class Fail(Value, tag="fail", kw_only=False):
    """The claim is broken by this resource. ``reason`` completes "<resource> …"."""

    reason: str


class Unknown(Value, tag="unknown", kw_only=False):
    """Nothing can be said: a read is missing. ``needs`` names the permission or limit behind it."""

    cause: Cause
    reason: str
    needs: str = ""


class NotApplicable(Value, tag="not-applicable", kw_only=False):
    """The claim does not speak about this resource. ``reason`` completes "<resource> …"."""

    reason: str


Outcome = Pass | Fail | Unknown | NotApplicable


class Finding(Value):
    """One check's answer to one claim about one resource, with the replies that ground it.

    ``id`` holds between runs and renames (see ``posture.identity``); ``evidence`` lists reply digests;
    ``profiles`` names the profiles whose scope holds the resource.
    """

    id: str
    check: str
    claim: str
    resource: Resource
    severity: Severity
    outcome: Outcome
    evidence: tuple[str, ...]
    profiles: tuple[str, ...]


class Verdict(StrEnum):
    """What a scan says of a claim or a statement."""

    VERIFIED = "verified"
    CONTRADICTED = "contradicted"
    PARTLY_VERIFIED = "partly-verified"
    UNKNOWN = "unknown"
    NOT_TESTABLE = "not-testable"
