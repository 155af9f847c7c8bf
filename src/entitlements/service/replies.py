"""What does a desk answer? One small value, the same on every repetition of a command."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, final

import attrs

from entitlements.kernel.converters import enum_member, frozen_map
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.no_truth_value import NoTruthValue


class ReplyResult(StrEnum):
    """What became of a command."""

    GRANTED = "granted"
    DEFERRED = "deferred"
    DENIED = "denied"
    CONSENT_NEEDED = "consent_needed"
    RECORDED = "recorded"
    OFFERED = "offered"
    NO_AGENT = "nobody"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    QUEUED = "queued"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    CANCELLED = "cancelled"


def _result(value: ReplyResult | str) -> ReplyResult:
    return enum_member(ReplyResult, value)


@final
@attrs.frozen(kw_only=True)
class Reply(NoTruthValue):
    """What was done about one command.

    Attributes:
        command: Id of the command.
        case: The case it was about.
        result: What became of it.
        fences: For an offer: the fence to accept under, by agent.
        text: For an admission: the whole decision as JSON text, as it stands in the audit record.
        repeated: Whether the command had been carried out before, and nothing was done now.
    """

    command: str
    case: str
    result: ReplyResult = attrs.field(converter=_result)
    fences: FrozenMap[str, int] = attrs.field(factory=FrozenMap, converter=frozen_map)
    text: str = ""
    repeated: bool = attrs.field(default=False, eq=False)

    @property
    def accepted(self) -> bool:
        """Whether an admission opened a case."""
        return self.result in {ReplyResult.GRANTED, ReplyResult.DEFERRED}


def reply_data(reply: Reply) -> dict[str, Any]:
    """Return what is kept of a reply; the inverse of `reply_from_data`."""
    return {
        "command": reply.command,
        "case": reply.case,
        "result": reply.result.value,
        "fences": dict(reply.fences),
        "text": reply.text,
    }


def reply_from_data(data: Mapping[str, Any]) -> Reply:
    """Return a kept reply, marked as repeated.

    >>> reply = Reply(command="k", case="R-1", result="offered", fences={"ada": 1})
    >>> reply_from_data(reply_data(reply)) == reply
    True
    """
    return Reply(**data, repeated=True)
