"""A backlog begins with no changes of its router."""

from entitlements.routing.live.agents.roster_gains import RosterGains


def test_at_first_no_agent_has_gained_and_no_work_was_assigned() -> None:
    one, two = RosterGains(), RosterGains()
    one.assigned.add("R-1")
    assert (two.touched, two.assigned) == (set(), set())
