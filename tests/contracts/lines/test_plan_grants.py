"""Grants that follow from plans: when, how many, and only once."""

from datetime import date, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.contracts import (
    AccessRight,
    Account,
    Allowance,
    Amendment,
    Catalog,
    Commit,
    Contract,
    ContractLine,
    Cycle,
    ExpertGroup,
    GiveBack,
    Grace,
    Grant,
    LineHistory,
    Plan,
    Posted,
    PostRefused,
    Renewal,
    Reserve,
    Rollover,
    ledger_with_plan_grants,
    line_histories,
)
from entitlements.contracts.allowances.grants import plan_pool
from entitlements.contracts.ledger.entries import Issue
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.lines.plan_grants import plan_grants, pool_id
from entitlements.contracts.records.changes import Change
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.kernel.ids import SEPARATOR, identifier, key, key_parts
from entitlements.kernel.instants import utc

UNTIL = utc("2026-12-31T00:00Z")


def plan(id: str, *allowances: Allowance) -> Plan:
    """Return a plan with these allowances."""
    return Plan(
        id=id,
        policy="p",
        severities=["S1"],
        channels=["web"],
        rights=[AccessRight(id="r", group="dba")],
        allowances=allowances,
    )


MONTHLY = Allowance(id="cases", unit="incidents", amount=5, recurrence=Cycle("month", 3))
ONCE = Allowance(id="cases", unit="incidents", amount=9)
HOURS = Allowance(id="hours", unit="minutes", amount=600)
WEEKLY = Allowance(id="cases", unit="incidents", amount=5, recurrence=Cycle("week"))
CATALOG = Catalog(
    groups=[ExpertGroup(id="dba")],
    plans=[
        plan("monthly", MONTHLY),
        plan("once", ONCE),
        plan("more", ONCE, HOURS),
        plan("both", MONTHLY, HOURS),
        plan("lasting", attrs.evolve(MONTHLY, lifetime=Cycle("month", 6))),
        plan("weekly", WEEKLY),
        plan(
            "rolling",
            attrs.evolve(MONTHLY, recurrence=Cycle("month"), rollover=Rollover(at_most=5)),
        ),
        attrs.evolve(plan("graced", MONTHLY), grace=Grace(days=10)),
        plan("unlimited", attrs.evolve(MONTHLY, amount=2**63 - 1)),
    ],
)


def history(plan: str, *changes: Change, **said: Any) -> LineHistory:
    """Return a line of a plan, sold for 2026 and never renewed."""
    usual = {"start": date(2026, 1, 31), "lines": [ContractLine(id="1", plan=plan)]}
    contract = Contract(id="C", customer="acme", zone="UTC", **{**usual, **said})
    return line_histories(Account(customer="acme", contracts=[contract], changes=changes), CATALOG)[
        0
    ]


def summary(grant: Grant) -> tuple[str, int, str, str]:
    """Return a grant as text."""
    end = "never" if grant.expires is None else f"{grant.expires:%m-%d}"
    return str(grant.allowance), grant.amount, f"{grant.effective:%m-%d}", end


def test_each_cycle_of_a_term_has_its_grant() -> None:
    found = [
        summary(each) for each in plan_grants(history("monthly", end=date(2026, 9, 15)), UNTIL)
    ]
    assert found == [
        ("cases", 5, "01-31", "04-30"),
        ("cases", 5, "04-30", "07-31"),
        ("cases", 5, "07-31", "09-16"),
    ]


def test_a_term_without_an_end_has_whole_cycles_and_a_grant_for_all_of_it_never_expires() -> None:
    assert summary([*plan_grants(history("monthly"), UNTIL)][-1]) == ("cases", 5, "10-31", "01-31")
    assert [summary(each) for each in plan_grants(history("once"), UNTIL)] == [
        ("cases", 9, "01-31", "never")
    ]


def test_the_horizon_changes_no_grant() -> None:
    for name in ("monthly", "once", "more"):
        near = [*plan_grants(history(name), UNTIL)]
        far = [*plan_grants(history(name), utc("2031-01-01T00:00Z"))]
        assert far[: len(near)] == near


def test_what_only_a_later_plan_promises_is_granted_from_its_first_day() -> None:
    upgrade = Amendment(
        id="A",
        contract="C",
        effective=date(2026, 6, 1),
        lines=[ContractLine(id="1", plan="more")],
    )
    found = [summary(each) for each in plan_grants(history("once", upgrade, months=12), UNTIL)]
    assert found == [("cases", 9, "01-31", "01-31"), ("hours", 600, "06-01", "01-31")]


def test_grants_are_the_same_however_often_they_are_derived() -> None:
    lines = [history("monthly", end=date(2026, 9, 15))]
    once = ledger_with_plan_grants(Ledger(), lines, UNTIL)
    assert len(once.grants) == 3
    assert ledger_with_plan_grants(once, lines, UNTIL) == once
    assert ledger_with_plan_grants(Ledger(), [*lines, *lines], UNTIL) == once


