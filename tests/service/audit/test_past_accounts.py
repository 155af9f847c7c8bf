from __future__ import annotations

from datetime import timedelta
from itertools import accumulate

import attrs
from hypothesis import given
from hypothesis import strategies as st
from tests.service.desks import MONDAY, account, request

from entitlements.contracts import Grant, Issue, Ledger, OpenCase
from entitlements.contracts.account import has_same_records
from entitlements.service.audit.decision_record import (
    DecisionInputs,
    account_digest,
    entries_digest,
)
from entitlements.service.audit.past_accounts import PastAccounts

HOUR = timedelta(hours=1)
OPEN = OpenCase(id="a", contract="C-flat", line="1", opened=MONDAY - HOUR)
CLOSED = attrs.evolve(OPEN, id="b", closed=MONDAY)
(CONTRACT,) = account("flat").contracts
LATER = attrs.evolve(CONTRACT, id="C-2", recorded=MONDAY + HOUR)
LEDGERS = list(
    accumulate(
        "ghijk",
        lambda ledger, name: (
            ledger.post(
                Issue(grant=Grant(id=name, unit="incidents", amount=1, effective=MONDAY)), MONDAY
            ).ledger
        ),
        initial=Ledger(),
    )
)
PRESENT = attrs.evolve(
    account("flat"), contracts=[CONTRACT, LATER], ledger=LEDGERS[-1], cases=[OPEN, CLOSED]
)


def inputs(ledger: int, *, hours: int = 0) -> DecisionInputs:
    return DecisionInputs(
        request=request(),
        at=MONDAY,
        known_at=MONDAY + hours * HOUR,
        edition=1,
        ledger=ledger,
        cases=[OPEN],
        zone_data="2026a",
    )


def test_the_account_at_a_decision_is_restored_from_its_inputs() -> None:
    past = PastAccounts().at_decision(PRESENT, inputs(1)).account
    assert past == attrs.evolve(account("flat"), ledger=LEDGERS[1], cases=[OPEN])
    later = PastAccounts().at_decision(PRESENT, inputs(5, hours=1)).account
    assert later == attrs.evolve(PRESENT, cases=[OPEN])
    assert len(PRESENT.ledger) == 5, "the present stays as it is"


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), min_size=1, max_size=6))
def test_accounts_in_any_order_are_those_that_are_built_alone(asked: list[tuple[int, int]]) -> None:
    shared = PastAccounts()
    for length, hours in asked:
        wanted = inputs(length, hours=hours)
        found = shared.at_decision(PRESENT, wanted)
        assert found.account == PastAccounts().at_decision(PRESENT, wanted).account
        assert found.account.ledger == LEDGERS[length]
        assert found.records_digest == account_digest(found.account)
        assert found.ledger_digest == entries_digest(LEDGERS[length].entries)


def test_what_was_compiled_from_the_records_stays_valid_while_they_are_the_same() -> None:
    accounts = PastAccounts()
    first = accounts.at_decision(PRESENT, inputs(1)).account
    assert has_same_records(first, accounts.at_decision(PRESENT, inputs(3)).account)
    assert not has_same_records(first, accounts.at_decision(PRESENT, inputs(3, hours=1)).account)


def test_a_ledger_that_was_rewritten_is_built_again() -> None:
    accounts = PastAccounts()
    accounts.at_decision(PRESENT, inputs(2))
    grant = Grant(id="other", unit="incidents", amount=1, effective=MONDAY)
    other = Ledger().post(Issue(grant=grant), MONDAY).ledger.followed_by(LEDGERS[2].entries[1:])
    found = accounts.at_decision(PRESENT.with_ledger(other), inputs(2))
    assert found.account.ledger == other
