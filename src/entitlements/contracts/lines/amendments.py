"""Amendments: the versions of contract lines and contact lists that they make, each in one pass."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TypeAlias
from zoneinfo import ZoneInfo

from entitlements.contracts.dates.day_boundaries import day_start
from entitlements.contracts.dates.step_function import StepFunction
from entitlements.contracts.records.changes import Amendment
from entitlements.contracts.records.contract import Contract, ContractLine
from entitlements.contracts.records.parties import NamedContact
from entitlements.kernel.instants import START_OF_TIME, from_micros

LineVersion: TypeAlias = tuple[int, ContractLine | None]
"""The first instant of a version of a line, in microseconds; None where the line is not there."""


def line_versions(
    contract: Contract, amendments: Iterable[Amendment]
) -> dict[str, list[LineVersion]]:
    """Return the versions of every line by its id, in order; None while it is not there.

    The first version holds from `START_OF_TIME` on.

    Args:
        contract: The contract.
        amendments: Its amendments, in the order in which they take effect.
    """
    found: dict[str, list[LineVersion]] = {
        line.id: [(START_OF_TIME, line)] for line in contract.lines
    }
    for each in amendments:
        start = day_start(each.effective, contract.zone)
        now: dict[str, ContractLine | None] = dict.fromkeys(each.removed)
        now |= {line.id: line for line in reversed(each.lines)}
        for id, version in now.items():
            found.setdefault(id, [(START_OF_TIME, None)]).append((start, version))
    # Removing a line that was never there has no effect.
    return {
        id: versions for id, versions in found.items() if any(version for _, version in versions)
    }


def plan_days(contract: Contract, versions: Iterable[LineVersion]) -> list[date | None]:
    """Return for each text of a line the day on which the line got the plan that it names.

    A text with the plan of the text before it is no new sale. None while the line is not
    there.
    """
    found: list[date | None] = []
    before: ContractLine | None = None
    planned = contract.start
    for start, text in versions:
        if text is not None and (before is None or before.plan != text.plan):
            planned = contract.start
            if start > START_OF_TIME:
                planned = from_micros(start).astimezone(ZoneInfo(contract.zone)).date()
        found.append(None if text is None else planned)
        before = text
    return found


def named_contacts(
    contract: Contract, amendments: Iterable[Amendment]
) -> StepFunction[tuple[NamedContact, ...]]:
    """Return the named contacts over time; amendments in the order in which they take effect."""
    return StepFunction.of(
        contract.contacts,
        (
            (day_start(each.effective, contract.zone), each.contacts)
            for each in amendments
            if each.contacts is not None
        ),
    )