def test_pools_are_named_after_what_they_are_for_and_never_alike() -> None:
    assert key_parts(pool_id("C", "1", "cases")) == ("pool", "C", "1", "cases")
    assert pool_id("C/1", "2", "cases") != pool_id("C", "1/2", "cases")


def test_a_grant_given_by_hand_never_stands_for_one_of_a_plan() -> None:
    line = history("monthly", end=date(2026, 9, 15))
    first = next(plan_grants(line, UNTIL))
    with pytest.raises(InvalidValueError, match="for keys only"):
        identifier(first.id)
    with pytest.raises(InvalidValueError, match="has an id that is reserved for grants of plans"):
        Issue(grant=first)
    for id in (first.id.replace(SEPARATOR, "/"), "C/1/cases@2026-03-01"):
        by_hand = Issue(grant=attrs.evolve(first, id=id, allowance=None, amount=1))
        ledger = Ledger().post(by_hand, first.effective).ledger
        assert len(ledger_with_plan_grants(ledger, [line], UNTIL).grants) == 4


def test_ids_of_any_length_have_plan_grants_that_are_known_as_such() -> None:
    long = "x" * 200
    pool = pool_id(long, long, long)
    assert plan_pool(key("grant", pool, "2026-01-01")) == pool
    assert plan_pool(key("grant", "pool", "2026-01-01")) is None


def test_grants_of_a_plan_may_be_as_large_as_numbers_go() -> None:
    stocked = ledger_with_plan_grants(
        Ledger(), [history("unlimited", end=date(2026, 9, 15))], UNTIL
    )
    assert len(stocked.grants) == 3
    assert stocked.available("incidents", utc("2026-03-01T00:00Z")) == 2**63 - 1


def test_what_has_expired_is_left_out_however_old_the_contract_is() -> None:
    old = [history("weekly", start=date(200, 1, 6))]
    with pytest.raises(LimitExceededError, match="allowance `cases` has more than 10000 grants"):
        ledger_with_plan_grants(Ledger(), old, UNTIL)
    now = utc("2026-02-10T00:00Z")
    found = ledger_with_plan_grants(Ledger(), old, now, since=now - timedelta(days=14))
    assert [summary(each) for each in found.grants] == [
        summary(each) for each in plan_grants(history("weekly", start=date(2026, 1, 26)), now)
    ]


POOL = pool_id("C", "1", "cases")


def using(ledger: Ledger, *days: str, amount: int = 1, lines: list[LineHistory]) -> Ledger:
    """Return the ledger, as it is stored, once units were held on these days for good."""
    for day in days:
        at = utc(f"{day}T09:00Z")
        stocked = ledger_with_plan_grants(ledger, lines, at + timedelta(days=1), since=at)
        hold = Reserve(key=f"R {day}", unit="incidents", amount=amount, pools=[POOL])
        posted = stocked.post(hold, at)
        assert isinstance(posted, Posted)
        ledger = Ledger.of(posted.ledger.entries)
    return ledger


def left(ledger: Ledger, line: LineHistory, day: str) -> int:
    """Return what is left for a line on a day."""
    at = utc(f"{day}T12:00Z")
    stocked = ledger_with_plan_grants(ledger, [line], at + timedelta(days=1), since=at)
    return stocked.available("incidents", at, [POOL])


def test_a_ledger_stores_what_was_taken_and_not_what_the_plan_gives() -> None:
    ledger = using(Ledger(), "2026-03-01", lines=[history("once", months=12)])
    assert [each.kind.value for each in ledger.entries] == ["reserve"]
    assert ledger.grants == ()
    assert ledger.holds(UNTIL) == ledger.entries


def test_a_use_follows_its_grant_through_extensions_and_corrections() -> None:
    signed = {"start": date(2026, 1, 1), "end": date(2026, 6, 30)}
    ledger = using(Ledger(), "2026-03-01", lines=[history("once", **signed)])
    corrected = {
        "longer": {**signed, "end": date(2026, 12, 31)},
        "begun a day later": {**signed, "start": date(2026, 1, 2), "end": date(2026, 12, 31)},
        "in cycles": {**signed, "plan": "monthly", "end": date(2026, 12, 31)},
    }
    for name, said in corrected.items():
        plan = said.pop("plan", "once")
        line = history(plan, **said)
        most = 9 if plan == "once" else 5
        assert left(ledger, line, "2026-03-02") == most - 1, name
        assert left(ledger, line, "2026-08-01") == (8 if plan == "once" else 5), name
        assert left(Ledger(), line, "2026-08-01") == most, name


