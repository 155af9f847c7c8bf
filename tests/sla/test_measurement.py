"""By when, in one call: judged by walking through the case in half hours."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given

from entitlements.sla import History, Measurement, MilestoneState, SlaPolicy, measure
from entitlements.sla.options import PausedDueDisplay
from entitlements.testing.oracles.sla import Verdict, walk
from entitlements.testing.strategies import sla as draw


def verdicts(measured: Measurement) -> dict[str, list[Verdict]]:
    return {
        name: [
            Verdict(
                reading.state.value,
                reading.started_at,
                reading.due,
                reading.completed_at or reading.cancelled_at,
                reading.breached_at is not None,
                reading.elapsed,
                tuple(each.at for each in reading.warnings),
            )
            for reading in readings
        ]
        for name, readings in ((each.name, measured.cycles(each.name)) for each in measured)
    }


def walked(
    policy: SlaPolicy, history: History, at: datetime, others: list[SlaPolicy]
) -> dict[str, list[Verdict]]:
    hidden = policy.options.while_paused is PausedDueDisplay.HIDDEN
    found = walk(policy, history.events, at, step=draw.STEP, others=others)
    return {
        name: [
            Verdict(
                each.state, each.started, None, each.ended, each.late, each.elapsed, each.warnings
            )
            if hidden and each.state == MilestoneState.PAUSED
            else each
            for each in cycles
        ]
        for name, cycles in found.items()
    }


@given(draw.policies(), draw.policies("silver"), draw.histories(), draw.instants(400))
def test_a_case_is_measured_as_a_walk_through_it_finds(
    policy: SlaPolicy, other: SlaPolicy, history: History, at: datetime
) -> None:
    measured = measure(policy, history, at, others=[other])
    assert verdicts(measured) == walked(policy, history, at, [other])
