"""Laws of a store about catalogs, accounts and ledgers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import attrs
from hypothesis import given
from hypothesis import strategies as st

from entitlements.aftersales.notice_clauses import NoticeClause
from entitlements.billing.billing_accounts import BillingAccount
from entitlements.billing.fees.price_lists import PriceList
from entitlements.billing.price_book import PriceBook
from entitlements.billing.work.rates import AfterHours, Rate, RateCard
from entitlements.billing.work.work_rules import WorkRules
from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog, ExpertGroup
from entitlements.contracts.records.changes import Cancellation
from entitlements.contracts.records.parties import Asset
from entitlements.kernel.errors import (
    ConflictError,
    DuplicateIdError,
    InvalidValueError,
    UnknownIdError,
)
from entitlements.routing.policies.policy import RoutingPolicy
from entitlements.sla.policy import SlaPolicy
from entitlements.sla.targets import Target
from entitlements.testing.laws.stores.transactions import (
    HOUR,
    SOME,
    START,
    Law,
    Make,
    opened,
    refused,
)
from entitlements.testing.strategies import ports as draw
from entitlements.testing.strategies import routing, sla
from entitlements.testing.strategies.by_type.explicit import credit_schedules, notice_clauses
from entitlements.testing.strategies.by_type.value_classes import values

# Catalogs


def editions_are_kept_and_never_change(make: Make) -> None:
    """Each edition is read back as it was saved; the latest is the default."""
    store = make()
    policy = SlaPolicy(id="gold", targets=[Target(milestone="first_response", within=None)])
    first, second = Catalog(), Catalog(groups=[ExpertGroup(id="db")])
    with store.begin("t") as work:
        refused(UnknownIdError, work.catalog.edition)
        assert work.catalog.number() == 0
        assert work.catalog.save(first, [], START) == 1
        assert work.catalog.save(second, [policy], START + HOUR) == 2
        assert not work.catalog.is_committed(2)
        work.commit()
    with store.begin("t") as work:
        assert work.catalog.is_committed(2)
        assert work.catalog.edition().catalog == second
        assert work.catalog.edition().policies == (policy,)
        assert (work.catalog.edition(1).catalog, work.catalog.edition(1).policies) == (first, ())
        assert work.catalog.edition(1).recorded == START
        assert work.catalog.number(START - HOUR) == 0
        assert work.catalog.number(START) == work.catalog.number(START + HOUR / 2) == 1
        assert work.catalog.number(START + HOUR) == 2
        refused(UnknownIdError, work.catalog.edition, 3)


def policies_travel(make: Make) -> None:
    """Any policies are read back as they were saved."""

    @SOME
    @given(sla.policies())
    def check(policy: SlaPolicy) -> None:
        store = make()
        with store.begin("t") as work:
            work.catalog.save(Catalog(calendars=policy.calendars), [policy], START)
            work.commit()
        with store.begin("t") as work:
            assert work.catalog.edition().policies == (policy,)

    check()


def prices_travel(make: Make) -> None:
    """Any prices, billing accounts and notice clauses come back as saved, edition by edition."""
    after = st.sampled_from([None, AfterHours(hours="day", multiplier=Decimal("1.50"))])
    card = values(Rate, after_hours=after).map(
        lambda rate: RateCard(id="r", currency=rate.hourly.currency, zone="UTC", rates=[rate])
    )
    books = st.builds(
        PriceBook,
        rate_cards=st.lists(card, max_size=1),
        work_rules=st.lists(values(WorkRules), max_size=1),
        price_lists=st.lists(values(PriceList), max_size=1),
        credit_schedules=st.lists(credit_schedules(), max_size=1),
    )
    clauses = st.lists(notice_clauses(), max_size=2)
    accounts = st.lists(values(BillingAccount), max_size=2, unique_by=lambda each: each.customer)

    @SOME
    @given(books, accounts, clauses)
    def check(
        prices: PriceBook, billed: list[BillingAccount], notified: list[NoticeClause]
    ) -> None:
        store = make()
        with store.begin("t") as work:
            beside: dict[str, Any] = {"billing_accounts": billed, "notice_clauses": notified}
            work.catalog.save(Catalog(), [], START, prices=prices, **beside)
            work.catalog.save(Catalog(), [], START)
            work.commit()
        with store.begin("t") as work:
            first, last = work.catalog.edition(1), work.catalog.edition()
            assert first.prices == prices
            assert {*first.billing_accounts} == {*billed}
            assert first.notice_clauses == tuple(notified)
            assert (last.prices, last.billing_accounts) == (PriceBook(), ())
            assert last.notice_clauses == ()

    check()


def routing_policies_travel(make: Make) -> None:
    """Any routing policy comes back as it was saved; without one it is the default."""

    @SOME
    @given(routing.routing_policies())
    def check(policy: RoutingPolicy) -> None:
        store = make()
        with store.begin("t") as work:
            work.catalog.save(Catalog(), [], START)
            work.catalog.save(Catalog(), [], START, routing=policy)
            work.commit()
        with store.begin("t") as work:
            assert work.catalog.edition(1).routing == RoutingPolicy()
            assert work.catalog.edition().routing == policy

    check()


# Accounts


def accounts_travel(make: Make) -> None:
    """Any account is read back equal, also as it was known at an instant."""

    @SOME
    @given(draw.accounts(), draw.instants())
    def check(account: Account, at: Any) -> None:
        store = opened(make, account)
        with store.begin("t") as work:
            assert work.accounts.account("acme") == account
            assert work.accounts.account("acme", at) == account.as_known(at)
            assert work.ledger.ledger("acme") == account.ledger
            assert work.ledger.entries("acme") == account.ledger.entries

    check()


def an_account_is_opened_once(make: Make) -> None:
    """A second account of one customer is refused; of an unknown one there is none."""
    store = opened(make)
    with store.begin("t") as work:
        refused(DuplicateIdError, work.accounts.open, draw.account())
    with store.begin("t") as work:
        assert work.accounts.account("nobody") is None
        refused(UnknownIdError, work.accounts.lock, "nobody")
        refused(UnknownIdError, work.ledger.ledger, "nobody")
        refused(UnknownIdError, work.ledger.append, "nobody", [], 0)
        refused(UnknownIdError, lambda: work.accounts.add("nobody", at=START))


def facts_are_added_as_the_account_says(make: Make) -> None:
    """Adding facts gives what `Account.record` gives; adding them again changes nothing."""
    store = opened(make)
    end = Cancellation(id="X", contract="C-1", effective=START)
    withdrawn = attrs.evolve(end, retracted=True)
    asset = Asset(id="db-1", product="db")
    expected = draw.account().record(end, START).record(withdrawn, START + HOUR)
    with store.begin("t") as work:
        assert work.accounts.add("acme", end, at=START) == draw.account().record(end, START)
        work.commit()
    with store.begin("t") as work:
        assert work.accounts.account("acme") == draw.account().record(end, START)
        work.accounts.add("acme", withdrawn, at=START + HOUR)
        work.accounts.add("acme", withdrawn, at=START + HOUR)
        assert work.accounts.account("acme") == expected
        work.commit()
    with store.begin("t") as work:
        assert work.accounts.account("acme", START) == expected.as_known(START)
        refused(
            UnknownIdError,
            lambda: work.accounts.add("acme", attrs.evolve(end, id="Y", contract="no"), at=START),
        )
        changed = attrs.evolve(withdrawn, retracted=False, recorded=START + HOUR)
        refused(DuplicateIdError, lambda: work.accounts.add("acme", changed, at=START + 2 * HOUR))
        work.accounts.add("acme", asset, at=START)
        moved = attrs.evolve(asset, site="Oslo")
        assert work.accounts.add("acme", moved, asset, moved, at=START).assets == (moved,)
        work.commit()
    with store.begin("t") as work:
        assert work.accounts.account("acme") == attrs.evolve(expected, assets=[moved])


def nothing_new_is_the_same_object(make: Make) -> None:
    """As long as nothing has changed, the same account object is returned."""
    store = opened(make)
    with store.begin("t") as work:
        first = work.accounts.account("acme")
    with store.begin("t") as work:
        assert work.accounts.account("acme") is first
        work.accounts.add("acme", Asset(id="db-1", product="db"), at=START)
    with store.begin("t") as work:
        assert work.accounts.account("acme") == first


def customers_come_in_pages(make: Make) -> None:
    """Customers are ordered, cut into pages, and found by the term of a contract."""
    late = attrs.evolve(draw.contract(customer="c"), start=START.date(), end=None)
    store = opened(
        make, draw.account("b"), draw.account("a"), Account(customer="c", contracts=[late])
    )
    with store.begin("t") as work:
        assert work.accounts.customers(most=2) == ("a", "b")
        assert work.accounts.customers(after="b") == ("c",)
        assert work.accounts.customers(valid_at=START) == ("a", "b", "c")
        assert work.accounts.customers(valid_at=START - 100 * HOUR) == ("a", "b")
        assert work.accounts.customers(valid_at=START + 9000 * HOUR) == ("c",)
        gone = attrs.evolve(draw.contract(customer="a"), retracted=True, recorded=None)
        work.accounts.add("a", gone, at=START)
        assert work.accounts.customers(valid_at=START) == ("b", "c")


# Ledgers


def entries_are_appended_from_the_head_they_were_decided_from(make: Make) -> None:
    """Entries decided from an older head, or numbered wrongly, are refused and leave nothing."""
    store = opened(make)
    ledger = draw.account().ledger
    entry, rival = draw.reservation(ledger, "R-1"), draw.reservation(ledger, "R-2")
    with store.begin("t") as work:
        assert work.ledger.append("acme", [entry], 1) == 2
        work.commit()
    with store.begin("t") as work:
        refused(ConflictError, work.ledger.append, "acme", [rival], 1)
    with store.begin("t") as work:
        refused(InvalidValueError, work.ledger.append, "acme", [rival], 2)
        again = attrs.evolve(entry, number=3)
        refused(ConflictError, work.ledger.append, "acme", [again], 2)
    with store.begin("t") as work:
        assert work.ledger.entries("acme") == (*ledger.entries, entry)
        assert work.ledger.entries("acme", 1) == (entry,)
        assert work.ledger.append("acme", [], 2) == 2


def appending_is_posting(make: Make) -> None:
    """A ledger that was appended to in the store equals one that was posted to in memory."""
    store = opened(make, draw.account(amount=5))
    ledger = draw.account(amount=5).ledger
    for number in range(4):
        entry = draw.reservation(ledger, f"R-{number}")
        with store.begin("t") as work:
            work.ledger.append("acme", [entry], len(ledger))
            work.commit()
        ledger = ledger.post(entry.command, entry.at).ledger
        with store.begin("t") as work:
            found = work.accounts.account("acme")
            assert found is not None
            assert found.ledger == ledger
            assert found.ledger.available("incidents", START) == 4 - number


FACT_LAWS: Final[tuple[Law, ...]] = (
    editions_are_kept_and_never_change,
    policies_travel,
    prices_travel,
    routing_policies_travel,
    accounts_travel,
    an_account_is_opened_once,
    facts_are_added_as_the_account_says,
    nothing_new_is_the_same_object,
    customers_come_in_pages,
    entries_are_appended_from_the_head_they_were_decided_from,
    appending_is_posting,
)
