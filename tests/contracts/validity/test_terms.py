"""Terms in UTC, written as days: a term ends at the first instant of the day after its last."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.contracts import Block, Contract, Renewal
from entitlements.contracts.records.changes import Change
from entitlements.contracts.validity.term_extensions import term_extensions
from entitlements.contracts.validity.terms import check_terms, contract_terms, non_overlapping_terms
from entitlements.kernel.errors import ConflictError, EntitlementsError, LimitExceededError
from entitlements.kernel.instants import END_OF_TIME, from_micros, utc


def terms(*changes: Change, **said: Any) -> list[tuple[str, str]]:
    """Return the terms of a contract of 2026 as texts."""
    usual = {"start": date(2026, 1, 1), "months": 12}
    contract = Contract(id="C", customer="acme", zone="UTC", **{**usual, **said})
    return [(as_day(start), as_day(end)) for start, end in contract_terms(contract, changes)]


def refused(*changes: Change, **said: Any) -> EntitlementsError | None:
    """Return why such terms are refused, if they are."""
    usual = {"start": date(2026, 1, 1), "months": 12}
    contract = Contract(id="C", customer="acme", zone="UTC", **{**usual, **said})
    try:
        check_terms(contract, changes)
    except EntitlementsError as error:
        return error
    return None


def as_day(at: int) -> str:
    """Return an instant as a day, with the hour if it is not midnight."""
    return (
        "never"
        if at >= END_OF_TIME
        else from_micros(at).strftime("%Y-%m-%d %Hh").removesuffix(" 00h")
    )


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


def test_a_contiguous_term_prolongs_a_restarted_one() -> None:
    fresh = renewal("F", kind="fresh", start=date(2027, 3, 1))
    assert terms(fresh, renewal("G")) == [
        ("2026-01-01", "2027-01-01"),
        ("2027-03-01", "2028-03-01"),
        ("2028-03-01", "2029-03-01"),
    ]


def test_a_contiguous_term_too_long_for_the_gap_prolongs_the_fresh_one() -> None:
    """Also by a day or two: a month of 31 days does not fit into 29."""
    fresh = renewal("F", kind="fresh", start=date(2027, 1, 30))
    assert terms(fresh, renewal("G", months=1)) == [
        ("2026-01-01", "2027-01-01"),
        ("2027-01-30", "2028-01-30"),
        ("2028-01-30", "2028-02-29"),
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


def test_what_joins_a_term_waits_while_the_end_of_its_pause_is_not_known() -> None:
    blocked = pause("2026-06-01T00:00Z", None)
    assert refused(blocked, renewal(), renewal("R2")) is None
    assert terms(blocked, renewal(), renewal("R2")) == [("2026-01-01", "never")]
    lifted = pause("2026-06-01T00:00Z", "2026-06-11T00:00Z")
    assert terms(lifted, renewal())[1] == ("2027-01-11", "2028-01-11")


def test_a_pause_that_leads_past_the_last_instant_leaves_the_term_open() -> None:
    ages = pause("2026-06-01T00:00Z", "9997-12-31T23:59Z")
    assert terms(ages) == [("2026-01-01", "never")]
    assert terms(ages, end=date(9997, 12, 30), months=None) == [("2026-01-01", "never")]


FRESH = renewal("F", kind="fresh", start=date(2027, 3, 1))
LONG = pause("2026-06-01T00:00Z", "2026-12-01T00:00Z")


@pytest.mark.parametrize(
    ("changes", "said", "words"),
    [
        pytest.param(
            [renewal()],
            {"months": None},
            ["renewal `R` follows contract `C`", "without an end"],
            id="after an open end",
        ),
        pytest.param(
            [renewal(kind="fresh", start=date(2026, 12, 31))],
            {},
            ["renewal `R`", "before the earlier term ends", "contract `C`"],
            id="early",
        ),
        pytest.param(
            [renewal(kind="reinstated", start=date(2028, 3, 1))],
            {},
            ["renewal `R` ends before it begins", "contract `C`"],
            id="late",
        ),
        pytest.param(
            [renewal(months=None, end=date(2026, 5, 1))],
            {},
            ["renewal `R` ends before it begins", "contract `C`"],
            id="backwards",
        ),
        pytest.param(
            [FRESH, renewal("G", kind="fresh", start=date(2027, 8, 1))],
            {},
            ["renewal `G`", "renewal `F`"],
            id="two fresh terms overlap",
        ),
        pytest.param(
            [FRESH, LONG],
            {},
            ["renewal `F`", "contract `C`", "`B 2026-06-01T00:00Z`"],
            id="lengthened into a fresh term",
        ),
        pytest.param(
            [FRESH, pause("2026-06-01T00:00Z", None)],
            {},
            ["renewal `F`", "contract `C`", "`B 2026-06-01T00:00Z`", "without an end"],
            id="open into a fresh term",
        ),
    ],
)
def test_terms_that_cannot_be_are_refused_and_give_nothing(
    changes: list[Change], said: dict[str, Any], words: list[str]
) -> None:
    error = refused(*changes, **said)
    assert isinstance(error, ConflictError)
    assert [word for word in words if word not in error.message] == []
    left_out = next(each for each in reversed(changes) if isinstance(each, Renewal))
    others = [each for each in changes if each is not left_out]
    assert terms(*changes, **said) == terms(*others, **said)


def test_months_past_the_end_of_the_calendar_are_refused() -> None:
    late = {"start": date(9996, 1, 1)}
    assert isinstance(refused(renewal(months=24), **late), LimitExceededError)
    assert terms(renewal(months=24), **late) == terms(**late)


def test_many_renewals_and_pauses_are_read_in_a_moment() -> None:
    days = [date(2100, 1, 1) + timedelta(days=400 * n) for n in range(1000)]
    fresh = [renewal(f"F{n}", kind="fresh", start=day) for n, day in enumerate(days)]
    pauses = [pause(f"{day}T00:00Z", f"{day}T01:00Z") for day in days]
    joining = [renewal(f"J{n}", months=2) for n in range(1000)]
    assert len(terms(*fresh, *pauses, *joining)) == 2001


def test_pauses_of_the_whole_account_may_be_computed_once_for_all_contracts() -> None:
    ends = ["2026-03-05T00:00Z", "2026-03-08T00:00Z", "2026-04-03T00:00Z", None]
    starts = ["2026-03-01T00:00Z", "2026-03-05T00:00Z", "2026-04-01T00:00Z", "2027-01-02T00:00Z"]
    spans = [
        attrs.evolve(pause(start, end), id=f"B{number}")
        for number, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]
    contract = Contract(id="C", customer="acme", zone="UTC", start=date(2026, 1, 1), months=12)
    for few in range(5):
        told_before = term_extensions(spans[few:])
        own = [*spans[:few], renewal(months=12)]
        assert contract_terms(contract, own, told_before) == contract_terms(
            contract, [*spans, renewal(months=12)]
        )
        assert term_extensions(own, told_before) == term_extensions(spans)


def test_months_are_counted_from_the_first_day_and_not_from_a_clamped_one() -> None:
    from_august = {"start": date(2025, 8, 31)}
    assert terms(**from_august)[-1][1] == "2026-08-31"
    assert terms(renewal(months=6), **from_august, months=6) == [
        ("2025-08-31", "2026-02-28"),
        ("2026-02-28", "2026-08-31"),
    ]
    # A last day is what somebody wrote, and what joins it is counted from the day after.
    written = {**from_august, "months": None, "end": date(2026, 2, 27)}
    assert terms(renewal(months=6), **written)[-1] == ("2026-02-28", "2026-08-28")
    late = renewal(kind="reinstated", start=date(2026, 4, 1), months=6)
    assert terms(late, **from_august, months=6)[-1] == ("2026-04-01", "2026-08-31")
    fresh = renewal(kind="fresh", start=date(2026, 4, 1), months=6)
    assert terms(fresh, **from_august, months=6)[-1] == ("2026-04-01", "2026-10-01")


@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.lists(st.integers(1, 30), min_size=2, max_size=6),
)
def test_splitting_a_term_into_renewals_does_not_change_its_end(
    start: date, parts: list[int]
) -> None:
    whole = terms(start=start, months=sum(parts))
    renewals = [renewal(f"R{n}", months=part) for n, part in enumerate(parts[1:])]
    split = terms(*renewals, start=start, months=parts[0])
    assert (split[0][0], split[-1][1]) == whole[0]
    assert all(one[1] == other[0] for one, other in pairwise(split))


def test_a_block_that_began_before_a_term_makes_it_longer_by_what_it_takes_of_it() -> None:
    across = pause("2025-12-22T00:00Z", "2026-01-11T00:00Z")
    assert terms(across) == [("2026-01-01", "2027-01-11")]
    assert terms(pause("2025-12-22T00:00Z", "2026-01-01T00:00Z")) == [("2026-01-01", "2027-01-01")]
    assert terms(pause("2025-12-22T00:00Z", None)) == [("2026-01-01", "never")]


def test_a_pause_that_starts_at_the_end_of_a_term_does_not_extend_it() -> None:
    assert terms(pause("2027-01-01T00:00Z", "2027-02-01T00:00Z")) == terms()
    last = pause("2026-12-31T23:00Z", "2027-01-01T02:00Z")
    assert terms(last) == [("2026-01-01", "2027-01-01 03h")]


def test_overlapping_terms_are_one_and_touching_terms_are_two() -> None:
    assert non_overlapping_terms([(5, 9), (1, 5)]) == ((1, 5), (5, 9))
    assert non_overlapping_terms([(1, 5), (3, 9)]) == ((1, 9),)
    assert non_overlapping_terms([(1, 3), (1, 5), (5, 6)]) == ((1, 5), (5, 6))
