"""One piece of work after some commands, for the tests of offers."""

from __future__ import annotations

from datetime import timedelta

from entitlements.kernel.instants import utc
from entitlements.routing.offers.command_events import events_of_command
from entitlements.routing.offers.lifecycle import Accept, Enqueue, Offer, WorkCommand
from entitlements.routing.offers.offer_policy import OfferPolicy
from entitlements.routing.offers.work_state import WorkState, apply_event

NINE = utc("2026-03-02T09:00Z")
POLICY = OfferPolicy(lease=timedelta(seconds=30), wrap_up=timedelta(seconds=60))


def run(*steps: tuple[int, WorkCommand], policy: OfferPolicy = POLICY) -> WorkState:
    """Return the state after commands at seconds after nine."""
    state = WorkState(work="R-1")
    for second, command in steps:
        for event in events_of_command(state, command, NINE + timedelta(seconds=second), policy):
            state = apply_event(state, event)
    return state


OFFERED = ((0, Enqueue("q")), (1, Offer("o", ["ada"])))
ACCEPTED = (*OFFERED, (2, Accept("a", "ada", 1)))
