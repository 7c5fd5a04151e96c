"""What the tries of a plan prove: per version accepted, refused or unknown with its cause. Pure.

An alert that refuses the offer is proof, and so is a ServerHello for an older version, once any hello was accepted. A
refusal without words counts when it was seen REPETITIONS times, each between accepted controls, and nothing else at the
address went wrong. Everything else is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from posture_endpoint._probes.wire import Answer
from posture_endpoint.hello.answer import Try
from posture_endpoint.hello.encode import VERSION_CODES
from posture_endpoint.hello.plan import FORBIDDEN_OF, LASTING_OF, NAMELESS, REPETITIONS
from posture_endpoint.hello.suites import SUITES, Suite, name_of

VERSIONS = tuple(VERSION_CODES)
_SPEAKS_TLS = (Answer.ACCEPTED, Answer.REFUSED, Answer.OTHER_ALERT)


def judge_versions(tries: Sequence[Try], control: str | None) -> dict[str, dict[str, Any]]:
    """The verdict of each version, oldest first. What a hello without a name brought is left out."""
    named = [one for one in tries if one.purpose != NAMELESS]
    return {version: _judge_version(version, named, control) for version in VERSIONS}


def judge_forbidden(tries: Sequence[Try], control: str | None) -> dict[str, Any]:
    """Whether any suite that is not allowed is accepted; unknown where the plan did not come to ask."""
    return _judge_suites(tries, control, FORBIDDEN_OF, lambda suite: not suite.allowed)


def judge_lasting(tries: Sequence[Try], control: str | None) -> dict[str, Any]:
    """Whether any suite without forward secrecy is accepted, those that are forbidden anyway left aside."""
    return _judge_suites(tries, control, LASTING_OF, lambda suite: suite.allowed and not suite.forward_secret)


def _judge_suites(
    tries: Sequence[Try], control: str | None, lists: Mapping[str, Sequence[str]], sought: Callable[[Suite], bool]
) -> dict[str, Any]:
    """Whether a suite that is `sought` was chosen; refused where each accepted version refused all of its `lists`.

    Those of TLS 1.2 are asked for in any case: the control does not offer what is forbidden.
    """
    named = [one for one in tries if one.purpose != NAMELESS]
    chosen = {name_of(one.suite) for one in named if one.accepted and one.suite in SUITES and sought(SUITES[one.suite])}
    weak = sorted(chosen | (_kinds(named) if lists is FORBIDDEN_OF else set()))
    purposes = [purpose for listed in lists.values() for purpose in listed]
    shared = {"suites": weak, "tries": [one.as_json() for one in named if one.purpose in purposes]}
    if weak:
        return {"state": "accepted", "why": f"chose {', '.join(weak)}", "cause": None, **shared}
    taken = {"TLS 1.2", *(one.version for one in named if one.accepted)}
    reasons = []
    for purpose in (purpose for version, listed in lists.items() if version in taken for purpose in listed):
        own = [one for one in named if one.purpose == purpose]
        refusal = next((one.detail for one in own if one.answer is Answer.REFUSED), None)
        reason = refusal or _implied(purpose, named, control)
        if reason is None:
            shown = own or named[:1]
            return {"state": "unknown", "why": _counted(shown), "cause": _cause(shown), **shared}
        reasons.append(reason)
    return {"state": "refused", "why": "; ".join(dict.fromkeys(reasons)), "cause": None, **shared}


def speaks_tls(tries: Sequence[Try]) -> bool | None:
    """False when what answered is another protocol, None when no answer tells."""
    answers = {one.answer for one in tries}
    if answers.intersection(_SPEAKS_TLS):
        return True
    return False if Answer.NOT_TLS in answers else None


def _judge_version(version: str, tries: list[Try], control: str | None) -> dict[str, Any]:
    taken = [one for one in tries if one.accepted and one.version == version]
    own = [one for one in tries if version in one.judges]
    shown = [one for one in tries if version in one.judges or (one.accepted and one.version == version)]
    suites = dict.fromkeys(name_of(one.suite) for one in taken if one.suite is not None)
    kinds = dict.fromkeys(name_of(kind) for one in taken for kind in one.kinds)
    shared = {
        "suites": [*suites, *kinds],
        "suites_complete": version == "SSLv2" and bool(kinds),
        "tries": [one.as_json() for one in shown],
    }
    if taken:
        return {"state": "accepted", "why": taken[0].detail, "cause": None, **shared}
    refusal = next((words for one in own if (words := _refusal(one, version))), None)
    if refusal is not None:
        if any(one.accepted for one in tries):
            return {"state": "refused", "why": refusal, "cause": None, **shared}
        why = f"refused with {refusal}, but nothing was accepted that could prove it"
        return {"state": "unknown", "why": why, "cause": "disagreement", **shared}
    for purpose in dict.fromkeys(one.purpose for one in own):
        reason = _implied(purpose, tries, control)
        if reason is not None:
            return {"state": "refused", "why": reason, "cause": None, **shared}
    decisive = own or tries[:1]
    return {"state": "unknown", "why": _counted(decisive), "cause": _cause(decisive), **shared}


def _refusal(one: Try, version: str) -> str | None:
    """The words of a refusal: an alert, or the choice of a version older than this one."""
    if one.answer is Answer.REFUSED:
        return one.detail
    if one.accepted and one.version is not None and VERSION_CODES[one.version] < VERSION_CODES[version]:
        return f"{one.detail} instead"
    return None


def _implied(purpose: str, tries: Sequence[Try], control: str | None) -> str | None:
    """The words of a refusal without words that counts; None where it does not, or where there is none."""
    own = [one for one in tries if one.purpose == purpose]
    if control is None or len(own) < REPETITIONS or not _steady(tries):
        return None
    if not all(one.implicit for one in own) or len({one.answer for one in own}) > 1:
        return None
    controls = [one for one in tries if one.purpose == control]
    pattern = "".join("c" if one.purpose == control else "x" for one in tries if one.purpose in (purpose, control))
    between = pattern.split("x")
    if not all(one.accepted for one in controls) or not all(between):
        return None
    return f"{own[0].detail} ({len(own)} of {len(own)}, controls {len(controls)} of {len(controls)})"


def _steady(tries: Sequence[Try]) -> bool:
    """Whether the address treats the same hello the same way each time, and takes every connection."""
    moods: dict[str, set[bool]] = {}
    for one in tries:
        moods.setdefault(one.purpose, set()).add(one.implicit)
        if one.capped or one.answer is Answer.UNREACHABLE or (one.answer is Answer.TIMEOUT and not one.implicit):
            return False
    return all(len(seen) == 1 for seen in moods.values()) and not tries[0].implicit


def _kinds(tries: Sequence[Try]) -> set[str]:
    """What is accepted of SSL 2.0, all of which is weak; the version itself where the server named no kind."""
    return {name for one in tries if one.version == "SSLv2" for name in map(name_of, one.kinds)} or {
        "SSLv2" for one in tries if one.version == "SSLv2"
    }


def _counted(tries: Sequence[Try]) -> str:
    """The different outcomes, each with how often it was seen."""
    details = [one.detail for one in tries]
    return "; ".join(f"{detail} ({details.count(detail)} of {len(details)})" for detail in dict.fromkeys(details))


def _cause(tries: Sequence[Try]) -> str:
    causes = {one.cause for one in tries if not one.accepted}
    return causes.pop() if len(causes) == 1 else "disagreement"
