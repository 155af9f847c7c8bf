"""Contract lines whose terms are missing: their plan, version or a calendar is not in the catalog.

Such a line gives no access, and does not stop the other lines of the account from being decided.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from datetime import date

from entitlements.access.checks.open_cases import Place
from entitlements.contracts.account import Account, records_as_known
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.changes import Amendment
from entitlements.contracts.contract import ContractLine
from entitlements.contracts.plans import Plan
from entitlements.kernel.errors import InvalidValueError, UnknownIdError


def lines_with_missing_terms(account: Account, catalog: Catalog) -> frozenset[Place]:
    """Return the lines of an account, as contract and line, any version of which is not complete.

    A version is complete if the catalog has its plan, the plan's version, and all calendars that
    the plan leaves to the line or that the line binds.
    """
    complete: dict[Hashable, bool] = {}
    missing: set[Place] = set()
    for place, line, start in _line_versions(account):
        sold = line.sold or line.start or start
        key = (line.plan, line.plan_version, sold, line.calendars)
        if key not in complete:
            complete[key] = _is_complete(line, start, catalog)
        if not complete[key]:
            missing.add(place)
    return frozenset(missing)


def _line_versions(account: Account) -> Iterator[tuple[Place, ContractLine, date]]:
    """Yield every version of every line, with the first day of its contract."""
    starts: dict[str, date] = {}
    for contract in records_as_known(account.contracts, None):
        starts[contract.id] = contract.start
        for line in contract.lines:
            yield (contract.id, line.id), line, contract.start
    for change in records_as_known(account.changes, None):
        if isinstance(change, Amendment) and change.contract in starts:
            for line in change.lines:
                yield (change.contract, line.id), line, starts[change.contract]


def _is_complete(line: ContractLine, start: date, catalog: Catalog) -> bool:
    try:
        catalog.check_line(line, start)
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
