"""Queue limits: length, age and staffing of a group's queue, and the groups to which it overflows.

A limit concerns work that is about to enter a queue; work that waits already stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import final

import attrs

from entitlements.kernel.converters import count, frozen_map, instance_of, positive, utc_or_none
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier, identifiers
from entitlements.kernel.instants import instant_of
from entitlements.kernel.mixins.text_enum import TextEnum


class QueueLimit(TextEnum):
    """The limit that a queue has reached: its length, its age, or no agent signed in."""

    LENGTH = "length"
    AGE = "age"
    UNSTAFFED = "unstaffed"


@final
@attrs.frozen(kw_only=True)
class QueueLimits:
    """Limits of the queue of one group.

    Attributes:
        length: Number of waiting pieces at which the queue is full; None for no limit.
        age: Waiting time of the oldest piece from which on the queue is full; None for no limit.
        unstaffed: Whether the queue is closed while no agent of the group is signed in.
        overflow: Groups whose queues take the work instead, in order of preference. Their own
            limits apply, and not those groups to which they overflow themselves.

    >>> QueueLimits(length=20, overflow=["net"]).overflow
    ('net',)
    """

    length: int | None = attrs.field(default=None, converter=attrs.converters.optional(positive))
    age: timedelta | None = None
    unstaffed: bool = False
    overflow: tuple[str, ...] = attrs.field(default=(), converter=identifiers)

    def __attrs_post_init__(self) -> None:
        if self.age is not None and instance_of(timedelta, self.age) <= timedelta():
            raise InvalidValueError(f"`age` must be greater than 0, got `{self.age}`")
        if len(set(self.overflow)) < len(self.overflow):
            raise InvalidValueError(f"a group is named twice in the overflow `{self.overflow}`")

    def reached(self, queue: QueueState, at: datetime) -> tuple[QueueLimit, ...]:
        """Return the limits that a queue in this state has reached at `at`.

        >>> from entitlements.kernel.instants import utc
        >>> state = QueueState(waiting=20, signed_in=1)
        >>> QueueLimits(length=20, unstaffed=True).reached(state, utc("2026-03-02T09:00Z"))
        (QueueLimit.LENGTH,)
        """
        found, moment = list[QueueLimit](), instant_of(at)
        instance_of(QueueState, queue)
        if self.length is not None and queue.waiting >= self.length:
            found.append(QueueLimit.LENGTH)
        waited = None if queue.oldest is None else moment - queue.oldest
        if self.age is not None and waited is not None and waited >= self.age:
            found.append(QueueLimit.AGE)
        if self.unstaffed and not queue.signed_in:
            found.append(QueueLimit.UNSTAFFED)
        return tuple(found)


@final
@attrs.frozen(kw_only=True)
class QueueState:
    """The queue of one group at one instant.

    Attributes:
        waiting: Number of waiting pieces.
        oldest: Start of the longest wait; None for an empty queue.
        signed_in: Number of agents of the group who are signed in.
    """

    waiting: int = attrs.field(default=0, converter=count)
    oldest: datetime | None = attrs.field(default=None, converter=utc_or_none)
    signed_in: int = attrs.field(default=0, converter=count)


@final
@attrs.frozen
class QueueChoice:
    """The queue that a piece of work enters.

    Attributes:
        group: The group; None if the queue is at a limit, and all to which it overflows are.
        refused: The groups whose queues are at a limit, in the order asked, each with its limits.
    """

    group: str | None
    refused: tuple[tuple[str, tuple[QueueLimit, ...]], ...] = ()


_EMPTY = QueueState()


def choose_queue(
    group: str,
    limits: Mapping[str, QueueLimits],
    queues: Mapping[str, QueueState],
    at: datetime,
) -> QueueChoice:
    """Return the queue for work of `group`: its own, or the first of its overflow with room.

    Args:
        group: The group of the work.
        limits: Limits by group; a missing group has none.
        queues: State of the queues by group; a missing one is empty and has no agent.
        at: Instant at which the work enters.

    >>> from entitlements.kernel.instants import utc
    >>> limits = {"db": QueueLimits(length=1, overflow=["net"])}
    >>> choose_queue("db", limits, {"db": QueueState(waiting=1)}, utc("2026-03-02T09:00Z")).group
    'net'

    Raises:
        InvalidValueError: `at` is naive, or a value is of another type.
    """
    refused: list[tuple[str, tuple[QueueLimit, ...]]] = []
    moment, known = instant_of(at), queue_limits(limits)
    states = FrozenMap(
        {name: instance_of(QueueState, each) for name, each in frozen_map(queues).items()}
    )
    first = known.get(identifier(group))
    for each in (group, *(first.overflow if first is not None else ())):
        own = known.get(each)
        reached = () if own is None else own.reached(states.get(each, _EMPTY), moment)
        if not reached:
            return QueueChoice(each, tuple(refused))
        refused.append((each, reached))
    return QueueChoice(None, tuple(refused))


def queue_limits(
    value: Mapping[str, QueueLimits] | Iterable[tuple[str, QueueLimits]],
) -> FrozenMap[str, QueueLimits]:
    """Return `value` as limits by group; raise `InvalidValueError` for anything else."""
    items = frozen_map(value).items() if isinstance(value, Mapping) else FrozenMap(value).items()
    found = FrozenMap(
        sorted((identifier(group), instance_of(QueueLimits, each)) for group, each in items)
    )
    for group, each in found.items():
        if group in each.overflow:
            raise InvalidValueError(f"the queue of `{group}` overflows to itself")
    return found
