"""Days as instants, and the valid records, by the guide."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from entitlements.contracts.account import Account
from entitlements.contracts.products import LifeCycle
from entitlements.contracts.records.changes import Amendment, Block, BlockEffect
from entitlements.contracts.records.contract import Contract
from entitlements.kernel.instants import EARLIEST, LATEST

NEVER: Final = datetime.max.replace(tzinfo=UTC)
MOMENT: Final = timedelta(microseconds=1)


def day_start(day: date, zone: str) -> datetime:
    """Return the first instant of a day; a day after the year 9997 never begins."""
    if day.year >= LATEST.year:
        return NEVER
    if day.year < EARLIEST.year:
        return EARLIEST
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def day_end(day: date, zone: str) -> datetime:
    """Return the first instant after a day."""
    return NEVER if day.year >= LATEST.year else day_start(day + timedelta(days=1), zone)


def months_later(day: date, months: int) -> date:
    """Return the same day so many calendar months later, or the last day of a shorter month."""
    count = day.month - 1 + months
    for number in range(day.day, 0, -1):
        try:
            return date(day.year + count // 12, count % 12 + 1, number)
        except ValueError:
            continue
    raise AssertionError(day)


def supported_at(cycle: LifeCycle, at: datetime, zone: str) -> tuple[bool, bool]:
    """Return whether a life cycle has begun at an instant, and whether it is over."""
    first, ends = cycle.general_availability, [cycle.end_of_support, cycle.end_of_life]
    begun = first is None or day_start(first, zone) <= at
    return begun, any(end is not None and day_end(end, zone) <= at for end in ends)


def known(records: Iterable[Any]) -> list[Any]:
    """Return the record that was recorded last of each id, without retracted ones."""
    last: dict[str, Any] = {}
    for record in records:
        other = last.get(record.id)
        if other is None or recorded(other) <= recorded(record):
            last[record.id] = record
    return sorted((each for each in last.values() if not each.retracted), key=lambda each: each.id)


def recorded(record: Any) -> datetime:
    """Return when a record became known: before all instants, if it has no such instant."""
    known_from: datetime | None = record.recorded
    return known_from or EARLIEST - MOMENT


def changes_of(account: Account, contract: Contract, kind: type[Any]) -> list[Any]:
    """Return the changes of one kind that are about a contract."""
    found = [change for change in known(account.changes) if isinstance(change, kind)]
    return [change for change in found if change.contract == contract.id]


def blocks_on(account: Account, contract: Contract, line: str) -> list[Block]:
    """Return the blocks on the account, on the contract, and on the line."""
    found = []
    for block in known(account.changes):
        if not isinstance(block, Block):
            continue
        if block.contract in (None, contract.id) and block.line in (None, line):
            found.append(block)
    return found


def blocked_at(account: Account, contract: Contract, line: str, at: datetime) -> set[BlockEffect]:
    """Return what the blocks that run at an instant prevent."""
    effects: set[BlockEffect] = set()
    for block in blocks_on(account, contract, line):
        if block.start <= at < (block.end or NEVER):
            effects |= block.effects
    return effects


def amendments(account: Account, contract: Contract) -> list[Amendment]:
    """Return the amendments of a contract, in the order of their days."""
    return sorted(changes_of(account, contract, Amendment), key=lambda each: each.effective)
