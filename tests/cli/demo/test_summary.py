from __future__ import annotations

from tests.engine.worlds import facts, request

from entitlements import Engine
from entitlements.cli.demo.summary import GroupLoad, summary
from entitlements.kernel import utc

MONDAY = utc("2026-03-02T09:00Z")
SUNDAY = utc("2026-03-01T09:00Z")


def test_answers_are_counted_by_outcome_reason_group_and_person() -> None:
    engine = Engine(facts())
    answers = [
        engine.assess(request(), MONDAY),
        engine.assess(request(id="R-2"), SUNDAY),
        engine.assess(request(id="R-3", severity="S2", channel="web"), MONDAY),
        engine.assess(request(id="R-4", contact="eve"), MONDAY),
        engine.assess(request(id="R-5", contact="eve", customer="nobody"), MONDAY),
    ]
    counted = summary(answers)
    assert (counted.answered, counted.granted, counted.deferred, counted.denied) == (5, 2, 1, 2)
    assert dict(counted.reasons) == {"contact_not_named": 1, "customer_unknown": 1}
    assert counted.groups == (
        GroupLoad(group="dba", at_once=1, queued=0, later=1, waiting=0, agents=(("ada", 2),)),
        GroupLoad(group="desk", at_once=0, queued=1, later=0, waiting=0, agents=(("eve", 1),)),
    )
    assert counted.groups[0].total == 2


def test_the_counts_are_plain_data() -> None:
    found = summary([Engine(facts()).assess(request(), MONDAY)]).to_dict()
    assert found == {
        "answered": 1,
        "decisions": {"granted": 1, "deferred": 0, "denied": 0},
        "denied_by_reason": {},
        "groups": [
            {
                "group": "dba",
                "at_once": 1,
                "queued": 0,
                "later": 0,
                "waiting": 0,
                "agents": {"ada": 1},
            }
        ],
    }


def test_no_answers_are_counted_too() -> None:
    assert summary([]).to_dict()["answered"] == 0
