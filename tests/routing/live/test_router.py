"""The live router equals the plain choice, whatever is done to it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.effort import tries

from entitlements.calendars import Calendar
from entitlements.kernel import (
    ConflictError,
    DuplicateIdError,
    InvalidValueError,
    TooEarlyError,
    UnknownIdError,
)
from entitlements.kernel.instants import utc
from entitlements.routing import (
    ROUND_ROBIN,
    Agent,
    Assigned,
    AssignedWork,
    AssignmentOverride,
    Backlog,
    OnCall,
    OnCallLayer,
    RateLimit,
    Requirement,
    Roster,
    Router,
    Strategy,
    Work,
    Workload,
    route,
    seeded_random,
)
from entitlements.routing.agents.idle_start import IdleStart
from entitlements.routing.agents.workload import Reservation
from entitlements.routing.eligibility.removal import Removal
from entitlements.routing.strategies.strategy import KeyScope, SortKeyPart
from entitlements.testing.laws.routing.router import (
    RouterRun,
    router_equals_linear_choice,
    router_keeps_capacity,
)
from entitlements.testing.oracles.routing import eligible
from entitlements.testing.strategies.routing import (
    IDS,
    MONDAY,
    agents,
    chains,
    instants,
    rosters,
    works,
)

NINE = utc("2026-03-02T09:00Z")
BEFORE = NINE - timedelta(seconds=1)
SUPERVISOR = AssignmentOverride(by="grace", reason="nobody else is left")


def _meets_obligations(work: Work, agent: Agent) -> bool:
    duties = work.requires.obligations
    cleared = all(agent.clearances.get(name, -1) >= n for name, n in duties.clearances.items())
    return cleared and (not duties.residency or agent.region in duties.residency)


class RouterIsRoster(RuleBasedStateMachine):
    """Does the same to a live router and to a roster, and asks both the same."""

    @initialize(roster=rosters(), strategy=chains())
    def begin(self, roster: Roster, strategy: Strategy) -> None:
        self.roster = roster
        self.router = Router(roster, strategy)
        self.at = MONDAY
        self.made = 0

    @rule(minutes=st.sampled_from([-60, 0, 1, 30, 600, 1440]))
    def time_passes(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule(work=works())
    def ask(self, work: Work) -> None:
        live = self.router.route(work, self.at)
        pure = route(work, self.roster, self.at, strategy=self.router.strategy)
        assert live == pure
        assert live.considered == pure.considered

    @rule(
        work=works(),
        override=st.none() | st.just(SUPERVISOR),
        chosen=st.booleans(),
        id=st.sampled_from(IDS),
    )
    def assign(
        self,
        work: Work,
        override: AssignmentOverride | None,
        chosen: bool,  # noqa: FBT001 - drawn
        id: str,
    ) -> None:
        answer = self.router.route(work, self.at)
        agent = answer.agent if isinstance(answer, Assigned) and chosen else id
        free = self.roster.holder(work.id) is None
        able = eligible(work, self.roster, self.at)
        dutiful = agent in self.roster.agents and _meets_obligations(
            work, self.roster.agents[agent]
        )
        try:
            self.roster = self.roster.assign(work, agent, self.at, override=override)
        except (ConflictError, UnknownIdError) as error:
            assert not (free and agent in able)
            assert not (free and override and dutiful)
            with pytest.raises(type(error)):
                self.router.assign(work, agent, self.at, override=override)
        else:
            assert free
            assert agent in able or (override and dutiful)
            assert self.roster.workload(agent).held[work.id].override == override
            self.router.assign(work, agent, self.at, override=override)

    @rule(nth=st.integers(0, 5), done=st.booleans())
    def complete(self, nth: int, done: bool) -> None:  # noqa: FBT001 - drawn
        held = [work for each in self.roster.workloads.values() for work in each.held]
        if held:
            work = sorted(held)[nth % len(held)]
            holder = self.roster.holder(work)
            if self.at < self.roster.workload(holder or "").held[work].since:
                for each in (self.roster, self.router):
                    with pytest.raises(TooEarlyError):
                        each.complete(work, self.at, done=done)
                return
            self.roster = self.roster.complete(work, self.at, done=done)
            self.router.complete(work, self.at, done=done)

    @rule(nth=st.integers(0, 5), away=st.booleans(), hours=st.none() | st.integers(-1, 9))
    def change_status(self, nth: int, away: bool, hours: int | None) -> None:  # noqa: FBT001 - drawn by Hypothesis
        if self.roster.agents:
            id = sorted(self.roster.agents)[nth % len(self.roster.agents)]
            back = None if hours is None or not away else self.at + timedelta(hours=hours)
            self.roster = self.roster.set_status(id, self.at, away=away, back=back)
            self.router.set_status(id, self.at, away=away, back=back)

    @rule(agent=agents())
    def hire_or_replace(self, agent: Agent) -> None:
        known = agent.id in self.roster.agents
        for each in (self.roster, self.router):
            done = each.replace(agent) if known else each.add(agent)
            if isinstance(done, Roster):
                self.roster = done

    @rule(id=st.sampled_from(IDS), skills=st.sampled_from([{}, {"oracle": 3}]))
    def learn(self, id: str, skills: dict[str, int]) -> None:
        if id in self.roster.agents:
            self.roster = self.roster.change_skills(id, skills)
            self.router.change_skills(id, skills)

    @rule(id=st.sampled_from(IDS), policy=st.sampled_from(Removal), to=st.sampled_from(IDS))
    def dismiss(self, id: str, policy: Removal, to: str) -> None:
        who: dict[str, Any] = {"policy": policy}
        if policy is Removal.HAND_TO:
            who["to"] = to
        held = set(self.roster.workloads[id].held) if id in self.roster.workloads else set()
        try:
            self.roster = self.roster.remove(id, self.at, **who)
        except (ConflictError, UnknownIdError, InvalidValueError, TooEarlyError) as error:
            with pytest.raises(type(error)):
                self.router.remove(id, self.at, **who)
        else:
            freed = self.router.remove(id, self.at, **who)
            assert set(freed) == (held if policy is Removal.REQUEUE else set())
            heir = to if policy is Removal.HAND_TO else None
            assert all(self.router.holder(work) == heir for work in held)

    @rule(nth=st.integers(0, 5), to=st.sampled_from(IDS), override=st.none() | st.just(SUPERVISOR))
    def transfer(self, nth: int, to: str, override: AssignmentOverride | None) -> None:
        held = sorted(work for each in self.roster.workloads.values() for work in each.held)
        work = held[nth % len(held)] if held else "none"
        try:
            self.roster = self.roster.transfer(work, to, self.at, override=override)
        except (ConflictError, UnknownIdError, TooEarlyError) as error:
            with pytest.raises(type(error)):
                self.router.transfer(work, to, self.at, override=override)
        else:
            self.router.transfer(work, to, self.at, override=override)
            assert self.router.holder(work) == to
            assigned = self.roster.workload(to).held[work]
            assert override is not None or to not in assigned.excluded_agents

    @rule(id=st.sampled_from(IDS), idle=st.sampled_from(IdleStart))
    def return_or_arrive(self, id: str, idle: IdleStart) -> None:
        if id in self.roster.agents:
            self.roster = self.roster.set_status(id, self.at, away=False, idle=idle)
            self.router.set_status(id, self.at, away=False, idle=idle)
        else:
            self.roster = self.roster.add(Agent(id=id), idle=idle, at=self.at)
            self.router.add(Agent(id=id), idle=idle, at=self.at)

    @rule()
    def begin_a_period(self) -> None:
        self.roster = self.roster.new_period(self.at)
        self.router.new_period(self.at)

    @invariant()
    def both_hold_the_same(self) -> None:
        if hasattr(self, "router"):
            assert self.router.roster == self.roster
            for id, agent in self.roster.agents.items():
                assert (self.router.agent(id), self.router.state(id)) == (
                    agent,
                    self.roster.workload(id),
                )
            assert (len(self.router), "nobody" in self.router) == (len(self.roster.agents), False)


TestRouterIsRoster = RouterIsRoster.TestCase


@given(works(), rosters(), st.lists(instants(), min_size=1, max_size=6), chains())
def test_instants_may_be_asked_in_any_order(
    work: Work, roster: Roster, moments: list[datetime], strategy: Strategy
) -> None:
    router = Router(roster, strategy)
    for at in moments:
        assert router.route(work, at) == route(work, roster, at, strategy=strategy)


@given(works(), rosters(), instants())
def test_random_choices_are_equal_in_both(work: Work, roster: Roster, at: datetime) -> None:
    strategy = seeded_random("day 1")
    assert Router(roster, strategy).route(work, at) == route(work, roster, at, strategy=strategy)


@pytest.mark.parametrize("seed", range(tries(3, deep=40)))
def test_a_seeded_loop_finds_no_difference(seed: int) -> None:
    counts = router_equals_linear_choice(seed, operations=600)
    assert min(counts[name] for name in ("assign", "complete", "status", "hire")) > 0


def test_no_capacity_is_exceeded_among_many_agents() -> None:
    assert router_keeps_capacity(seed=1, operations=300, agents=60)["assign"] > 0


BUSIEST = Strategy(
    "busiest", (SortKeyPart("busiest", lambda state, _: -state.assigned, KeyScope.WORKLOAD),)
)


@pytest.mark.parametrize("seed", range(3))
def test_assignments_may_move_agents_ahead_by_custom_keys(seed: int) -> None:
    assert RouterRun(seed, strategy=BUSIEST).run(600)["assign"] > 0


def test_an_agent_assigned_directly_may_become_the_first() -> None:
    router = Router(Roster(agents=[Agent(id="ada"), Agent(id="bob")]), BUSIEST)
    work = Work(id="R-1", opened=NINE)
    assert router.route(work, NINE).agent == "ada"
    router.assign(work, "bob", NINE)
    assert router.route(Work(id="R-2", opened=NINE), NINE).agent == "bob"


def test_the_number_of_an_assignment_may_exceed_that_of_the_roster() -> None:
    roster = Roster(
        agents=[Agent(id="ada"), Agent(id="bob")],
        workloads={"ada": Workload(assignment_number=9), "bob": Workload(assignment_number=8)},
    )
    router = Router(roster, ROUND_ROBIN)
    works = [Work(id=f"R-{n}", opened=NINE) for n in range(3)]
    assert router.route(works[0], NINE).agent == "bob"
    router.assign(works[1], "ada", NINE)
    roster = roster.assign(works[1], "ada", NINE)
    assert router.route(works[2], NINE) == route(works[2], roster, NINE, strategy=ROUND_ROBIN)
    assert router.route(works[2], NINE).agent == "ada"


def test_an_explanation_describes_the_roster_at_the_time() -> None:
    router = Router(Roster(agents=[Agent(id="ada", capacity=1), Agent(id="bob", capacity=1)]))
    first = router.route(Work(id="R-1", opened=NINE), NINE)
    router.assign(Work(id="R-1", opened=NINE), "ada", NINE)
    second = router.route(Work(id="R-2", opened=NINE), NINE)
    router.assign(Work(id="R-2", opened=NINE), "bob", NINE)
    assert first.explain() == "`R-1` goes to `ada`; ada: chosen; bob: eligible, rank 2"
    assert second.explain() == "`R-2` goes to `bob`; ada: free work capacity 0 < 1; bob: chosen"


def test_explanations_stay_the_same_after_a_new_log_is_started() -> None:
    router = Router(Roster(agents=[Agent(id="ada", capacity=2), Agent(id="bob", capacity=2)]))
    work, logs, answers = Work(id="X", opened=NINE), [], []
    for n in range(4_300):
        router.assign(Work(id=f"R-{n}", opened=NINE), "ada", NINE)
        if n % 1_000 == 0:
            logs.append(router.index.log)
            pure = route(work, router.roster, NINE)
            answers.append((router.route(work, NINE), pure.considered))
        router.complete(f"R-{n}", NINE)
    assert logs[0] is logs[1] is not logs[-1]
    assert all(answer.considered == expected for answer, expected in answers)


def test_shifts_open_and_close_by_time_alone() -> None:
    desk = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00")
    router = Router(Roster(agents=[Agent(id="ada", shift=desk), Agent(id="bob", shift=desk)]))
    work = Work(id="R-1", opened=NINE)
    answers = [
        isinstance(router.route(work, utc(f"2026-03-02T{at}Z")), Assigned)
        for at in ("07:59", "08:00", "15:59", "16:00")
    ]
    assert answers == [False, True, True, False]


def test_skipped_agents_keep_their_position() -> None:
    router = Router(Roster(agents=[Agent(id=id, capacity=9) for id in "abc"]), ROUND_ROBIN)
    chosen = []
    for n in range(6):
        if n == 1:
            router.set_status("b", NINE, away=True)
        if n == 3:
            router.set_status("b", NINE, away=False)
        work = Work(id=f"R-{n}", opened=NINE)
        chosen.append(router.route(work, NINE).agent)
        router.assign(work, chosen[-1], NINE)
    assert chosen == ["a", "c", "a", "b", "c", "a"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        pytest.param(
            lambda r: r.complete("R-9", NINE), UnknownIdError, id="work that is not assigned"
        ),
        pytest.param(
            lambda r: r.assign(Work(id="R-2", opened=NINE), "eve", NINE),
            UnknownIdError,
            id="unknown agent",
        ),
        pytest.param(
            lambda r: r.assign(Work(id="R-1", opened=NINE), "bob", NINE), ConflictError, id="twice"
        ),
        pytest.param(
            lambda r: r.assign(Work(id="R-2", opened=NINE), "ada", NINE), ConflictError, id="full"
        ),
        pytest.param(
            lambda r: r.assign(
                Work(id="R-2", opened=NINE, requires=Requirement(weights=9)), "bob", NINE
            ),
            ConflictError,
            id="too big",
        ),
        pytest.param(lambda r: r.transfer("R-9", "bob", NINE), UnknownIdError, id="no such work"),
        pytest.param(
            lambda r: r.transfer("R-1", "eve", NINE), UnknownIdError, id="to an unknown agent"
        ),
        pytest.param(lambda r: r.transfer("R-1", "ada", NINE), ConflictError, id="to the holder"),
        pytest.param(
            lambda r: r.add(Agent(id="eve"), idle="soon"), InvalidValueError, id="no such policy"
        ),
        pytest.param(
            lambda r: r.add(Agent(id="eve"), idle="now"),
            InvalidValueError,
            id="now, without an instant",
        ),
        pytest.param(lambda r: r.add("eve"), InvalidValueError, id="no agent"),
        pytest.param(
            lambda r: r.set_status("bob", NINE, away=True, idle="now"),
            InvalidValueError,
            id="idle while away",
        ),
        pytest.param(lambda r: r.remove("ada"), ConflictError, id="an agent with work"),
        pytest.param(lambda r: r.remove("eve"), UnknownIdError, id="remove an unknown agent"),
        pytest.param(lambda r: r.add(Agent(id="ada")), DuplicateIdError, id="a known id"),
        pytest.param(
            lambda r: r.replace(Agent(id="eve")), UnknownIdError, id="replace an unknown agent"
        ),
        pytest.param(
            lambda r: r.set_status("ada", NINE, away=False, back=NINE),
            InvalidValueError,
            id="present with a return",
        ),
        pytest.param(
            lambda r: r.complete("R-1", NINE.replace(tzinfo=None)), InvalidValueError, id="naive"
        ),
        pytest.param(lambda r: r.complete("R-1", BEFORE), TooEarlyError, id="done before it began"),
        pytest.param(
            lambda r: r.transfer("R-1", "bob", BEFORE), TooEarlyError, id="moved before it began"
        ),
        pytest.param(
            lambda r: r.remove("ada", BEFORE, policy="hand_to", to="bob"),
            TooEarlyError,
            id="handed over before it began",
        ),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(change, error) -> None:  # noqa: ANN001 - a table
    router = Router(Roster(agents=[Agent(id="ada", capacity=1), Agent(id="bob", capacity=1)]))
    router.assign(Work(id="R-1", opened=NINE), "ada", NINE)
    before = router.roster
    with pytest.raises(error):
        change(router)
    with pytest.raises(error):
        change(before)
    assert router.roster == before


def test_a_transfer_that_is_refused_leaves_the_work_where_it_is() -> None:
    router = Router(Roster(agents=[Agent(id="ada"), Agent(id="bob", capacity=1)]))
    router.assign(Work(id="R-1", opened=NINE), "ada", NINE)
    router.assign(Work(id="R-2", opened=NINE), "bob", NINE)
    with pytest.raises(ConflictError):
        router.transfer("R-1", "bob", NINE)
    assert router.holder("R-1") == "ada"
    router.transfer("R-1", "bob", NINE, override=SUPERVISOR)
    assert (router.holder("R-1"), router.state("ada").handled) == ("bob", 0)
    assigned = router.assigned("R-1")
    assert assigned is not None
    assert assigned.override == SUPERVISOR
    assert router.assigned("R-3") is None


def test_a_transfer_does_not_give_work_to_an_agent_who_was_excluded_from_it() -> None:
    people = [Agent(id=id, capacity=1) for id in ("ada", "bob", "eve", "zoe")]
    router = Router(Roster(agents=people))
    roster = router.roster
    work = Work(id="R-1", opened=NINE, excluded_agents=["eve", "zoe"])
    router.assign(work, "ada", NINE)
    roster = roster.assign(work, "ada", NINE)
    for each in (router, roster):
        with pytest.raises(ConflictError, match="`eve` cannot take work `R-1`: excluded"):
            each.transfer("R-1", "eve", NINE)
        with pytest.raises(ConflictError, match="`zoe` cannot take work `R-1`: excluded"):
            each.remove("ada", NINE, policy="hand_to", to="zoe")
    assert router.roster == roster
    router.transfer("R-1", "bob", NINE)
    roster = roster.transfer("R-1", "bob", NINE)
    with pytest.raises(ConflictError, match="excluded"):
        router.transfer("R-1", "eve", NINE)
    router.transfer("R-1", "eve", NINE, override=SUPERVISOR)
    roster = roster.transfer("R-1", "eve", NINE, override=SUPERVISOR)
    assert router.roster == roster
    assert router.assigned("R-1") == AssignedWork(
        Requirement(), NINE, SUPERVISOR, excluded_agents=["eve", "zoe"]
    )


def test_the_agents_excluded_from_drained_work_are_kept_with_it() -> None:
    router, backlog = Router(Roster(agents=[Agent(id="ada"), Agent(id="bob")])), Backlog()
    backlog.add(Work(id="R-1", opened=NINE, excluded_agents=["bob"]))
    assert [each.agent for each in backlog.drain(router, NINE)] == ["ada"]
    answer = router.route(Work(id="R-2", opened=NINE), NINE)
    with pytest.raises(ConflictError, match="excluded"):
        router.transfer("R-1", "bob", NINE)
    router.complete("R-1", NINE)
    assert router.state("ada").held == {}
    assert answer.considered, "the roster of that time is rebuilt"


def test_a_router_without_agents_answers_that_there_are_none() -> None:
    router = Router(Roster())
    answer = router.route(Work(id="R-1", opened=NINE), NINE)
    assert answer.explain() == "`R-1` cannot be routed: no agents"
    assert (router.next_change_at(NINE), len(router)) == (None, 0)


def test_a_reservation_takes_capacity_under_its_own_key() -> None:
    router = Router(Roster(agents=[Agent(id="ada", capacity=1)]))
    work, key = Work(id="R-1", opened=NINE), Reservation("R-1", 1).key
    router.reserve(key, work, "ada", NINE)
    assert (router.holder(key), router.holder("R-1")) == ("ada", None)
    with pytest.raises(ConflictError):
        router.assign(work, "ada", NINE)


def test_the_next_change_is_that_of_a_shift_a_return_a_rate_limit_or_a_handover() -> None:
    hour = timedelta(hours=1)
    layer = OnCallLayer(members=["ada", "bob"], start=NINE, every=9 * hour)
    desk = Calendar(zone="UTC", week="Mo-Fr 08:00-17:00")
    router = Router(
        Roster(
            agents=[
                Agent(id="ada", shift=desk),
                Agent(id="bob"),
                Agent(id="eve", rate_limit=RateLimit(1, 2 * hour)),
            ],
            on_call=[OnCall(id="db", layers=[layer])],
        )
    )
    router.set_status("bob", NINE, away=True, back=NINE + hour)
    router.assign(Work(id="R-1", opened=NINE), "eve", NINE)
    found, at = [], NINE
    for _ in range(5):
        at = router.next_change_at(at)
        found.append((at - NINE) // hour)
    assert found == [1, 2, 8, 9, 18]


def test_a_confirmed_offer_has_the_id_of_the_work_and_changes_no_counter() -> None:
    work = Work(id="R-1", opened=NINE)
    router = Router(Roster(agents=[Agent(id="ada", capacity=1), Agent(id="bob")]))
    router.reserve("offer-key", work, "ada", NINE)
    before = router.state("ada")
    answer = router.route(Work(id="R-2", opened=NINE), NINE)
    router.confirm("offer-key", "R-1")
    assert (router.holder("R-1"), router.holder("offer-key")) == ("ada", None)
    after = router.state("ada")
    assert after == attrs.evolve(before, held={"R-1": before.held["offer-key"]})
    assert answer.explain() == "`R-2` goes to `bob`; ada: free work capacity 0 < 1; bob: chosen"
    with pytest.raises(UnknownIdError, match="no assigned work has the id `nothing`"):
        router.confirm("nothing", "R-2")
    with pytest.raises(ConflictError, match="already assigned to `ada`"):
        router.confirm("R-1", "R-1")
    router.complete("R-1", NINE)
    assert router.state("ada").handled == 1


def test_agents_who_are_signed_in_are_counted_by_group() -> None:
    agents = [Agent(id="a", groups="db", capacity=0), Agent(id="b", groups=["db", "net"])]
    router = Router(Roster(agents=agents))
    assert [router.staffing(NINE).signed_in(group) for group in ("db", "net", "app")] == [2, 1, 0]
    router.set_status("b", NINE, away=True)
    assert [router.staffing(NINE).signed_in(group) for group in ("db", "net")] == [1, 0]
