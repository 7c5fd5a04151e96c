"""What a TLS policy asks, as its file says it: lists of names and least sizes, each with its section, on two levels."""

from functools import cache
from pathlib import Path

import msgspec

from posture.model import Value
from posture.yamlfile import load
from posture_endpoint.hello.suites import SUITES, Suite

_BY_NAME = {suite.name: suite for suite in SUITES.values()}


class Choice(Value):
    """Names that are allowed: ``only`` these, or all ``without`` these. Exactly one of both is given.

    ``undecided`` are names of which the source says too little to decide. Of ``one_of`` at least one has to be
    accepted. ``section`` is where the source says so.
    """

    section: str
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if bool(self.only) == bool(self.without):
            raise ValueError("a choice has either `only` or `without`")

    def allows(self, name: str) -> bool | None:
        """Whether the name is allowed; None where that is undecided."""
        if name in self.undecided:
            return None
        return name in self.only if self.only else name not in self.without


class SuiteChoice(Value):
    """Suites that are allowed: ``only`` those of IANA's names, or all but those with a part that is ruled out.

    ``without_ciphers`` and ``undecided_ciphers`` are parts of a suite's name behind its key exchange (``RC4``), or all
    of that; ``without_exchanges`` are key exchanges as suites name them (``ECDHE_RSA``). ``undecided`` are whole names.
    With ``encrypt_then_mac`` suites of CBC count only where the server joins them with RFC 7366.
    """

    section: str
    only: tuple[str, ...] = ()
    without_ciphers: tuple[str, ...] = ()
    without_exchanges: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    undecided_ciphers: tuple[str, ...] = ()
    encrypt_then_mac: bool = False

    def __post_init__(self) -> None:
        if bool(self.only) == bool(self.without_ciphers):
            raise ValueError("suites have either `only` or `without_ciphers`")

    def allows(self, name: str) -> bool | None:
        """Whether the suite is allowed; None where that is undecided, or where nobody knows the suite."""
        suite = _BY_NAME.get(name)
        if suite is None or name in self.undecided:
            return None
        if self.only:
            return name in self.only
        parts = _parts(suite)
        if parts.intersection(self.without_ciphers) or suite.exchange in self.without_exchanges:
            return False
        return None if parts.intersection(self.undecided_ciphers) else True


class Least(Value):
    """The least size of something, in bits."""

    section: str
    least: int


class Most(Value):
    """The longest time from the beginning of a certificate to its end, in days."""

    section: str
    most: int


class Level(Value):
    """What one level of a policy asks. What it leaves out is not judged.

    ``signatures`` are those of the handshake; ``curves`` and all below are the certificate's. ``key_types`` are RSA,
    EC, DSA, Ed25519, Ed448; ``certificate_signatures`` algorithms as certificates name them, ``certificate_hashes`` the
    hash in them.
    """

    versions: Choice | None = None
    suites: SuiteChoice | None = None
    groups: Choice | None = None
    dh_bits: Least | None = None
    signatures: Choice | None = None
    key_types: Choice | None = None
    curves: Choice | None = None
    rsa_bits: Least | None = None
    ec_bits: Least | None = None
    certificate_signatures: Choice | None = None
    certificate_hashes: Choice | None = None
    validity_days: Most | None = None

    @property
    def judges_certificates(self) -> bool:
        """Whether anything is asked of the certificate."""
        return any(
            rule is not None
            for rule in (
                *(self.key_types, self.curves, self.rsa_bits, self.ec_bits),
                *(self.certificate_signatures, self.certificate_hashes, self.validity_days),
            )
        )


class Source(Value):
    """A document that a policy was read from; ``date`` is its own."""

    document: str
    publisher: str
    date: str
    url: str


class Policy(Value):
    """One policy in one version. ``strict`` holds what it recommends, over and above what ``lenient`` demands.

    ``checked`` says against what the values were compared, ``notes`` how unclear words were read, ``not_judged`` what
    the source asks besides and no handshake shows.
    """

    id: str
    title: str
    version: str
    sources: tuple[Source, ...]
    checked: str
    notes: tuple[str, ...]
    not_judged: tuple[str, ...]
    lenient: Level
    strict: Level

    def level(self, name: str) -> Level:
        """The rules of a level; the strict one keeps those of the lenient one that it does not tighten."""
        if name == "lenient":
            return self.lenient
        own = {field: getattr(self.strict, field) for field in Level.__struct_fields__}
        return msgspec.structs.replace(self.lenient, **{field: rule for field, rule in own.items() if rule is not None})


@cache
def policies() -> dict[str, Policy]:
    """Every policy by its id, which is the name of its file."""
    found = {path.stem: load(path, Policy) for path in sorted(Path(__file__).parent.glob("*.yaml"))}
    for name, policy in found.items():
        assert policy.id == name, f"{name}.yaml holds {policy.id}"
    return found


def _parts(suite: Suite) -> set[str]:
    """The words of a suite's cipher and the whole of it, and what its key exchange says of an export grade."""
    cipher = suite.cipher.removeprefix("WITH_")
    return {cipher, *cipher.split("_"), *(["EXPORT"] if "EXPORT" in suite.exchange else [])}
