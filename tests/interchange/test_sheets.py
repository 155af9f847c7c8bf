from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from tests.billing.fees.test_standing_charges import MONTHLY

from entitlements.billing import Sheet, StandingCharge, make_sheet
from entitlements.interchange import (
    sheet_to_csv,
    sheet_to_invoice_ninja,
    sheet_to_kill_bill,
    sheet_to_lago,
)
from entitlements.interchange.sheets import COLUMNS
from entitlements.kernel import InvalidValueError, Money
from entitlements.testing.strategies.worlds.billing import FIRST, BilledWorld, billed_worlds

FEE = attrs.evolve(MONTHLY, start=date(2026, 3, 1))
BACK = attrs.evolve(FEE, id="back", price=Money("-12.50", "EUR"))


def sheet_of(*charges: StandingCharge) -> Sheet:
    days = date(2026, 3, 1), date(2026, 3, 2)
    return make_sheet(
        [line for each in charges for line in each.lines(*days)],
        id="2026-03",
        customer="acme",
        currency="EUR",
        start="2026-03-01T00:00+01:00",  # type: ignore[arg-type]
        end="2026-04-01T00:00+02:00",  # type: ignore[arg-type]
    )


def sheet_of_work(world: BilledWorld) -> Sheet:
    return make_sheet(
        world.charged(),
        id="work",
        customer="acme",
        currency="EUR",
        start=FIRST,
        end=FIRST.replace(year=2027),
    )


@given(billed_worlds())
def test_csv_has_a_row_for_each_line_and_its_sum_is_the_total(world: BilledWorld) -> None:
    sheet = sheet_of_work(world)
    rows = list(csv.DictReader(io.StringIO(sheet_to_csv(sheet))))
    assert len(rows) == len(sheet.lines)
    assert sum((Decimal(each["amount"]) for each in rows), Decimal()) == sheet.total.amount
    for row, line in zip(rows, sheet.lines, strict=True):
        assert Decimal(row["billed_seconds"]) == Decimal(str(line.billed.total_seconds()))


def test_a_cell_is_never_a_formula() -> None:
    hostile = attrs.evolve(FEE, id='=HYPERLINK("http://x")')
    (row,) = csv.DictReader(io.StringIO(sheet_to_csv(sheet_of(hostile))))
    assert row["source"].startswith("'=")
    (row,) = csv.DictReader(io.StringIO(sheet_to_csv(sheet_of(BACK))))
    assert row["amount"] == "-12.50"
    assert tuple(row) == COLUMNS


def test_lago_gets_fees_in_cents_and_credits_apart() -> None:
    found = sheet_to_lago(sheet_of(FEE, BACK))
    assert found["invoice"] == {
        "external_customer_id": "acme",
        "currency": "EUR",
        "fees": [
            {
                "add_on_code": "support",
                "units": 1,
                "unit_amount_cents": 10_000,
                "description": (
                    "2026-02-28T23:00:00Z to 2026-03-31T22:00:00Z, `fee`: 100.00 EUR; "
                    "a whole period."
                ),
            }
        ],
    }
    assert [each["amount_cents"] for each in found["credits"]] == [1250]  # type: ignore[attr-defined]


def test_kill_bill_gets_charges_and_credits_with_the_dates_of_the_account() -> None:
    found = sheet_to_kill_bill(sheet_of(FEE, BACK), "a-1", "Europe/Berlin")
    (charge,), (credit,) = found["charges"], found["credits"]
    assert (charge["amount"], charge["startDate"], charge["endDate"]) == (
        "100.00",
        "2026-03-01",
        "2026-04-01",
    )
    assert (credit["amount"], credit["accountId"], credit["currency"]) == ("12.50", "a-1", "EUR")


def test_invoice_ninja_gets_one_item_for_each_line_that_costs_something() -> None:
    found = sheet_to_invoice_ninja(sheet_of(FEE, BACK), "c-1")
    items = found["line_items"]
    assert [(each["product_key"], each["cost"], each["quantity"]) for each in items] == [  # type: ignore[attr-defined]
        ("standing", "-12.50", 1),
        ("standing", "100.00", 1),
    ]


@given(billed_worlds())
def test_every_program_gets_the_same_total(world: BilledWorld) -> None:
    sheet = sheet_of_work(world)
    lago = json.loads(json.dumps(sheet_to_lago(sheet)))
    fees = sum(each["unit_amount_cents"] for each in lago["invoice"]["fees"])
    assert fees - sum(each["amount_cents"] for each in lago["credits"]) == sheet.total.minor_units
    ninja = json.loads(json.dumps(sheet_to_invoice_ninja(sheet, "c")))
    assert sum(Decimal(each["cost"]) for each in ninja["line_items"]) == sheet.total.amount
    bill = sheet_to_kill_bill(sheet, "a", "UTC")
    charged = sum(Decimal(str(each["amount"])) for each in bill["charges"])
    back = sum(Decimal(str(each["amount"])) for each in bill["credits"])
    assert charged - back == sheet.total.amount


@pytest.mark.parametrize(
    "export",
    [
        sheet_to_csv,
        sheet_to_lago,
        lambda sheet: sheet_to_kill_bill(sheet, "a", "UTC"),
        lambda sheet: sheet_to_invoice_ninja(sheet, "c"),
    ],
)
def test_only_sheets_are_written(export: Callable[[object], object]) -> None:
    with pytest.raises(InvalidValueError, match="is not a sheet"):
        export("2026-03")
