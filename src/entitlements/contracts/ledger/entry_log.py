"""Entry log: an immutable, append-only list of ledger entries, found by key.

Entries are kept in chunks that shrink from left to right. An added entry merges the chunks that are
not larger, so that each entry is copied at most log n times, and a longer log shares chunks with a
shorter one. Each chunk has an index of its keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeAlias, final

from entitlements.contracts.allowances.grants import plan_pool
from entitlements.contracts.ledger.entries import Commit, Entry, Expire, GiveBack, Issue, Void
from entitlements.kernel.errors import ConflictError, DuplicateIdError, InvalidValueError
from entitlements.kernel.instants import START_OF_TIME, text_of, to_micros

_EntriesByName: TypeAlias = dict[str, tuple[Entry, ...]]


@final
class _EntryChunk:
    __slots__ = ("by_key", "entries", "entries_about", "entries_of_pools")

    def __init__(
        self,
        entries: tuple[Entry, ...],
        by_key: dict[str, Entry],
        entries_about: _EntriesByName,
        entries_of_pools: _EntriesByName,
    ) -> None:
        self.entries = entries
        self.by_key = by_key
        self.entries_about = entries_about
        self.entries_of_pools = entries_of_pools

    @classmethod
    def of(cls, entries: tuple[Entry, ...]) -> _EntryChunk:
        about: _EntriesByName = {}
        pools: _EntriesByName = {}
        for each in entries:
            target = _target(each)
            if target is not None:
                about[target] = (*about.get(target, ()), each)
            for pool in _plan_pools(each):
                pools[pool] = (*pools.get(pool, ()), each)
        return cls(entries, {each.command.key: each for each in entries}, about, pools)

    def __add__(self, later: _EntryChunk) -> _EntryChunk:
        return _EntryChunk(
            self.entries + later.entries,
            self.by_key | later.by_key,
            _joined(self.entries_about, later.entries_about),
            _joined(self.entries_of_pools, later.entries_of_pools),
        )


def _joined(some: _EntriesByName, more: _EntriesByName) -> _EntriesByName:
    joined = dict(some)
    for name, entries in more.items():
        joined[name] = (*joined.get(name, ()), *entries)
    return joined


@final
class EntryLog:
    """Entries in the order of their numbers, found by key, or by the entry they are about.

    >>> len(EntryLog()), list(EntryLog())
    (0, [])
    """

    __slots__ = ("_chunks", "_last_recorded", "_size")

    def __init__(
        self,
        chunks: tuple[_EntryChunk, ...] = (),
        size: int = 0,
        last_recorded: int = START_OF_TIME,
    ) -> None:
        self._chunks = chunks
        self._size = size
        self._last_recorded = last_recorded

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> EntryLog:
        """Return the log of these entries, which are in the order of their numbers."""
        return cls().add(*entries)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Entry]:
        for chunk in self._chunks:
            yield from chunk.entries

    def after(self, count: int) -> tuple[Entry, ...]:
        """Return the entries after the first `count`, at the cost of those alone."""
        found, begin = tuple[Entry, ...](), self._size
        for chunk in reversed(self._chunks):
            if begin <= count:
                break
            begin -= len(chunk.entries)
            found = chunk.entries[max(count - begin, 0) :] + found
        return found

    def add(self, *entries: Entry) -> EntryLog:
        """Return a log with `entries` added; this one is unchanged."""
        if not entries:
            return self
        chunk, chunks = _EntryChunk.of(entries), self._chunks
        while chunks and len(chunks[-1].entries) <= len(chunk.entries):
            chunk, chunks = chunks[-1] + chunk, chunks[:-1]
        recorded = max(self._last_recorded, _latest_recorded(entries))
        return EntryLog((*chunks, chunk), self._size + len(entries), recorded)

    def recorded_at(self, at: int, recorded: datetime | None) -> int:
        """Return the instant at which an entry that takes effect at `at` becomes known.

        By default that is `at`, or the latest instant at which an earlier entry was recorded.

        Raises:
            InvalidValueError: `recorded` is before `at`, or before an earlier entry was recorded.
        """
        if recorded is None:
            return max(at, self._last_recorded)
        moment = to_micros(recorded)
        if moment < at:
            raise InvalidValueError(
                f"entry takes effect at `{text_of(at)}`, "
                f"after it is recorded at `{text_of(recorded)}`"
            )
        if moment < self._last_recorded:
            raise InvalidValueError(
                f"entry is recorded at `{text_of(recorded)}`, before an earlier one",
                hint="give a past instant as `at`, and the present as `recorded`",
            )
        return moment

    def check_follows(self, entry: Entry) -> None:
        """Raise unless an entry has the next number and a new key.

        Raises:
            ConflictError: The number is not the next one.
            DuplicateIdError: The key is in the log.
        """
        if entry.number != self._size + 1:
            raise ConflictError(f"entry `{entry.number}` does not follow", field="number")
        if self.find(entry.key) is not None:
            raise DuplicateIdError("idempotency key", entry.key)

    def find(self, key: str) -> Entry | None:
        """Return the entry with that key, or None."""
        for chunk in reversed(self._chunks):
            if key in chunk.by_key:
                return chunk.by_key[key]
        return None

    def entries_about(self, key: str) -> Iterator[Entry]:
        """Yield the entries that resolve the hold, or give back the commit, of that key."""
        for chunk in self._chunks:
            yield from chunk.entries_about.get(key, ())

    def entries_of_pools(self, pools: Iterable[str]) -> Iterator[Entry]:
        """Yield each entry that names a plan's grant in one of `pools`, or resolves such a one."""
        found: dict[str, Entry] = {}
        for pool in pools:
            for chunk in self._chunks:
                for entry in chunk.entries_of_pools.get(pool, ()):
                    found[entry.key] = entry
                    found |= {each.key: each for each in self.entries_about(entry.key)}
        yield from found.values()

    def replaced(self, entries: Mapping[str, Entry]) -> EntryLog:
        """Return a log with other entries for some keys; this one if there are none."""
        if not entries:
            return self
        return EntryLog.of(entries.get(each.key, each) for each in self)


def _plan_pools(entry: Entry) -> set[str]:
    """Return the pools of the plan grants that an entry names."""
    if isinstance(entry.command, Expire):
        return set()
    pools = (plan_pool(share.grant) for share in entry.shares)
    return {each for each in pools if each is not None}


def _latest_recorded(entries: tuple[Entry, ...]) -> int:
    return max((to_micros(each.recorded) for each in entries), default=START_OF_TIME)


def _target(entry: Entry) -> str | None:
    if entry.refusal is not None:
        return None
    match entry.command:
        case Commit(hold=target) | Void(hold=target) | Expire(hold=target):
            return target
        case GiveBack(commit=target):
            return target
        case _:
            return None


def check_complete(entries: Iterable[Entry]) -> None:
    """Raise unless `entries`, in their order, are numbered from 1 on and have different keys.

    Raises:
        ConflictError: An entry is missing, or there twice.
        DuplicateIdError: Two entries have one key, or two grants one id.
    """
    keys: set[str] = set()
    issued: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        if entry.number != number:
            raise ConflictError(f"entry `{number}` is missing or there twice", field="number")
        if entry.key in keys:
            raise DuplicateIdError("idempotency key", entry.key)
        keys.add(entry.key)
        if isinstance(entry.command, Issue) and entry.refusal is None:
            if entry.command.grant.id in issued:
                raise DuplicateIdError("grant", entry.command.grant.id)
            issued.add(entry.command.grant.id)
