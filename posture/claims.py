"""The claim vocabulary: what a published sentence can assert that a machine can test.

Each class is one testable assertion. Its docstring says when the claim holds, its fields are what a profile may
set, ``falsifiers`` are the observations any one of which refutes it. Profiles name a claim by its class name in
kebab case: ``tls-minimum``.
"""

import re
from enum import StrEnum
from typing import ClassVar, Literal

import msgspec

from posture.controls import CONTROLS, Controls
from posture.model import Store, Value


class TlsVersion(StrEnum):
    """Versions of SSL and TLS, oldest first; SSL 2.0 to TLS 1.1 are withdrawn (RFC 6176, 7568, 8996)."""

    SSL2 = "SSL 2.0"
    SSL3 = "SSL 3.0"
    TLS10 = "TLS 1.0"
    TLS11 = "TLS 1.1"
    TLS12 = "TLS 1.2"
    TLS13 = "TLS 1.3"

    @property
    def age(self) -> int:
        """Place in the order of publication; a higher number is a newer version."""
        return list(TlsVersion).index(self)

    def older_than(self, other: "TlsVersion") -> bool:
        """Whether this version was published before ``other``."""
        return self.age < other.age


DATA_STORES = frozenset(Store) - {Store.BACKUP, Store.SNAPSHOT}
BACKUP_STORES = frozenset({Store.BACKUP, Store.SNAPSHOT})


