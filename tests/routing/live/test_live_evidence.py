"""What explains a live answer is that of the roster at the time, whenever it is read."""

from __future__ import annotations

import pickle
from datetime import timedelta

from entitlements.kernel.instants import utc
from entitlements.routing import Agent, Requirement, Roster, Router, Unroutable, Waiting, Work

NINE = utc("2026-03-02T09:00Z")
LATER = NINE + timedelta(minutes=30)


def busy_router() -> Router:
    router = Router(Roster(agents=[Agent(id="ada", capacity=1)]))
    router.assign(Work(id="R-1", opened=NINE), "ada", NINE)
    return router


def test_instants_and_reasons_are_those_of_the_time_of_the_answer() -> None:
    router = busy_router()
    router.set_status("ada", NINE, away=True, back=LATER)
    router.complete("R-1", NINE)
    waiting = router.route(Work(id="R-2", opened=NINE), NINE)
    never = router.route(Work(id="R-3", opened=NINE, requires=Requirement(skills="x")), NINE)
    read_before = (waiting.next_eligible_at, never.reasons)
    again = router.route(Work(id="R-2", opened=NINE), NINE)
    impossible = router.route(Work(id="R-3", opened=NINE, requires=Requirement(skills="x")), NINE)
    router.set_status("ada", NINE, away=False)
    router.change_skills("ada", ["x"])
    assert isinstance(again, Waiting)
    assert isinstance(impossible, Unroutable)
    assert (again.next_eligible_at, impossible.reasons) == read_before == (LATER, ("skill",))
    assert again.explain() == waiting.explain()


def test_a_pickled_answer_has_its_instant_and_reasons() -> None:
    router = busy_router()
    router.set_status("ada", NINE, away=True, back=LATER)
    router.complete("R-1", NINE)
    for requires in (Requirement(), Requirement(skills="x")):
        answer = router.route(Work(id="R-2", opened=NINE, requires=requires), NINE)
        copy = pickle.loads(pickle.dumps(answer))  # noqa: S301 - our own bytes
        assert copy == answer
        assert copy.explain() == answer.explain()
        assert hash(copy) == hash(answer)


def test_answers_that_differ_in_instant_or_reasons_are_not_equal() -> None:
    work = Work(id="R-2", opened=NINE)
    one, two = busy_router(), busy_router()
    assert one.route(work, NINE) == two.route(work, NINE)
    two.set_status("ada", NINE, away=True, back=LATER)
    two.complete("R-1", NINE)
    assert one.route(work, NINE) != two.route(work, NINE)
    assert one.route(work, NINE) != "waiting"
