"""Roster gains: the agents who may take more work since a backlog was last drained."""

from __future__ import annotations

from collections.abc import Container
from typing import final

from entitlements.routing.live.agents.indexed_agent import IndexedAgent


@final
class RosterGains:
    """What a backlog has to look at when it is drained next.

    Attributes:
        touched: Agents who may take more work than before.
        waiting: The ids of the work of the backlog.
        assigned: Ids of work that may have been assigned while it waits.
    """

    __slots__ = ("assigned", "touched", "waiting")

    def __init__(self, waiting: Container[str] = ()) -> None:
        self.waiting = waiting
        self.touched: set[IndexedAgent] = set()
        self.assigned: set[str] = set()
