"""Charge lines: what one piece of work, period or promise costs, and why.

A line is final. Its amount was rounded once, to the minor unit of its currency. A line of a sheet
that was issued never changes; a later adjustment names what it corrects.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import final

import attrs

from entitlements.contracts.allowances.allowance import Unit
from entitlements.kernel.instants import text_of
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.kernel.money.money import Money


class LineKind(TextEnum):
    """How something is paid for.

    `INCLUDED`: by the fee. `PREPAID`: with units that were bought before. `OVERAGE`: beyond those,
    as agreed. `TIME_AND_MATERIALS`: by the hour. `STANDING`: the fee itself. `ADJUSTMENT`: the
    correction of an earlier sheet. `CREDIT`: money back. `DISCOUNT`: a percentage that is taken off
    another line.
    """

    INCLUDED = "included"
    PREPAID = "prepaid"
    OVERAGE = "overage"
    TIME_AND_MATERIALS = "time_and_materials"
    STANDING = "standing"
    ADJUSTMENT = "adjustment"
    CREDIT = "credit"
    DISCOUNT = "discount"


class LineReason(TextEnum):
    """Why a line is of its kind. Codes are stable; sentences are not."""

    FOLLOW_UP = "follow_up"
    NOT_BILLABLE = "not_billable"
    FEE = "fee"
    CASE_PREPAID = "case_prepaid"
    GRANT = "grant"
    GRANTS_USED_UP = "grants_used_up"
    OVERAGE_NOT_AGREED = "overage_not_agreed"
    NO_ALLOWANCE = "no_allowance"
    PERIOD = "period"
    PART_OF_PERIOD = "part_of_period"
    BLOCK = "block"
    MINIMUM = "minimum"
    DISCOUNTED = "discounted"
    CORRECTED = "corrected"
    PROMISE_MISSED = "promise_missed"


@final
@attrs.frozen(repr=False, kw_only=True)
class ChargeLine(ReprWithoutDefaults):
    """One line of a bill.

    Attributes:
        kind: How it is paid for.
        reason: Why it is of this kind.
        contract: Id of the contract.
        line: Id of the contract line.
        source: What it is for: the id of a work log, of a standing charge or of a promise.
        start: When the work or the period began.
        end: When it ended.
        case: The case, for work.
        agent: Who worked.
        work_kind: The kind of work.
        worked: The time that was worked; zero where nothing was.
        billed: The time that is charged, after rounding.
        unit: What is taken from a grant.
        units: How much of it.
        grant: Id of the grant.
        rate: Id of the rate.
        after_hours: Whether the rate is the one after hours.
        hourly: What an hour costs, for a line that is charged by the hour.
        full_price: What a whole period costs, for a part of one.
        amount: What the customer pays; negative for money back.
        charged_at: The instant that decides to which period of a bill the line belongs: when the
            work began, or when a period is charged.
        named: The first case of a follow-up, the sheet that an adjustment corrects, or the discount
            that is taken off.
    """

    kind: LineKind
    reason: LineReason
    contract: str
    line: str
    source: str
    start: datetime
    end: datetime
    charged_at: datetime
    amount: Money
    case: str | None = None
    agent: str | None = None
    work_kind: str | None = None
    worked: timedelta = timedelta()
    billed: timedelta = timedelta()
    unit: Unit | None = None
    units: int = 0
    grant: str | None = None
    rate: str | None = None
    hourly: Money | None = None
    full_price: Money | None = None
    after_hours: bool = False
    named: str | None = None

    @property
    def rounded_by(self) -> timedelta:
        """The time by which rounding changed what was worked; negative where it was cut."""
        return self.billed - self.worked

    @property
    def key(self) -> tuple[str, ...]:
        """What it is for: lines of two sheets with one key are compared with each other.

        A work log has one key for all of its lines, a standing charge one for each period.
        """
        if self.case is not None:
            return "work", self.contract, self.line, self.source
        return "period", self.contract, self.line, self.source, text_of(self.start)
