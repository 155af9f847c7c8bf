"""Contacts of one account, compiled: why a person may not open cases, and the roles, over time."""

from __future__ import annotations

from typing import Any, Final, TypeAlias, final

from entitlements.access.checks.contacts import (
    ContactRights,
    ContactTerms,
    contact_terms,
    delegations_by_contract,
)
from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.dates.step_function import StepFunction
from entitlements.contracts.lines.line_history import LineHistory
from entitlements.kernel.on_demand.memo import Memo

MAX_KEPT: Final = 1_024
"""How many contacts are kept of one account."""

ContactKey: TypeAlias = tuple[str, str, ContactTerms]
"""A contract, a contact, and what the plan says of contacts."""

RolesByTerms: TypeAlias = dict[ContactTerms, StepFunction[frozenset[str]]]
"""The roles of one person over time, by what a plan says of contacts."""


@final
class ContactIndex:
    """Failures of contacts by contract, person and terms, each compiled when first needed.

    Args:
        account: The customer's records.
        catalog: The calendars of lead times.
        within: The memo in whose bound the kept contacts count.
    """

    __slots__ = ("_account", "_catalog", "_delegations", "_rights", "kept")

    def __init__(
        self, account: Account, catalog: Catalog, within: Memo[Any, Any] | None = None
    ) -> None:
        self._account = account
        self._catalog = catalog
        self._delegations = delegations_by_contract(account)
        self._rights: dict[tuple[str, ContactTerms], ContactRights] = {}
        self.kept: Memo[ContactKey, StepFunction[int]] = Memo(MAX_KEPT, within=within)

    def failures_over_time(
        self, history: LineHistory, terms: ContactTerms, contact: str
    ) -> StepFunction[int]:
        """Return why a person may not open cases under a line, as bits that change with time."""
        key = (history.contract.id, contact, terms)
        found = self.kept.get(key)
        if found is None:
            rights = self._rights_under(history, terms)
            found = self.kept.put(key, rights.failures_over_time(contact))
        return found

    def roles_by_terms(self, history: LineHistory, contact: str) -> RolesByTerms:
        """Return the roles in which a person may open cases under a line, for each of its terms.

        There are none where no plan of the line asks for a role.
        """
        if not any(plan.roles for plan in history.plans):
            return {}
        every = {contact_terms(sold) for sold in history.line_terms.values}
        return {
            terms: self._rights_under(history, terms).roles_over_time(contact) for terms in every
        }

    def _rights_under(self, history: LineHistory, terms: ContactTerms) -> ContactRights:
        key = (history.contract.id, terms)
        found = self._rights.get(key)
        if found is None:
            delegations = self._delegations.get(history.contract.id, ())
            hours = None if terms.hours is None else self._catalog.calendars.get(terms.hours)
            found = ContactRights(self._account, delegations, history, terms, hours)
            self._rights[key] = found
        return found
