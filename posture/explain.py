"""Explains a statement, claim, check or finding: how it is read, what tests it, what was tried, what to do."""

import heapq
import inspect
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from posture.assess import Assessment, Attested, StatementVerdict
from posture.check import Check
from posture.claims import Claim, vocabulary
from posture.console import console_link
from posture.model import Fail, Finding, Pass, Severity, Unknown, Value
from posture.narrowing import Narrowing
from posture.profile import Asserted, Profile, Reading, Statement
from posture.reader import Reader
from posture.registry import Registry
from posture.remedy import fitting
from posture.report.words import (
    BASES,
    CLASSES,
    OUTCOMES,
    REMEDIES,
    listing,
    meaning,
    moment,
    one_line,
    parameters,
    plain_value,
    spoken,
    verdict_label,
)
from posture.run.directory import IntegrityError, Run
from posture.run.record import ReplyRecord
from posture.session import Call
from posture.tried import EVERYWHERE, Tried, Where, outcome_word, refuted

DIGITS = 8
"""Hexadecimal digits of a finding's id that are asked for at least."""


SHOWN = 5
"""Findings that are named of those that break a statement; the others are counted."""


class Part(Value):
    """A heading and what stands under it, each line on its own."""

    heading: str
    lines: tuple[str, ...]


class Explanation(Value):
    """What there is to say of one thing. ``kind`` is statement, claim, check or finding."""

    kind: str
    id: str
    title: str
    parts: tuple[Part, ...]


class Broken(Value):
    """The findings of a run that break a statement: how many, and the gravest of them."""

    count: int
    gravest: tuple[Finding, ...]


def broken(found: Statement, profile: Profile, findings: Iterable[Finding], narrowing: Narrowing) -> Broken:
    """What breaks a statement, from all findings of a run."""
    classes: dict[str, set[str]] = {}
    for asserted in found.asserted:
        classes.setdefault(asserted.claim.key(), set()).add(asserted.use.data)
    counted = 0

    def breaking() -> Iterator[Finding]:
        nonlocal counted
        for finding in findings:
            if isinstance(finding.outcome, Fail) and profile.id in finding.profiles:
                spoken_of = classes.get(finding.claim, ())
                if any(not narrowing.leaves_out(data, finding) for data in spoken_of):
                    counted += 1
                    yield finding

    falling = list(reversed(Severity))
    gravest = heapq.nsmallest(SHOWN, breaking(), key=lambda one: (falling.index(one.severity), one.id))
    return Broken(count=counted, gravest=tuple(gravest))


def statement(
    profile: Profile,
    found: Statement,
    registry: Registry,
    verdict: StatementVerdict | None,
    tried: Tried | None,
    breaks: Broken | None = None,
) -> Explanation:
    """A statement: its class, reading, claims, and the tests of each.

    ``verdict``, ``tried`` and what ``breaks`` it come from a run.
    """
    source = found.source
    about = [f"{profile.source.title}; {CLASSES[source.class_]}"]
    about += [f"in its document at {anchor.locator}" for anchor in source.anchors]
    if verdict is not None:
        about.append(f"in this run: {verdict_label(verdict.verdict)}")
        about += [_vouched(attested) for attested in verdict.attested]
    parts = [Part(heading="Statement", lines=tuple(about))]
    if breaks is not None and breaks.count:
        parts.append(Part(heading="Broken by", lines=tuple(_breaking(breaks))))
    parts += _read(source.reading)
    for asserted in found.asserted:
        parts += _asserted(asserted, registry, profile.id, tried)
    if source.remainder:
        parts.append(Part(heading="No scan can see", lines=(one_line(source.remainder),)))
    if source.reason:
        heading = "Note" if found.asserted else "No claims, because"
        parts.append(Part(heading=heading, lines=(one_line(source.reason),)))
    return Explanation(
        kind="statement", id=f"{profile.id}/{found.id}", title=one_line(source.summary), parts=tuple(parts)
    )


def _vouched(attested: Attested) -> str:
    if attested.lapsed:
        return f"the attestation {attested.id} of {attested.who} ended on {attested.until}"
    return f"attested by {attested.who} until {attested.until} ({attested.id}), which changes no verdict"


def _breaking(breaks: Broken) -> Iterator[str]:
    symbol, _ = OUTCOMES["fail"]
    for finding in breaks.gravest:
        yield f"{symbol} {finding.id[:12]} {finding.resource.name} {finding.outcome.reason}"
    if breaks.count > len(breaks.gravest):
        yield f"and {breaks.count - len(breaks.gravest):,} more"


