"""What a process remembers of a database between admissions, and checks as it writes."""

from __future__ import annotations

import time
from typing import Final, final

from entitlements.kernel.on_demand.memo import Memo
from entitlements.ports.records import ChainHead

MAX_KEPT_TENANTS: Final = 1_000
NEWS_EVERY: Final = 0.05
"""Seconds between two notifications of one process: each takes a lock of the whole database."""
READ_FOR: Final = 0.25
"""Seconds for which everything is read before a decision, after others have written."""


@final
class Throttle:
    """Whether to do again what was done a moment ago, in this process.

    Args:
        every: Seconds that have to pass.
    """

    __slots__ = ("_every", "_last")

    def __init__(self, every: float) -> None:
        self._every = every
        self._last = -every

    def passes(self) -> bool:
        """Return whether so many seconds have passed since this was last the case."""
        now = time.monotonic()
        if now - self._last < self._every:
            return False
        self._last = now
        return True


@final
class LatestEditions:
    """The latest edition of the catalog of each tenant, as this process has seen it.

    While others write, what this process has seen is old too often to decide from it.
    """

    __slots__ = ("_editions", "_read_until")

    def __init__(self) -> None:
        self._editions: Memo[str, int] = Memo(MAX_KEPT_TENANTS)
        self._read_until = 0.0

    def get(self, tenant: str) -> int | None:
        """Return the latest edition of a tenant; None if it has to be read."""
        return None if time.monotonic() < self._read_until else self._editions.get(tenant)

    def put(self, tenant: str, edition: int) -> None:
        """Note what was read."""
        self._editions.put(tenant, edition)

    def others_wrote(self) -> None:
        """Note that something was not as this process had seen it."""
        self._read_until = time.monotonic() + READ_FOR


@final
class ProcessMemory:
    """What a store remembers between admissions.

    Attributes:
        latest: The latest edition of the catalog of each tenant.
        heads: The ends of the chains of decisions, by tenant.
        news: How often others are notified.
    """

    __slots__ = ("heads", "latest", "news")

    def __init__(self) -> None:
        self.latest = LatestEditions()
        self.heads: Memo[str, ChainHead] = Memo(MAX_KEPT_TENANTS)
        self.news = Throttle(NEWS_EVERY)