class Claim(Value):
    """One testable assertion with typed parameters.

    ``family`` keys the control ids; ``covers`` lists the store families over which the claim quantifies: a store of
    such a family that no check judges keeps the claim from being verified. ``faces_network`` marks claims about
    endpoints: for them the public names of the accounts are listed, and those that nobody looked at are shown.
    """

    family: ClassVar[str]
    covers: ClassVar[frozenset[Store]] = frozenset()
    faces_network: ClassVar[bool] = False
    falsifiers: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def word(cls) -> str:
        """The name that a profile uses: the class name in kebab case."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    def controls(cls) -> Controls:
        """Control ids of other frameworks that this claim bears on."""
        return CONTROLS[cls.family]

    def key(self) -> str:
        """Name and parameters as canonical JSON: equal claims have equal keys, in every run.

        A parameter that lists several values is a set: their order makes no other claim.
        """
        fields = {name: sorted(v) if isinstance(v, list) else v for name, v in msgspec.to_builtins(self).items()}
        return msgspec.json.encode([self.word(), fields], order="sorted").decode()


class TlsMinimum(Claim):
    """Every endpoint and listener speaks ``version`` or newer.

    ``reading`` settles what the document means by naming a version: ``minimum`` (nothing older is accepted) or
    ``supported`` (the version is accepted, whatever else is).
    """

    family: ClassVar[str] = "transit.external"
    faces_network: ClassVar[bool] = True
    falsifiers: ClassVar[tuple[str, ...]] = (
        "an address that completes a handshake below the version",
        "a listener whose policy admits an older version",
    )

    version: TlsVersion = TlsVersion.TLS12
    reading: Literal["minimum", "supported"] = "minimum"


class HttpsOnly(Claim):
    """Every web endpoint and listener answers over TLS alone: plain HTTP is closed or only redirects.

    ``hsts_days`` is the least age of HTTP Strict Transport Security (RFC 6797) in days; 0 asks for none. Where it asks
    for some, ``hsts_subdomains`` asks that they are included, and ``hsts_preload`` that the header lets browsers carry
    the host in their lists.
    """

    family: ClassVar[str] = "transit.external"
    faces_network: ClassVar[bool] = True
    falsifiers: ClassVar[tuple[str, ...]] = (
        "content served over plain HTTP",
        "an HTTP listener that forwards to the application",
        "a TLS endpoint without HSTS where HSTS is claimed",
    )

    hsts_days: int = 0
    hsts_subdomains: bool = False
    hsts_preload: bool = False


class ClearTextRefused(Claim):
    """Stores and databases refuse connections that are not encrypted."""

    family: ClassVar[str] = "transit.internal"
    covers: ClassVar[frozenset[Store]] = frozenset(
        {
            Store.OBJECT,
            Store.DATABASE,
            Store.FILE,
            Store.CACHE,
            Store.QUEUE,
            Store.STREAM,
            Store.SEARCH,
            Store.WAREHOUSE,
        }
    )
    falsifiers: ClassVar[tuple[str, ...]] = (
        "a bucket or storage account that serves plain HTTP",
        "a database whose settings admit connections without TLS",
    )


class CertificateValid(Claim):
    """Every TLS endpoint presents a certificate that a client can trust.

    It chains to a trusted root, names the host, is in date with at least ``days_left`` days to go, and its key has
    at least ``rsa_bits`` bits (or 256 for elliptic curves).
    """

    family: ClassVar[str] = "transit.certificate"
    faces_network: ClassVar[bool] = True
    falsifiers: ClassVar[tuple[str, ...]] = (
        "an expired, untrusted, self-signed or wrongly named certificate",
        "a key below the size, a SHA-1 signature",
    )

    days_left: int = 0
    rsa_bits: int = 2048


class StrongCipherSuites(Claim):
    """Every TLS endpoint and listener accepts suites of AES or ChaCha20 with at least 128-bit keys, and no others.

    ``forward_secrecy`` asks in addition that no suite uses static RSA key exchange.
    """

    family: ClassVar[str] = "transit.external"
    faces_network: ClassVar[bool] = True
    falsifiers: ClassVar[tuple[str, ...]] = ("an accepted suite of RC4, 3DES, DES, NULL, EXPORT or without server key",)

    forward_secrecy: bool = False


TlsPolicyName = Literal[
    "tls12-minimum", "mozilla-intermediate", "mozilla-modern", "nist-sp-800-52r2", "bsi-tr-02102-2", "pci-dss-4"
]
"""The named TLS policies that a profile can pick; what each asks is data of the endpoint checks, with its source."""


class MeetsTlsPolicy(Claim):
    """Every TLS endpoint meets a published TLS policy: its versions, suites, groups, keys, signatures and validity.

    ``level`` is ``strict`` where what the policy recommends counts as asked for, ``lenient`` where only what it
    demands does.
    """

    family: ClassVar[str] = "transit.external"
    faces_network: ClassVar[bool] = True
    falsifiers: ClassVar[tuple[str, ...]] = (
        "an accepted version, suite or group that the policy rules out",
        "a certificate whose key, signature or validity the policy rules out",
    )

    policy: TlsPolicyName = "tls12-minimum"
    level: Literal["strict", "lenient"] = "strict"


class SecureCookies(Claim):
    """Cookies that pages set are sent over TLS alone (``Secure``), and with ``http_only`` kept from scripts too."""

    family: ClassVar[str] = "transit.external"
    falsifiers: ClassVar[tuple[str, ...]] = ("a cookie of a page without the attribute",)

    http_only: bool = False


class NoMixedContent(Claim):
    """Pages that come over TLS load nothing, and send no form, over plain HTTP."""

    family: ClassVar[str] = "transit.external"
    falsifiers: ClassVar[tuple[str, ...]] = ("a script, style, picture, frame or form of a page with an http address",)


class ContentPolicyDeclared(Claim):
    """Pages tell browsers what they may load and use: Content-Security-Policy, Permissions-Policy, as asked for.

    A Content-Security-Policy counts when it restricts scripts and does not allow all inline ones.
    """

    family: ClassVar[str] = "transit.external"
    falsifiers: ClassVar[tuple[str, ...]] = ("a page without the header", "a policy that allows any script")

    content_security: bool = True
    permissions: bool = False


class EncryptedAtRest(Claim):
    """Every data store, snapshot and backup in scope is encrypted where it lies, with ``algorithm``."""

    family: ClassVar[str] = "rest.primary"
    covers: ClassVar[frozenset[Store]] = DATA_STORES | BACKUP_STORES
    falsifiers: ClassVar[tuple[str, ...]] = (
        "a volume, database, bucket, snapshot or recovery point stored in the clear",
    )

    algorithm: Literal["any", "AES-256"] = "AES-256"


class EncryptionByDefault(Claim):
    """The account encrypts new storage even when nobody asks for it."""

    family: ClassVar[str] = "rest.primary"
    falsifiers: ClassVar[tuple[str, ...]] = ("a region in which new volumes are not encrypted by default",)


class CustomerManagedKeys(Claim):
    """Every data store in scope is encrypted under a key that the customer of the cloud controls."""

    family: ClassVar[str] = "rest.keys"
    covers: ClassVar[frozenset[Store]] = DATA_STORES
    falsifiers: ClassVar[tuple[str, ...]] = ("a store under a key that the provider owns or manages",)


class KeyRotation(Claim):
    """Customer keys are rotated at least every ``days`` days, by the key service itself."""

    family: ClassVar[str] = "rest.keys"
    falsifiers: ClassVar[tuple[str, ...]] = ("an enabled key without rotation, or rotated more seldom",)

    days: int = 365


class DoubleEncrypted(Claim):
    """Every data store in scope has two independent layers of encryption at rest.

    A customer key in place of the platform's key is one layer, not two.
    """

    family: ClassVar[str] = "rest.double"
    covers: ClassVar[frozenset[Store]] = DATA_STORES | BACKUP_STORES
    falsifiers: ClassVar[tuple[str, ...]] = ("a store with a single layer: infrastructure encryption off",)


class BackupsEncrypted(Claim):
    """Every snapshot, recovery point, automated and long-term backup and every vault in scope is encrypted."""

    family: ClassVar[str] = "backup.encrypted"
    covers: ClassVar[frozenset[Store]] = BACKUP_STORES
    falsifiers: ClassVar[tuple[str, ...]] = ("one snapshot, recovery point or vault stored in the clear",)


class BackupsExist(Claim):
    """Stores in scope are backed up, and the newest backup is at most ``max_age_days`` old."""

    family: ClassVar[str] = "backup.exists"
    falsifiers: ClassVar[tuple[str, ...]] = (
        "a store without plan or recovery point",
        "a newest backup that is too old",
    )

    max_age_days: int = 7


class VaultProtected(Claim):
    """Key vaults and backup vaults keep what is deleted for a while, and cannot be purged or emptied in one step.

    Soft delete is on everywhere; purge protection on key vaults; network access is restricted where
    ``network_restricted`` is set.
    """

    family: ClassVar[str] = "rest.keys"
    falsifiers: ClassVar[tuple[str, ...]] = (
        "a vault without soft delete or purge protection",
        "a vault open to all networks",
    )

    network_restricted: bool = True


class HostedBy(Claim):
    """The product's stores and servers run at ``provider``."""

    family: ClassVar[str] = "hosting.location"
    falsifiers: ClassVar[tuple[str, ...]] = ("an endpoint or workload at another provider",)

    provider: Literal["aws", "azure"]


