"""Contacts of one account, compiled: why a person may not open cases, and the roles, over time."""

from __future__ import annotations

from typing import Any, Final, TypeAlias, final

from entitlements.access.checks.contacts import ContactRights, delegations_by_contract
from entitlements.contracts.account import Account
from entitlements.contracts.dates.step_function import StepFunction
from entitlements.contracts.lines.line_history import LineHistory
from entitlements.kernel.memo import Memo

MAX_KEPT: Final = 1_024
"""How many contacts are kept of one account."""

ContactKey: TypeAlias = tuple[str, str, int | None]
"""A contract, a contact, and the limit on contacts."""

RolesByLimit: TypeAlias = dict[int | None, StepFunction[frozenset[str]]]
"""The roles of one person over time, by limit on contacts."""


@final
class ContactIndex:
    """Failures of contacts by contract, person and limit, each compiled when first needed.

    Args:
        account: The customer's records.
        within: The memo in whose bound the kept contacts count.
    """

    __slots__ = ("_account", "_delegations", "_rights", "kept")

    def __init__(self, account: Account, within: Memo[Any, Any] | None = None) -> None:
        self._account = account
        self._delegations = delegations_by_contract(account)
        self._rights: dict[tuple[str, int | None], ContactRights] = {}
        self.kept: Memo[ContactKey, StepFunction[int]] = Memo(MAX_KEPT, within=within)

    def failures_over_time(
        self, history: LineHistory, limit: int | None, contact: str
    ) -> StepFunction[int]:
        """Return why a person may not open cases under a line, as bits that change with time."""
        key = (history.contract.id, contact, limit)
        found = self.kept.get(key)
        if found is None:
            rights = self._rights_under(history, limit)
            found = self.kept.put(key, rights.failures_over_time(contact))
        return found

    def roles_by_limit(self, history: LineHistory, contact: str) -> RolesByLimit:
        """Return the roles in which a person may open cases under a line, for each of its limits.

        There are none where no plan of the line asks for a role.
        """
        if not any(plan.roles for plan in history.plans):
            return {}
        limits = {state.plan_as_bought.contact_limit for state in history.states.values}
        return {
            limit: self._rights_under(history, limit).roles_over_time(contact) for limit in limits
        }

    def _rights_under(self, history: LineHistory, limit: int | None) -> ContactRights:
        key = (history.contract.id, limit)
        found = self._rights.get(key)
        if found is None:
            delegations = self._delegations.get(history.contract.id, ())
            found = self._rights[key] = ContactRights(self._account, delegations, history, limit)
        return found
