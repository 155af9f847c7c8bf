"""Sheets as HTML pages: a statement for a customer, for the screen and for paper.

A page needs no other file and loads none. All text of a sheet is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from html import escape
from typing import Final

from entitlements.billing.credits.claims import ServiceCredit
from entitlements.billing.explanation import (
    credit_sentence,
    kind_words,
    line_subject,
    line_terms,
    reason_words,
    time_words,
)
from entitlements.billing.lines import ChargeLine
from entitlements.billing.sheet import Sheet
from entitlements.calendars.timeline.zones import zone_name
from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.kernel.instants import instant_of, text_of

_HEAD: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Statement {title}</title>
<style>
body {{ font: 15px/1.45 system-ui, sans-serif; color: #222 }}
body {{ max-width: 60rem; margin: 2rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; width: 100%; margin: 1rem 0 }}
th, td {{ border-bottom: 1px solid #cfd6de; padding: .4rem .6rem; text-align: left }}
th, td {{ vertical-align: top; overflow-wrap: anywhere }}
thead th {{ background: #eceff3 }}
.amount {{ text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }}
tfoot th, tfoot td {{ border: 0; padding-top: .2rem; padding-bottom: .2rem }}
tfoot tr:last-child > * {{ border-top: 2px solid #222; font-weight: 600 }}
dt {{ font-weight: 600; float: left; clear: left; margin-right: .5rem }}
dd {{ margin: 0 0 .2rem 0; overflow: hidden; overflow-wrap: anywhere }}
small {{ color: #555 }}
time {{ white-space: nowrap }}
@media print {{
  body {{ max-width: none; margin: 0; padding: 0; font-size: 10pt }}
  tr {{ break-inside: avoid }}
  thead {{ display: table-header-group }}
  tfoot {{ display: table-row-group }}
}}
</style>
</head>
<body>"""


def sheet_to_html(
    sheet: Sheet,
    zone: str | None = None,
    *,
    credits: Iterable[ServiceCredit] = (),
    at: datetime | None = None,
) -> str:
    """Return a sheet as one HTML page.

    Args:
        sheet: The sheet.
        zone: The time zone of all times; each is written with the name of its offset. None for
            that of the sheet.
        credits: Service credits that are listed below the lines, claimed or not.
        at: The instant at which the credits are looked at; None for the end of the sheet.

    >>> empty = Sheet(id="2026-03", customer="acme", currency="EUR",
    ...               start="2026-03-01T00:00+01:00", end="2026-04-01T00:00+02:00")
    >>> "2026-04-01 00:00 CEST" in sheet_to_html(empty, "Europe/Berlin")
    True

    Raises:
        InvalidValueError: There is no such zone.
    """
    named = zone_name(instance_of(Sheet, sheet).zone or "UTC" if zone is None else zone)
    title = escape(sheet.id)
    parts = [_HEAD.format(title=title), f"<h1>Statement {title}</h1>"]
    parts += [*_facts(sheet, named), *_table(sheet, named)]
    found, then = tuple_of(ServiceCredit, credits), sheet.end if at is None else instant_of(at)
    parts += [*_credits(found, then, named)] if found else []
    parts += ["</body>", "</html>", ""]
    return "\n".join(parts)


def _facts(sheet: Sheet, zone: str) -> Iterator[str]:
    yield "<dl>"
    yield f"<dt>customer</dt><dd>{escape(sheet.customer)}</dd>"
    yield f"<dt>period</dt><dd>{_period(sheet.start, sheet.end, zone)}</dd>"
    yield f"<dt>times</dt><dd>{escape(zone)}</dd>"
    yield f"<dt>to pay</dt><dd>{escape(str(sheet.total))}</dd>"
    yield "</dl>"


def _table(sheet: Sheet, zone: str) -> Iterator[str]:
    yield "<table>"
    heads = "".join(f'<th scope="col">{each}</th>' for each in ("time", "what for", "how counted"))
    yield f'<thead><tr>{heads}<th scope="col" class="amount">amount</th></tr></thead>'
    yield "<tbody>"
    for line in sheet.lines:
        yield _row(line, zone)
    yield "</tbody>"
    yield "<tfoot>"
    for kind, amount in sheet.totals.items():
        yield _sum(kind_words(kind), str(amount))
    yield _sum("Total", str(sheet.total))
    yield "</tfoot>"
    yield "</table>"


def _credits(credits: Iterable[ServiceCredit], at: datetime, zone: str) -> Iterator[str]:
    yield "<h2>Service credits</h2>"
    yield "<ul>"
    for each in credits:
        yield f"<li>{escape(credit_sentence(each, at, zone))}</li>"
    yield "</ul>"


def _row(line: ChargeLine, zone: str) -> str:
    counted = "<br>".join(escape(each) for each in line_terms(line))
    why = f"<small>{escape(reason_words(line))}</small>"
    cells = [
        f"<td>{_period(line.start, line.end, zone)}</td>",
        f"<td>{escape(line_subject(line))}</td>",
        f"<td>{counted}<br>{why}</td>" if counted else f"<td>{why}</td>",
        f'<td class="amount">{escape(str(line.amount))}</td>',
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _sum(name: str, amount: str) -> str:
    head = f'<th scope="row" colspan="3">{escape(name)}</th>'
    return f'<tr>{head}<td class="amount">{escape(amount)}</td></tr>'


def _period(start: datetime, end: datetime, zone: str) -> str:
    first, after = (
        f'<time datetime="{text_of(each)}">{escape(time_words(each, zone))}</time>'
        for each in (start, end)
    )
    return f"{first} to {after}"