class HostedIn(Claim):
    """Every resource in scope lies in one of ``regions`` (the provider's region codes)."""

    family: ClassVar[str] = "hosting.location"
    covers: ClassVar[frozenset[Store]] = DATA_STORES | BACKUP_STORES
    falsifiers: ClassVar[tuple[str, ...]] = ("a store, replica or backup in another region",)

    regions: tuple[str, ...]


class NoPublicAccess(Claim):
    """No store, snapshot or image in scope can be read or listed by anybody on the internet without signing in."""

    family: ClassVar[str] = "exposure.public"
    covers: ClassVar[frozenset[Store]] = frozenset(
        {Store.OBJECT, Store.DATABASE, Store.FILE, Store.SEARCH, Store.QUEUE, Store.SNAPSHOT, Store.BACKUP}
    )
    falsifiers: ClassVar[tuple[str, ...]] = ("anonymous read or list", "a public snapshot or image")


class NotShared(Claim):
    """No store, snapshot, image or key in scope is open to an account or tenant outside ``allowed``.

    ``allowed`` lists account, subscription or tenant ids with which sharing is agreed.
    """

    family: ClassVar[str] = "exposure.public"
    covers: ClassVar[frozenset[Store]] = frozenset({Store.OBJECT, Store.SNAPSHOT, Store.BACKUP})
    falsifiers: ClassVar[tuple[str, ...]] = (
        "a snapshot, image or key shared with a foreign account",
        "a policy that admits a foreign principal",
        "replication into another account or tenant",
    )

    allowed: tuple[str, ...] = ()


class NetworkRestricted(Claim):
    """Stores and databases in scope answer chosen networks only: their default is to deny."""

    family: ClassVar[str] = "exposure.public"
    covers: ClassVar[frozenset[Store]] = frozenset({Store.OBJECT, Store.DATABASE})
    falsifiers: ClassVar[tuple[str, ...]] = ("a store or database whose network default is allow",)


