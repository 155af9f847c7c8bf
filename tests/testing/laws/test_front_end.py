"""A front end that answers as a desk does passes; one that does not is found."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.testing.fixtures.test_comparison import AT, FACTS

from entitlements.adapters.memory import MemoryStore
from entitlements.documents import parse_facts
from entitlements.engine.facts import Facts
from entitlements.kernel.errors import InvalidValueError
from entitlements.service import CancelCase, Desk, DeskCommand, Reply
from entitlements.testing.fixtures.clock import MovableClock
from entitlements.testing.fixtures.desks import desk_maker
from entitlements.testing.laws.front_end import DeskFrontEnd, DeskMachine, desk_machine

KNOWN = parse_facts(FACTS.replace("GROUP", "dba").replace("LIMIT", "1h"))
FEW = settings(
    max_examples=12,
    stateful_step_count=12,
    database=None,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def new_desk(facts: Facts, clock: MovableClock) -> Desk:
    return desk_maker(MemoryStore(clock))(facts)


class Wary:
    """A front end that says of cancelled cases that they were not cancelled."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def execute(self, command: DeskCommand, at: datetime) -> Reply:
        reply = self.desk.execute(command, at)
        if isinstance(command, CancelCase):
            raise InvalidValueError("cases are not cancelled here")
        return reply


def machine(front_end: type[Wary] | None = None) -> type[DeskMachine]:
    def make(facts: Facts, clock: MovableClock) -> DeskFrontEnd:
        desk = new_desk(facts, clock)
        return desk if front_end is None else front_end(desk)

    return desk_machine(make, KNOWN, AT)


def test_a_desk_answers_as_a_desk() -> None:
    run_state_machine_as_test(machine(), settings=FEW)


def test_a_front_end_with_other_answers_is_found() -> None:
    many = settings(FEW, max_examples=600, phases=[Phase.generate])
    with pytest.raises(AssertionError, match="by InvalidValueError, and by a desk cancelled"):
        run_state_machine_as_test(machine(Wary), settings=many)


def test_facts_under_which_nothing_can_be_asked_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="nothing can be asked"):
        desk_machine(new_desk, Facts(), AT)
