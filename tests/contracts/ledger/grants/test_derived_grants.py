"""Where a use of a plan grant counts, once the grant has changed."""

from entitlements.contracts import Commit, Entry, GiveBack, Grant, GrantShare, Reserve, Withdraw
from entitlements.contracts.ledger.entry_log import EntryLog
from entitlements.contracts.ledger.grants.derived_grants import PlanGrants
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.lines.plan_grants import pool_id
from entitlements.kernel.ids import key
from entitlements.kernel.instants import to_micros, utc

POOL = pool_id("C", "1", "cases")
MARCH = utc("2026-03-01T00:00Z")


def grant(month: int, *, until: int, priority: int = 0) -> Grant:
    """Return the grant of a month, up to the first of another."""
    return Grant(
        id=key("grant", POOL, f"2026-{month:02}-01"),
        unit="incidents",
        amount=5,
        effective=f"2026-{month:02}-01T00:00Z",
        expires=f"2026-{until:02}-01T00:00Z",
        pool=POOL,
        priority=priority,
    )


def located(*grants: Grant, taken: str) -> str:
    """Return where a unit counts that was taken on 1 March of the grant named so."""
    hold = Reserve(key="R", unit="incidents", amount=1, pools=[POOL])
    share = GrantShare(key("grant", POOL, taken), 1)
    entry = Entry(number=1, command=hold, at=MARCH, recorded=MARCH, shares=[share])
    (found,) = PlanGrants(grants).located(entry, EntryLog(), lambda _: None).shares
    return found.grant.rsplit("^", 1)[-1]


def test_a_use_stays_with_its_grant_while_that_is_in_force() -> None:
    both = grant(1, until=6), grant(2, until=4)
    assert located(*both, taken="2026-01-01") == "2026-01-01"
    assert located(*both, taken="2026-02-01") == "2026-02-01"


def test_a_use_of_a_grant_that_is_gone_counts_against_the_one_that_is_used_first() -> None:
    assert located(grant(1, until=6), grant(2, until=4), taken="2026-01-02") == "2026-02-01"
    later = grant(2, until=4, priority=1)
    assert located(grant(1, until=6), later, taken="2026-01-02") == "2026-01-01"
    assert located(grant(3, until=4), grant(4, until=5), taken="2026-04-01") == "2026-03-01"


def test_a_use_while_nothing_was_granted_counts_against_nothing() -> None:
    assert located(grant(1, until=3), taken="2026-01-01") == "0000-00-00"
    assert located(grant(4, until=5), taken="2026-04-01") == "0000-00-00"


def test_to_withdraw_a_grant_before_it_begins_takes_nothing_of_the_one_in_force() -> None:
    april = key("grant", POOL, "2026-04-01")
    share = GrantShare(april, 5)
    gone = Withdraw(key="W", grant=april)
    entry = Entry(number=1, command=gone, at=MARCH, recorded=MARCH, shares=[share])
    march = PlanGrants([grant(3, until=4)], utc("2026-03-20T00:00Z"))
    assert march.located(entry, EntryLog(), lambda _: None).shares == (share,)


def share(day: str, amount: int, overage: int = 0) -> GrantShare:
    """Return units of the plan grant that began on a day of 2026."""
    return GrantShare(key("grant", POOL, f"2026-{day}"), amount, overage)


def test_uses_of_several_grants_that_are_gone_count_together_against_one() -> None:
    hold = Reserve(key="R", unit="incidents", amount=10, pools=[POOL])
    gone = share("01-02", 1, 2), share("01-03", 3, 4)
    entry = Entry(number=1, command=hold, at=MARCH, recorded=MARCH, shares=gone)
    found = PlanGrants([grant(1, until=6)]).located(entry, EntryLog(), lambda _: None)
    assert found.shares == (share("01-01", 4, 6),)


def test_what_is_given_back_comes_from_the_end_of_the_use_that_is_left() -> None:
    """Overage was taken last and comes back first, and what came back before is not left."""
    used = Entry(
        number=1,
        command=Commit(key="C", hold="R"),
        at=MARCH,
        recorded=MARCH,
        shares=[share("01-01", 3), share("02-01", 2, 4)],
    )
    given = [
        Entry(
            number=number,
            command=GiveBack(key=f"B{number}", commit="C", amount=amount),
            at=MARCH,
            recorded=MARCH,
            shares=[share("01-09", amount)],
        )
        for number, amount in enumerate((3, 2, 4), start=2)
    ]
    log = EntryLog().add(used, *given)
    plan = PlanGrants([grant(1, until=6), grant(2, until=6)])
    assert [plan.located(each, log, lambda _: used).shares for each in given] == [
        (share("02-01", 0, 3),),
        (share("02-01", 1, 1),),
        (share("01-01", 3), share("02-01", 1)),
    ]


def test_grants_derived_up_to_another_instant_hold_for_entries_before_it() -> None:
    march, april = (utc(f"2026-{month}-01T00:00Z") for month in ("03", "04"))
    grants = [grant(1, until=6)]
    near, far = PlanGrants(grants, march), PlanGrants(grants, april)
    last = to_micros(march)
    assert near.covers(far, last - 1)
    assert not near.covers(far, last)
    assert near.covers(PlanGrants(grants, march), last)
    assert not near.covers(PlanGrants([grant(2, until=6)], march), last - 1)


def test_entries_posted_with_plan_grants_are_those_of_the_ledger_without_them() -> None:
    plain, plan = Ledger(), PlanGrants((grant(3, until=4),))
    for number in range(1, 7):
        taken = Reserve(key=f"R-{number}", unit="incidents", amount=1, pools=[POOL])
        entry = plain.deriving(plan).post(taken, MARCH).entry
        plain = plain.followed_by([entry])
        assert plain == Ledger.of(plain.entries)
        assert len(plain) == number
        assert plain.deriving(plan).available("incidents", MARCH) == max(0, 5 - number)


def test_a_ledger_with_other_plan_grants_has_none_of_those_it_had_before() -> None:
    plain, months = Ledger(), PlanGrants((grant(3, until=4), grant(4, until=6)))
    assert plain.deriving(months).available("incidents", MARCH) == 5
    twice = PlanGrants((grant(2, until=4), grant(3, until=4)))
    assert plain.deriving(twice).available("incidents", MARCH) == 10
    assert plain.deriving(months).available("incidents", MARCH) == 5
