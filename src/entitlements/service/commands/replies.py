"""Desk replies: the result of one command, the same for every repetition of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import attrs

from entitlements.kernel.converters import enum_member, frozen_map
from entitlements.kernel.frozenmaps import EMPTY, FrozenMap
from entitlements.kernel.mixins.no_truth_value import NoTruthValue
from entitlements.kernel.mixins.text_enum import TextEnum


class ReplyResult(TextEnum):
    """The result of a command."""

    GRANTED = "granted"
    DEFERRED = "deferred"
    DENIED = "denied"
    CONSENT_NEEDED = "consent_needed"
    RECORDED = "recorded"
    OFFERED = "offered"
    NO_AGENT = "no_agent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    QUEUED = "queued"
    ASSIGNED = "assigned"
    ADOPTED = "adopted"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    CANCELLED = "cancelled"
    WITHHELD = "withheld"


def _result(value: ReplyResult | str) -> ReplyResult:
    return enum_member(ReplyResult, value)


@final
@attrs.frozen(kw_only=True)
class Reply(NoTruthValue):
    """The reply of a desk to one command.

    Attributes:
        command: Id of the command.
        case: Id of the case; empty if the command is about none.
        result: The result.
        fences: For an offer or an assignment: the fence of each agent, by which they
            accept, decline or transfer.
        text: For an admission: the outcome as JSON text, as in the audit record; `Desk.explain`
            returns what explains it. For a severity that a contact may not ask for, or a survey
            that is not sent: the reasons.
        repeated: Whether the command was carried out before and nothing was done now; no part of
            equality.

    >>> Reply(command="k-1", case="R-1", result="offered", fences={"ada": 1}).fences["ada"]
    1
    """

    command: str
    case: str
    result: ReplyResult = attrs.field(converter=_result)
    fences: FrozenMap[str, int] = attrs.field(default=EMPTY, converter=frozen_map)
    text: str = ""
    repeated: bool = attrs.field(default=False, eq=False)

    @property
    def accepted(self) -> bool:
        """Whether an admission opened a case."""
        return self.result in {ReplyResult.GRANTED, ReplyResult.DEFERRED}


def reply_from_data(data: Mapping[str, Any]) -> Reply:
    """Return a reply from its plain data, in which it is stored, marked as repeated.

    >>> from entitlements.kernel.data.digests import plain_data
    >>> reply = Reply(command="k", case="R-1", result="offered", fences={"ada": 1})
    >>> reply_from_data(plain_data(reply)) == reply
    True
    """
    return Reply(**data, repeated=True)
