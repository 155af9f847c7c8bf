from __future__ import annotations

import pytest
from tests.loading.documents import (
    JANUARY,
    JUNE,
    after,
    changed,
    loaded,
    stored_account,
    with_change,
)

from entitlements.kernel.errors import ConflictError, EntitlementsError
from entitlements.kernel.instants import utc

CONTACTS = "        contacts: [dana]"
RENEWAL = "kind: renewal, id: R-1, contract: C-1, months: 12"
CANCELLED = "kind: cancellation, id: X-1, contract: C-1, effective: {}"
BLOCKED = "kind: block, id: B-1, start: 2026-05-01T00:00Z, {}reason: unpaid"


def with_part(text: str) -> object:
    return changed((CONTACTS, f"{CONTACTS}\n    {text}"))


def test_a_change_is_added_and_known_from_the_load_on() -> None:
    store = after((changed(), JANUARY))
    assert loaded(store, with_change(RENEWAL), JUNE) == ["+ renewal R-1 of acme"]
    assert [each.recorded for each in stored_account(store).changes] == [JUNE]
    assert stored_account(store, at=JANUARY).changes == ()


def test_a_change_that_the_document_leaves_out_stays() -> None:
    assert (
        len(stored_account(after((with_change(RENEWAL), JANUARY), (changed(), JUNE))).changes) == 1
    )


def test_a_block_that_ends_is_another_record_of_it() -> None:
    store = after((with_change(BLOCKED.format("")), JANUARY))
    ended = with_change(BLOCKED.format("end: 2026-06-20T00:00Z, "))
    assert loaded(store, ended, JUNE) == ["~ block B-1 of acme"]
    assert [each.recorded for each in stored_account(store).changes] == [JANUARY, JUNE]


@pytest.mark.parametrize(
    ("before", "now"),
    [
        pytest.param(
            CANCELLED.format("2026-05-31"), CANCELLED.format("2026-08-31"), id="was cancelled"
        ),
        pytest.param(
            CANCELLED.format("2026-08-31"), CANCELLED.format("2026-05-31"), id="is cancelled before"
        ),
        pytest.param(
            BLOCKED.format(""), BLOCKED.format("end: 2026-06-01T00:00Z, "), id="was not blocked"
        ),
        pytest.param(
            CANCELLED.format("2026-05-31"),
            CANCELLED.format("2026-05-31, retracted: true"),
            id="was never cancelled",
        ),
    ],
)
def test_a_change_that_has_taken_effect_is_not_rewritten(before: str, now: str) -> None:
    store = after((with_change(before), JANUARY))
    with pytest.raises(ConflictError) as caught:
        loaded(store, with_change(now), JUNE)
    assert caught.value.path == "accounts[0].changes[0]"
    assert "before `2026-06-15T08:00:00Z`" in caught.value.message
    assert len(stored_account(store).changes) == 1
    assert loaded(store, with_change(now), JUNE, correct=True) != []


def test_an_id_of_another_kind_of_change_is_refused() -> None:
    store = after((with_change("kind: renewal, id: X-1, contract: C-1, months: 12"), JANUARY))
    with pytest.raises(ConflictError, match="stored as a renewal, not a cancellation"):
        loaded(store, with_change(CANCELLED.format("2026-08-31")), JUNE, correct=True)


DELEGATED = "delegations: [{{id: D-1, contract: C-1, giver: dana, receiver: eve, start: {}}}]"


@pytest.mark.parametrize(
    ("now", "is_refused"),
    [
        pytest.param("2026-03-01T00:00Z, end: 2026-07-01T00:00Z", False, id="ends later"),
        pytest.param("2026-03-01T00:00Z, end: 2026-05-01T00:00Z", True, id="has ended"),
        pytest.param("2026-04-01T00:00Z", True, id="began later"),
        pytest.param("2026-03-01T00:00Z, depth: 1", True, id="could be delegated"),
    ],
)
def test_a_delegation_that_has_begun_can_only_end(now: str, *, is_refused: bool) -> None:
    store = after((with_part(DELEGATED.format("2026-03-01T00:00Z")), JANUARY))  # type: ignore[arg-type]
    facts = with_part(DELEGATED.format(now))
    if is_refused:
        with pytest.raises(ConflictError, match="`D-1` of `acme` has begun"):
            loaded(store, facts, JUNE)  # type: ignore[arg-type]
    assert loaded(store, facts, JUNE, correct=is_refused) == ["~ delegation D-1 of acme"]  # type: ignore[arg-type]


def test_assets_are_added_and_replaced_and_stay() -> None:
    one = "assets: [{id: SN-1, product: db}]"
    store = after((with_part(one), JANUARY))  # type: ignore[arg-type]
    other = with_part("assets: [{id: SN-1, product: db, site: bonn}, {id: SN-2, product: db}]")
    assert loaded(store, other, JUNE) == ["~ asset SN-1 of acme", "+ asset SN-2 of acme"]  # type: ignore[arg-type]
    assert loaded(store, changed(), JUNE) == []
    assert {each.id for each in stored_account(store).assets} == {"SN-1", "SN-2"}


def test_a_case_of_the_document_must_be_in_the_store() -> None:
    case = "cases: [{id: K-1, contract: C-1, line: L-1, opened: 2026-03-02T10:00Z}]"
    store = after((changed(), JANUARY))
    with pytest.raises(ConflictError) as caught:
        loaded(store, with_part(case), JUNE)  # type: ignore[arg-type]
    assert caught.value.path == "accounts[0].cases[0]"
    store = after((with_part(case), JANUARY))  # type: ignore[arg-type]
    assert loaded(store, with_part(case), JUNE) == []  # type: ignore[arg-type]


def test_an_earlier_record_that_was_never_stored_is_refused() -> None:
    again = (
        "      - {id: C-1, zone: Europe/Berlin, start: 2026-01-01, recorded: 2026-02-01T00:00Z}\n"
    )
    facts = changed(("      - id: C-1", f"{again}      - id: C-1"))
    store = after((changed(("end: 2026-12-31", "end: 2026-11-30")), JANUARY))
    with pytest.raises(ConflictError, match="an earlier record that was never stored") as caught:
        loaded(store, facts, JUNE)
    assert caught.value.path == "accounts[0].contracts[1]"


def test_records_that_do_not_fit_the_stored_ones_are_refused() -> None:
    store = after((with_change(RENEWAL), JANUARY))
    other = with_change(RENEWAL.replace("R-1", "R-2"), ("end: 2026-12-31", "months: 12"))
    fresh = with_change("kind: renewal, id: R-2, contract: C-1, joins: fresh, start: 2027-03-01")
    assert loaded(store, other, JUNE) != []
    with pytest.raises(EntitlementsError) as caught:
        loaded(store, fresh, utc("2026-06-16T08:00Z"))
    assert (caught.value.path or "").startswith("accounts[0]")
