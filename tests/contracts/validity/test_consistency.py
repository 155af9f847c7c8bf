"""Contradicting records are refused when they are recorded, and never when a question is asked."""

from datetime import date, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.access.decider import AccountDecider
from entitlements.contracts import (
    Account,
    Amendment,
    Block,
    Contract,
    ContractLine,
    Delegation,
    Renewal,
    Transfer,
    line_histories,
)
from entitlements.contracts.records.changes import Change
from entitlements.contracts.validity.consistency import check_consistency
from entitlements.kernel.errors import (
    ConflictError,
    EntitlementsError,
    InvalidValueError,
    LimitExceededError,
)
from entitlements.kernel.instants import from_micros, utc
from entitlements.testing.strategies.worlds.account_histories import (
    AccountHistory,
    account_histories,
)

NOON = utc("2026-03-02T12:00Z")
DAY = timedelta(days=1)
CONTRACT = Contract(
    id="C",
    customer="acme",
    zone="UTC",
    start=date(2026, 1, 1),
    months=12,
    lines=[ContractLine(id="1", plan="gold")],
)
FRESH = Renewal(id="F", contract="C", kind="fresh", start=date(2027, 3, 1), months=12)


def recorded(*facts: Contract | Change | Delegation) -> Account:
    """Return the account of one contract after some records, one a day."""
    account = Account(customer="acme", contracts=[CONTRACT])
    for number, fact in enumerate(facts):
        account = account.record(fact, NOON + number * DAY)
    return account


def block(end: str | None, **said: Any) -> Block:
    """Return a block of the year that makes the term longer."""
    start = utc("2026-04-01T00:00Z")
    return Block(id="B", start=start, end=end and utc(end), extends_term=True, **said)


def transfer(id: str) -> Transfer:
    """Return a transfer at noon."""
    return Transfer(id=id, contract="C", to=f"of {id}", at=NOON)


def amendment(id: str, **said: Any) -> Amendment:
    """Return an amendment of a day in May."""
    return Amendment(**{"id": id, "contract": "C", "effective": date(2026, 5, 1), **said})


LINE = ContractLine(id="1", plan="silver")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        pytest.param(
            [FRESH, block("2026-10-01T00:00Z")],
            ["renewal `F`", "block `B`"],
            id="a block makes the term run into the next",
        ),
        pytest.param(
            [FRESH, block("2026-10-01T00:00Z", level="contract", contract="C")],
            ["renewal `F`", "block `B`"],
            id="a block of the contract does",
        ),
        pytest.param(
            [FRESH, block(None)], ["renewal `F`", "block `B`"], id="a block without an end does"
        ),
        pytest.param(
            [FRESH, block("2026-05-01T00:00Z"), block("2026-10-01T00:00Z")],
            ["renewal `F`", "block `B`"],
            id="a block is lifted later than it was to be",
        ),
        pytest.param(
            [FRESH, attrs.evolve(CONTRACT, months=18)],
            ["renewal `F`", "contract `C`"],
            id="the contract is corrected to be longer",
        ),
        pytest.param(
            [FRESH, attrs.evolve(FRESH, id="G", start=date(2028, 1, 1))],
            ["renewal `G`", "renewal `F`"],
            id="two terms overlap",
        ),
        pytest.param(
            [attrs.evolve(FRESH, start=date(2026, 12, 31))],
            ["renewal `F`", "contract `C`"],
            id="a term overlaps the first",
        ),
        pytest.param(
            [transfer("T"), transfer("U")], ["`T`", "`U`"], id="two transfers at one instant"
        ),
        pytest.param(
            [amendment("X", lines=[LINE]), amendment("Y", removed=["1"])],
            ["`X`", "`Y`", "line `1`"],
            id="two amendments of a line on one day",
        ),
        pytest.param(
            [
                Delegation(id="D", contract="C", giver="a", receiver="b", start=NOON),
                Delegation(id="E", contract="C", giver="b", receiver="a", start=NOON),
            ],
            ["`D`", "`E`"],
            id="a circle",
        ),
    ],
)
def test_the_record_that_contradicts_another_is_refused_and_both_are_named(
    facts: list[Contract | Change | Delegation], words: list[str]
) -> None:
    before = recorded(*facts[:-1])
    with pytest.raises(ConflictError) as refused:
        before.record(facts[-1], NOON + 9 * DAY)
    assert [word for word in words if word not in refused.value.message] == []


def test_what_was_corrected_since_contradicts_nothing() -> None:
    gone = attrs.evolve(FRESH, retracted=True)
    found = recorded(FRESH, gone, block("2026-10-01T00:00Z"), transfer("T"))
    assert found.record(attrs.evolve(transfer("T"), at=NOON + DAY), NOON + 9 * DAY)
    assert found.record(attrs.evolve(CONTRACT, retracted=True), NOON + 9 * DAY)
    other = attrs.evolve(CONTRACT, id="D", months=None)
    assert found.record(other, NOON + 9 * DAY)


def test_amendments_of_different_lines_may_hold_from_one_day() -> None:
    people = amendment("Z", contacts=[])
    other = amendment("Y", lines=[attrs.evolve(LINE, id="2")])
    check_consistency([CONTRACT], [amendment("X", lines=[LINE]), other, people], [])


def test_renewals_that_lead_out_of_the_calendar_are_refused() -> None:
    ages = attrs.evolve(FRESH, months=12 * 7971)
    with pytest.raises(LimitExceededError, match="outside the years"):
        recorded(ages)


