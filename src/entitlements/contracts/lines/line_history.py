"""Line histories: the status, terms, plan and contacts of one contract line over all time.

A history is derived from the records of an account (`line_status.line_histories`) and never stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple, final

import attrs

from entitlements.contracts.dates.step_function import StepFunction
from entitlements.contracts.plans import Plan
from entitlements.contracts.records.changes import BlockEffect
from entitlements.contracts.records.contract import Contract, ContractLine
from entitlements.contracts.records.parties import NamedContact
from entitlements.contracts.validity.terms import Term
from entitlements.kernel.converters import enum_member
from entitlements.kernel.frozenmaps import short_repr
from entitlements.kernel.instants import END_OF_TIME, from_micros, to_micros
from entitlements.kernel.mixins.text_enum import TextEnum


class LineStatus(TextEnum):
    """The status of a contract line; of several that apply, the first in this order."""

    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    PENDING = "pending"
    EXPIRED = "expired"
    GRACE = "grace"
    SUSPENDED = "suspended"
    ACTIVE = "active"


def _status(value: LineStatus | str) -> LineStatus:
    return enum_member(LineStatus, value)


@final
@attrs.frozen(kw_only=True)
class LineState:
    """The state of one contract line from one change to the next.

    Attributes:
        status: The derived status.
        line: The version of the line that holds, or the nearest one where none does.
        plan: The version of the plan that holds.
        contacts: The named contacts of the contract.
        blocked: What active blocks prevent.
        pauses_clocks: Whether an active block stops SLA clocks.
        blocks: Ids of the active blocks.
    """

    status: LineStatus = attrs.field(converter=_status)
    line: ContractLine
    plan: Plan
    contacts: tuple[NamedContact, ...]
    blocked: frozenset[BlockEffect]
    pauses_clocks: bool
    blocks: tuple[str, ...]

    @property
    def plan_as_bought(self) -> Plan:
        """The plan, with the contact limit that the line bought in place of its own."""
        if self.line.contact_limit is None:
            return self.plan
        return attrs.evolve(self.plan, contact_limit=self.line.contact_limit)


class LineTerms(NamedTuple):
    """The version of a line that holds (or the nearest one), and the version of its plan."""

    line: ContractLine
    plan: Plan


@final
@attrs.frozen(kw_only=True)
class LineHistory:
    """One contract line over all time; keys of its step functions are microseconds since 1970.

    Attributes:
        contract: The contract, as its latest record says.
        line: Id of the line.
        states: The state of the line, blocks included.
        line_terms: The versions of the line and of its plan.
        contacts: The named contacts of the contract.
        statuses: The status of the line without blocks.
        terms: The terms of the line in microseconds, half-open, in order.
        tacit_from: The first instant of the terms that nobody signed; `END_OF_TIME` for none.
    """

    contract: Contract = attrs.field(repr=lambda contract: repr(contract.id))
    line: str
    states: StepFunction[LineState] = attrs.field(repr=False)
    line_terms: StepFunction[LineTerms] = attrs.field(repr=False)
    contacts: StepFunction[tuple[NamedContact, ...]] = attrs.field(repr=False)
    statuses: StepFunction[LineStatus] = attrs.field(repr=False)
    terms: tuple[Term, ...] = attrs.field(repr=short_repr)
    tacit_from: int = END_OF_TIME
    _found_ends: dict[bool, tuple[int, int | None]] = attrs.field(
        factory=dict, init=False, eq=False, repr=False
    )

    def status_at(self, at: datetime) -> LineStatus:
        """Return the status at an instant, blocks included."""
        return self.states.at(to_micros(at)).status

    def status_changes(self) -> Iterator[tuple[datetime, LineStatus]]:
        """Yield each instant at which the status changes, blocks included, and the new status."""
        last = self.states.values[0].status
        for start, state in zip(self.states.starts[1:], self.states.values[1:], strict=True):
            if state.status is not last:
                yield from_micros(start), state.status
            last = state.status

    @property
    def plans(self) -> tuple[Plan, ...]:
        """All plan versions that hold at any time, each once."""
        return tuple({id(each.plan): each.plan for each in self.line_terms.values}.values())

    def ends(self, at: int, *, in_grace: bool = False) -> int | None:
        """Return the first instant after `at` at which the line is no longer in force, or None.

        Recorded renewals count. Grace counts as in force only with `in_grace`. A line that is not
        in force at `at` has no end.
        """
        # A contract that renews by itself has many terms, and one end for many instants.
        since, found = self._found_ends.get(in_grace, (END_OF_TIME, None))
        if since <= at and (found is None or at < found):
            return found
        over = {LineStatus.SUPERSEDED, LineStatus.CANCELLED, LineStatus.EXPIRED}
        over |= set() if in_grace else {LineStatus.GRACE}
        if self.statuses.at(at) in over:
            return None
        found = self.statuses.next_in(at, over)
        self._found_ends[in_grace] = at, found
        return found

    def grace_end(self, end: int) -> int:
        """Return when the grace after the end of a term is over; `end` itself if there is none."""
        graced = self.statuses.at(end) is LineStatus.GRACE
        return (self.statuses.next_change(end) or END_OF_TIME) if graced else end
