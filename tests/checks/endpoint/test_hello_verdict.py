"""Tries to verdicts: what proves a refusal, what does not, and that more trouble never makes a refusal."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture_endpoint._probes.wire import Answer
from posture_endpoint.hello.answer import Try
from posture_endpoint.hello.plan import (
    ANCIENT,
    CONTROL,
    FORBIDDEN_FIRST,
    FORBIDDEN_NEW,
    FORBIDDEN_OF,
    FORBIDDEN_REST,
    JUDGED,
    LASTING,
    LASTING_OF,
    MODERN,
    NAMELESS,
    OLD,
    OLDER,
    OLDEST,
)
from posture_endpoint.hello.verdict import VERSIONS, judge_forbidden, judge_lasting, judge_versions, speaks_tls

GCM, RC4, STATIC, SM4 = 0xC02F, 0x0005, 0x002F, 0x00C6


def said(purpose: str, answer: Answer, detail: str = "", **fields: Any) -> Try:
    return Try(purpose=purpose, judges=JUDGED.get(purpose, ()), answer=answer, detail=detail, **fields)


def took(purpose: str, version: str, suite: int | None = GCM, **fields: Any) -> Try:
    return said(purpose, Answer.ACCEPTED, f"ServerHello for {version}", version=version, suite=suite, **fields)


def alert(purpose: str, name: str = "protocol_version") -> Try:
    return said(purpose, Answer.REFUSED, f"alert {name}")


def reset(purpose: str) -> Try:
    return said(purpose, Answer.RESET, "reset", implicit=True)


def silent(purpose: str) -> Try:
    return said(purpose, Answer.TIMEOUT, "silence", implicit=True)


H13, H12 = took("handshake", "TLS 1.3", 0x1301), took("handshake", "TLS 1.2")
C = took(CONTROL, "TLS 1.2")
V2 = alert(ANCIENT)
W1, W2, W3, L = alert(FORBIDDEN_FIRST), alert(FORBIDDEN_REST), alert(FORBIDDEN_NEW), alert(LASTING)
GOOD = [H13, C, alert(OLD), V2, W1, W2, W3, L, alert(NAMELESS)]
(OLD_WEAK,), (OLD_LASTING,) = FORBIDDEN_OF["TLS 1.1"], LASTING_OF["TLS 1.1"]


def letters(tries: Sequence[Try], control: str | None = CONTROL) -> str:
    """The states of the six versions, oldest first, by their first letters."""
    return "".join(one["state"][0] for one in judge_versions(tries, control).values())


@pytest.mark.parametrize(
    ("tries", "expected"),
    [
        (GOOD, "rrrraa"),
        ([H12, C, alert(OLD), V2, alert(MODERN)], "rrrrar"),
        ([H12, C, alert(OLD), V2, took(MODERN, "TLS 1.3", 0x1301)], "rrrraa"),
        ([H13, C, took(OLD, "TLS 1.1"), took(OLDER, "TLS 1.0"), took(OLDEST, "SSLv3"), V2], "raaaaa"),
        ([H13, C, took(OLD, "TLS 1.1"), took(OLDER, "TLS 1.0"), alert(OLDEST), V2], "rraaaa"),
        ([H13, C, took(OLD, "TLS 1.1"), alert(OLDER), V2], "rrraaa"),
        ([H13, C, took(OLD, "TLS 1.0"), alert(OLDEST), V2], "rraraa"),
        ([H13, C, took(OLD, "SSLv3"), V2], "rarraa"),
        ([H13, C, took(OLD, "TLS 1.1"), V2], "ruuaaa"),
        ([H13, C, alert(OLD), took(ANCIENT, "SSLv2", None, kinds=(0x010080,))], "arrraa"),
        ([H13, C, alert(OLD), V2, took(FORBIDDEN_FIRST, "TLS 1.0", RC4)], "rraraa"),
        ([took("handshake", "TLS 1.0"), took(CONTROL, "TLS 1.0"), took(OLD, "TLS 1.0"), alert(OLDEST), V2], "rrarru"),
        ([H13, alert(CONTROL), alert(OLD), V2], "rrrrra"),
    ],
)
def test_an_alert_or_an_older_choice_refuses_what_was_offered(tries: list[Try], expected: str) -> None:
    assert letters(tries) == expected


def test_a_hello_without_a_name_says_nothing_of_the_host() -> None:
    assert letters([*GOOD[:-1], took(NAMELESS, "TLS 1.0", RC4)]) == "rrrraa"
    assert judge_forbidden([*GOOD[:-1], took(NAMELESS, "TLS 1.0", RC4)], CONTROL)["state"] == "refused"


X, Y = reset(OLD), reset(ANCIENT)
THREE_TIMES = [H13, C, X, V2, C, X, C, X, C]


@pytest.mark.parametrize(
    ("tries", "expected"),
    [
        (THREE_TIMES, "rrrraa"),
        ([H13, C, X, Y, C, Y, X, C, X, Y, C], "rrrraa"),
        ([H13, C, silent(OLD), V2, C, silent(OLD), C, silent(OLD), C], "rrrraa"),
        ([H13, C, X, V2], "ruuuaa"),
        ([H13, C, X, V2, C, X, C], "ruuuaa"),
        ([H13, C, X, V2, X, X, C], "ruuuaa"),
        ([H13, C, X, V2, C, X, X, C], "ruuuaa"),
        ([H13, C, X, V2, C, X, C, X], "ruuuaa"),
        ([H13, X, V2, C, X, C, X, C], "ruuuaa"),
        ([H13, C, X, V2, C, silent(OLD), C, X, C], "ruuuaa"),
        ([H13, C, X, V2, C, X, reset(CONTROL), X, C], "ruuuaa"),
        ([H13, C, X, V2, C, X, C, X, reset(CONTROL)], "ruuuaa"),
        ([reset("handshake"), C, X, V2, C, X, C, X, C], "ruuuau"),
        ([H13, C, X, Y, C, alert(ANCIENT), X, C, X, C], "ruuuaa"),
        ([H13, C, X, V2, C, X, C, X, C, said("x", Answer.UNREACHABLE)], "ruuuaa"),
        ([H13, C, X, V2, C, X, C, X, C, said("x", Answer.UNCLEAR, capped=True)], "ruuuaa"),
        ([H13, C, X, V2, C, X, C, X, C, said("x", Answer.TIMEOUT, "connecting")], "ruuuaa"),
        ([H13, C, X, took(OLDER, "TLS 1.0"), V2, C, X, C, X, C], "rraraa"),
        ([H13, C, X, V2, C, X, C, alert(OLD)], "rrrraa"),
    ],
)
def test_a_refusal_without_words_counts_when_repeated_between_accepted_controls(
    tries: list[Try], expected: str
) -> None:
    assert letters(tries) == expected


@pytest.mark.parametrize("answer", [Answer.NOT_TLS, Answer.UNCLEAR, Answer.UNREACHABLE])
def test_what_is_no_answer_to_the_hello_never_refuses(answer: Answer) -> None:
    odd = said(OLD, answer, "odd")
    assert letters([H13, C, odd, V2, C, odd, C, odd, C]) == "ruuuaa"


def test_the_words_of_a_repeated_refusal_count_it() -> None:
    verdict = judge_versions(THREE_TIMES, CONTROL)["TLS 1.0"]
    assert (verdict["state"], verdict["why"]) == ("refused", "reset (3 of 3, controls 4 of 4)")
    assert len(verdict["tries"]) == 3


@pytest.mark.parametrize(
    ("tries", "cause", "why"),
    [
        ([H13, C, X, V2], "unreachable", "reset (1 of 1)"),
        ([H13, C, silent(OLD), V2], "timeout", "silence (1 of 1)"),
        ([H13, C, X, silent(OLD), V2], "disagreement", "reset (1 of 2); silence (1 of 2)"),
        ([H13, C, said(OLD, Answer.UNCLEAR, "odd"), V2], "malformed-reply", "odd (1 of 1)"),
        ([H13, C, said(OLD, Answer.UNCLEAR, "limit", capped=True), V2], "capped", "limit (1 of 1)"),
        ([H13, C, said(OLD, Answer.OTHER_ALERT, "alert 80", implicit=True)], "disagreement", "alert 80 (1 of 1)"),
        ([reset("handshake")], "unreachable", "reset (1 of 1)"),
        (
            [alert("handshake"), alert(CONTROL), alert(OLD), V2],
            "disagreement",
            "refused with alert protocol_version, but nothing was accepted that could prove it",
        ),
    ],
)
def test_an_unknown_has_its_cause(tries: list[Try], cause: str, why: str) -> None:
    verdict = judge_versions(tries, CONTROL)["TLS 1.0"]
    assert (verdict["state"], verdict["cause"], verdict["why"]) == ("unknown", cause, why)


def test_the_suites_that_were_chosen_are_told_per_version() -> None:
    tries = [H13, C, took(FORBIDDEN_FIRST, "TLS 1.2", RC4), took(ANCIENT, "SSLv2", None, kinds=(0x010080,))]
    verdicts = judge_versions(tries, CONTROL)
    assert verdicts["TLS 1.2"]["suites"] == ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_RC4_128_SHA"]
    assert verdicts["SSLv2"]["suites"] == ["SSL_CK_RC4_128_WITH_MD5"]


@pytest.mark.parametrize(
    ("tries", "state", "suites"),
    [
        (GOOD, "refused", []),
        ([*GOOD[:4], took(FORBIDDEN_FIRST, "TLS 1.2", RC4)], "accepted", ["TLS_RSA_WITH_RC4_128_SHA"]),
        ([H13, took(CONTROL, "TLS 1.2", RC4), alert(OLD)], "accepted", ["TLS_RSA_WITH_RC4_128_SHA"]),
        ([H13, C, took(ANCIENT, "SSLv2", None)], "accepted", ["SSLv2"]),
        (GOOD[:5], "unknown", []),
        ([*GOOD[:5], W3, reset(FORBIDDEN_REST)], "unknown", []),
        ([*GOOD[:5], W3, *[reset(FORBIDDEN_REST), C] * 3], "refused", []),
        ([H13, C, W1, W2], "unknown", []),
        ([H12, C, W1, W2], "refused", []),
        ([H13, C, W1, W2, took(FORBIDDEN_NEW, "TLS 1.3", SM4)], "accepted", ["TLS_SM4_GCM_SM3"]),
        ([H12, C, took(OLD, "TLS 1.1", STATIC), W1, W2], "unknown", []),
        ([H12, C, took(OLD, "TLS 1.1", STATIC), W1, W2, alert(OLD_WEAK)], "refused", []),
        (
            [H12, C, took(OLD, "TLS 1.1", STATIC), took(OLD_WEAK, "TLS 1.1", RC4)],
            "accepted",
            ["TLS_RSA_WITH_RC4_128_SHA"],
        ),
        ([reset("handshake")], "unknown", []),
    ],
)
def test_the_forbidden_suites_are_refused_as_versions_are(tries: list[Try], state: str, suites: list[str]) -> None:
    verdict = judge_forbidden(tries, CONTROL)
    assert (verdict["state"], verdict["suites"]) == (state, suites)


@pytest.mark.parametrize(
    ("tries", "state", "suites"),
    [
        (GOOD, "refused", []),
        (GOOD[:7], "unknown", []),
        ([*GOOD[:7], reset(LASTING)], "unknown", []),
        ([*GOOD[:7], took(LASTING, "TLS 1.2", STATIC)], "accepted", ["TLS_RSA_WITH_AES_128_CBC_SHA"]),
        ([H13, took(CONTROL, "TLS 1.2", STATIC)], "accepted", ["TLS_RSA_WITH_AES_128_CBC_SHA"]),
        ([H12, C, took(FORBIDDEN_FIRST, "TLS 1.2", RC4), L], "refused", []),
        ([H12, C, took(OLD, "TLS 1.1"), L], "unknown", []),
        ([H12, C, took(OLD, "TLS 1.1"), L, alert(OLD_LASTING)], "refused", []),
    ],
)
def test_suites_without_forward_secrecy_are_refused_by_each_accepted_version(
    tries: list[Try], state: str, suites: list[str]
) -> None:
    verdict = judge_lasting(tries, CONTROL)
    assert (verdict["state"], verdict["suites"]) == (state, suites)


@pytest.mark.parametrize(
    ("tries", "expected"),
    [
        ([alert("handshake")], True),
        ([said("handshake", Answer.NOT_TLS), C], True),
        ([said("handshake", Answer.OTHER_ALERT)], True),
        ([said("handshake", Answer.NOT_TLS), reset(CONTROL)], False),
        ([reset("handshake"), silent(CONTROL)], None),
        ([], None),
    ],
)
def test_whether_tls_is_spoken_is_told_by_any_answer(tries: list[Try], expected: bool | None) -> None:
    assert speaks_tls(tries) is expected


_PURPOSES = st.sampled_from([CONTROL, MODERN, OLD, OLDER, OLDEST, ANCIENT])
_WORDLESS = st.one_of(_PURPOSES.map(reset), _PURPOSES.map(silent))
_ANY = st.one_of(_WORDLESS, _PURPOSES.map(alert), _PURPOSES.map(lambda one: said(one, Answer.UNCLEAR)), st.just(C))


@settings(max_examples=400, deadline=None)
@given(tries=st.lists(_ANY, max_size=16), at=st.integers(0, 16), trouble=_WORDLESS)
def test_a_lost_connection_never_refuses_more_by_itself(tries: list[Try], at: int, trouble: Try) -> None:
    """One more connection without words turns no version refused, unless it completes the repetition."""
    before, after = letters([H13, *tries]), letters([H13, *tries[:at], trouble, *tries[at:]])
    for version, old, new in zip(VERSIONS, before, after, strict=True):
        if old != "r" and new == "r":
            own = [one for one in tries if one.purpose == trouble.purpose]
            assert version in trouble.judges
            assert len(own) >= 2
            assert all(one.implicit and one.answer is trouble.answer for one in own)


@settings(max_examples=200, deadline=None)
@given(tries=st.lists(_ANY, max_size=16))
def test_without_anything_accepted_nothing_is_refused(tries: list[Try]) -> None:
    assert "r" not in letters([one for one in tries if not one.accepted])
