from __future__ import annotations

from datetime import date

import pytest
from tests.loading.documents import (
    JANUARY,
    JUNE,
    TENANT,
    after,
    changed,
    loaded,
    stored_account,
    with_change,
)

from entitlements.contracts.records.changes import Amendment
from entitlements.kernel.errors import ConflictError
from entitlements.kernel.instants import utc
from entitlements.loading import stored_facts

GOLD = ("plan: silver", "plan: gold")
STARTS = ("start: 2026-01-01", "start: 2026-07-01")
TO_GOLD = (
    "kind: amendment, id: A-1, contract: C-1, effective: 2026-05-01, lines: [{id: L-1, plan: gold}]"
)


def test_a_line_is_changed_by_an_amendment_from_the_day_of_the_load() -> None:
    account = stored_account(after((changed(), JANUARY), (changed(GOLD), JUNE)))
    assert [line.plan for line in account.contracts[0].lines] == ["silver"]
    (change,) = account.changes
    assert isinstance(change, Amendment)
    assert (change.effective, change.recorded) == (date(2026, 6, 15), JUNE)
    assert [line.plan for line in change.lines] == ["gold"]


def test_two_loads_on_one_day_correct_one_amendment() -> None:
    noon = utc("2026-06-15T12:00Z")
    both = changed(GOLD, ("id: L-1, plan: gold}", "id: L-1, plan: gold, quantity: 3}"))
    account = stored_account(after((changed(), JANUARY), (changed(GOLD), JUNE), (both, noon)))
    assert {each.id for each in account.changes} == {"load 2026-06-15 C-1"}
    assert [each.recorded for each in account.changes] == [JUNE, noon]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("kind: renewal, contract: C-1, months: 12", id="another kind"),
        pytest.param(
            "kind: amendment, contract: C-1, effective: 2026-12-01, contacts: [emil]",
            id="another day",
        ),
        pytest.param(
            "kind: block, start: 2026-05-01T00:00Z, reason: unpaid", id="no contract at all"
        ),
    ],
)
def test_a_change_that_has_the_id_of_an_amendment_of_the_load_is_not_lost(change: str) -> None:
    taken = with_change(f"{change}, id: load 2026-06-15 C-1")
    store = after((taken, JANUARY))
    with pytest.raises(ConflictError, match="`load 2026-06-15 C-1`"):
        loaded(store, changed(GOLD), JUNE)
    assert stored_account(store).changes == stored_account(store, at=JANUARY).changes
    assert loaded(store, changed(GOLD), utc("2026-06-16T08:00Z")) != []


def test_what_is_changed_back_on_one_day_takes_the_amendment_back() -> None:
    noon = utc("2026-06-15T12:00Z")
    store = after((changed(), JANUARY), (changed(GOLD), JUNE), (changed(), noon))
    assert [each.retracted for each in stored_account(store).changes] == [False, True]
    assert loaded(store, changed(), utc("2026-06-16T12:00Z")) == []


@pytest.mark.parametrize(
    ("change", "steps"),
    [
        pytest.param(
            ("end: 2026-12-31", "end: 2027-06-30"),
            ["~ contract C-1 of acme, end: 2026-12-31 -> 2027-06-30"],
            id="the end is later",
        ),
        pytest.param(
            ("end: 2026-12-31", "end: 2026-06-30"),
            ["~ contract C-1 of acme, end: 2026-12-31 -> 2026-06-30"],
            id="the end is earlier, and ahead",
        ),
        pytest.param(
            ("contacts:", "constraints: [{kind: residency, values: [eu]}]\n        contacts:"),
            ["~ contract C-1 of acme, constraints: none -> residency eu"],
            id="constraints",
        ),
    ],
)
def test_other_terms_are_a_new_record(change: tuple[str, str], steps: list[str]) -> None:
    store = after((changed(), JANUARY))
    assert loaded(store, changed(change), JUNE) == steps
    assert [each.recorded for each in stored_account(store).contracts] == [JANUARY, JUNE]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(("start: 2026-01-01", "start: 2026-02-01"), id="it began later"),
        pytest.param(("start: 2026-01-01", "start: 2025-12-01"), id="it began earlier"),
        pytest.param(("end: 2026-12-31", "end: 2026-05-31"), id="it has ended"),
        pytest.param(("zone: Europe/Berlin\n        start", "zone: UTC\n        start"), id="zone"),
    ],
)
def test_terms_that_contradict_the_past_are_refused(change: tuple[str, str]) -> None:
    store = after((changed(), JANUARY))
    before = stored_facts(store, tenant=TENANT)
    with pytest.raises(ConflictError) as caught:
        loaded(store, changed(change, ("8h", "9h")), JUNE)
    assert caught.value.path == "accounts[0].contracts[0]"
    assert caught.value.field == "contract"
    assert "`C-1`" in caught.value.message
    assert "`correct`" in (caught.value.hint or "")
    assert stored_facts(store, tenant=TENANT) == before, "nothing is half loaded"
    assert loaded(store, changed(change), JUNE, correct=True) != []
    assert stored_account(store, at=JANUARY) == before.accounts["acme"]


def test_a_contract_that_has_not_begun_becomes_the_given_one() -> None:
    store = after((changed(STARTS), JANUARY), (changed(STARTS, GOLD), JUNE))
    account = stored_account(store)
    assert account.changes == ()
    assert [each.lines[0].plan for each in account.contracts] == ["silver", "gold"]


def test_a_contract_that_is_corrected_to_begin_later_becomes_the_given_one() -> None:
    store, later = after((changed(), JANUARY)), changed(STARTS, GOLD)
    assert len(loaded(store, later, JUNE, correct=True)) == 2
    account = stored_account(store)
    assert account.changes == ()
    assert account.contracts[-1].lines == later.accounts["acme"].contracts[0].lines
    assert loaded(store, later, utc("2026-06-16T08:00Z")) == []


def test_an_amendment_of_the_document_changes_the_line_and_no_other_is_made() -> None:
    store = after((changed(), JANUARY))
    assert loaded(store, with_change(TO_GOLD), JUNE) == ["+ amendment A-1 of acme"]
    assert loaded(store, with_change(TO_GOLD), JUNE) == []


def test_a_text_that_was_amended_is_not_rewritten() -> None:
    store = after((with_change(TO_GOLD), JANUARY))
    facts = with_change(TO_GOLD, ("id: L-1, plan: silver}", "id: L-1, plan: silver, quantity: 2}"))
    with pytest.raises(ConflictError, match="amends line `L-1`") as caught:
        loaded(store, facts, JUNE)
    assert caught.value.path == "accounts[0].contracts[0]"
    assert loaded(store, facts, JUNE, correct=True) == [
        "~ contract C-1 of acme, line L-1, quantity: 1 -> 2"
    ]
