"""Contract lines whose terms are missing: their plan, version or a calendar is not in the catalog.

Such a line gives no access, and does not stop the other lines of the account from being decided.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from datetime import date

from entitlements.contracts.account import Account, records_as_known
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.ledger.counted_cases import LineKey
from entitlements.contracts.plans import Plan
from entitlements.contracts.records.changes import Amendment
from entitlements.contracts.records.contract import ContractLine
from entitlements.kernel.errors import InvalidValueError, UnknownIdError


def lines_with_missing_terms(account: Account, catalog: Catalog) -> frozenset[LineKey]:
    """Return the lines of an account, as contract and line, any version of which is not complete.

    A version is complete if the catalog has its plan, the plan's version, and all calendars that
    the plan leaves to the line or that the line binds.
    """
    complete: dict[Hashable, bool] = {}
    missing: set[LineKey] = set()
    for place, line, planned in _line_versions(account):
        key = (line.plan, line.plan_version, line.day_of_sale(planned), line.calendars)
        if key not in complete:
            complete[key] = _is_complete(line, planned, catalog)
        if not complete[key]:
            missing.add(place)
    return frozenset(missing)


def _line_versions(account: Account) -> Iterator[tuple[LineKey, ContractLine, date]]:
    """Yield every version of every line, with the days on which it may have got its plan."""
    planned: dict[tuple[LineKey, str], list[date]] = {}
    contracts = records_as_known(account.contracts, None)
    for contract in contracts:
        for line in contract.lines:
            place = (contract.id, line.id)
            planned.setdefault((place, line.plan), []).append(contract.start)
            yield place, line, contract.start
    changes = records_as_known(account.changes, None)
    known = {contract.id for contract in contracts}
    amendments = [
        each for each in changes if isinstance(each, Amendment) and each.contract in known
    ]
    for each in amendments:
        for line in each.lines:
            planned.setdefault(((each.contract, line.id), line.plan), []).append(each.effective)
    for each in amendments:
        for line in each.lines:
            place = (each.contract, line.id)
            for day in planned[place, line.plan]:
                if day <= each.effective:
                    yield place, line, day


def _is_complete(line: ContractLine, planned: date, catalog: Catalog) -> bool:
    try:
        catalog.check_line(line, planned)
    except (UnknownIdError, InvalidValueError):
        return False
    return True


def missing_plan(line: ContractLine) -> Plan:
    """Return a plan without rights in place of one that the catalog does not have."""
    return Plan(
        id=line.plan,
        version=line.plan_version or "missing",
        policy="missing",
        severities=["missing"],
        channels=["missing"],
        rights=(),
    )
