"""The roster at any position is the fold of the changes."""

from __future__ import annotations

from datetime import timedelta

from entitlements.kernel.instants import utc
from entitlements.routing import Agent, Roster, Router, Work
from entitlements.routing.live.roster.roster_log import CHANGE_WIDTH

NINE = utc("2026-03-02T09:00Z")


def test_every_position_gives_the_roster_of_that_moment() -> None:
    router = Router(Roster(agents=[Agent(id="ada", capacity=2), Agent(id="bob")]))
    log, seen = router.index.log, [router.roster]
    for deed in (
        lambda: router.assign(Work(id="1", opened=NINE), "ada", NINE),
        lambda: router.set_status("bob", NINE, away=True, back=NINE + timedelta(hours=1)),
        lambda: router.assign(Work(id="2", opened=NINE), "ada", NINE),
        lambda: router.complete("1", NINE + timedelta(minutes=5), done=False),
        lambda: router.add(Agent(id="eve")),
        lambda: router.change_skills("eve", {"x": 2}),
        lambda: router.new_period(NINE + timedelta(minutes=9)),
        lambda: router.remove("bob"),
    ):
        deed()
        seen.append(router.roster)
    assert [log.roster(CHANGE_WIDTH * n) for n in range(len(seen))] == seen
