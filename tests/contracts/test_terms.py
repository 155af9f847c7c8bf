"""Terms in UTC, told as days: a term ends at the first instant of the day after its last."""

from datetime import date
from typing import Any

import pytest

from entitlements.contracts import Block, Change, Contract, Renewal
from entitlements.contracts.steps import END
from entitlements.contracts.terms import contract_terms
from entitlements.kernel.errors import ConflictError
from entitlements.kernel.instants import from_micros, utc


def terms(*changes: Change, **said: Any) -> list[tuple[str, str]]:
    """Return the terms of a contract of 2026 as texts."""
    usual = {"start": date(2026, 1, 1), "months": 12}
    contract = Contract(id="C", customer="acme", zone="UTC", **{**usual, **said})
    return [(told(start), told(end)) for start, end in contract_terms(contract, changes)]


def told(at: int) -> str:
    """Return an instant as a day, with the hour if it is not midnight."""
    return "never" if at >= END else from_micros(at).strftime("%Y-%m-%d %Hh").removesuffix(" 00h")


def renewal(id: str = "R", **said: Any) -> Renewal:
    """Return a renewal of twelve months."""
    return Renewal(id=id, contract="C", **{"months": 12, **said})


def pause(start: str, end: str | None) -> Block:
    """Return a block that lengthens the term."""
    return Block(id=f"B {start}", start=utc(start), end=end and utc(end), extends_term=True)


def test_a_term_is_half_open() -> None:
    assert terms() == [("2026-01-01", "2027-01-01")]
    assert terms(months=None) == [("2026-01-01", "never")]
    assert terms(months=None, end=date(9999, 12, 31)) == [("2026-01-01", "never")]


def test_a_joined_term_begins_where_the_old_one_ends() -> None:
    assert terms(renewal(), renewal("R2", months=6)) == [
        ("2026-01-01", "2027-01-01"),
        ("2027-01-01", "2028-01-01"),
        ("2028-01-01", "2028-07-01"),
    ]


def test_a_fresh_term_counts_from_its_start_and_a_reinstated_one_from_the_old_end() -> None:
    fresh = renewal(kind="fresh", start=date(2027, 3, 15))
    assert terms(fresh)[1] == ("2027-03-15", "2028-03-15")
    reinstated = renewal(kind="reinstated", start=date(2027, 3, 15))
    assert terms(reinstated)[1] == ("2027-03-15", "2028-01-01")


def test_a_back_dated_term_closes_the_gap_before_a_fresh_one() -> None:
    fresh = renewal("F", kind="fresh", start=date(2027, 3, 1))
    gap = renewal("G", kind="back_dated", months=2)
    assert terms(fresh, gap) == [
        ("2026-01-01", "2027-01-01"),
        ("2027-01-01", "2027-03-01"),
        ("2027-03-01", "2028-03-01"),
    ]


def test_a_contiguous_term_prolongs_the_one_that_was_begun_anew() -> None:
    fresh = renewal("F", kind="fresh", start=date(2027, 3, 1))
    assert terms(fresh, renewal("G")) == [
        ("2026-01-01", "2027-01-01"),
        ("2027-03-01", "2028-03-01"),
        ("2028-03-01", "2029-03-01"),
    ]


def test_a_pause_lengthens_the_term_and_what_joins_it_keeps_its_length() -> None:
    blocked = pause("2026-06-01T00:00Z", "2026-06-11T06:00Z")
    assert terms(blocked, renewal(months=1)) == [
        ("2026-01-01", "2027-01-11 06h"),
        ("2027-01-11 06h", "2027-02-11 06h"),
    ]


def test_pauses_that_overlap_count_once() -> None:
    whole = terms(pause("2026-06-01T00:00Z", "2026-06-11T00:00Z"))
    parts = terms(
        pause("2026-06-01T00:00Z", "2026-06-06T00:00Z"),
        pause("2026-06-04T00:00Z", "2026-06-11T00:00Z"),
    )
    assert whole == parts == [("2026-01-01", "2027-01-11")]


def test_a_pause_without_an_end_keeps_the_term_open_and_one_outside_does_nothing() -> None:
    assert terms(pause("2026-06-01T00:00Z", None)) == [("2026-01-01", "never")]
    assert terms(pause("2027-06-01T00:00Z", "2027-07-01T00:00Z")) == terms()


@pytest.mark.parametrize(
    ("changes", "said", "message"),
    [
        pytest.param([renewal()], {"months": None}, "without an end", id="after an open end"),
        pytest.param(
            [renewal(kind="fresh", start=date(2026, 12, 31))], {}, "before the earlier", id="early"
        ),
        pytest.param(
            [renewal(kind="reinstated", start=date(2028, 3, 1))], {}, "before it begins", id="late"
        ),
        pytest.param(
            [renewal(months=None, end=date(2026, 5, 1))], {}, "before it begins", id="backwards"
        ),
    ],
)
def test_terms_that_cannot_be_are_refused(
    changes: list[Change], said: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConflictError, match=message):
        terms(*changes, **said)
