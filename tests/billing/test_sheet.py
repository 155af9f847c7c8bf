from __future__ import annotations

import itertools
import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.billing import (
    ChargeLine,
    LineKind,
    LineReason,
    Sheet,
    StandingCharge,
    make_sheet,
)
from entitlements.billing.sheet import SHEET_DATA
from entitlements.contracts import Cycle
from entitlements.kernel import ConflictError, InvalidValueError, Money, utc
from entitlements.testing.strategies.worlds.billing import FIRST, BilledWorld, billed_worlds

END = FIRST + timedelta(days=60)
FEE = StandingCharge(
    id="fee",
    contract="C-1",
    line="main",
    price=Money(310, "EUR"),
    every=Cycle("month"),
    zone="UTC",
    start=date(2026, 3, 1),
)


def sheet(
    lines: tuple[ChargeLine, ...],
    start: datetime,
    end: datetime,
    issued: list[Sheet] | None = None,
    id: str = "now",
) -> Sheet:
    return make_sheet(
        lines, id=id, customer="acme", currency="EUR", start=start, end=end, issued=issued or []
    )


def money_and_units(lines: list[ChargeLine]) -> Counter[tuple[str, str | None]]:
    """Return the sums that must be the same however they are spread over sheets."""
    found: Counter[tuple[str, str | None]] = Counter()
    for each in lines:
        found[each.source, None] += each.amount.minor_units
        found[each.source, "worked"] += each.worked // timedelta(microseconds=1)
        found[each.source, "billed"] += each.billed // timedelta(microseconds=1)
        if each.grant is not None:
            found[each.source, each.grant] += each.units
    return Counter({key: number for key, number in found.items() if number})


@given(billed_worlds(), st.lists(st.integers(1, 700), max_size=4))
def test_the_sheets_of_parts_sum_to_the_sheet_of_the_whole(
    world: BilledWorld, hours: list[int]
) -> None:
    lines = world.charged()
    edges = [FIRST, *sorted({FIRST + timedelta(hours=each) for each in hours}), END]
    parts: list[Sheet] = []
    for number, edge in enumerate(edges[1:]):
        parts.append(sheet(lines, edges[number], edge, parts, f"{number}"))
    on_parts = [line for part in parts for line in part.lines]
    assert Counter(on_parts) == Counter(sheet(lines, FIRST, END).lines)


@given(billed_worlds(), st.lists(st.integers(0, 800), min_size=1, max_size=4))
def test_money_never_appears_or_disappears_whatever_is_recorded_late(
    world: BilledWorld, hours: list[int]
) -> None:
    issued: list[Sheet] = []
    edges = sorted({FIRST + timedelta(hours=each) for each in [0, *hours]})
    for number, (start, end) in enumerate(itertools.pairwise(edges)):
        issued.append(sheet(world.charged(end), start, end, issued, f"{number}"))
    last = sheet(world.charged(), edges[-1], END, issued, "last")
    on_sheets = [line for each in [*issued, last] for line in each.lines]
    assert money_and_units(on_sheets) == money_and_units(list(world.charged()))


@given(billed_worlds())
def test_a_sheet_that_is_made_again_beside_itself_is_empty(world: BilledWorld) -> None:
    lines = world.charged()
    whole = sheet(lines, FIRST, END)
    assert sheet(lines, FIRST, END, [whole], "again").lines == ()


@given(billed_worlds(), st.randoms())
def test_the_order_of_lines_does_not_matter(world: BilledWorld, random: Random) -> None:
    lines = world.charged()
    shuffled = tuple(random.sample(lines, len(lines)))
    assert sheet(shuffled, FIRST, END) == sheet(lines, FIRST, END)


@given(billed_worlds())
def test_totals_sum_to_the_whole(world: BilledWorld) -> None:
    whole = sheet(world.charged(), FIRST, END)
    assert sum(each.minor_units for each in whole.totals.values()) == whole.total.minor_units
    by_case = sum(whole.subtotal(whole.for_case(each.id)).minor_units for each in world.cases)
    assert by_case == whole.total.minor_units


def test_an_end_that_becomes_known_later_gives_money_back() -> None:
    march = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    april = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)
    days = date(2026, 1, 1), date(2026, 5, 1)
    first = sheet(tuple(FEE.lines(*days)), *march, id="march")
    ended = attrs.evolve(FEE, end=date(2026, 3, 21))
    other = attrs.evolve(
        FEE, id="better", price=Money(620, "EUR"), start=date(2026, 3, 22), billing_day=1
    )
    second = sheet((*ended.lines(*days), *other.lines(*days)), *april, [first], "april")
    assert [(each.kind.value, each.source, str(each.amount)) for each in second.lines] == [
        ("adjustment", "fee", "-100.00 EUR"),  # 10 of 31 days
        ("standing", "better", "200.00 EUR"),
        ("standing", "better", "620.00 EUR"),
    ]
    assert second.lines[0].named == "march"
    assert second.lines[0].reason is LineReason.CORRECTED


