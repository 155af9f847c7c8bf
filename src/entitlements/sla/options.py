"""On which points do helpdesks differ, and which side does a policy take?

Each point is an enumeration; its first member is the default. A preset is nothing but a named set
of these options, so that a team can move here without changing a promise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import final

import attrs

from entitlements.calendars.options import (
    Landing,
    as_landing,
)
from entitlements.kernel.converters import (
    enum_member,
    frozen_map,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier, identifier_set, optional_identifier


class ClockStart(StrEnum):
    """What starts the clocks that run from the beginning of a case."""

    OPENING = "opening"
    """The opening of the case."""

    SEVERITY_SET = "severity_set"
    """The first time the severity is set after the opening; what was given at it does not count."""

    EVENT = "event"
    """A named event, `ClockOptions.start_event`, that was reached."""


def _start(value: ClockStart | str) -> ClockStart:
    return enum_member(ClockStart, value)


class SeverityChangeRule(StrEnum):
    """What a change of severity does to a running clock."""

    RECOMPUTE = "recompute"
    """Counts again from the start with the whole history, as if the new severity had always been
    there. The deadline may then lie before the change."""

    CARRY = "carry"
    """Keeps what was counted and goes on with the new target; no deadline that becomes shorter by
    it lies before the change."""

    RESTART = "restart"
    """Starts the clock anew at the change."""

    FREEZE = "freeze"
    """Leaves running clocks alone; those that start later take the new severity."""


def _severity_change(value: SeverityChangeRule | str) -> SeverityChangeRule:
    return enum_member(SeverityChangeRule, value)


class TermsChangeRule(StrEnum):
    """What new terms (another policy, calendar, channel or condition) do to a running clock."""

    FROM_CHANGE = "from_change"
    """What was counted stays; the new amount, less that, is counted by the new calendar."""

    CUMULATIVE = "cumulative"
    """What was counted stays, and so does the first amount; the rest of it is counted by the new
    calendar."""

    LAST = "last"
    """Everything is counted again by the last terms."""

    FIRST = "first"
    """The terms at the start of the clock hold until its end."""


def _terms_change(value: TermsChangeRule | str) -> TermsChangeRule:
    return enum_member(TermsChangeRule, value)


class ReopenRule(StrEnum):
    """What a reopening does to the clocks that the resolution had ended.

    What ended before the resolution stays as it is: a response that an agent gave, a milestone that
    was reached. So does a response that an agent gave while the case was resolved, and one that
    `ResolutionEffect.ANSWERS_FOR_GOOD` counts as given. An update has no choice: whatever the value, its
    next period begins with the reopening.
    """

    EXCLUDE = "exclude"
    """They continue, and the time between resolution and reopening does not count."""

    CONTINUE = "continue"
    """They continue, and the time between counts."""

    RESTART = "restart"
    """They start anew; what was measured before is forgotten."""

    NEW_CYCLE = "new_cycle"
    """They start anew, and what was measured before stays as a finished cycle."""


def _reopen(value: ReopenRule | str) -> ReopenRule:
    return enum_member(ReopenRule, value)


class PausedDueDisplay(StrEnum):
    """Which deadline is shown while a clock is paused."""

    HIDDEN = "hidden"
    """None: it depends on when the pause ends."""

    AS_IF_RESUMED = "as_if_resumed"
    """The one there would be if the pause ended at the instant of the question."""


def _while_paused(value: PausedDueDisplay | str) -> PausedDueDisplay:
    return enum_member(PausedDueDisplay, value)


class ExpiryRule(StrEnum):
    """What the end of the agreement does to clocks that run."""

    HONOUR = "honour"
    """Nothing: the case was accepted under it."""

    STOP = "stop"
    """They are cancelled."""


def _expiry(value: ExpiryRule | str) -> ExpiryRule:
    return enum_member(ExpiryRule, value)


class NextResponseStart(StrEnum):
    """Which customer's message starts the next response."""

    FIRST_UNANSWERED = "first_unanswered"
    """The first message without an answer, after the first response."""

    FIRST_UNANSWERED_OR_OPENING = "first_unanswered_or_opening"
    """The first message without an answer; the opening counts as the customer's first message."""

    FIRST_UNANSWERED_MESSAGE = "first_unanswered_message"
    """The first message without an answer, before the first response too; the opening is no
    message."""

    LAST_UNANSWERED = "last_unanswered"
    """The last message, after the first response: every further one starts the clock anew."""


def _next_response(value: NextResponseStart | str) -> NextResponseStart:
    return enum_member(NextResponseStart, value)


