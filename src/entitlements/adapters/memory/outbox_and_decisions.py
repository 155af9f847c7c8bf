"""Messages, decisions and commands in dictionaries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import final

import attrs

from entitlements.adapters.memory.overlay import DictOverlay
from entitlements.kernel.converters import MAX_INT32, as_tuple, instance_of, remark
from entitlements.kernel.errors import StaleReadError
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import EARLIEST, instant_of, instant_or_none
from entitlements.ports.deliveries import (
    Delivery,
    Endpoint,
    deliveries,
    endpoint_or_none,
    first_of_cases,
)
from entitlements.ports.records import ChainHead, DecisionRecord, ExecutedCommand, Message
from entitlements.ports.rules.append_rules import command_was_recorded
from entitlements.ports.rules.arguments import messages as checked_messages
from entitlements.ports.rules.arguments import page_length, row_number


@final
class MemoryOutbox:
    """`Outbox` in dictionaries; numbers are never used again.

    Args:
        kept: Messages by their numbers.
        last: The last number.
        tries: Messages that were claimed or belong to an endpoint, each with when it is ready.
        endpoints: The receivers with their own progress.
    """

    def __init__(
        self,
        kept: DictOverlay[int, Message],
        last: DictOverlay[None, int],
        tries: DictOverlay[tuple[str, int], tuple[Delivery, datetime | None]],
        endpoints: DictOverlay[str, Endpoint],
    ) -> None:
        self._kept = kept
        self._last = last
        self._tries = tries
        self._endpoints = endpoints
        self.put_any = False

    def put(self, topic: str, body: str, at: datetime, case: str = "") -> int:
        number = (self._last.get(None) or 0) + 1
        message = Message(number=number, topic=topic, at=instant_of(at), body=body, case=case)
        self._kept.put(number, message)
        self._last.put(None, number)
        self.put_any = True
        return number

    def put_all(self, messages: Sequence[tuple[str, str, str]], at: datetime) -> tuple[int, ...]:
        given = checked_messages(messages)
        return tuple([self.put(topic, body, at, case) for topic, body, case in given])

    def pending(self, most: int = 100) -> tuple[Message, ...]:
        return tuple(sorted(self._kept.values(), key=lambda each: each.number)[: page_length(most)])

    def save_endpoint(self, endpoint: Endpoint) -> None:
        self._endpoints.put(instance_of(Endpoint, endpoint).id, endpoint)

    def remove_endpoint(self, id: str) -> None:
        for place, _ in list(self._tries.items()):
            if place[0] == identifier(id):
                self._tries.drop(place)
        self._endpoints.drop(identifier(id))

    def endpoints(self) -> tuple[Endpoint, ...]:
        return tuple(sorted(self._endpoints.values(), key=lambda each: each.id))

    def distribute(self, at: datetime, most: int = 100) -> int:
        known, now, most = self.endpoints(), instant_of(at), page_length(most)
        if not known:
            return 0
        claimed = self.claim(now, now, most)
        for each in claimed:
            for endpoint in known:
                if endpoint.receives(each.message.topic):
                    own = Delivery(message=each.message, fence=0, endpoint=endpoint.id)
                    self._tries.put((endpoint.id, each.number), (own, EARLIEST))
        self.delivered(each.number for each in claimed)
        return len(claimed)

    def claim(
        self, at: datetime, until: datetime, most: int = 100, endpoint: str = ""
    ) -> tuple[Delivery, ...]:
        now, then = instant_of(at), instant_of(until)
        every = {each.number: (each, ready_at) for each, ready_at in self._waiting(endpoint)}
        live = (
            (number, each.message.case, ready_at)
            for number, (each, ready_at) in every.items()
            if ready_at is not None
        )
        found = [every[n][0] for n in first_of_cases(live, now, page_length(most))]
        claimed = tuple(attrs.evolve(each, fence=each.fence + 1) for each in found)
        for each in claimed:
            self._tries.put((endpoint, each.number), (each, then))
        return claimed

    def finish(self, claimed: Iterable[Delivery]) -> None:
        for each in self._still(claimed):
            if each.endpoint:
                self._tries.drop((each.endpoint, each.number))
            else:
                self.delivered([each.number])

    def put_back(
        self, claimed: Iterable[Delivery], ready_at: datetime | None, error: str | None = None
    ) -> None:
        again = instant_or_none(ready_at)
        for each in self._still(claimed):
            tried = each
            if error is not None:
                tried = attrs.evolve(each, attempts=each.attempts + 1, error=remark(error))
            self._tries.put((each.endpoint, each.number), (tried, again))

    def dead_letters(
        self, after: int = 0, most: int = 100, endpoint: str = ""
    ) -> tuple[Delivery, ...]:
        first, most = row_number(after), page_length(most)
        dead = [each for each, ready_at in self._waiting(endpoint) if ready_at is None]
        return tuple([each for each in dead if each.number > first][:most])

    def requeue(self, numbers: Iterable[int], endpoint: str = "") -> None:
        wanted = set(map(row_number, as_tuple(numbers)))
        for each in self.dead_letters(most=MAX_INT32, endpoint=endpoint):
            if each.number in wanted:
                again = attrs.evolve(each, attempts=0, error=None)
                self._tries.put((endpoint, each.number), (again, EARLIEST))

    def _waiting(self, endpoint: str) -> list[tuple[Delivery, datetime | None]]:
        if endpoint_or_none(endpoint):
            own = [tried for place, tried in self._tries.items() if place[0] == endpoint]
            return sorted(own, key=lambda each: each[0].number)
        messages = sorted(self._kept.values(), key=lambda each: each.number)
        fresh = (Delivery(message=each, fence=0) for each in messages)
        return [self._tries.get(("", each.number)) or (each, EARLIEST) for each in fresh]

    def _still(self, claimed: Iterable[Delivery]) -> list[Delivery]:
        """Return the deliveries that no other relay has claimed since."""
        given = deliveries(claimed)
        known = [(each, self._tries.get((each.endpoint, each.number))) for each in given]
        return [each for each, tried in known if tried is not None and tried[0].fence == each.fence]

    def delivered(self, numbers: Iterable[int]) -> None:
        for number in as_tuple(numbers):
            self._kept.drop(row_number(number))
            self._tries.drop(("", number))


@final
class MemoryDecisions:
    """`Decisions` in a dictionary."""

    def __init__(
        self, kept: DictOverlay[int, DecisionRecord], head: DictOverlay[None, ChainHead]
    ) -> None:
        self._kept = kept
        self._head = head

    def head(self) -> ChainHead:
        return self._head.get(None) or ChainHead()

    def append(self, link: DecisionRecord) -> None:
        head, link = self.head(), instance_of(DecisionRecord, link)
        if (link.number, link.previous) != (head.number + 1, head.digest):
            raise StaleReadError(
                f"decision `{link.number}` does not follow `{head.number}`", field="number"
            )
        self._kept.put(link.number, link)
        self._head.put(None, ChainHead(link.number, link.digest))

    def about(self, subject: str) -> tuple[DecisionRecord, ...]:
        wanted = identifier(subject)
        return tuple(each for each in self._ordered() if each.subject == wanted)

    def links(self, after: int | None = None, most: int = 1_000) -> tuple[DecisionRecord, ...]:
        last, most = None if after is None else row_number(after), page_length(most)
        return tuple(
            [each for each in self._ordered() if last is None or each.number > last][:most]
        )

    def _ordered(self) -> list[DecisionRecord]:
        return sorted(self._kept.values(), key=lambda each: each.number)


@final
class MemoryCommands:
    """`Commands` in a dictionary."""

    def __init__(self, kept: DictOverlay[str, ExecutedCommand]) -> None:
        self._kept = kept

    def find(self, id: str) -> ExecutedCommand | None:
        return self._kept.get(identifier(id))

    def record(self, done: ExecutedCommand) -> None:
        if self._kept.get(instance_of(ExecutedCommand, done).id) is not None:
            raise command_was_recorded(done.id)
        self._kept.put(done.id, done)