def fee_of_march() -> tuple[ChargeLine, ...]:
    return tuple(FEE.lines(date(2026, 3, 1), date(2026, 4, 1)))


def test_what_was_charged_and_is_gone_is_taken_back() -> None:
    first = sheet(
        tuple(FEE.lines(date(2026, 3, 1), date(2026, 4, 1))), FIRST - timedelta(days=30), FIRST
    )
    second = sheet((), FIRST, END, [first], "next")
    assert [(each.kind, each.amount) for each in second.lines] == [
        (LineKind.ADJUSTMENT, Money(-310, "EUR"))
    ]
    third = sheet((), END, END + timedelta(days=1), [second, first], "third")
    assert third.lines == ()


def test_lines_of_a_time_that_no_sheet_covers_are_left_out() -> None:
    lines = tuple(FEE.lines(date(2026, 1, 1), date(2027, 1, 1)))
    april = sheet(lines, datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
    assert [each.charged_at.month for each in april.lines] == [4]


def test_a_sheet_is_explained_line_by_line() -> None:
    march = sheet(
        tuple(FEE.lines(date(2026, 3, 1), date(2026, 4, 1))), FIRST - timedelta(days=30), FIRST
    )
    assert march.explain().splitlines() == [
        "2026-03-01T00:00:00Z to 2026-04-01T00:00:00Z, `fee`: 310.00 EUR; a whole period.",
        "Standing: 310.00 EUR.",
        "Total: 310.00 EUR.",
    ]
    again = sheet((), FIRST, END, [march], "next").explain().splitlines()
    assert again[0] == (
        "2026-03-01T00:00:00Z to 2026-04-01T00:00:00Z, correction of `fee` on sheet `now`: "
        "-310.00 EUR; what is known now differs from what was charged."
    )


def test_days_and_times_of_a_sheet_are_those_of_its_zone() -> None:
    start, end = utc("2026-02-28T15:00Z"), utc("2026-03-31T15:00Z")
    fee = attrs.evolve(FEE, zone="Asia/Tokyo")
    lines = tuple(fee.lines(date(2026, 3, 1), date(2026, 4, 1)))
    tokyo = attrs.evolve(sheet(lines, start, end), zone="Asia/Tokyo")
    assert tokyo.days == (date(2026, 3, 1), date(2026, 3, 31))
    assert tokyo.explain().startswith("2026-03-01 00:00 JST to 2026-04-01 00:00 JST, `fee`")
    assert tokyo.explain("UTC").startswith("2026-02-28 15:00 UTC to 2026-03-31 15:00 UTC, `fee`")
    assert attrs.evolve(tokyo, zone=None).days == (date(2026, 2, 28), date(2026, 3, 31))
    with pytest.raises(InvalidValueError, match="Asia/Tokio"):
        attrs.evolve(tokyo, zone="Asia/Tokio")


@given(billed_worlds())
def test_a_sheet_is_the_same_after_it_was_kept_as_json(world: BilledWorld) -> None:
    made = sheet(world.charged(), FIRST, END)
    assert SHEET_DATA.read(json.loads(json.dumps(SHEET_DATA.write(made)))) == made


def test_issued_sheets_of_another_customer_currency_or_with_the_same_id_are_refused() -> None:
    old = sheet((), FIRST, END, id="old")
    for field, other in (("customer", "globex"), ("currency", "USD"), ("id", "now")):
        with pytest.raises(ConflictError) as caught:
            sheet((), FIRST, END, [attrs.evolve(old, **{field: other})])
        assert caught.value.field == field


def test_an_issued_sheet_that_is_given_twice_is_refused() -> None:
    march = tuple(FEE.lines(date(2026, 3, 1), date(2026, 4, 1)))
    old = sheet(march, FIRST, END, id="old")
    with pytest.raises(ConflictError, match="issued sheet `old` is given 2 times") as caught:
        sheet(march, END, END + timedelta(days=30), [old, old])
    assert caught.value.field == "issued"


def test_a_period_of_nothing_and_lines_in_another_currency_are_refused() -> None:
    with pytest.raises(InvalidValueError, match="not after its start"):
        sheet((), FIRST, FIRST)
    dollars = attrs.evolve(FEE, price=Money(1, "USD"))
    with pytest.raises(InvalidValueError, match="is in `USD`"):
        sheet(tuple(dollars.lines(date(2026, 4, 1), date(2026, 4, 2))), FIRST, END)
    with pytest.raises(InvalidValueError, match="is not a charge line"):
        sheet(("fee",), FIRST, END)  # type: ignore[arg-type]
