"""Filters of lists of cases as values of a statement, and the rows of such lists."""

from __future__ import annotations

from entitlements.adapters.sql.errors import reading, whole
from entitlements.adapters.sql.session.session import Row
from entitlements.kernel.instants import from_micros, from_micros_or_none, micros_or_none
from entitlements.ports.case_lists import CaseFilter, CaseSummary
from entitlements.sla.case_history.lifecycle import CaseStatus


def filter_to_values(wanted: CaseFilter) -> Row:
    """Return what a filter of cases gives, by the names of the parameters."""
    texts = {name: getattr(wanted, name) for name in ("customer", "agent", "group", "severity")}
    texts |= {f"status_{n}": each.value for n, each in enumerate(wanted.statuses)}
    return {
        name: value
        for name, value in {**texts, "due_before": micros_or_none(wanted.due_before)}.items()
        if value is not None
    }


def summary_from_row(row: Row) -> CaseSummary:
    """Return the summary of a case in a row."""
    with reading(f"case `{row['id']}`"):
        return CaseSummary(
            id=row["id"],
            customer=row["customer"],
            opened=from_micros(whole(row["opened"])),
            status=CaseStatus(row["status"]),
            severity=row["severity"],
            due=from_micros_or_none(row["due"]),
            closed=from_micros_or_none(row["closed"]),
            group=row["expert_group"],
            agent=row["agent"] or None,
            mark=row["state"],
        )
