"""Profiles: a document's statements, how each is read, and the claims a scan can test for it."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import msgspec

from posture import yamlfile
from posture.claims import Claim, vocabulary
from posture.model import Value
from posture.scope import Scope


class StatementClass(StrEnum):
    """How far a machine can judge a statement."""

    TESTABLE = "testable"
    PARTLY_TESTABLE = "partly-testable"
    PROMISE = "promise"
    DOCUMENT = "document"
    ORGANISATIONAL = "organisational"
    VAGUE = "vague"
    BACKGROUND = "background"


class Anchor(Value):
    """Where a sentence stands in its document, and the SHA-256 of its normalised words.

    ``place`` is its ordinal among the document's sentences, ``sketch`` a few bits of each word: with them a later
    reading of the document can tell a sentence that moved, and one that was edited from one that was taken out.
    """

    locator: str
    sha256: str
    place: int | None = None
    sketch: str = ""


class Reading(Value):
    """What ambiguous words are taken to mean, by whom, when and why. Unconfirmed readings are drafts."""

    words: str
    meaning: str
    author: str
    date: date
    reason: str
    confirmed: bool = True


class ClaimUse(Value, rename={"parameters": "with"}):
    """A claim as a statement makes it.

    ``quantifier`` says whether the document itself says "all" or leaves it to be understood. ``alternative`` holds
    the parameters of the other reading, judged beside the adopted one. ``empty`` says what an estate with nothing to
    judge means: unknown, or acceptable with ``empty_reason``. ``data`` narrows the claim to the stores that hold this
    class of data, as far as the configuration's ``holds`` says which do; empty means all data.
    """

    claim: str
    parameters: dict[str, Any] = {}
    quantifier: Literal["all", "unstated"] = "unstated"
    reading: Reading | None = None
    alternative: dict[str, Any] | None = None
    empty: Literal["unknown", "acceptable"] = "unknown"
    empty_reason: str = ""
    data: str = ""


class StatementSource(Value, rename={"class_": "class"}):
    """A statement as the file holds it."""

    id: str
    summary: str
    class_: StatementClass
    anchors: tuple[Anchor, ...] = ()
    claims: tuple[ClaimUse, ...] = ()
    reading: Reading | None = None
    remainder: str = ""
    reason: str = ""
    section: str = ""


class DocumentSource(Value):
    """Which document a profile reads. ``sha256`` is over its normalised sentences; no sentence of it is stored."""

    title: str
    vendor: str
    sha256: str = ""
    dated: str = ""
    url: str = ""
    note: str = ""


class ProfileSource(Value):
    """A profile as the file holds it."""

    id: str
    title: str
    statements: tuple[StatementSource, ...]
    document: DocumentSource | None = None
    scope: Scope = Scope()
    version: int = 1


class Asserted(Value):
    """A claim of a statement, typed, with the claim of the alternative reading where there is one."""

    claim: Any
    use: ClaimUse
    alternative: Any = None
    line: int = 1


class Statement(Value):
    """One sentence or item of a document with the claims it makes.

    ``remainder`` is the part of a partly testable statement that no scan can see: it keeps the statement from being
    verified outright.
    """

    source: StatementSource
    asserted: tuple[Asserted, ...]
    line: int

    @property
    def id(self) -> str:
        """The id, unique within the profile."""
        return self.source.id


class Profile(Value):
    """One document, its statements and claims, its scope."""

    source: ProfileSource
    statements: tuple[Statement, ...]
    file: str

    @property
    def id(self) -> str:
        """The id that commands and reports use."""
        return self.source.id

    def claims(self) -> list[Claim]:
        """Every distinct claim, alternatives included, in the order of the document."""
        known: dict[str, Claim] = {}
        for statement in self.statements:
            for asserted in statement.asserted:
                for claim in (asserted.claim, asserted.alternative):
                    if claim is not None:
                        known.setdefault(claim.key(), claim)
        return list(known.values())

    def narrows(self) -> bool:
        """Whether any claim is about one class of data alone."""
        return any(asserted.use.data for statement in self.statements for asserted in statement.asserted)


def load_profile(path: Path) -> Profile:
    """A profile from its file. Raises yamlfile.FileError."""
    return build_profile(yamlfile.read(path))


def build_profile(loaded: yamlfile.Loaded) -> Profile:
    """A profile from loaded YAML: claims get their types, ids are checked for uniqueness."""
    source = loaded.typed(ProfileSource)
    statements: list[Statement] = []
    known: set[str] = set()
    for place, statement in enumerate(source.statements):
        where: yamlfile.Where = ("statements", place)
        if statement.id in known:
            raise loaded.error((*where, "id"), f"the statement id {statement.id!r} stands here twice")
        known.add(statement.id)
        _check_statement(loaded, where, source, statement)
        asserted = tuple(
            _asserted(loaded, (*where, "claims", index), use) for index, use in enumerate(statement.claims)
        )
        statements.append(Statement(source=statement, asserted=asserted, line=loaded.line(where)))
    return Profile(source=source, statements=tuple(statements), file=loaded.name)


def _check_statement(
    loaded: yamlfile.Loaded, where: yamlfile.Where, source: ProfileSource, statement: StatementSource
) -> None:
    testable = statement.class_ in (StatementClass.TESTABLE, StatementClass.PARTLY_TESTABLE)
    if testable and not statement.claims:
        raise loaded.error(where, f"{statement.id}: class {statement.class_} needs at least one claim")
    if statement.class_ == StatementClass.PARTLY_TESTABLE and not statement.remainder:
        raise loaded.error(
            where, f"{statement.id}: a partly testable statement says in `remainder` what no scan can see"
        )
    if statement.claims and statement.class_ not in (
        StatementClass.TESTABLE,
        StatementClass.PARTLY_TESTABLE,
        StatementClass.PROMISE,
        StatementClass.VAGUE,
    ):
        raise loaded.error(where, f"{statement.id}: class {statement.class_} makes no claims")
    if statement.class_ == StatementClass.VAGUE and statement.claims and statement.reading is None:
        raise loaded.error(where, f"{statement.id}: a vague statement makes claims only under a written `reading`")
    if source.document is not None and not statement.anchors:
        raise loaded.error(where, f"{statement.id}: a statement of a document needs at least one anchor")
    for index, anchor in enumerate(statement.anchors):
        if len(anchor.sha256) != 64 or set(anchor.sha256) - set("0123456789abcdef"):
            raise loaded.error(
                (*where, "anchors", index, "sha256"), f"{anchor.sha256!r} is not a SHA-256 in lower-case hexadecimal"
            )


def _asserted(loaded: yamlfile.Loaded, where: yamlfile.Where, use: ClaimUse) -> Asserted:
    words = vocabulary()
    kind = words.get(use.claim)
    if kind is None:
        hint = yamlfile.nearest(use.claim, list(words))
        raise loaded.error((*where, "claim"), f"there is no claim {use.claim!r}{hint}")
    if use.empty == "acceptable" and not use.empty_reason:
        raise loaded.error((*where, "empty"), "`empty: acceptable` needs an `empty_reason`")
    claim = loaded.typed(kind, use.parameters, (*where, "with"))
    alternative = None
    if use.alternative is not None:
        alternative = loaded.typed(kind, {**use.parameters, **use.alternative}, (*where, "alternative"))
    return Asserted(claim=claim, use=use, alternative=alternative, line=loaded.line(where))


def to_data(profile: Profile) -> Any:
    """The profile as plain data, as it is kept in a run."""
    return msgspec.to_builtins(profile.source)


def from_data(data: Any, name: str) -> Profile:
    """A profile from the plain data of a run."""
    return build_profile(yamlfile.Loaded(name, data, {}))