class NamedPrincipalsOnly(Claim):
    """Data in scope is reached by named principals alone: no shared account keys, no account-wide signatures."""

    family: ClassVar[str] = "access.credentials"
    covers: ClassVar[frozenset[Store]] = frozenset({Store.OBJECT, Store.DATABASE})
    falsifiers: ClassVar[tuple[str, ...]] = (
        "a store that accepts a shared key",
        "a local user or admin account on a store",
    )


class RoleBasedAccess(Claim):
    """Rights over the accounts in scope come from roles, and few principals hold the wide ones.

    At most ``max_privileged`` principals may own or administer a whole subscription or account; custom roles name
    their actions without wildcards.
    """

    family: ClassVar[str] = "access.role"
    falsifiers: ClassVar[tuple[str, ...]] = (
        "more owners or administrators than the limit",
        "a custom role whose actions are a wildcard",
        "a classic administrator",
    )

    max_privileged: int = 5


class PasswordPolicy(Claim):
    """User pools demand passwords of at least ``min_length`` characters."""

    family: ClassVar[str] = "access.credentials"
    falsifiers: ClassVar[tuple[str, ...]] = ("a user pool with a weaker password policy",)

    min_length: int = 8


class ActivityLogged(Claim):
    """Actions on the accounts in scope are logged in every region, and the log cannot be altered unseen.

    ``integrity`` asks for log file validation.
    """

    family: ClassVar[str] = "logging.audit"
    falsifiers: ClassVar[tuple[str, ...]] = ("a region without a trail", "a trail that is stopped", "validation off")

    integrity: bool = True


class ConfigurationRecorded(Claim):
    """Changes of configuration are recorded in every region in scope."""

    family: ClassVar[str] = "logging.audit"
    falsifiers: ClassVar[tuple[str, ...]] = ("a region whose recorder is absent, stopped or failing",)


class ThreatDetection(Claim):
    """The provider's threat detection is on in every region in scope."""

    family: ClassVar[str] = "monitoring.detection"
    falsifiers: ClassVar[tuple[str, ...]] = ("a region without an enabled detector",)


class VulnerabilityScanning(Claim):
    """Workloads are scanned for known vulnerabilities by the provider's scanner, in every region in scope."""

    family: ClassVar[str] = "monitoring.detection"
    falsifiers: ClassVar[tuple[str, ...]] = ("a region or resource type for which scanning is off",)


class DeletedWithin(Claim):
    """Data that is deleted is gone for good within ``days`` days.

    What is computed is an upper bound: soft delete, old versions and the retention of backups added up.
    """

    family: ClassVar[str] = "deletion.retention"
    covers: ClassVar[frozenset[Store]] = frozenset(
        {Store.OBJECT, Store.DATABASE, Store.FILE, Store.SNAPSHOT, Store.BACKUP}
    )
    falsifiers: ClassVar[tuple[str, ...]] = (
        "a versioned store that never expires old versions",
        "a backup kept longer than the promised time",
    )

    days: int = 60


class PolicyPublished(Claim):
    """The product's privacy policy can be read by anybody, over TLS, at ``path`` of an endpoint in scope."""

    family: ClassVar[str] = "policy.published"
    falsifiers: ClassVar[tuple[str, ...]] = ("the page is missing or needs a sign-in",)

    path: str = "/privacy"


class PolicyUnchanged(Claim):
    """The text of the policy at ``path`` is the one that was reviewed: its visible words have this SHA-256.

    Without a ``sha256`` nothing can be compared; the finding then names the hash of today.
    """

    family: ClassVar[str] = "policy.published"
    falsifiers: ClassVar[tuple[str, ...]] = ("a text with another hash than the reviewed one",)

    path: str = "/privacy"
    sha256: str = ""


class NoTrackers(Claim):
    """Pages of the product load nothing from hosts that advertise or follow people, and send such hosts nothing.

    ``allowed`` lists hosts that the reading of the document permits, with their subdomains.
    """

    family: ClassVar[str] = "disclosure.tracking"
    falsifiers: ClassVar[tuple[str, ...]] = ("a page that names a host of a tracker or advertiser list",)

    allowed: tuple[str, ...] = ()


def vocabulary() -> dict[str, type[Claim]]:
    """Every claim by the word that profiles use for it."""
    return {kind.word(): kind for kind in Claim.__subclasses__()}