def test_a_plan_that_gives_less_than_was_taken_leaves_nothing_and_asks_nothing_back() -> None:
    line = history("once", months=12)
    ledger = using(Ledger(), "2026-03-01", amount=7, lines=[line])
    less = history("monthly", months=12)
    assert left(ledger, less, "2026-03-02") == 0
    at = utc("2026-03-03T00:00Z")
    stocked = ledger_with_plan_grants(ledger, [less], at)
    more = Reserve(key="more", unit="incidents", amount=1, pools=[POOL])
    assert isinstance(stocked.post(more, at), PostRefused)
    early = utc("2026-02-20T00:00Z")
    assert isinstance(stocked.post(more, early), PostRefused)
    # What was taken is resolved all the same.
    done = stocked.post(Commit(key="done", hold="R 2026-03-01"), at)
    assert isinstance(done, Posted)
    assert isinstance(done.ledger.post(GiveBack(key="b", commit="done"), at), Posted)
    assert left(ledger, less, "2026-05-02") == 5


def test_what_resolves_a_hold_follows_it_to_another_grant() -> None:
    line = history("once", start=date(2026, 1, 1), months=12)
    ledger = using(Ledger(), "2026-03-01", amount=4, lines=[line])
    at = utc("2026-03-05T00:00Z")
    ledger = ledger.post(Commit(key="done", hold="R 2026-03-01", amount=3), at).ledger
    ledger = ledger.post(GiveBack(key="one back", commit="done", amount=1), at).ledger
    other = history("once", start=date(2026, 2, 1), months=12)
    assert left(ledger, line, "2026-04-01") == left(ledger, other, "2026-04-01") == 7
    ledger = ledger.post(GiveBack(key="two back", commit="done"), at).ledger
    assert left(ledger, line, "2026-04-01") == left(ledger, other, "2026-04-01") == 9
    unborn = history("once", start=date(2026, 3, 4), months=12)
    assert left(ledger, unborn, "2026-04-01") == 9


@given(
    st.lists(st.integers(0, 330), max_size=5, unique=True),
    st.integers(0, 60),
    st.integers(150, 700),
    st.sampled_from(["monthly", "once", "both"]),
    st.sampled_from(["monthly", "once", "both"]),
    st.integers(0, 400),
)
def test_what_a_plan_grants_never_depends_on_what_was_taken(
    days: list[int], later: int, length: int, before: str, after: str, asked: int
) -> None:
    first = date(2026, 1, 1)
    signed = history(before, start=first, months=12)
    ledger = Ledger()
    for day in sorted(days):
        ledger = using(ledger, str(first + timedelta(days=day)), lines=[signed])
    start = first + timedelta(days=later)
    line = history(after, start=start, end=start + timedelta(days=length))
    at = utc("2026-01-01T12:00Z") + timedelta(days=asked)
    for since in (None, at):
        used = ledger_with_plan_grants(ledger, [line], at, since=since)
        unused = ledger_with_plan_grants(Ledger(), [line], at, since=since)
        granted, untouched = used.balance("incidents", at), unused.balance("incidents", at)
        assert granted.granted == untouched.granted
        cases = [each for each in used.grants if each.allowance == "cases"]
        in_force = [each for each in cases if each.effective <= at < (each.expires or UNTIL)]
        taken = [
            day
            for day in days
            for grant in in_force
            if grant.effective <= utc(f"{first + timedelta(days=day)}T09:00Z") <= at
        ]
        assert used.available("incidents", at) == max(
            0, unused.available("incidents", at) - len(taken)
        )
        kept = ledger.with_plan_grants(plan_grants(line, at, since=since), at)
        assert kept.available("incidents", at) == used.available("incidents", at)


def test_a_ledger_that_grows_goes_on_with_its_plan_grants() -> None:
    line = history("once", months=12)
    ledger = using(Ledger(), "2026-03-01", lines=[line])
    at = utc("2026-03-05T09:00Z")
    known = ledger_with_plan_grants(ledger, [line], at)
    hold = Reserve(key="R", unit="incidents", amount=2, pools=[POOL])
    (entry,) = known.post(hold, at).ledger.entries_after(1)
    longer = ledger.followed_by([entry])
    grown, fresh = (
        ledger_with_plan_grants(each, [line], UNTIL) for each in (longer, Ledger.of(longer.entries))
    )
    assert grown == fresh
    assert grown.balance("incidents", at) == fresh.balance("incidents", at)
    assert grown.available("incidents", at) == 6


def test_grants_of_each_allowance_go_back_no_further_than_its_own() -> None:
    line = history("both", start=date(2016, 1, 1), months=None)
    now = utc("2026-02-10T00:00Z")
    stocked = ledger_with_plan_grants(Ledger(), [line], now, since=now)
    assert {summary(each) for each in stocked.grants} == {
        ("cases", 5, "01-01", "04-01"),
        ("hours", 600, "01-01", "never"),
    }
    assert {each.allowance for each in plan_grants(line, now, allowance="hours")} == {"hours"}


