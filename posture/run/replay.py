"""Answers from a recorded run: the same questions get the same replies, offline."""

from collections.abc import Mapping
from typing import Any

from posture.model import Cause, Gap
from posture.run.directory import IntegrityError, Run
from posture.run.record import ReplyRecord
from posture.session import Answer, Call, GapFound, NotRecorded, question


class Replay:
    """The source of one recorded place."""

    def __init__(self, run: Run, place: str) -> None:
        self._calls = {call.question(): call for call in run.lines(place, "calls.jsonl", Call)}
        self._replies = {reply.sha256: reply.body for reply in run.lines(place, "replies.jsonl", ReplyRecord)}
        for call in self._calls.values():
            if call.reply and not call.absent and call.reply not in self._replies:
                raise IntegrityError(f"{run.place(place)}: the reply {call.reply[:12]} is missing")

    def fetch(self, operation: str, params: Mapping[str, Any], region: str, absent: frozenset[str]) -> Answer:
        """The recorded answer, or the recorded gap."""
        call = self._calls.get(question(operation, region, dict(params)))
        if call is None:
            detail = "the run holds no reply to this call"
            raise NotRecorded(Gap(cause=Cause.TOOL_ERROR, detail=detail, operation=operation))
        if call.gap is not None:
            raise GapFound(call.gap)
        if call.absent:
            return Answer(absent=call.absent, status=call.status, request_id=call.request_id)
        return Answer(body=self._replies[call.reply], status=call.status, request_id=call.request_id)
