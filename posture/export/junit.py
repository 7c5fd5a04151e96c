"""Verdicts as JUnit XML, for any CI: a suite for each profile, a case for each claim of each statement.

Contradicted is a failure. Unknown is an error, and so is partly verified: a case that was skipped would pass for one
that does not matter. Skipped is only what no scan can test, and what holds because there is nothing to judge.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from posture.export.phrases import NOTHING, OPEN, claim_name, counted, sentence, steps, vacuous
from posture.model import Value, Verdict
from posture.report.inert import inert_value
from posture.report.statement import ClaimView, StatementView
from posture.report.view import ProfileView, View
from posture.report.words import CLASSES, spoken


class Case(Value):
    """A test case. ``result`` is the element that says how it ended, empty for a pass; ``type`` says why."""

    name: str
    result: str = ""
    type: str = ""
    message: str = ""
    body: str = ""


def render(view: View) -> str:
    """The document, as the schema junit-10.xsd of Jenkins wants it. Equal views give equal text."""
    view = inert_value(view)
    root = Element("testsuites", name="posture")
    total: Counter[str] = Counter()
    for profile in view.profiles:
        total += _suite(root, view, profile)
    for name in ("tests", "failures", "errors"):
        root.set(name, str(total[name]))
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    for forbidden in "\ufffe\uffff":  # XML 1.0 admits them in no form
        text = text.replace(forbidden, f"\\u{ord(forbidden):x}")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _suite(root: Element, view: View, profile: ProfileView) -> Counter[str]:
    cases = [(statement, case) for statement in profile.statements for case in _cases(statement)]
    results = Counter(case.result for _, case in cases)
    counts = Counter(tests=len(cases), failures=results["failure"], errors=results["error"], skipped=results["skipped"])
    started = datetime.fromisoformat(view.run.started).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    numbers = {name: str(count) for name, count in counts.items()}
    suite = SubElement(root, "testsuite", {"name": profile.id, "timestamp": started, **numbers})
    properties = SubElement(suite, "properties")
    SubElement(properties, "property", name="title", value=profile.title)
    for statement in profile.statements:
        SubElement(properties, "property", name=f"verdict {statement.id}", value=statement.verdict)
    names: Counter[str] = Counter()
    for statement, case in cases:
        names[case.name] += 1
        again = f" #{names[case.name]}" if names[case.name] > 1 else ""
        element = SubElement(suite, "testcase", classname=f"{profile.id}.{statement.id}", name=case.name + again)
        if case.result:
            result = SubElement(element, case.result, type=case.type, message=case.message)
            result.text = case.body or None
    return counts


def _cases(statement: StatementView) -> Iterator[Case]:
    for claim in statement.claims:
        yield _case(statement, claim)
    if statement.remainder:
        message = f"no scan can see: {statement.remainder}"
        yield Case(name=f"{statement.id} the rest", result="skipped", type=Verdict.NOT_TESTABLE, message=message)
    if not statement.claims:
        yield Case(
            name=f"{statement.id} {statement.summary}",
            result="skipped",
            type=Verdict.NOT_TESTABLE,
            message=_untested(statement),
        )


def _case(statement: StatementView, claim: ClaimView) -> Case:
    name = f"{statement.id} {claim_name(claim)}"
    if claim.verdict == Verdict.CONTRADICTED:
        return Case(
            name=name, result="failure", type=claim.verdict, message=counted(claim), body=_body(statement, claim)
        )
    if claim.verdict in OPEN:
        message = f"{spoken(claim.verdict)}: {counted(claim)}"
        return Case(name=name, result="error", type=claim.verdict, message=message, body=_body(statement, claim))
    if not vacuous(claim):
        return Case(name=name)
    if statement.verdict == Verdict.UNKNOWN:
        return Case(name=name, result="error", type=Verdict.UNKNOWN, message=NOTHING)
    return Case(name=name, result="skipped", type="nothing-to-judge", message=f"nothing to judge: {claim.empty_reason}")


def _untested(statement: StatementView) -> str:
    """Why no scan tests the statement, and who vouches for it."""
    vouched = [f"attested by {one.who} until {one.until}" for one in statement.attested if not one.lapsed]
    lapsed = [f"the attestation by {one.who} lapsed on {one.until}" for one in statement.attested if one.lapsed]
    return "; ".join(part for part in (CLASSES[statement.class_], statement.reason, *vouched, *lapsed) if part)


def _body(statement: StatementView, claim: ClaimView) -> str:
    """The statement, what speaks against it or is missing, and what to do."""
    against = [finding for finding in claim.findings if finding.outcome in ("fail", "unknown")]
    lines = [statement.summary, *(f"- {sentence(finding)} [{finding.check}]" for finding in against)]
    more = claim.tally.failed + claim.tally.unknown - len(against)
    if more > 0:
        lines.append(f"- and {more:,} more, of which the report has all")
    return "\n".join(["", *lines, *steps(claim), ""])
