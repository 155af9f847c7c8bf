"""Contract text: the lines and contacts that hold on a day, and the amendment between two texts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final, final
from zoneinfo import ZoneInfo

import attrs

from entitlements.contracts.dates.day_boundaries import day_start
from entitlements.contracts.lines.amendments import line_versions, named_contacts, plan_days
from entitlements.contracts.records.changes import Amendment, Change
from entitlements.contracts.records.contract import Contract, ContractLine
from entitlements.contracts.records.parties import NamedContact
from entitlements.kernel.data.digests import text_digest

_MAX_ID: Final = 200


@final
@attrs.frozen
class ContractText:
    """What a contract says on one day.

    Attributes:
        lines: The lines by id, each with its day of sale.
        planned: The day on which each line got its plan.
        contacts: The named contacts.
    """

    lines: dict[str, ContractLine]
    planned: dict[str, date]
    contacts: tuple[NamedContact, ...]


def text_on(day: date, contract: Contract, changes: Iterable[Change]) -> ContractText:
    """Return what a contract says on a day.

    Args:
        day: The day, in the zone of the contract.
        contract: The contract.
        changes: Changes as known; amendments of the contract count up to the day.
    """
    amendments = [
        each
        for each in changes
        if isinstance(each, Amendment) and each.contract == contract.id and each.effective <= day
    ]
    amendments.sort(key=lambda each: (each.effective, each.id))
    lines, planned = dict[str, ContractLine](), dict[str, date]()
    for id, versions in line_versions(contract, amendments).items():
        line, got = versions[-1][1], plan_days(contract, versions)[-1]
        if line is not None and got is not None:
            lines[id] = attrs.evolve(line, sold=line.day_of_sale(got))
            planned[id] = got
    contacts = named_contacts(contract, amendments).at(day_start(day, contract.zone))
    return ContractText(lines, planned, contacts)


def day_of(contract: Contract, at: datetime) -> date:
    """Return the day from which a contract can be amended at an instant, in its zone."""
    return max(contract.start, at.astimezone(ZoneInfo(contract.zone)).date())


def amendment_id(contract: Contract, day: date) -> str:
    """Return the id of the amendment that a load makes of a contract from a day on."""
    name = f"load {day} {contract.id}"
    return name if len(name) <= _MAX_ID else f"load {day} {text_digest(contract.id)}"


def amendment_to(
    wanted: ContractText, contract: Contract, changes: Iterable[Change], day: date
) -> Amendment:
    """Return the amendment by which a contract says from a day on what is wanted.

    It holds nothing if the contract says so already.

    Args:
        wanted: What the contract is to say.
        contract: The contract as stored.
        changes: The stored changes, without an earlier amendment of the same load.
        day: First day of the amendment.
    """
    now = text_on(day, contract, changes)
    lines = [
        _written(line, now, day) for id, line in wanted.lines.items() if line != now.lines.get(id)
    ]
    return Amendment(
        id=amendment_id(contract, day),
        contract=contract.id,
        effective=day,
        lines=lines,
        removed=[id for id in now.lines if id not in wanted.lines],
        contacts=None if wanted.contacts == now.contacts else wanted.contacts,
    )


def changes_nothing(amendment: Amendment) -> bool:
    """Return whether an amendment changes nothing."""
    return not amendment.lines and not amendment.removed and amendment.contacts is None


def _written(line: ContractLine, now: ContractText, day: date) -> ContractLine:
    """Return a line without its day of sale where that follows from the amendment."""
    bare, stored = attrs.evolve(line, sold=None), now.lines.get(line.id)
    same_plan = stored is not None and stored.plan == line.plan
    planned = now.planned[line.id] if same_plan else day
    return bare if bare.day_of_sale(planned) == line.sold else line