def test_what_was_taken_of_a_grant_that_is_over_is_not_missing_from_the_next() -> None:
    """Grants of January and April overlap in May, and the one that ends first was used."""
    line = history("lasting", start=date(2026, 1, 1), months=12)
    ledger = using(Ledger(), "2026-05-01", amount=3, lines=[line])
    assert [summary(each) for each in plan_grants(line, UNTIL)][:3] == [
        ("cases", 5, "01-01", "07-01"),
        ("cases", 5, "04-01", "10-01"),
        ("cases", 5, "07-01", "01-01"),
    ]
    assert [left(ledger, line, f"2026-{day}") for day in ("05-02", "06-30", "07-15")] == [7, 7, 10]


def test_an_allowance_that_comes_with_the_next_term_is_granted_in_that_term() -> None:
    upgrade = Amendment(
        id="A",
        contract="C",
        effective=date(2026, 7, 1),
        lines=[ContractLine(id="1", plan="more")],
    )
    renewed = Renewal(id="R", contract="C", months=6)
    line = history("once", upgrade, renewed, start=date(2026, 1, 1), months=6)
    assert [summary(each) for each in plan_grants(line, UNTIL)] == [
        ("cases", 9, "01-01", "07-01"),
        ("cases", 9, "07-01", "01-01"),
        ("hours", 600, "07-01", "01-01"),
    ]


def test_grants_are_left_out_from_the_instant_at_which_they_have_expired() -> None:
    with_grace = history("graced", start=date(2026, 1, 1), months=6)
    end = utc("2026-07-11T00:00Z")
    tick = timedelta(microseconds=1)
    last = ("cases", 5, "04-01", "07-11")
    assert [summary(each) for each in plan_grants(with_grace, UNTIL, since=end - tick)] == [last]
    assert list(plan_grants(with_grace, UNTIL, since=end)) == []


@pytest.mark.parametrize("length", range(170, 201))
def test_a_pool_is_never_too_long_for_the_ids_of_its_grants(length: int) -> None:
    contract = "x" * (length - len(pool_id("x", "1", "cases")) + 1)
    pool = pool_id(contract, "1", "cases")
    grant = key("grant", pool, "2026-01-01")
    assert len(grant) <= 200
    assert plan_pool(grant) == pool


def test_what_is_left_at_the_end_of_a_term_can_be_used_in_its_grace() -> None:
    with_grace = history("graced", start=date(2026, 1, 1), months=6)
    found = [summary(each) for each in plan_grants(with_grace, UNTIL)]
    assert found == [("cases", 5, "01-01", "04-01"), ("cases", 5, "04-01", "07-11")]
    ledger = using(Ledger(), "2026-06-01", lines=[with_grace])
    assert [left(ledger, with_grace, day) for day in ("2026-07-02", "2026-07-11")] == [4, 0]
    renewed = Renewal(id="R", contract="C", months=6)
    line = history("graced", renewed, start=date(2026, 1, 1), months=6)
    assert summary([*plan_grants(line, UNTIL)][1]) == ("cases", 5, "04-01", "07-01")
    restart = Renewal(id="R", contract="C", kind="fresh", start=date(2026, 7, 6), months=6)
    line = history("graced", restart, start=date(2026, 1, 1), months=6)
    assert summary([*plan_grants(line, UNTIL)][1]) == ("cases", 5, "04-01", "07-06")


def test_a_line_that_is_added_has_no_units_from_before() -> None:
    added = Amendment(
        id="A",
        contract="C",
        effective=date(2026, 7, 10),
        lines=[ContractLine(id="1", plan="rolling")],
    )
    line = history("rolling", added, start=date(2026, 1, 1), months=12, lines=[])
    assert summary(next(plan_grants(line, UNTIL))) == ("cases", 5, "07-10", "09-10")
    assert left(Ledger(), line, "2026-07-10") == 5


def test_a_line_that_an_amendment_lets_end_later_is_granted_to_that_end() -> None:
    """The new text begins before the old one ends, and the term is one."""
    short = ContractLine(id="1", plan="once", end=date(2026, 6, 30))
    longer = ContractLine(id="1", plan="once", start=date(2026, 5, 1))
    contract = Contract(
        id="C", customer="acme", zone="UTC", start=date(2026, 1, 1), months=12, lines=[short]
    )
    moved = Amendment(id="A", contract="C", effective=date(2026, 5, 1), lines=[longer])
    account = Account(customer="acme", contracts=[contract], changes=[moved])
    (history,) = line_histories(account, CATALOG)
    found = [(each.effective, each.expires, each.amount) for each in plan_grants(history, UNTIL)]
    assert found == [(utc("2026-01-01T00:00Z"), utc("2027-01-01T00:00Z"), 9)]
