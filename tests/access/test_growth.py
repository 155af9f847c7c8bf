"""The work of a decision grows in proportion to the lines of an account, and not faster."""

from __future__ import annotations

import sys
from datetime import date, datetime
from types import FrameType

import pytest

from entitlements.access import AccountDecider, Denied, Granted
from entitlements.contracts import (
    AccessRight,
    Account,
    Catalog,
    Contract,
    ContractLine,
    Coverage,
    ExpertGroup,
    Plan,
    Product,
)
from entitlements.kernel.instants import utc
from entitlements.kernel.requests import Request

AT = utc("2026-03-02T09:00Z")
CATALOG = Catalog(
    products=[Product(id="db"), Product(id="os")],
    groups=[ExpertGroup(id="desk")],
    plans=[
        Plan(
            id="gold",
            policy="gold",
            severities=["high"],
            channels=["web"],
            rights=[AccessRight(id="desk", group="desk")],
        )
    ],
)


def account(lines: int) -> Account:
    return Account(
        customer="acme",
        contracts=[
            Contract(
                id="C-1",
                customer="acme",
                zone="UTC",
                start=date(2026, 1, 1),
                months=12,
                any_contact=True,
                lines=[
                    ContractLine(
                        id=f"L-{n}", plan="gold", coverage=Coverage(level="product", ids=["db"])
                    )
                    for n in range(lines)
                ],
            )
        ],
    )


def calls(lines: int, product: str) -> int:
    """Return how many functions are called for the first decision and its `valid_until`."""
    asked = account(lines)
    request = Request(
        id="R-1", customer="acme", contact="ann", product=product, severity="high", channel="web"
    )
    count = 0

    def counted(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        answer = AccountDecider(asked, CATALOG).decide(request, AT)
        until = answer.valid_until
    finally:
        sys.setprofile(before)
    assert isinstance(answer, Granted if product == "db" else Denied)
    assert until == datetime(2027, 1, 1, tzinfo=AT.tzinfo)
    return count


@pytest.mark.parametrize("product", ["db", "os"])
def test_ten_times_as_many_lines_take_at_most_twelve_times_as_many_calls(product: str) -> None:
    calls(10, product)  # what is imported and compiled once is not counted
    few, many = calls(200, product), calls(2_000, product)
    assert many <= 12 * few
