"""Grant table: the grants of a ledger, their states, and the order in which they are consumed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, final

from entitlements.contracts.allowances.allowance import Unit
from entitlements.contracts.allowances.consumption_order import ConsumptionOrder
from entitlements.contracts.allowances.grants import Grant, plan_pool
from entitlements.contracts.allowances.quantities import IssuedTotals
from entitlements.contracts.ledger.entries import Adjust, Issue, LedgerCommand
from entitlements.contracts.ledger.grants.grant_state import GrantState
from entitlements.contracts.ledger.grants.views import CurrentView
from entitlements.kernel.converters import as_text
from entitlements.kernel.errors import UnknownIdError

_FEW: Final = 16


@final
class GrantTable:
    """The grants of a ledger by id; mutable working state, copied before each change.

    Attributes:
        states: The state of each grant after the last entry.
        order: The ids of the grants in the order of consumption.
        issued: The sums of all units granted by hand.
    """

    __slots__ = ("issued", "order", "states")

    def __init__(self) -> None:
        self.states: dict[str, GrantState] = {}
        self.order = ConsumptionOrder()
        self.issued = IssuedTotals()

    def copy(self) -> GrantTable:
        """Return a table to which grants can be added; both share the states of the grants."""
        other = GrantTable.__new__(GrantTable)
        other.states = self.states.copy()
        other.order, other.issued = self.order, self.issued
        return other

    def with_states(self, changed: dict[str, GrantState]) -> GrantTable:
        """Return a copy with other states of some grants."""
        other = self.copy()
        other.states |= changed
        return other

    def grant(self, id: str) -> Grant:
        """Return the grant with this id; raise `UnknownIdError` if there is none."""
        if as_text(id) not in self.states:
            raise UnknownIdError("grant", id, known=self.states)
        return self.states[id].grant

    def of_unit(self, unit: Unit) -> Iterator[GrantState]:
        """Yield the states of all grants of a unit, in the order of consumption."""
        return (self.states[id] for id in self.order.for_unit(unit))

    def available(self, unit: Unit, pools: tuple[str, ...], at: int) -> int | None:
        """Return the units that can be taken at `at`, after the last entry; None for many grants.

        A few grants are added up, which is less work than to look ahead through all open holds.
        """
        names = self.order.for_unit(unit, pools)
        if len(names) > _FEW:
            return None
        view = CurrentView(self.states, at)
        return sum(view.state(name).available for name in names)

    def add(self, grants: Iterable[Grant]) -> None:
        """Add grants that have not begun."""
        added = list(grants)
        self.order = self.order.adding(added)
        for grant in added:
            self.states[grant.id] = GrantState.of(grant)
            self.issued = self.issued.adding(grant.unit, grant.issued_by_hand)

    def count(self, command: LedgerCommand) -> None:
        """Add the grant of an issue, or count the units that an adjustment adds by hand."""
        if isinstance(command, Issue):
            self.add([command.grant])
        elif isinstance(command, Adjust) and plan_pool(command.grant) is None:
            unit = self.states[command.grant].grant.unit
            self.issued = self.issued.adding(unit, max(0, command.amount))

    def with_plan_grants(
        self, states: dict[str, GrantState], replaced: Iterable[str]
    ) -> GrantTable:
        """Return a table with the grants of plans in these states, in place of `replaced` ones."""
        other, gone = self.copy(), frozenset(replaced)
        if gone:
            other.states = {id: state for id, state in self.states.items() if id not in gone}
            other.order = ConsumptionOrder().adding(each.grant for each in other.states.values())
        other.order = other.order.adding(each.grant for each in states.values())
        other.states |= states
        return other
