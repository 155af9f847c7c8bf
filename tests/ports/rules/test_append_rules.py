from __future__ import annotations

from datetime import date

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.records.parties import Asset
from entitlements.kernel.errors import ConflictError, EntitlementsError, InvalidValueError
from entitlements.kernel.instants import to_micros, utc
from entitlements.ports.rules.append_rules import (
    account_with_facts,
    check_case_change,
    check_sequence,
    ledger_with_entries,
    signed_term,
)
from entitlements.testing.strategies.ledger import ledgers
from entitlements.testing.strategies.ports import (
    START,
    account,
    case,
    contract,
    reservation,
    work_item,
)


@given(ledgers(), st.integers(0, 20))
def test_a_ledger_cut_anywhere_grows_back(ledger: Ledger, cut: int) -> None:
    beginning = Ledger.of(ledger.entries[:cut])
    assert ledger_with_entries(beginning, ledger.entries[cut:]) == ledger


def test_entries_that_take_more_than_there_is_are_refused() -> None:
    ledger = account(amount=1).ledger
    first, second = reservation(ledger, "a"), reservation(ledger, "b")
    with pytest.raises(EntitlementsError):
        ledger_with_entries(ledger, [first, attrs.evolve(second, number=3)])
    with pytest.raises(ConflictError):
        ledger_with_entries(ledger, [attrs.evolve(first, number=7)])


def test_entries_follow_one_another() -> None:
    entry = reservation(account().ledger, "a")
    check_sequence([entry, attrs.evolve(entry, number=3)], 1)
    check_sequence([], 5)
    with pytest.raises(InvalidValueError, match="would be `3`"):
        check_sequence([entry, entry], 1)


def test_a_fact_that_is_there_is_not_new() -> None:
    asset = Asset(id="a", product="db")
    once, new = account_with_facts(account(), [asset], START)
    assert (once.assets, new) == ((asset,), (asset,))
    assert account_with_facts(once, [asset], START) == (once, ())
    assert account_with_facts(once, [contract()], START) == (once, ())


def test_a_case_keeps_its_events_its_request_and_its_opening() -> None:
    check_case_change(case(), attrs.evolve(case(), next_due_at=None))
    for wrong in (
        case("other"),
        attrs.evolve(case(), events=(), recorded=()),
        attrs.evolve(case(), recorded=[utc("2026-01-01T00:00Z")]),
        attrs.evolve(case(), request=attrs.evolve(case().request, severity="S2")),
    ):
        with pytest.raises(InvalidValueError):
            check_case_change(case(), wrong)


@pytest.mark.parametrize(
    ("change", "start", "end"),
    [
        pytest.param({}, "2025-12-31T23:00Z", "2026-12-31T23:00Z", id="in its zone"),
        pytest.param(
            {"end": None, "months": 3}, "2025-12-31T23:00Z", "2026-03-31T22:00Z", id="months"
        ),
        pytest.param(
            {"start": date(2026, 7, 1)}, "2026-06-30T22:00Z", "2026-12-31T23:00Z", id="summer"
        ),
    ],
)
def test_a_term_is_half_open(change: dict[str, object], start: str, end: str) -> None:
    signed = attrs.evolve(contract(), **change)
    assert signed_term(signed) == (to_micros(utc(start)), to_micros(utc(end)))


def test_an_open_end_is_beyond_all_instants() -> None:
    assert signed_term(attrs.evolve(contract(), end=None))[1] == 2**63 - 1


def test_work_without_a_deadline_comes_after_work_with_one() -> None:
    late = attrs.evolve(work_item().work, due=utc("9000-01-01T00:00Z"))
    assert attrs.evolve(work_item(), work=late).queue_key < work_item().queue_key
