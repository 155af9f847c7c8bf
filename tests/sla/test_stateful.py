"""A tracker against the oracle: events, late events and measurements in any order."""

from __future__ import annotations

from datetime import datetime

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.effort import tries

from entitlements.sla import Event, SlaPolicy, Tracker
from entitlements.sla.options.clock_options import PausedDueDisplay
from entitlements.testing.oracles.sla import walk
from entitlements.testing.strategies import sla as draw


class LiveCase(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = draw.ORIGIN
        self.events: list[Event] = []
        self.late: list[Event] = []

    @initialize(
        policy=draw.policies(),
        other=draw.policies("silver"),
        severity=st.sampled_from(draw.SEVERITIES),
    )
    def open(self, policy: SlaPolicy, other: SlaPolicy, severity: str) -> None:
        self.policy, self.other = policy, other
        self.tracker = Tracker(policy, others=[other])
        self.deliver(Event.opened(self.now, severity=severity, channel="phone"))

    def deliver(self, event: Event) -> None:
        self.events.append(event)
        self.tracker.append(event)

    @rule(steps=st.integers(1, 30))
    def wait(self, steps: int) -> None:
        self.now += steps * draw.STEP

    @rule(event=draw.events(0))
    def append(self, event: Event) -> None:
        self.deliver(moved(event, self.now))

    @rule(event=draw.events(0), steps=st.integers(1, 20))
    def delay(self, event: Event, steps: int) -> None:
        self.late.append(moved(event, max(draw.ORIGIN, self.now - steps * draw.STEP)))

    @precondition(lambda self: self.late)
    @rule()
    def append_late(self) -> None:
        self.deliver(self.late.pop())

    @rule()
    def deliver_again(self) -> None:
        self.tracker.append(self.events[-1])

    @invariant()
    def agrees_with_the_oracle(self) -> None:
        at = self.now
        found = walk(self.policy, self.events, at, step=draw.STEP, others=[self.other])
        hidden = self.policy.options.while_paused is PausedDueDisplay.HIDDEN
        measured = self.tracker.measure(at)
        assert {each.name for each in measured} == set(found)
        for name in found:
            cycles = measured.cycles(name)
            assert len(cycles) == len(found[name])
            for reading, expected in zip(cycles, found[name], strict=True):
                assert (reading.state.value, reading.started_at) == (
                    expected.state,
                    expected.started,
                )
                assert reading.elapsed == expected.elapsed
                if not (hidden and expected.state == "paused"):
                    assert reading.due == expected.due
                    assert tuple(each.at for each in reading.warnings) == expected.warnings


def moved(event: Event, at: datetime) -> Event:
    return attrs.evolve(event, at=at)


LiveCase.TestCase.settings = settings(stateful_step_count=12, max_examples=tries(24))
TestLiveCase = LiveCase.TestCase