def _read(reading: Reading | None) -> list[Part]:
    if reading is None:
        return []
    who = f"{reading.author}, {reading.date}{'' if reading.confirmed else ', unconfirmed'}"
    said = f"“{reading.words}” is taken to mean: {one_line(reading.meaning)}"
    return [Part(heading="Reading", lines=(said, f"because {one_line(reading.reason)} ({who})"))]


def _asserted(asserted: Asserted, registry: Registry, profile: str, tried: Tried | None) -> Iterator[Part]:
    claim = asserted.claim
    lines = [*_holds(claim)]
    if asserted.use.quantifier == "all":
        lines.append("the document itself says “all”")
    if asserted.use.data:
        lines.append(f"speaks only about stores that hold {asserted.use.data}, where the configuration says which do")
    if asserted.alternative is not None:
        lines.append(f"the other reading, judged beside it: {'; '.join(_holds(asserted.alternative))}")
    if asserted.use.empty == "acceptable":
        lines.append(f"an estate with nothing to judge is acceptable: {one_line(asserted.use.empty_reason)}")
    yield Part(heading=f"Claim {claim.word()}", lines=tuple(lines))
    yield from _read(asserted.use.reading)
    data = asserted.use.data if tried is not None and tried.maps(asserted.use.data) else ""
    where = Where(profile=profile, claim=claim.key(), data=data)
    yield Part(heading="Refuted by", lines=tuple(refuted(type(claim), registry, tried, where)))
    yield from _tests(type(claim), registry, tried, where)


def _holds(claim: Claim) -> list[str]:
    values = msgspec.to_builtins(claim)
    named = [f"{name}: {value}" for name, value in parameters(values)]
    return [meaning(claim.word(), values), *([f"with {', '.join(named)}"] if named else [])]


def _tests(kind: type[Claim], registry: Registry, tried: Tried | None, where: Where = EVERYWHERE) -> Iterator[Part]:
    """The checks that bear on a claim, provider by provider, with what a run tried of them."""
    for provider in sorted(registry.providers):
        checks = [check for check in registry.checks_of(provider) if check.claim is kind]
        lines = [
            f"{check.id}: {check.title}" + (f" ({tried.words(check.id, where)})" if tried else "") for check in checks
        ]
        yield Part(heading=f"Tests, {provider}", lines=tuple(lines) or ("no check here bears on it",))


def claim(word: str, registry: Registry, profiles: Sequence[Profile], tried: Tried | None) -> Explanation:
    """A claim of the vocabulary: when it holds, what a profile may set, what refutes it, who makes it."""
    kind = vocabulary()[word]
    first, *rest = (inspect.getdoc(kind) or "").replace("``", "`").split("\n\n")
    makers = [
        f"{profile.id}/{found.id}"
        for profile in profiles
        for found in profile.statements
        if any(type(asserted.claim) is kind for asserted in found.asserted)
    ]
    covers = listing(sorted(kind.covers))
    parts = [
        *([Part(heading="More", lines=tuple(one_line(text) for text in rest))] if rest else []),
        Part(heading="Parameters", lines=tuple(_parameters(kind)) or ("none",)),
        Part(heading="Refuted by", lines=tuple(refuted(kind, registry, tried, EVERYWHERE))),
        Part(heading="Speaks about", lines=(f"stores of these families: {covers}" if covers else "no stores",)),
        *_tests(kind, registry, tried),
        Part(heading="Statements that make it", lines=tuple(makers) or ("none",)),
    ]
    return Explanation(kind="claim", id=word, title=one_line(first), parts=tuple(parts))


def _parameters(kind: type[Claim]) -> Iterator[str]:
    for field in msgspec.structs.fields(kind):
        default = "must be given" if field.required else f"by default {plain_value(field.default)}"
        yield f"{spoken(field.name)} (`{field.name}`): {default}"


