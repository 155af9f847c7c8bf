"""A live case against a walk through it: events, deliveries and questions in any order."""

from __future__ import annotations

from datetime import datetime

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from entitlements.sla import Event, SlaPolicy, Tracker
from entitlements.sla.options import PausedDueDisplay
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
    def happen(self, event: Event) -> None:
        self.deliver(moved(event, self.now))

    @rule(event=draw.events(0), steps=st.integers(1, 20))
    def happen_late(self, event: Event, steps: int) -> None:
        self.late.append(moved(event, max(draw.ORIGIN, self.now - steps * draw.STEP)))

    @precondition(lambda self: self.late)
    @rule()
    def catch_up(self) -> None:
        self.deliver(self.late.pop())

    @rule()
    def deliver_again(self) -> None:
        self.tracker.append(self.events[-1])

    @invariant()
    def agrees_with_a_walk(self) -> None:
        at = self.now
        found = walk(self.policy, self.events, at, step=draw.STEP, others=[self.other])
        hidden = self.policy.options.while_paused is PausedDueDisplay.HIDDEN
        measured = self.tracker.measure(at)
        assert {each.name for each in measured} == set(found)
        for reading in measured:
            cycles = measured.cycles(reading.name)
            assert len(cycles) == len(found[reading.name])
            for mine, its in zip(cycles, found[reading.name], strict=True):
                assert (mine.state.value, mine.started_at) == (its.state, its.started)
                assert mine.elapsed == its.elapsed
                if not (hidden and its.state == "paused"):
                    assert mine.due == its.due
                    assert tuple(each.at for each in mine.warnings) == its.warnings


def moved(event: Event, at: datetime) -> Event:
    return attrs.evolve(event, at=at)


LiveCase.TestCase.settings = settings(stateful_step_count=12, max_examples=60)
TestLiveCase = LiveCase.TestCase
