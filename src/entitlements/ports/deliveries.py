"""Deliveries: messages of the outbox that a relay has claimed, dead letters, and endpoints.

A claim is a lease: until it ends, no other relay gets the message. Each claim raises the fence of
the message, so that a relay whose lease has ended can no longer settle it. With endpoints, every
endpoint that receives a message has its own delivery of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, TypeVar, final

import attrs

from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier, identifier_set
from entitlements.ports.records import Message

InstantT = TypeVar("InstantT", datetime, int)

_ALL: Final = "*"


def _topics(values: Iterable[str]) -> frozenset[str]:
    return frozenset(map(_topic, identifier_set(values)))


def _topic(topic: str) -> str:
    prefix = topic.removesuffix(_ALL)
    if _ALL in prefix or (prefix != topic and prefix and not prefix.endswith(".")):
        raise InvalidValueError(
            f"`{topic}` is no topic of an endpoint", hint="such as `case.granted` or `case.*`"
        )
    return topic


@final
@attrs.frozen(kw_only=True)
class Endpoint:
    """A receiver of messages that has its own progress.

    Each endpoint gets every message of its topics that is handed on from its registration. A
    receiver that fails holds back no other endpoint.

    Attributes:
        id: Chosen by the caller.
        topics: What it receives, such as `case.granted`, or `case.*` for all topics that begin so;
            all topics if empty.

    >>> Endpoint(id="billing", topics=["case.*"]).receives("case.granted")
    True

    Raises:
        InvalidValueError: A topic has a `*` elsewhere than at its end, after a `.`.
    """

    id: str = attrs.field(converter=identifier)
    topics: frozenset[str] = attrs.field(default=frozenset(), converter=_topics)

    def receives(self, topic: str) -> bool:
        """Return whether the endpoint receives messages of a topic."""
        prefixes = (each.removesuffix(_ALL) for each in self.topics if each.endswith(_ALL))
        return not self.topics or topic in self.topics or topic.startswith(tuple(prefixes))


def endpoint_or_none(id: str) -> str:
    """Return the id of an endpoint, or no text for none."""
    return id if id == "" else identifier(id)


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
        endpoint: Id of the endpoint that it goes to; empty for a tenant without endpoints.
    """

    message: Message = attrs.field(converter=_message)
    fence: int
    attempts: int = 0
    error: str | None = None
    endpoint: str = attrs.field(default="", converter=endpoint_or_none)

    @property
    def number(self) -> int:
        """Number of the message within its tenant, from 1; `finish` and `put_back` take it."""
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
