"""Readers and checks say in their signatures what they need, and nothing else is accepted."""

import sys
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any

import pytest

from engine import lab
from engine.lab import Box, Grade, Key, KeyOwner, LabSession, Lock, Recorder, Seal
from posture.check import Check, CheckError, Incomplete, Outcome, Pass, Severity, check
from posture.claims import Claim, CustomerManagedKeys, EncryptedAtRest, NotShared
from posture.model import Cause, Fact, Gap, Resource
from posture.place import Where
from posture.reader import Reader, ReaderError, reader
from posture.registry import Registry, RegistryError
from posture.session import GapFound, Session

GAP = Gap(cause=Cause.ACCESS_DENIED, detail="no", operation="lab:GetKey", permission="lab:GetKey")


def declare(function: Callable[..., Any], **options: Any) -> Reader:
    return reader(**({"operation": "lab:Get"} | options))(function)


def declare_check(function: Callable[..., Any], id: str = "lab.x.y") -> Check:
    return check(id=id, title="t", severity=Severity.LOW, remedy="r")(function)


def test_what_a_reader_is_follows_from_its_signature() -> None:
    rows = {
        found.function.__name__: (found.fact, found.parent, found.many, found.permission, found.where, found.shared)
        for found in vars(lab).values()
        if isinstance(found, Reader)
    }
    assert rows["boxes"] == (Box, None, True, "lab:ListBoxes", Where.REGION, False)
    assert rows["lock"] == (Lock, Box, False, "lab:ReadLock", Where.REGION, False)
    assert rows["grade"] == (Grade, Lock, False, "lab:GetGrade", Where.REGION, True)
    assert rows["recorder"] == (Recorder, None, False, "lab:GetRecorder", Where.REGION, False)
    assert rows["seals"] == (Seal, None, True, "lab:ListSeals", Where.ACCOUNT, False)


def test_what_a_check_is_follows_from_its_signature() -> None:
    made = lab.own_key
    assert (made.fact, made.claim, made.consulted) == (Lock, CustomerManagedKeys, (KeyOwner,))
    assert (made.doc, made.id) == ("Whose key it is, is seen from the key.", "lab.box.own-key")


def looking(refutes: Any) -> Check:
    def found(box: Box, claim: NotShared) -> Outcome: ...

    return check(id="lab.x.y", title="t", severity=Severity.LOW, remedy="r", refutes=refutes)(found)


def test_a_check_looks_for_the_falsifiers_that_it_names_by_their_first_words() -> None:
    first, second, third = NotShared.falsifiers
    assert looking("a policy").falsifiers == (second,)
    assert looking(("replication", "a snapshot")).falsifiers == (first, third)
    assert looking(()).falsifiers == ()
    assert lab.own_key.falsifiers == CustomerManagedKeys.falsifiers, "the only one is meant"


@pytest.mark.parametrize("words", ["a ", "a key", "", "A policy", "a policy that admits a foreign principal and more"])
def test_words_that_begin_no_falsifier_or_several_are_refused(words: str) -> None:
    with pytest.raises(CheckError, match=r"lab\.x\.y: refutes: .* begins not one of: a snapshot, image or key"):
        looking((words,))


def test_an_empty_permission_means_that_none_is_needed() -> None:
    def free(lab: LabSession) -> Box: ...

    assert declare(free, permission="").permission == ""


def no_session() -> Box: ...
def session_missing(box: Box) -> Lock: ...
def bare_session(lab) -> Box: ...  # type: ignore[no-untyped-def]
def perhaps_session(lab: LabSession | None) -> Box: ...
def no_result(lab: LabSession): ...  # type: ignore[no-untyped-def]
def not_a_fact(lab: LabSession) -> str: ...
def list_of_facts(lab: LabSession) -> list[Box]: ...
def iterator_of_text(lab: LabSession) -> Iterator[str]: ...
def perhaps_a_fact(lab: LabSession) -> Box | None: ...
def two_parents(lab: LabSession, box: Box, key: Key) -> Lock: ...
def text_parent(lab: LabSession, box: str) -> Lock: ...
def bare_parent(lab: LabSession, box) -> Lock: ...  # type: ignore[no-untyped-def]


@pytest.mark.parametrize(
    "function",
    [
        no_session,
        session_missing,
        bare_session,
        perhaps_session,
        no_result,
        not_a_fact,
        list_of_facts,
        iterator_of_text,
        perhaps_a_fact,
        two_parents,
        text_parent,
        bare_parent,
    ],
)
def test_a_reader_that_does_not_say_what_it_reads_is_refused_by_name(function: Callable[..., Any]) -> None:
    with pytest.raises(ReaderError, match=function.__name__):
        declare(function)


def test_a_reader_may_give_an_iterable() -> None:
    def many(session: Session) -> Iterable[Box]: ...

    assert declare(many).many


