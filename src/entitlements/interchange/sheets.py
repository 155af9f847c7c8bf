"""Sheets for other programs: CSV, and the invoice formats of Lago, Kill Bill and Invoice Ninja.

Lines are net and rounded; tax, numbering and collection are the business of the program that reads
them. Money back is never a negative charge where a program has credits of its own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Final

from entitlements.billing.credits.claims import ServiceCredit
from entitlements.billing.explanation import line_sentence
from entitlements.billing.lines import ChargeLine
from entitlements.billing.sheet import Sheet
from entitlements.calendars.timeline.zones import load_zone, zone_name
from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.kernel.data.csv_cells import csv_cell
from entitlements.kernel.instants import MICROSECOND, text_of

COLUMNS: Final = (
    "sheet", "customer", "contract", "line", "kind", "reason", "source", "case", "agent",
    "work_kind", "start", "end", "charged_at", "worked_seconds", "billed_seconds", "unit", "units",
    "grant", "rate", "hourly", "after_hours", "amount", "currency", "named",
)  # fmt: skip


def sheet_to_csv(sheet: Sheet) -> str:
    """Return the lines of a sheet as CSV with a header, in their order.

    Instants are in UTC, times in seconds, amounts decimals with a point. A cell that a spreadsheet
    would take for a formula begins with an apostrophe.

    >>> empty = Sheet(id="2026-03", customer="acme", currency="EUR", zone="UTC",
    ...               start="2026-03-01T00:00Z", end="2026-04-01T00:00Z")
    >>> sheet_to_csv(empty).split(",")[:3]
    ['sheet', 'customer', 'contract']
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in instance_of(Sheet, sheet).lines:
        writer.writerow(csv_cell(each) for each in _row(sheet, line))
    return buffer.getvalue()


def _row(sheet: Sheet, line: ChargeLine) -> tuple[object, ...]:
    return (
        *(sheet.id, sheet.customer, line.contract, line.line, line.kind, line.reason, line.source),
        *(line.case, line.agent, line.work_kind),
        *(text_of(line.start), text_of(line.end), text_of(line.charged_at)),
        *(_seconds(line.worked // MICROSECOND), _seconds(line.billed // MICROSECOND)),
        *(line.unit, line.units, line.grant, line.rate),
        *(None if line.hourly is None else f"{line.hourly.amount:f}", line.after_hours),
        *(_decimal(line), sheet.currency, line.named),
    )


def _seconds(micros: int) -> str:
    return f"{(Decimal(micros) / 1_000_000).normalize():f}"


def _decimal(line: ChargeLine) -> str:
    return str(line.amount).partition(" ")[0]


def sheet_to_lago(sheet: Sheet, add_on: str = "support") -> dict[str, object]:
    """Return what Lago's `POST /invoices` takes for a one-off invoice, and the credits apart.

    Each line is a fee of one unit; lines of nothing are left out. Lago has no negative fees: the
    credits are for its credit notes.

    Args:
        sheet: The sheet.
        add_on: The code of the add-on under which the fees stand in Lago.

    >>> empty = Sheet(id="2026-03", customer="acme", currency="EUR", zone="UTC",
    ...               start="2026-03-01T00:00Z", end="2026-04-01T00:00Z")
    >>> sheet_to_lago(empty)["invoice"]["external_customer_id"]
    'acme'
    """
    fees = [
        {
            "add_on_code": add_on,
            "units": 1,
            "unit_amount_cents": line.amount.minor_units,
            "description": line_sentence(line),
        }
        for line in _charges(sheet)
    ]
    credits = [
        {"amount_cents": -line.amount.minor_units, "description": line_sentence(line)}
        for line in _money_back(sheet)
    ]
    invoice = {
        "external_customer_id": sheet.customer,
        "currency": sheet.currency,
        "fees": fees,
    }
    return {"invoice": invoice, "credits": credits}


def sheet_to_kill_bill(
    sheet: Sheet, account: str, zone: str | None = None
) -> dict[str, list[dict[str, object]]]:
    """Return what Kill Bill's `POST /invoices/charges/{account}` and `POST /credits` take.

    Args:
        sheet: The sheet.
        account: The id of the customer's account in Kill Bill.
        zone: The zone of the account, in which Kill Bill reads dates; None for that of the sheet.

    >>> empty = Sheet(id="2026-03", customer="acme", currency="EUR", zone="UTC",
    ...               start="2026-03-01T00:00Z", end="2026-04-01T00:00Z")
    >>> sheet_to_kill_bill(empty, "account-1")
    {'charges': [], 'credits': []}
    """
    own = instance_of(Sheet, sheet).zone or "UTC"
    local = load_zone(zone_name(own if zone is None else zone)).tzinfo

    def item(line: ChargeLine, sign: int) -> dict[str, object]:
        return {
            "accountId": account,
            "amount": f"{line.amount.amount * sign:f}",
            "currency": sheet.currency,
            "description": line_sentence(line),
            "startDate": line.start.astimezone(local).date().isoformat(),
            "endDate": line.end.astimezone(local).date().isoformat(),
            "itemDetails": f"{line.kind}: {line.source}",
        }

    return {
        "charges": [item(line, 1) for line in _charges(sheet)],
        "credits": [item(line, -1) for line in _money_back(sheet)],
    }


def sheet_to_invoice_ninja(sheet: Sheet, client: str) -> dict[str, object]:
    """Return what Invoice Ninja's `POST /api/v1/invoices` takes; money back has a negative cost.

    Args:
        sheet: The sheet.
        client: The id of the customer in Invoice Ninja.

    >>> empty = Sheet(id="2026-03", customer="acme", currency="EUR", zone="UTC",
    ...               start="2026-03-01T00:00Z", end="2026-04-01T00:00Z")
    >>> sheet_to_invoice_ninja(empty, "client-1")["client_id"]
    'client-1'
    """
    items = [
        {
            "product_key": line.kind.value,
            "notes": line_sentence(line),
            "cost": _decimal(line),
            "quantity": 1,
        }
        for line in instance_of(Sheet, sheet).lines
        if line.amount.amount
    ]
    return {"client_id": client, "public_notes": sheet.id, "line_items": items}


def credits_to_data(credits: Iterable[ServiceCredit], at: datetime) -> list[dict[str, object]]:
    """Return service credits as plain data, with what has become of them at an instant.

    The figure is an exact number as text: whole, or a fraction such as `719/720`.
    """
    return [
        {
            "id": each.id,
            "contract": each.contract,
            "line": each.line,
            "schedule": each.schedule.id,
            "basis": each.schedule.basis.value,
            "start": text_of(each.start),
            "end": text_of(each.end),
            "figure": str(each.figure),
            "fees": str(each.fees),
            "amount": str(each.amount),
            "state": each.state(at).value,
            "claimable_until": None
            if each.claimable_until is None
            else text_of(each.claimable_until),
            "claimed": None if each.claimed is None else text_of(each.claimed),
        }
        for each in tuple_of(ServiceCredit, credits)
    ]


def _charges(sheet: Sheet) -> list[ChargeLine]:
    return [each for each in instance_of(Sheet, sheet).lines if each.amount.amount > 0]


def _money_back(sheet: Sheet) -> list[ChargeLine]:
    return [each for each in sheet.lines if each.amount.amount < 0]