def check(found: Check, registry: Registry, tried: Tried | None) -> Explanation:
    """A check: what it asks and why, what it reads and needs, and what to do when it fails."""
    readers: dict[str, Reader] = {}
    for fact in (found.fact, *found.consulted):
        readers |= {reader.name: reader for reader in registry.chain(fact)}
    reads = [
        f"{reader.operation}{needs}: {reader.doc.splitlines()[0]}"
        for reader in readers.values()
        for needs in [f" (needs {reader.permission})" if reader.permission else ""]
    ]
    parts = [
        Part(heading="Why", lines=tuple(one_line(text) for text in found.doc.split("\n\n"))),
        Part(heading="Bears on", lines=(f"{found.claim.word()}, severity {found.severity}",)),
        Part(heading="Looks for", lines=found.falsifiers or ("it does not say which of the claim's falsifiers",)),
        Part(heading="Reads", lines=tuple(reads)),
        Part(heading="When it fails", lines=(found.remedy,)),
    ]
    if tried is not None:
        parts.append(Part(heading="In this run", lines=(tried.words(found.id),)))
    return Explanation(kind="check", id=found.id, title=found.title, parts=tuple(parts))


def finding(run: Run, found: Finding, registry: Registry, assessment: Assessment) -> Explanation:
    """A finding: what was asked of what, what came out, on which evidence, and what to do about it."""
    word, values = _of_key(found.claim)
    symbol, label = OUTCOMES[outcome_word(found.outcome)]
    asked = registry.checks.get(found.check)
    made = [
        f"{profile.id}/{statement.id}: {one_line(statement.summary)}"
        for profile in assessment.profiles
        if profile.id in found.profiles
        for statement in profile.statements
        if any(found.claim in (c.claim, c.alternative and c.alternative.claim) for c in statement.claims)
    ]
    resource = found.resource
    link = console_link(resource.id, run.head().targets)
    parts = [
        Part(heading="Outcome", lines=tuple(_outcome(found, symbol, label))),
        Part(
            heading="Resource",
            lines=(
                f"{resource.kind} {resource.name}",
                resource.id,
                f"account {resource.account}, region {resource.region}",
                *([link] if link else []),
            ),
        ),
        Part(heading="Check", lines=(f"{found.check}: {asked.title if asked else 'knowing which stores exist'}",)),
        Part(heading=f"Claim {word}", lines=(meaning(word, values),)),
        Part(heading="Statements", lines=tuple(made) or ("none",)),
        Part(heading="Evidence", lines=tuple(_evidence(run, found)) or ("none: nothing was read",)),
        Part(heading="What to do", lines=tuple(_to_do(found, asked)) or ("nothing",)),
    ]
    return Explanation(kind="finding", id=found.id, title=f"{resource.name} {found.outcome.reason}", parts=tuple(parts))


def _of_key(key: str) -> tuple[str, dict[str, Any]]:
    word, values = msgspec.json.decode(key, type=tuple[str, dict[str, Any]])
    return word, values


def _outcome(found: Finding, symbol: str, label: str) -> Iterator[str]:
    yield f"{symbol} {label} (severity {found.severity})"
    match found.outcome:
        case Pass(basis=basis):
            yield f"because {BASES[basis]}"
        case Unknown(cause=cause, needs=needs):
            yield f"cause: {spoken(cause)}"
            if needs:
                yield f"needs the permission {needs}"


def _to_do(found: Finding, asked: Check | None) -> Iterator[str]:
    match outcome_word(found.outcome), found.outcome:
        case "fail", _ if asked is not None:
            yield asked.remedy
        case _, Unknown(cause=cause):
            yield fitting(found.outcome.reason) or REMEDIES[cause]


def _evidence(run: Run, found: Finding) -> Iterator[str]:
    """The file, line and digest of each reply, and the call that it answered. Raises IntegrityError for one gone."""
    wanted = set(found.evidence)
    if not wanted:
        return
    for place in run.place_ids():
        if not any(other.id == found.id for other in run.lines(place, "findings.jsonl", Finding)):
            continue
        lines = {r.sha256: n for n, r in enumerate(run.lines(place, "replies.jsonl", ReplyRecord), 1)}
        calls = {call.reply: call for call in run.lines(place, "calls.jsonl", Call) if call.reply in wanted}
        if not wanted <= lines.keys() & calls.keys():
            break
        for mark in dict.fromkeys(found.evidence):
            call = calls[mark]
            yield f"places/{place}/replies.jsonl line {lines[mark]}, sha256 {mark}"
            yield f"  {call.operation} in {call.region}, {moment(call.at)}, request id {call.request_id or 'none'}"
        return
    raise IntegrityError(f"{run.folder}: the evidence of finding {found.id[:12]} is missing")
