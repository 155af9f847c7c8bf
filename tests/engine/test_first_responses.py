"""First responses of promises: due by the calendar that the line binds, or never."""

from __future__ import annotations

from tests.engine.worlds import facts, request

from entitlements.access import Granted
from entitlements.engine import Engine
from entitlements.engine.first_responses import FirstResponses
from entitlements.kernel.instants import END_OF_TIME, HOUR, to_micros, utc
from entitlements.sla import SlaPolicy, Target

AT = utc("2026-03-02T10:00+01:00")


def test_the_first_response_counts_the_hours_of_the_line() -> None:
    engine = Engine(facts())
    decision = engine.assess(request(severity="S2", channel="web"), AT).decision
    assert isinstance(decision, Granted)
    responses = FirstResponses(engine.policy)
    now = to_micros(AT)
    evening = now + 6 * HOUR
    asked = request(severity="S2", channel="web")
    assert responses.due(decision.entitlement, asked, now) == now + 4 * HOUR
    assert responses.due(decision.entitlement, asked, evening) == now + 26 * HOUR
    assert responses.due(decision.entitlement, request(), now) == now + 1 * HOUR


def test_a_promise_without_a_first_response_is_due_at_the_end_of_time() -> None:
    none = SlaPolicy(id="none", targets=[Target(milestone="first_response", within=None)])
    decision = Engine(facts()).assess(request(), AT).decision
    assert isinstance(decision, Granted)
    responses = FirstResponses(lambda _: none)
    assert responses.due(decision.entitlement, request(), to_micros(AT)) == END_OF_TIME
    assert responses.key(decision.entitlement, request()) is None


def test_best_effort_comes_after_every_time_and_before_no_promise() -> None:
    effort = Target(milestone="first_response", within=None, commitment="best_effort")
    decision = Engine(facts()).assess(request(), AT).decision
    assert isinstance(decision, Granted)
    now = to_micros(AT)
    responses = FirstResponses(lambda _: SlaPolicy(id="effort", targets=[effort]))
    assert responses.due(decision.entitlement, request(), now) == END_OF_TIME - 1
    assert responses.moves(decision.entitlement, request(), now) == (False, END_OF_TIME)
    assert responses.key(decision.entitlement, request()) is not None