class UpdateStart(StrEnum):
    """What starts the first period of the periodic update."""

    OPENING = "opening"
    """What starts the other clocks."""

    FIRST_RESPONSE = "first_response"
    """The first response; until then that promise stands alone."""


def _update_start(value: UpdateStart | str) -> UpdateStart:
    return enum_member(UpdateStart, value)


class AcknowledgementRule(StrEnum):
    """What an automatic acknowledgement is worth."""

    IGNORED = "ignored"
    """Nothing: nobody has read the case."""

    ANSWERS = "answers"
    """As much as an agent's answer."""


def _acknowledgement(value: AcknowledgementRule | str) -> AcknowledgementRule:
    return enum_member(AcknowledgementRule, value)


class ResolutionEffect(StrEnum):
    """What a resolution does to responses and updates that are still open."""

    ANSWERS = "answers"
    """It is an answer, in time or late, until a reopening takes it back; see `Reopen`."""

    CANCELS = "cancels"
    """It ends them without a verdict, unless they were late already."""

    ANSWERS_FOR_GOOD = "answers_for_good"
    """It is an answer, in time or late, also after a reopening."""


def _resolving(value: ResolutionEffect | str) -> ResolutionEffect:
    return enum_member(ResolutionEffect, value)


def _pauses(value: Mapping[str, Iterable[str]]) -> FrozenMap[str, frozenset[str]]:
    return FrozenMap(
        {str(identifier(name)): identifier_set(each) for name, each in frozen_map(value).items()}
    )


@final
@attrs.frozen(kw_only=True)
class ClockOptions:
    """The side a policy takes on every point where helpdesks differ.

    Attributes:
        start: What starts the clocks that run from the beginning.
        start_event: The name of the event, for `ClockStart.EVENT`.
        retroactive: Whether a clock that starts after the opening counts from the opening.
        severity_change: What a change of severity does.
        terms_change: What new terms do.
        paused_by: The reasons that pause a milestone; a milestone without an entry is paused by
            every reason, one with an empty entry by none. A policy refuses an entry for a milestone
            that is neither built in nor its own.
        while_paused: Which deadline is shown during a pause.
        reopen: What a reopening does.
        expiry: What the end of the agreement does.
        next_response: Which message starts the next response.
        update_start: What starts the periodic update.
        acknowledgement: What an automatic acknowledgement is worth.
        resolving: What a resolution does to open responses and updates.
        landing: Where a deadline lies whose amount is used up exactly at closing.

    >>> ClockOptions().reopen
    <Reopen.EXCLUDE: 'exclude'>
    """

    start: ClockStart = attrs.field(default=ClockStart.OPENING, converter=_start)
    start_event: str | None = attrs.field(default=None, converter=optional_identifier)
    retroactive: bool = False
    severity_change: SeverityChangeRule = attrs.field(
        default=SeverityChangeRule.RECOMPUTE, converter=_severity_change
    )
    terms_change: TermsChangeRule = attrs.field(
        default=TermsChangeRule.FROM_CHANGE, converter=_terms_change
    )
    paused_by: FrozenMap[str, frozenset[str]] = attrs.field(factory=FrozenMap, converter=_pauses)
    while_paused: PausedDueDisplay = attrs.field(
        default=PausedDueDisplay.HIDDEN, converter=_while_paused
    )
    reopen: ReopenRule = attrs.field(default=ReopenRule.EXCLUDE, converter=_reopen)
    expiry: ExpiryRule = attrs.field(default=ExpiryRule.HONOUR, converter=_expiry)
    next_response: NextResponseStart = attrs.field(
        default=NextResponseStart.FIRST_UNANSWERED, converter=_next_response
    )
    update_start: UpdateStart = attrs.field(default=UpdateStart.OPENING, converter=_update_start)
    acknowledgement: AcknowledgementRule = attrs.field(
        default=AcknowledgementRule.IGNORED, converter=_acknowledgement
    )
    resolving: ResolutionEffect = attrs.field(
        default=ResolutionEffect.ANSWERS, converter=_resolving
    )
    landing: Landing = attrs.field(default=Landing.CLOSING, converter=as_landing)

    def __attrs_post_init__(self) -> None:
        if (self.start is ClockStart.EVENT) != (self.start_event is not None):
            raise InvalidValueError(
                "`start_event` names the event of `start: event`, and nothing else",
                hint="give both or neither",
            )
        if self.landing is Landing.PREVIOUS_CLOSING:
            raise InvalidValueError(
                "`landing` of a deadline is not `previous_closing`",
                hint="a deadline counts forward: `closing` or `next_opening`",
            )
