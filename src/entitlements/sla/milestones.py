"""Which promises does a case have, and how does each of them stand?

A milestone is a promise with a clock of its own. Four names have a meaning built in; any other id
names a milestone of the caller's, such as `workaround` or `on_site`.
"""

from __future__ import annotations

from enum import StrEnum


class Milestone(StrEnum):
    """The milestones whose meaning is built in.

    >>> str(Milestone.FIRST_RESPONSE)
    'first_response'
    """

    FIRST_RESPONSE = "first_response"
    """An agent's first answer after the opening."""

    NEXT_RESPONSE = "next_response"
    """An agent's answer to a customer's message, again for each message or run of messages."""

    UPDATE = "update"
    """A sign of life from the agents in every period, while the case is open."""

    RESOLUTION = "resolution"
    """The end of the work."""


class MilestoneState(StrEnum):
    """How a milestone stands at an instant."""

    PENDING = "pending"
    """Its clock has not started."""

    RUNNING = "running"
    """Its clock counts, and the due instant has not come."""

    PAUSED = "paused"
    """Its clock is stopped by a pause, and was not late before it."""

    MET = "met"
    """It was reached by the due instant; the due instant itself is in time."""

    MISSED = "missed"
    """The due instant came, and it was not reached by then; reached later, it stays missed."""

    CANCELLED = "cancelled"
    """Its clock ended without a verdict, before it was late."""

    NO_OBJECTIVE = "no_objective"
    """The policy promises nothing here, and says so."""


class Recurrence(StrEnum):
    """How often the clock of a milestone starts."""

    ONCE = "once"
    """Once a case, unless a reopening starts it anew."""

    EACH = "each"
    """Again at every event that starts it, when none is running."""

    PERIODIC = "periodic"
    """Again at once when it is reached: the next period begins with the sign of life."""

    SEQUENTIAL = "sequential"
    """Again when it is reached, but not before the period's own end: an early sign of life
    neither shortens nor lengthens the rhythm."""
