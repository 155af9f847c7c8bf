from __future__ import annotations

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

from entitlements.engine.facts import Facts
from entitlements.kernel.errors import ConflictError
from entitlements.kernel.instants import utc
from entitlements.loading import stored_facts

IN_FORCE = ("2026-02-01", "2026-12-31")
CONTACTS = "        contacts: [dana]"
LATER = utc("2026-06-16T08:00Z")
SECOND = (
    "      - {{id: C-2, zone: UTC, start: {}, end: {}{}, lines: [{{id: L-1, plan: gold}}], "
    "any_contact: true}}\n"
)


def second(start: str, end: str, more: str = "") -> Facts:
    text = SECOND.format(start, end, more)
    return changed(("      - id: C-1", f"{text}      - id: C-1"))


def part(text: str) -> Facts:
    return changed((CONTACTS, f"{CONTACTS}\n    {text}"))


@pytest.mark.parametrize(
    ("before", "steps"),
    [
        pytest.param(
            second("2026-02-01", "2026-12-31"),
            ["- contract C-2 of acme: cancelled from 2026-06-15T08:00:00Z"],
            id="a contract in force is cancelled",
        ),
        pytest.param(
            second("2026-07-01", "2026-12-31"),
            ["- contract C-2 of acme: taken back"],
            id="a contract of later is taken back",
        ),
        pytest.param(second("2026-02-01", "2026-05-31"), [], id="a contract that is over stays"),
        pytest.param(
            with_change("kind: block, id: B, start: 2026-05-01T00:00Z"),
            ["- block B of acme: ends at 2026-06-15T08:00:00Z"],
            id="a block ends",
        ),
        pytest.param(
            with_change("kind: block, id: B, start: 2026-07-01T00:00Z"),
            ["- block B of acme: taken back"],
            id="a block of later is taken back",
        ),
        pytest.param(
            with_change("kind: block, id: B, start: 2026-05-01T00:00Z, end: 2026-05-02T00:00Z"),
            [],
            id="a block that is over stays",
        ),
        pytest.param(
            with_change("kind: renewal, id: R-1, contract: C-1, months: 12"),
            ["- renewal R-1 of acme: taken back"],
            id="a renewal of later is taken back",
        ),
        pytest.param(
            with_change(
                "kind: amendment, id: A-1, contract: C-1, effective: 2026-07-01, removed: [L-1]"
            ),
            ["- amendment A-1 of acme: taken back"],
            id="an amendment of later is taken back",
        ),
        pytest.param(
            part(
                "delegations: [{id: D, contract: C-1, giver: dana, receiver: eve, "
                "start: 2026-03-01T00:00Z}]"
            ),
            ["- delegation D of acme: ends at 2026-06-15T08:00:00Z"],
            id="a delegation ends",
        ),
    ],
)
def test_what_a_document_no_longer_names_ends_with_the_load(
    before: Facts, steps: list[str]
) -> None:
    store = after((before, JANUARY))
    assert loaded(store, changed(), JUNE) == [], "only if it is asked for"
    assert loaded(store, changed(), JUNE, prune=True) == steps
    assert loaded(store, changed(), LATER, prune=True) == []


def test_an_amendment_that_holds_is_answered_by_another_one() -> None:
    amendment = "kind: amendment, id: A-1, contract: C-1, effective: 2026-05-01, removed: [L-1]"
    store = after((with_change(amendment), JANUARY))
    assert loaded(store, changed(), JUNE, prune=True) == [
        "+ contract C-1 of acme, line L-1: silver"
    ]
    assert loaded(store, changed(), LATER, prune=True) == []


def test_a_cancellation_that_has_taken_effect_is_not_taken_back() -> None:
    gone = "kind: cancellation, id: X-1, contract: C-1, effective: 2026-05-31"
    store = after((with_change(gone), JANUARY))
    with pytest.raises(ConflictError, match="cancellation `X-1` of `acme` would change") as caught:
        loaded(store, changed(), JUNE, prune=True)
    assert caught.value.path == "accounts[0]"
    steps = loaded(store, changed(), JUNE, prune=True, correct=True)
    assert steps == ["- cancellation X-1 of acme: taken back"]


def test_a_customer_who_is_no_longer_named_keeps_an_account_without_contracts_in_force() -> None:
    store = after((changed(), JANUARY))
    other = changed(("customer: acme", "customer: blox"))
    assert loaded(store, other, JUNE, prune=True) == [
        "+ account blox: 1 contract",
        "- contract C-1 of acme: cancelled from 2026-06-15T08:00:00Z",
    ]
    assert {*stored_facts(store, tenant=TENANT).accounts} == {"acme", "blox"}
    assert len(stored_account(store).contracts) == 1


def test_a_contract_that_replaces_another_replaces_it_no_longer() -> None:
    store = after((second("2026-02-01", "2026-12-31", ", replaces: C-1"), JANUARY))
    with pytest.raises(ConflictError, match="`C-2`"):
        loaded(store, changed(), JUNE, prune=True)
    assert loaded(store, changed(), JUNE, prune=True, correct=True) == [
        "~ contract C-2 of acme, replaces: C-1",
        "- contract C-2 of acme: cancelled from 2026-06-15T08:00:00Z",
    ]


def test_a_change_that_has_the_id_of_a_cancellation_of_the_load_is_not_lost() -> None:
    id = "load 2026-06-15T08:00:00Z C-2"
    renewal = f"    changes: [{{kind: renewal, contract: C-1, months: 12, id: '{id}'}}]"
    text = SECOND.format(*IN_FORCE, "")
    both = changed(
        ("      - id: C-1", f"{text}      - id: C-1"), (CONTACTS, f"{CONTACTS}\n{renewal}")
    )
    store = after((both, JANUARY))
    with pytest.raises(ConflictError, match=f"`{id}`"):
        loaded(store, part(renewal.strip()), JUNE, prune=True)
    assert len(stored_account(store).changes) == 1