def only_fact(lock: Lock) -> Outcome: ...
def swapped(claim: EncryptedAtRest, lock: Lock) -> Outcome: ...
def bare_claim(lock: Lock, claim) -> Outcome: ...  # type: ignore[no-untyped-def]
def two_claims(lock: Lock, claim: EncryptedAtRest | CustomerManagedKeys) -> Outcome: ...
def one_other(lock: Lock, claim: EncryptedAtRest, key: Key) -> Outcome: ...
def list_of_others(lock: Lock, claim: EncryptedAtRest, keys: list[Key]) -> Outcome: ...
def pair_of_others(lock: Lock, claim: EncryptedAtRest, keys: tuple[Key, Key]) -> Outcome: ...
def bare_others(lock: Lock, claim: EncryptedAtRest, keys) -> Outcome: ...  # type: ignore[no-untyped-def]


@pytest.mark.parametrize(
    "function",
    [only_fact, swapped, bare_claim, two_claims, one_other, list_of_others, pair_of_others, bare_others],
)
def test_a_check_that_does_not_say_what_it_judges_is_refused_by_name(function: Callable[..., Any]) -> None:
    with pytest.raises(CheckError, match=function.__name__):
        declare_check(function)


# Facts consulted of which some are missing.


def owner(key: str) -> KeyOwner:
    where = Resource(id=f"lab/{key}", kind="lab.key", cloud="lab", account="1111", region="north", name=key)
    return KeyOwner(resource=where, key=key, owner="us")


PART = Incomplete.of((owner("a"), owner("b")), GAP)


def test_what_was_read_is_found_among_incomplete_facts() -> None:
    assert next(found for found in PART if found.key == "b") == owner("b")
    assert owner("a") in PART
    assert bool(PART)
    assert any(found.key == "a" for found in PART)


@pytest.mark.parametrize(
    "judge",
    [
        list,
        tuple,
        set,
        sorted,
        len,
        lambda part: next((found for found in part if found.key == "c"), None),
        lambda part: {found.key: found for found in part},
        lambda part: all(found.owner == "us" for found in part),
        lambda part: owner("c") in part,
        lambda part: part[0],
        lambda part: part[5:],
        lambda part: part == (),
        lambda part: part != (),
        lambda part: part + (),  # noqa: RUF005
        lambda part: part.count(owner("c")),
        lambda part: part.index(owner("c")),
        lambda part: [*part],
        lambda part: max(part, key=str),
        lambda part: list(reversed(part)),
        lambda part: bool(Incomplete.of((), GAP)),
    ],
)
def test_whoever_judges_by_what_is_not_there_gets_the_gap(judge: Callable[[Any], Any]) -> None:
    with pytest.raises(GapFound) as raised:
        judge(PART)
    assert raised.value.gap == GAP


# What a registry refuses.


def package(*made: Any, name: str = "posture_made") -> ModuleType:
    """A check package of the lab and of further parts."""
    module = ModuleType(name)
    for index, part in enumerate(made):
        part.function.__module__ = name
        setattr(module, f"part_{index}", part)
    module.PROVIDER = lab.PROVIDER  # type: ignore[attr-defined]
    module.__path__ = []
    sys.modules.pop(name, None)
    return module


def test_a_registry_knows_the_way_to_each_fact() -> None:
    registry = Registry([lab])  # type: ignore[list-item]
    assert registry.chain(Grade) == [lab.boxes, lab.lock, lab.grade]
    assert lab.shelves in registry.readers_of("lab")
    assert registry.provider_of(Grade) == "lab"


def test_a_check_of_a_fact_that_nobody_reads_is_refused() -> None:
    class Nothing(Fact):
        """Read by nobody."""

    def judge(fact: Nothing, claim: EncryptedAtRest) -> Outcome: ...

    judge.__annotations__["fact"] = Nothing
    with pytest.raises(RegistryError, match="no reader leads to Nothing"):
        Registry([package(declare_check(judge))])


def test_two_readers_of_one_fact_are_refused() -> None:
    def again(lab: LabSession) -> Iterator[Box]: ...

    with pytest.raises(RegistryError, match=r"again and .*boxes both read Box|boxes and .*again both read Box"):
        Registry([lab, package(declare(again))])  # type: ignore[list-item]


def test_two_checks_of_one_id_are_refused() -> None:
    def judge(lock: Lock, claim: EncryptedAtRest) -> Outcome: ...

    with pytest.raises(RegistryError, match=r"two checks have the id lab\.box\.encryption"):
        Registry([lab, package(declare_check(judge, "lab.box.encryption"))])  # type: ignore[list-item]


def test_a_check_cannot_consult_facts_of_another_shard() -> None:
    def judge(lock: Lock, claim: EncryptedAtRest, seals: tuple[Seal, ...]) -> Outcome:
        return Pass("holds") if not seals else Pass("holds too")

    with pytest.raises(RegistryError, match=r"lab\.x\.y consults Seal, which is not read where its own fact is"):
        Registry([lab, package(declare_check(judge))])  # type: ignore[list-item]


def test_an_unknown_check_is_answered_with_the_nearest() -> None:
    with pytest.raises(RegistryError, match=r"did you mean 'lab\.box\.encryption'"):
        Registry([lab]).check("lab.box.encrypton")  # type: ignore[list-item]


def test_every_claim_has_a_word_of_its_own_and_controls() -> None:
    words = [kind.word() for kind in Claim.__subclasses__()]
    assert len(set(words)) == len(words)
    assert all(kind.controls() for kind in Claim.__subclasses__())
    assert "tls-minimum" in words
