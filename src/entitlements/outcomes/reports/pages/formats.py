"""Report as text for a terminal, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any, Final

from entitlements.kernel.converters import instance_of
from entitlements.kernel.data.csv_cells import csv_cell
from entitlements.kernel.instants import MICROSECOND, text_of
from entitlements.outcomes.figures.shares import Interval, Share
from entitlements.outcomes.reports.figure import Figure, ReportSection
from entitlements.outcomes.reports.pages.words import (
    NOT_KNOWN,
    TITLES,
    SectionTable,
    decimal_text,
    group_text,
    interval_text,
    is_share_interval,
    measure_text,
    name_text,
    percent_text,
    period_text,
    section_tables,
    value_text,
)
from entitlements.outcomes.reports.report import Report
from entitlements.outcomes.trends import Trend, summarize_trends

COLUMNS: Final = (
    *("section", "name", "measure", "group", "is_total", "value", "unit", "n", "of"),
    *("ids", "broken"),
)

_SEASONS: Final = {TITLES[each] for each in (ReportSection.WEEKDAYS, ReportSection.HOURS)}


def report_to_text(report: Report) -> str:
    """Return a report as aligned text, with counts beside each percentage.

    Weekdays and hours are those of all groups together, if anything was opened; other formats have
    them by group.

    >>> from entitlements.kernel import utc
    >>> from entitlements.outcomes import report
    >>> march = utc("2026-03-01T00:00Z"), utc("2026-04-01T00:00Z")
    >>> report_to_text(report([], *march)).partition(";")[0]
    'Service report: 2026-03-01 to 2026-03-31 (UTC), all customers, by severity'
    """
    lines = [f"Service report: {period_text(instance_of(Report, report))}"]
    for table in section_tables(report):
        if table.title in _SEASONS and not report.figure("flow", "cases", "opened").value:
            continue
        lines += ["", table.title, *_aligned(table, report.by)]
    if report.trends:
        lines += ["", "Week by week", f"  {summarize_trends(report.trends)}"]
    if report.broken:
        lines += ["", "Left out of some figures"]
        lines += [f"  {id}: {why}" for id, why in report.broken.items()]
    return "\n".join([*lines, ""])


def _aligned(table: SectionTable, by: str) -> Iterator[str]:
    shown = [row for row in table.rows if row.is_total or table.title not in _SEASONS]
    has_groups = any(not row.is_total for row in shown)
    heads = ["", *([by] if has_groups else []), *map(measure_text, table.measures)]
    rows: list[Sequence[str]] = [heads]
    for row in shown:
        labels = [row.name, *([row.group] if has_groups else [])]
        rows.append([*labels, *map(value_text, row.figures)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    labelled = 2 if has_groups else 1
    for cells in rows:
        padded = (
            cell.ljust(width) if index < labelled else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        yield f"  {'  '.join(padded)}".rstrip()


def report_to_json(report: Report) -> str:
    """Return a report as JSON: each figure as counts, never in percent, with all of its ids.

    Shares have `n` and `of`, times `micros`, scores an exact `fraction`, intervals `low` and `high`
    with six decimals; what is not known is null, and so are ids that were not kept.

    >>> from entitlements.kernel import utc
    >>> from entitlements.outcomes import report
    >>> march = utc("2026-03-01T00:00Z"), utc("2026-04-01T00:00Z")
    >>> import json
    >>> json.loads(report_to_json(report([], *march)))["start"]
    '2026-03-01T00:00:00Z'
    """
    found = instance_of(Report, report)
    data = {
        "schema_version": 1,
        "start": text_of(found.start),
        "end": text_of(found.end),
        "zone": found.zone,
        "basis": "decided",
        "customer": found.customer,
        "by": found.by,
        "figures": [_figure_data(each, has_ids=found.has_ids) for each in found.figures],
        "trends": [_trend_data(each) for each in found.trends],
        "broken": dict(found.broken),
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _figure_data(figure: Figure, *, has_ids: bool) -> dict[str, Any]:
    return {
        "section": figure.section.value,
        "name": figure.name,
        "measure": figure.measure,
        "group": figure.group,
        "is_total": figure.is_total,
        "value": _value_data(figure),
        "ids": list(figure.ids) if has_ids else None,
    }


def _trend_data(trend: Trend) -> dict[str, Any]:
    points: list[dict[str, Any]] = [
        {"n": each.n, "of": each.of} if isinstance(each, Share) else {"count": each}
        for each in trend.points
    ]
    for point, ids in zip(points, trend.ids or [None] * len(points), strict=True):
        point["ids"] = None if ids is None else list(ids)
    return {
        "name": trend.name,
        "kind": trend.kind.value,
        "baseline": trend.baseline,
        "starts": [text_of(each) for each in trend.starts],
        "points": points,
        "change": trend.change,
    }


def _value_data(figure: Figure) -> dict[str, Any] | None:
    value = figure.value
    if value is None or not figure.is_known:
        return None
    if isinstance(value, Share):
        return {"n": value.n, "of": value.of}
    if isinstance(value, timedelta):
        return {"micros": value // MICROSECOND}
    if isinstance(value, Interval):
        return {"low": round(value.low, 6), "high": round(value.high, 6)}
    return {"fraction": str(value)} if isinstance(value, Fraction) else {"count": value}


def report_to_csv(report: Report) -> str:
    """Return the figures of a report as CSV with a header, one in each row.

    Times are in seconds, shares in percent with their counts in `n` and `of`, and what is not
    known is `not known`. The ids are lines of one cell. Broken cases are the last rows. A cell that
    a spreadsheet would take for a formula begins with an apostrophe.

    >>> from entitlements.kernel import utc
    >>> from entitlements.outcomes import report
    >>> march = utc("2026-03-01T00:00Z"), utc("2026-04-01T00:00Z")
    >>> report_to_csv(report([], *march)).partition(",value")[0]
    'section,name,measure,group,is_total'
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    for figure in instance_of(Report, report).figures:
        writer.writerow(map(csv_cell, _csv_row(figure)))
    for id, why in report.broken.items():
        writer.writerow(map(csv_cell, ("broken", *[None] * 8, id, why)))
    return buffer.getvalue()


def _csv_row(figure: Figure) -> tuple[object, ...]:
    value, unit = _csv_value(figure)
    counts = (figure.value.n, figure.value.of) if isinstance(figure.value, Share) else (None, None)
    return (
        *(figure.section.value, name_text(figure), figure.measure, group_text(figure)),
        *("yes" if figure.is_total else "no", value, unit, *counts, "\n".join(figure.ids), None),
    )


def _csv_value(figure: Figure) -> tuple[str, str | None]:
    value = figure.value
    if value is None or not figure.is_known:
        return NOT_KNOWN, None
    if isinstance(value, Share):
        return percent_text(value), "percent"
    if isinstance(value, timedelta):
        return decimal_text(Fraction(value // MICROSECOND, 1_000_000)), "seconds"
    if isinstance(value, Interval):
        return interval_text(figure), "percent" if is_share_interval(figure) else "score"
    if isinstance(value, Fraction):
        return decimal_text(value), "score"
    return str(value), "count"
