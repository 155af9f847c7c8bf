"""The history of one contract line: its status, its end, its grace, its calendars."""

from __future__ import annotations

from datetime import date
from typing import Any

from entitlements.calendars import Calendar
from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog, ExpertGroup
from entitlements.contracts.lines.line_history import (
    LineHistory,
    LineStatus,
)
from entitlements.contracts.lines.line_status import line_histories
from entitlements.contracts.plans import AccessRight, Grace, Plan
from entitlements.contracts.records.changes import Block
from entitlements.contracts.records.contract import Contract, ContractLine
from entitlements.kernel.instants import to_micros, utc

APRIL, MAY, JULY, AFTER_GRACE = (
    to_micros(utc(f"2026-{day}T00:00Z")) for day in ("04-01", "05-01", "07-01", "07-11")
)


def plan(**terms: Any) -> Plan:
    rights = [AccessRight(id="r", group="dba", hours="desk")]
    usual: dict[str, Any] = {"rights": rights, "grace": Grace(days=10), "contact_limit": 20}
    return Plan(id="gold", policy="p", severities=["S1"], channels=["web"], **usual | terms)


def history(*blocks: Block, months: int | None = 3, grace: bool = True, **line: Any) -> LineHistory:
    """Return the history of a line sold from April 2026 on, in UTC, with ten days of grace."""
    catalog = Catalog(
        calendars={"desk": Calendar.always()},
        groups=[ExpertGroup(id="dba")],
        plans=[plan() if grace else plan(grace=None)],
    )
    lines = [ContractLine(id="1", plan="gold", **line)]
    sold = Contract(
        id="C", customer="acme", zone="UTC", start=date(2026, 4, 1), months=months, lines=lines
    )
    (found,) = line_histories(Account(customer="acme", contracts=[sold], changes=blocks), catalog)
    return found


def test_the_status_is_asked_with_aware_instants() -> None:
    block = Block(id="B", start=utc("2026-05-01T00:00Z"), end=utc("2026-05-02T00:00Z"))
    line = history(block)
    assert line.status_at(utc("2026-03-31T23:59Z")) is LineStatus.PENDING
    assert line.status_at(utc("2026-05-01T00:00Z")) is LineStatus.SUSPENDED
    assert list(line.status_changes()) == [
        (utc("2026-04-01T00:00Z"), LineStatus.ACTIVE),
        (utc("2026-05-01T00:00Z"), LineStatus.SUSPENDED),
        (utc("2026-05-02T00:00Z"), LineStatus.ACTIVE),
        (utc("2026-07-01T00:00Z"), LineStatus.GRACE),
        (utc("2026-07-11T00:00Z"), LineStatus.EXPIRED),
    ]


def test_a_line_ends_with_its_term_or_with_the_grace_after_it() -> None:
    line = history()
    assert line.ends(APRIL) == JULY
    assert line.ends(APRIL, in_grace=True) == AFTER_GRACE
    assert line.ends(JULY) is None
    assert line.ends(JULY, in_grace=True) == AFTER_GRACE
    assert line.ends(AFTER_GRACE, in_grace=True) is None
    assert history(months=None).ends(APRIL) is None


def test_a_block_does_not_end_a_line() -> None:
    block = Block(id="B", start=utc("2026-05-01T00:00Z"))
    assert history(block).ends(MAY) == JULY


def test_grace_ends_after_its_days_or_with_the_term() -> None:
    assert history().grace_end(JULY) == AFTER_GRACE
    assert history(grace=False).grace_end(JULY) == JULY


def test_contacts_bought_on_a_line_take_the_place_of_the_plans_limit() -> None:
    bought = history(contact_limit=40).states.at(MAY)
    assert (bought.plan.contact_limit, bought.plan_as_bought.contact_limit) == (20, 40)
    assert history().states.at(MAY).plan_as_bought.contact_limit == 20
