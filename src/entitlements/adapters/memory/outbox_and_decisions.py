"""Messages, decisions and commands in dictionaries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import final

from entitlements.adapters.memory.overlay import Draft
from entitlements.kernel.errors import ConflictError
from entitlements.kernel.ids import identifier
from entitlements.ports.records import Decided, Done, Head, Message


@final
class MemoryOutbox:
    """`Outbox` in a dictionary; numbers are never used again."""

    def __init__(self, kept: Draft[int, Message], last: Draft[None, int]) -> None:
        self._kept = kept
        self._last = last
        self.put_any = False

    def put(self, topic: str, body: str, at: datetime) -> int:
        number = (self._last.get(None) or 0) + 1
        self._kept.put(number, Message(number=number, topic=topic, at=at, body=body))
        self._last.put(None, number)
        self.put_any = True
        return number

    def put_all(self, messages: Sequence[tuple[str, str]], at: datetime) -> tuple[int, ...]:
        return tuple([self.put(topic, body, at) for topic, body in messages])

    def pending(self, most: int = 100) -> tuple[Message, ...]:
        return tuple(sorted(self._kept.values(), key=lambda each: each.number)[:most])

    def delivered(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            self._kept.drop(number)


@final
class MemoryDecisions:
    """`Decisions` in a dictionary."""

    def __init__(self, kept: Draft[int, Decided], head: Draft[None, Head]) -> None:
        self._kept = kept
        self._head = head

    def head(self) -> Head:
        return self._head.get(None) or Head()

    def append(self, link: Decided) -> None:
        head = self.head()
        if (link.number, link.previous) != (head.number + 1, head.digest):
            raise ConflictError(
                f"decision `{link.number}` does not follow `{head.number}`", field="number"
            )
        self._kept.put(link.number, link)
        self._head.put(None, Head(link.number, link.digest))

    def about(self, subject: str) -> tuple[Decided, ...]:
        return tuple(each for each in self.links(most=2**62) if each.subject == subject)

    def links(self, after: int | None = None, most: int = 1_000) -> tuple[Decided, ...]:
        later = [each for each in self._kept.values() if after is None or each.number > after]
        return tuple(sorted(later, key=lambda each: each.number)[:most])


@final
class MemoryCommands:
    """`Commands` in a dictionary."""

    def __init__(self, kept: Draft[str, Done]) -> None:
        self._kept = kept

    def find(self, id: str) -> Done | None:
        return self._kept.get(identifier(id))

    def record(self, done: Done) -> None:
        before = self._kept.get(done.id)
        if before is not None:
            check_same(before, done)
            return
        self._kept.put(done.id, done)


def check_same(before: Done, now: Done) -> None:
    """Raise `ConflictError` unless both say the same; when it was done does not matter."""
    for field in ("digest", "answer"):
        if getattr(before, field) != getattr(now, field):
            raise ConflictError(
                f"command `{now.id}` was used before with another {field}",
                field=field,
                hint="use another id for another command",
            )
