"""Clock options: start, pause, reopening, severity change, landing and others.

Helpdesks differ on each of these points. Each is an enumeration whose first member is the default;
a preset is a named set of options that reproduces another helpdesk.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import final

import attrs

from entitlements.calendars.options import Landing, as_landing
from entitlements.kernel.converters import enum_member, frozen_map
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier, identifier_set, optional_identifier
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.kernel.mixins.text_enum import TextEnum


class ClockStart(TextEnum):
    """What starts the clocks that start with the case."""

    OPENING = "opening"
    """The opening of the case."""

    SEVERITY_SET = "severity_set"
    """The first time the severity is set after the opening; one given at the opening is ignored."""

    EVENT = "event"
    """The reached event with the name `ClockOptions.start_event`."""


def _start(value: ClockStart | str) -> ClockStart:
    return enum_member(ClockStart, value)


class SeverityChangeRule(TextEnum):
    """What a change of severity does to a running clock."""

    RECOMPUTE = "recompute"
    """Counts again from the start with the whole history, as if the new severity had been set at
    the opening. The deadline may then be before the change."""

    CARRY = "carry"
    """Keeps the counted time and continues with the new target. A deadline that becomes earlier by
    the change is not before the change."""

    RESTART = "restart"
    """Starts the clock again at the change."""

    FREEZE = "freeze"
    """Does not change running clocks; clocks that start later use the new severity."""


def _severity_change(value: SeverityChangeRule | str) -> SeverityChangeRule:
    return enum_member(SeverityChangeRule, value)


class TermsChangeRule(TextEnum):
    """What new terms (another policy, calendar, channel or condition) do to a running clock."""

    FROM_CHANGE = "from_change"
    """Keeps the counted time; the rest of the new amount is counted by the new calendar."""

    CUMULATIVE = "cumulative"
    """Keeps the counted time and the first amount; the rest of it is counted by the new
    calendar."""

    LAST = "last"
    """Counts everything again by the last terms."""

    FIRST = "first"
    """Keeps the terms at the start of the clock until its end."""


def _terms_change(value: TermsChangeRule | str) -> TermsChangeRule:
    return enum_member(TermsChangeRule, value)


class ReopenRule(TextEnum):
    """What a reopening does to the clocks that the resolution ended.

    Clocks that ended before the resolution do not change. Neither does a response that an agent
    gave while the case was resolved, or one that `ResolutionEffect.ANSWERS_FOR_GOOD` counts as
    given. The next period of an update begins with the reopening, whatever the value.
    """

    EXCLUDE = "exclude"
    """They continue, and the time between resolution and reopening does not count."""

    CONTINUE = "continue"
    """They continue, and the time between resolution and reopening counts."""

    RESTART = "restart"
    """They start again; the cycle before is dropped."""

    NEW_CYCLE = "new_cycle"
    """They start again, and the cycle before stays as a finished cycle."""


def _reopen(value: ReopenRule | str) -> ReopenRule:
    return enum_member(ReopenRule, value)


class PausedDueDisplay(TextEnum):
    """Which deadline is shown while a clock is paused."""

    HIDDEN = "hidden"
    """None, because it depends on the end of the pause."""

    AS_IF_RESUMED = "as_if_resumed"
    """The deadline there would be if the pause ended at the instant of the measurement."""


def _while_paused(value: PausedDueDisplay | str) -> PausedDueDisplay:
    return enum_member(PausedDueDisplay, value)


class ExpiryRule(TextEnum):
    """What the end of the agreement does to running clocks."""

    HONOUR = "honour"
    """Nothing, because the case was accepted under the agreement."""

    STOP = "stop"
    """They are cancelled."""


def _expiry(value: ExpiryRule | str) -> ExpiryRule:
    return enum_member(ExpiryRule, value)


class NextResponseStart(TextEnum):
    """Which customer message starts the next response."""

    FIRST_UNANSWERED = "first_unanswered"
    """The first message without an answer, after the first response."""

    FIRST_UNANSWERED_OR_OPENING = "first_unanswered_or_opening"
    """The first message without an answer; the opening counts as the customer's first message."""

    FIRST_UNANSWERED_MESSAGE = "first_unanswered_message"
    """The first message without an answer, also before the first response; the opening does not
    count as a message."""

    LAST_UNANSWERED = "last_unanswered"
    """The last message, after the first response: every further message starts the clock again."""


def _next_response(value: NextResponseStart | str) -> NextResponseStart:
    return enum_member(NextResponseStart, value)


class UpdateStart(TextEnum):
    """What starts the first period of the periodic update."""

    OPENING = "opening"
    """The event that starts the other clocks."""

    FIRST_RESPONSE = "first_response"
    """The first response; before it only the first response is due."""


def _update_start(value: UpdateStart | str) -> UpdateStart:
    return enum_member(UpdateStart, value)


class AcknowledgementRule(TextEnum):
    """Whether an automatic acknowledgement counts as an answer."""

    IGNORED = "ignored"
    """It does not count."""

    ANSWERS = "answers"
    """It counts as an agent's answer."""


def _acknowledgement(value: AcknowledgementRule | str) -> AcknowledgementRule:
    return enum_member(AcknowledgementRule, value)


class ResolutionEffect(TextEnum):
    """What a resolution does to running clocks of responses and updates."""

    ANSWERS = "answers"
    """It counts as an answer, in time or late, until a reopening; see `ReopenRule`."""

    CANCELS = "cancels"
    """It cancels them, unless they are late already."""

    ANSWERS_FOR_GOOD = "answers_for_good"
    """It counts as an answer, in time or late, also after a reopening."""


def _resolving(value: ResolutionEffect | str) -> ResolutionEffect:
    return enum_member(ResolutionEffect, value)


def _pauses(value: Mapping[str, Iterable[str]]) -> FrozenMap[str, frozenset[str]]:
    return FrozenMap(
        {str(identifier(name)): identifier_set(each) for name, each in frozen_map(value).items()}
    )


@final
@attrs.frozen(repr=False, kw_only=True)
class ClockOptions(ReprWithoutDefaults):
    """The options of a policy's clocks, on every point where helpdesks differ.

    Text is converted to members of the enumerations: `ClockOptions(reopen="new_cycle")`.

    Attributes:
        start: What starts the clocks that start with the case.
        start_event: The name of the event, for `ClockStart.EVENT` only.
        retroactive: Whether a clock that starts after the opening counts from the opening.
        severity_change: What a change of severity does to a running clock.
        terms_change: What new terms do to a running clock.
        paused_by: The reasons that pause a milestone; a milestone without an entry is paused by
            every reason, one with an empty entry by none. A policy rejects an entry for a milestone
            that is neither built in nor among its targets.
        while_paused: Which deadline is shown during a pause.
        reopen: What a reopening does to the clocks that the resolution ended.
        expiry: What the end of the agreement does to running clocks.
        next_response: Which message starts the next response.
        update_start: What starts the periodic update.
        acknowledgement: Whether an automatic acknowledgement counts as an answer.
        resolving: What a resolution does to running clocks of responses and updates.
        landing: When a deadline is due whose amount is used up exactly at closing.

    >>> ClockOptions(reopen="new_cycle").reopen
    ReopenRule.NEW_CYCLE

    Raises:
        InvalidValueError: A word is not a member, or `start` and `start_event` do not go together.
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
                "`start_event` is the event for `start=event`",
                hint="give both or neither",
            )
        if self.landing is Landing.PREVIOUS_CLOSING:
            raise InvalidValueError(
                "`landing` of a deadline cannot be `previous_closing`",
                hint="deadlines are counted forward: use `closing` or `next_opening`",
            )
