"""Which entries are there? An append-only list that shares its past with its successors.

Entries stand in runs whose sizes are powers of two, as the digits of a binary number: adding one
merges full runs, so that each entry is copied at most log n times, and a longer journal never
disturbs a shorter one. Every run knows its keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import final

from entitlements.contracts.allowances.grants import plan_pool
from entitlements.contracts.ledger.entries import Commit, Entry, Expire, GiveBack, Issue, Void
from entitlements.kernel.errors import ConflictError, DuplicateIdError, InvalidValueError
from entitlements.kernel.instants import START_OF_TIME, from_micros, to_micros


@final
class _EntryChunk:
    __slots__ = ("by_key", "entries", "entries_about", "touching")

    def __init__(self, entries: tuple[Entry, ...]) -> None:
        self.entries = entries
        self.by_key = {each.command.key: each for each in entries}
        self.entries_about: dict[str, tuple[Entry, ...]] = {}
        self.touching: dict[str, tuple[Entry, ...]] = {}
        for each in entries:
            target = _target(each)
            if target is not None:
                self.entries_about[target] = (*self.entries_about.get(target, ()), each)
            for pool in _plan_pools(each):
                self.touching[pool] = (*self.touching.get(pool, ()), each)

    def __add__(self, later: _EntryChunk) -> _EntryChunk:
        both = object.__new__(_EntryChunk)
        both.entries = self.entries + later.entries
        both.by_key = self.by_key | later.by_key
        both.entries_about = _joined(self.entries_about, later.entries_about)
        both.touching = _joined(self.touching, later.touching)
        return both


def _joined(
    some: dict[str, tuple[Entry, ...]], more: dict[str, tuple[Entry, ...]]
) -> dict[str, tuple[Entry, ...]]:
    joined = dict(some)
    for name, entries in more.items():
        joined[name] = (*joined.get(name, ()), *entries)
    return joined


@final
class EntryLog:
    """Entries in the order of their numbers, found by key, or by what they refer to.

    >>> len(Journal()), list(Journal())
    (0, [])
    """

    __slots__ = ("_recorded", "_runs", "_size")

    def __init__(self, entries: tuple[Entry, ...] = ()) -> None:
        self._runs: tuple[_EntryChunk, ...] = (_EntryChunk(entries),) if entries else ()
        self._size = len(entries)
        self._recorded = _recorded(entries)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Entry]:
        for run in self._runs:
            yield from run.entries

    def after(self, count: int) -> tuple[Entry, ...]:
        """Return the entries after the first `count`; it costs no more than there are of them."""
        found: list[Entry] = []
        for run in self._runs:
            if count < len(run.entries):
                found += run.entries[max(count, 0) :]
            count -= len(run.entries)
        return tuple(found)

    def add(self, *entries: Entry) -> EntryLog:
        """Return a journal with one more entry, or several; this one stays as it is."""
        run, runs = _EntryChunk(entries), self._runs
        while runs and len(runs[-1].entries) <= len(run.entries):
            run, runs = runs[-1] + run, runs[:-1]
        longer = object.__new__(EntryLog)
        longer._runs, longer._size = (*runs, run), self._size + len(entries)
        longer._recorded = max(self._recorded, _recorded(entries))
        return longer

    def has_key(self, at: int, recorded: datetime | None) -> int:
        """Return when an entry that counts at `at` becomes known: never before an earlier one.

        Raises:
            InvalidValueError: `recorded` lies before `at`, or before an earlier entry was recorded.
        """
        if recorded is None:
            return max(at, self._recorded)
        known = to_micros(recorded)
        if known < at:
            raise InvalidValueError(
                f"entry counts at `{from_micros(at)}`, in the future of `{recorded}`"
            )
        if known < self._recorded:
            raise InvalidValueError(
                f"entry is recorded at `{recorded}`, before an earlier one",
                hint="let `at` lie in the past, and `recorded` in the present",
            )
        return known

    def check_follows(self, entry: Entry) -> None:
        """Raise unless an entry has the next number and a new key."""
        if entry.number != self._size + 1:
            raise ConflictError(f"entry `{entry.number}` does not follow", field="number")
        if self.find(entry.key) is not None:
            raise DuplicateIdError("idempotency key", entry.key)

    def find(self, key: str) -> Entry | None:
        """Return the entry with that key, or None."""
        for run in reversed(self._runs):
            if key in run.by_key:
                return run.by_key[key]
        return None

    def entries_about(self, key: str) -> Iterator[Entry]:
        """Yield the entries that resolve the hold, or give back the use, of that key."""
        for run in self._runs:
            yield from run.entries_about.get(key, ())

    def touching(self, pools: Iterable[str]) -> Iterator[Entry]:
        """Yield each entry that is about a plan's grant in one of these pools, or resolves one."""
        found: dict[str, Entry] = {}
        for pool in pools:
            for run in self._runs:
                for entry in run.touching.get(pool, ()):
                    found[entry.key] = entry
                    found |= {each.key: each for each in self.entries_about(entry.key)}
        yield from found.values()

    def replaced(self, entries: Mapping[str, Entry]) -> EntryLog:
        """Return a journal with other entries for some keys; this one if there are none."""
        if not entries:
            return self
        return EntryLog(tuple(entries.get(each.key, each) for each in self))


def _plan_pools(entry: Entry) -> set[str]:
    """Return the pools of the plan grants that an entry took from, or corrected."""
    if isinstance(entry.command, Expire):
        return set()
    pools = (plan_pool(share.grant) for share in entry.shares)
    return {each for each in pools if each is not None}


def _recorded(entries: tuple[Entry, ...]) -> int:
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
    """Raise unless `entries`, in their order, are numbered from 1 on and bear a key each.

    Raises:
        ConflictError: an entry is missing, or there twice.
        DuplicateIdError: two entries have one key, or two grants one id.
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
