"""Deliveries: messages of the outbox that a relay has claimed, and dead letters.

A claim is a lease: until it ends, no other relay gets the message. Each claim raises the fence of
the message, so that a relay whose lease has ended can no longer settle it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar, final

import attrs

from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.ports.records import Message

InstantT = TypeVar("InstantT", datetime, int)


def _message(value: Message) -> Message:
    return instance_of(Message, value)


@final
@attrs.frozen(kw_only=True)
class Delivery:
    """A message on its way to a receiver, or a dead letter.

    Attributes:
        message: The message.
        fence: Raised by each claim.
        attempts: How often its delivery has failed.
        error: Why it failed last; None if it has not.
    """

    message: Message = attrs.field(converter=_message)
    fence: int
    attempts: int = 0
    error: str | None = None

    @property
    def number(self) -> int:
        """Number of the message."""
        return self.message.number


def deliveries(values: Iterable[Delivery]) -> tuple[Delivery, ...]:
    """Return `values`; raise `InvalidValueError` unless they are deliveries."""
    return tuple_of(Delivery, values)


def first_of_cases(
    waiting: Iterable[tuple[int, str, InstantT]], at: InstantT, most: int
) -> tuple[int, ...]:
    """Return the numbers of what may be claimed: of each case, what no earlier message holds back.

    Args:
        waiting: Number and case of every message that is no dead letter, and from when it may be
            claimed; ordered by number, and read only as far as needed.
        at: The instant of the claim.
        most: The largest number of messages.
    """
    held: set[str] = set()
    found: list[int] = []
    for number, case, ready_at in waiting:
        if len(found) >= most:
            break
        if ready_at > at:
            held.add(case)
        elif not case or case not in held:
            found.append(number)
    return tuple(found)
