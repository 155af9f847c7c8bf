from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, get_args

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.documents.values import of_type

from entitlements.adapters.sql.rows.mapping import to_text
from entitlements.adapters.sql.rows.work_text import work_item_text, workload_text
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import to_micros
from entitlements.ports.records import WorkItem
from entitlements.routing.agents.assignment_override import AssignmentOverride
from entitlements.routing.agents.workload import AssignedWork, Workload
from entitlements.routing.offers.lifecycle import Enqueue, Offer, WorkCommand, WorkStatus
from entitlements.routing.offers.work_state import OfferLease, OfferRefusal, WorkState
from entitlements.routing.work.relaxation import RelaxationPlan, RelaxationStep
from entitlements.routing.work.requirements import Requirement
from entitlements.routing.work.work import Work
from entitlements.testing.strategies import ports, routing
from entitlements.testing.strategies.ports import START, work_item

NOON = to_micros(START)
OVERRIDE = AssignmentOverride(by="grace", reason="nobody else")


@given(ports.work_items())
def test_work_is_the_text_of_the_converter(placed: WorkItem) -> None:
    assert work_item_text(placed, to_text) == to_text(placed, WorkItem)


@pytest.mark.parametrize("kind", get_args(WorkCommand), ids=lambda kind: kind.__name__)
@given(st.data())
def test_commands_are_the_text_of_the_converter(kind: Any, data: st.DataObject) -> None:
    command: WorkCommand = data.draw(of_type(kind))
    state = attrs.evolve(work_item().state, executed_commands=FrozenMap({"x": command}))
    placed = attrs.evolve(work_item(), state=state)
    assert work_item_text(placed, to_text) == to_text(placed, WorkItem)


@given(routing.standings())
def test_standings_are_the_text_of_the_converter(workload: Workload) -> None:
    assert workload_text(workload, to_text) == to_text(workload, Workload)


def test_every_field_is_written() -> None:
    """A field that is added later, and forgotten here, is missing in one of these."""
    work = Work(
        id="R-1", opened=START, requires=Requirement(groups="db"), rank=1, due=START,
        requested=START, routable=START, declined=START, transferred=START,
        preferred_agents=["ada"], excluded_agents=["bob"],
        relaxation=RelaxationPlan(steps=[RelaxationStep(after=timedelta(minutes=5), groups="net")]),
    )  # fmt: skip
    state = WorkState(
        work="R-1", phase=WorkStatus.OFFERED, fence=1, leases=(OfferLease("ada", START, 1),),
        assignee="ada", assignee_fence=1, refusals=(OfferRefusal("bob", START),), refusal_count=1,
        queued_at=START, declined_at=START,
        transferred_at=START, heartbeat_at=START, wrap_until=START,
        executed_commands=FrozenMap({"x": Enqueue("x"), "o": Offer("o", ["ada"], OVERRIDE)}),
    )  # fmt: skip
    workload = Workload(
        held={"R-1": AssignedWork(Requirement(), START, OVERRIDE)}, away=True, back=START,
        last_assigned=START, released=START, available_since=START, handled=1, assigned=1,
        busy=timedelta(seconds=1), busy_since=START, turn=1, recent=[START],
    )  # fmt: skip
    placed = json.loads(work_item_text(WorkItem(work=work, group="db", state=state), to_text))
    for value, written in (
        (work, placed["work"]),
        (state, placed["state"]),
        (workload, json.loads(workload_text(workload, to_text))),
        (workload.held["R-1"], json.loads(workload_text(workload, to_text))["held"]["R-1"]),
    ):
        assert list(written) == [each.name for each in attrs.fields(type(value))]
    said = {"by": "grace", "reason": "nobody else"}
    assert placed["state"]["executed_commands"]["o"]["override"] == said


def test_a_text_is_what_it_was() -> None:
    state = attrs.evolve(
        work_item('R "1"').state,
        fence=2,
        leases=(OfferLease("\u00fc", START, 2),),
        refusals=(OfferRefusal("ada", START, "busy"),),
        executed_commands=FrozenMap({"z": Enqueue("z"), "a": Offer("a", ["ada", "bob"])}),
    )
    placed = attrs.evolve(work_item('R "1"', rank=3), state=state, next_due_at=START)
    assert json.loads(work_item_text(placed, to_text)) == {
        "work": {"id": 'R "1"', "opened": NOON, "rank": 3},
        "group": "db",
        "state": {
            "work": 'R "1"', "phase": "queued", "fence": 2, "queued_at": NOON,
            "leases": [{"agent": "\u00fc", "until": NOON, "fence": 2}],
            "refusals": [{"agent": "ada", "at": NOON, "reason": "busy"}],
            "executed_commands": {
                "a": {"kind_of": "offer", "id": "a", "agents": ["ada", "bob"]},
                "z": {"kind_of": "enqueue", "id": "z"},
            },
        },
        "next_due_at": NOON,
    }  # fmt: skip
    workload = Workload(
        held={"R/1": AssignedWork(Requirement(groups="db"), START)}, away=True, back=START, turn=4
    )
    assert json.loads(workload_text(workload, lambda *_: '{"any": 1}')) == {
        "held": {"R/1": {"requires": {"any": 1}, "since": NOON}},
        "away": True, "back": NOON, "turn": 4,
    }  # fmt: skip