def asked(drawn: AccountHistory) -> list[EntitlementsError]:
    """Return the errors of questions to an account, as it is and as it was known."""
    wrong: list[EntitlementsError] = []
    for known in (None, *drawn.known):
        try:
            account = drawn.account if known is None else drawn.account.as_known(known)
            for history in line_histories(account, drawn.catalog):
                for at in (*history.states.starts, *(at for _, at in drawn.questions)):
                    history.ends(at)
            terms = AccountDecider(account, drawn.catalog)
            for request, at in drawn.questions:
                terms.decide(request, from_micros(at))
        except EntitlementsError as error:
            wrong.append(error)
    return wrong


@given(account_histories())
def test_whatever_was_recorded_can_be_asked_at_any_instant(drawn: AccountHistory) -> None:
    assert asked(drawn) == []


@given(account_histories(), st.randoms(use_true_random=False))
def test_records_that_were_taken_in_may_be_loaded_in_any_order(
    drawn: AccountHistory, random: Any
) -> None:
    account = drawn.account
    mixed = {
        name: random.sample(getattr(account, name), len(getattr(account, name)))
        for name in ("contracts", "changes", "delegations")
    }
    loaded = attrs.evolve(account, **mixed)
    ours, theirs = line_histories(account, drawn.catalog), line_histories(loaded, drawn.catalog)
    assert [each.states for each in ours] == [each.states for each in theirs]


def test_records_of_a_year_each_take_no_time_to_fit() -> None:
    years = [Renewal(id=f"R{n:04}", contract="C", months=12) for n in range(5000)]
    account = Account(customer="acme", contracts=[CONTRACT], changes=years)
    assert account.changes == tuple(years)


def test_lines_and_what_changes_for_all_of_them_are_limited_together() -> None:
    lines = [
        Amendment(
            id=f"A{n}",
            contract="C",
            effective=CONTRACT.start + n * DAY,
            lines=[attrs.evolve(LINE, id=f"L{n}")],
        )
        for n in range(999)
    ]
    blocks = [
        Block(id=f"B{n}", start=NOON + n * DAY, end=NOON + (n + 1) * DAY) for n in range(1000)
    ]
    assert Account(customer="acme", contracts=[CONTRACT], changes=[*lines, *blocks])
    one_more = Block(id="L", level="line", contract="C", line="1", start=NOON)
    with pytest.raises(LimitExceededError, match="have 2002000 steps, more than 2000000"):
        Account(customer="acme", contracts=[CONTRACT], changes=[*lines, *blocks, one_more])
    with pytest.raises(LimitExceededError, match="more than 2000000"):
        Account(
            customer="acme",
            contracts=[attrs.evolve(CONTRACT, id=f"C{n}") for n in range(1001)],
            changes=blocks,
        )


def test_an_open_block_and_a_list_of_contacts_change_a_history_once() -> None:
    lines = [
        Amendment(
            id=f"A{n}",
            contract="C",
            effective=CONTRACT.start + n * DAY,
            lines=[attrs.evolve(LINE, id=f"L{n}")],
        )
        for n in range(999)
    ]
    blocks = [Block(id=f"B{n}", start=NOON + n * DAY) for n in range(1999)]
    contacts = Amendment(id="K", contract="C", effective=CONTRACT.start, contacts=[])
    assert Account(customer="acme", contracts=[CONTRACT], changes=[*lines, *blocks, contacts])
    one_more = Block(id="more", start=NOON)
    with pytest.raises(LimitExceededError, match="have 2001000 steps, more than 2000000"):
        Account(
            customer="acme", contracts=[CONTRACT], changes=[*lines, *blocks, contacts, one_more]
        )


def test_what_changes_for_one_line_alone_is_not_limited() -> None:
    own = [
        Block(id=f"B{n}", level="line", contract="C", line="1", start=NOON + n * DAY)
        for n in range(5000)
    ]
    assert Account(customer="acme", contracts=[CONTRACT], changes=own)


def test_a_contract_of_another_customer_needs_a_transfer_that_brings_it_here() -> None:
    foreign = attrs.evolve(CONTRACT, customer="other")
    with pytest.raises(
        ConflictError, match="`C` belongs to customer `other`, and no transfer brings"
    ):
        Account(customer="acme", contracts=[foreign])
    empty = Account(customer="acme")
    with pytest.raises(ConflictError, match="record it together with its transfer"):
        empty.record(foreign, NOON)
    away = attrs.evolve(transfer("T"), to="third")
    with pytest.raises(ConflictError, match="no transfer brings it to `acme`"):
        empty.record_all([foreign, away], NOON)
    account = empty.record_all([foreign, attrs.evolve(away, to="acme")], NOON)
    with pytest.raises(ConflictError, match="no transfer brings it to `acme`"):
        account.record(attrs.evolve(away, to="acme", retracted=True), NOON + DAY)
    gone = account.record(attrs.evolve(foreign, retracted=True), NOON + DAY)
    assert gone.record(attrs.evolve(away, to="acme", retracted=True), NOON + 2 * DAY).changes


def test_a_line_has_no_contact_limit_if_its_contract_admits_any_contact() -> None:
    line = attrs.evolve(CONTRACT.lines[0], contact_limit=4)
    with pytest.raises(InvalidValueError, match="line `1` has `contact_limit`, but contract `C`"):
        attrs.evolve(CONTRACT, lines=[line], any_contact=True)
    account = Account(customer="acme", contracts=[attrs.evolve(CONTRACT, any_contact=True)])
    more = Amendment(id="A", contract="C", effective=date(2026, 5, 1), lines=[line])
    with pytest.raises(InvalidValueError, match="but contract `C` has `any_contact`"):
        account.record(more, NOON)
    assert attrs.evolve(CONTRACT, lines=[line]).lines == (line,)
