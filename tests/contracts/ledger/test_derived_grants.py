"""Where a use of a plan grant counts, once the grant has changed."""

from entitlements.contracts import Entry, Grant, GrantShare, Reserve, Withdraw
from entitlements.contracts.ledger.derived_grants import PlanGrants
from entitlements.contracts.ledger.entry_log import EntryLog
from entitlements.contracts.lines.plan_grants import pool_id
from entitlements.kernel.ids import key
from entitlements.kernel.instants import utc

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
    return found.grant.rsplit("␟", 1)[-1]


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
