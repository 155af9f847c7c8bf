"""What do amendments make of the lines and contacts of a contract? Each told in one pass."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from entitlements.contracts.changes import Amendment
from entitlements.contracts.contract import Contract, ContractLine
from entitlements.contracts.dates.day_boundaries import day_start
from entitlements.contracts.dates.step_function import StepFunction
from entitlements.contracts.parties import NamedContact
from entitlements.kernel.instants import START_OF_TIME

LineVersion: TypeAlias = tuple[int, ContractLine | None]
"""From when on a line says what; None where it is not there."""


def line_versions(
    contract: Contract, amendments: Iterable[Amendment]
) -> dict[str, list[LineVersion]]:
    """Return the texts that every line had, in order; None while it is not there.

    The first is from the beginning on. Amendments come in the order in which they hold.
    """
    found: dict[str, list[LineVersion]] = {
        line.id: [(START_OF_TIME, line)] for line in contract.lines
    }
    for each in amendments:
        start = day_start(each.effective, contract.zone)
        now: dict[str, ContractLine | None] = dict.fromkeys(each.removed)
        now |= {line.id: line for line in reversed(each.lines)}
        for id, text in now.items():
            found.setdefault(id, [(START_OF_TIME, None)]).append((start, text))
    # To take out what was never there changes nothing.
    return {id: texts for id, texts in found.items() if any(text for _, text in texts)}


def named_contacts(
    contract: Contract, amendments: Iterable[Amendment]
) -> StepFunction[tuple[NamedContact, ...]]:
    """Return who is named under a contract, when; amendments come as above."""
    return StepFunction.of(
        contract.contacts,
        (
            (day_start(each.effective, contract.zone), each.contacts)
            for each in amendments
            if each.contacts is not None
        ),
    )
