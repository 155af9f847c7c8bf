"""Milestones, their states, and how often their clocks start.

A milestone is a promise with a separate clock. Four names have a built-in meaning; any other id
names a custom milestone, such as `workaround` or `on_site`.
"""

from __future__ import annotations

from typing import Final

from entitlements.kernel.mixins.text_enum import TextEnum


class Milestone(TextEnum):
    """The milestones with a built-in meaning.

    >>> str(Milestone.FIRST_RESPONSE)
    'first_response'
    """

    FIRST_RESPONSE = "first_response"
    """An agent's first answer after the opening."""

    NEXT_RESPONSE = "next_response"
    """An agent's answer to a customer's message, again for each message or run of messages."""

    UPDATE = "update"
    """A message from the agents in every period, while the case is open."""

    RESOLUTION = "resolution"
    """The end of the work."""


class MilestoneState(TextEnum):
    """The state of a milestone at an instant."""

    PENDING = "pending"
    """Its clock has not started."""

    RUNNING = "running"
    """Its clock counts, and the due instant is in the future."""

    PAUSED = "paused"
    """Its clock is paused, and was not late before the pause."""

    MET = "met"
    """It was reached by the due instant; the due instant itself is in time."""

    MISSED = "missed"
    """It was not reached by the due instant; if it is reached later, it stays missed."""

    CANCELLED = "cancelled"
    """Its clock ended before it was reached, and before it was late."""

    NO_OBJECTIVE = "no_objective"
    """The policy states that it has no target here, or has none for this case."""


class Recurrence(TextEnum):
    """How often the clock of a milestone starts."""

    ONCE = "once"
    """Once in a case, unless a reopening starts it again."""

    EACH = "each"
    """Again at every event that starts it, unless it is running."""

    PERIODIC = "periodic"
    """Again at once when it is reached: the next period begins with the update."""

    SEQUENTIAL = "sequential"
    """Again when it is reached, but not before the end of the period: an early update neither
    shortens nor lengthens the next period."""


DEFAULT_RECURRENCE: Final[dict[str, Recurrence]] = {
    Milestone.NEXT_RESPONSE.value: Recurrence.EACH,
    Milestone.UPDATE.value: Recurrence.PERIODIC,
}
"""How often the clocks of built-in milestones start, where it is not `once`."""
