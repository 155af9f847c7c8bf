"""Service credits: the money that a missed promise earns, and until when it can be claimed.

A credit is a value: whether it can still be claimed is computed from the instant that is asked
about, and never stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from fractions import Fraction
from typing import final

import attrs

from entitlements.billing.credits.credit_schedules import CreditSchedule
from entitlements.billing.lines import ChargeLine, LineKind, LineReason
from entitlements.calendars.timeline.zones import zone_name
from entitlements.kernel.converters import instance_of, tuple_of, utc_or_none
from entitlements.kernel.errors import DuplicateIdError, InvalidValueError, TransitionError
from entitlements.kernel.ids import identifier
from entitlements.kernel.instants import instant_of, text_of, utc
from entitlements.kernel.mixins.text_enum import TextEnum
from entitlements.kernel.money.money import Exact, Money, exact_number


class CreditState(TextEnum):
    """What has become of a credit.

    `EARNED`: it is given without a claim. `CLAIMABLE`: it can be claimed. `CLAIMED`: it was.
    `LAPSED`: it was not, and it is too late.
    """

    EARNED = "earned"
    CLAIMABLE = "claimable"
    CLAIMED = "claimed"
    LAPSED = "lapsed"


def _figure(value: Exact) -> Fraction:
    return exact_number(value, "figure")


@final
@attrs.frozen(kw_only=True)
class ServiceCredit:
    """The money that one missed promise earns.

    Attributes:
        id: Names the credit; it is given once.
        contract: Id of the contract.
        line: Id of the contract line.
        zone: The zone of the contract.
        start: First instant of the period of the promise.
        end: First instant after it.
        missed: When the promise was missed; for a figure of a period, its end.
        figure: The exact figure, such as 99.8 percent.
        fees: The fees of the affected line and period.
        schedule: What is given for which figure.
        claimed: When it was claimed, if it was.

    Raises:
        InvalidValueError: The period is empty, or the figure is none of the schedule.
        TransitionError: It was claimed before the promise was missed, or too late.
    """

    id: str = attrs.field(converter=identifier)
    contract: str = attrs.field(converter=identifier)
    line: str = attrs.field(converter=identifier)
    zone: str = attrs.field(converter=zone_name)
    start: datetime = attrs.field(converter=utc)
    end: datetime = attrs.field(converter=utc)
    missed: datetime = attrs.field(converter=utc)
    figure: Fraction = attrs.field(converter=_figure)
    fees: Money
    schedule: CreditSchedule
    claimed: datetime | None = attrs.field(default=None, converter=utc_or_none)

    def __attrs_post_init__(self) -> None:
        instance_of(Money, self.fees)
        if self.end <= self.start:
            raise InvalidValueError(f"period of credit `{self.id}` ends before it starts")
        instance_of(CreditSchedule, self.schedule).credit_for(self.figure)
        if self.claimed is not None:
            self._check_claim(self.claimed)

    def _check_claim(self, claimed: datetime) -> None:
        if claimed < self.missed:
            raise TransitionError(
                f"credit `{self.id}` was claimed at `{text_of(claimed)}`, "
                "before the promise was missed"
            )
        until = self.claimable_until
        if until is not None and claimed >= until:
            raise TransitionError(
                f"credit `{self.id}` was claimed at `{text_of(claimed)}`, "
                f"and lapsed at `{text_of(until)}`"
            )

    @property
    def amount(self) -> Money:
        """What is given back; 0 where the figure keeps the promise."""
        return self.schedule.credit_amount(self.figure, self.fees)

    @property
    def claimable_until(self) -> datetime | None:
        """The first instant at which it is too late to claim; None if no claim is needed."""
        window = self.schedule.window
        return None if window is None else window.last_instant(self.missed, self.zone)

    def state(self, at: datetime) -> CreditState:
        """Return what has become of the credit at an instant."""
        until, now = self.claimable_until, instant_of(at)
        if until is None:
            return CreditState.EARNED
        if self.claimed is not None and self.claimed <= now:
            return CreditState.CLAIMED
        return CreditState.CLAIMABLE if now < until else CreditState.LAPSED

    def claim(self, at: datetime) -> ServiceCredit:
        """Return the credit, claimed at an instant; a second claim changes nothing.

        Raises:
            TransitionError: The promise was not missed yet, or the credit has lapsed.
        """
        now = instant_of(at)
        if self.claimed is not None and self.claimed <= now:
            return self
        return attrs.evolve(self, claimed=now)


def credit_lines(credits: Iterable[ServiceCredit], at: datetime) -> Iterator[ChargeLine]:
    """Yield a line for each credit that is earned or claimed by `at`, and is more than nothing.

    A credit belongs to the bill of the instant at which it is claimed, or at which the promise was
    missed if no claim is needed.

    Raises:
        DuplicateIdError: Two credits have one id.

    >>> from decimal import Decimal
    >>> from entitlements.billing import CreditBand, CreditSchedule
    >>> uptime = CreditSchedule(id="uptime", basis="availability",
    ...                         bands=[CreditBand(credit=10, below=Decimal("99.9"))])
    >>> missed = ServiceCredit(id="2026-03", contract="C-1", line="main", zone="UTC",
    ...                        start="2026-03-01T00:00Z", end="2026-04-01T00:00Z",
    ...                        missed="2026-04-01T00:00Z", figure=99,
    ...                        fees=Money(400, "EUR"), schedule=uptime)
    >>> [str(each.amount) for each in credit_lines([missed], missed.end)]
    ['-40.00 EUR']
    """
    seen: set[str] = set()
    for credit in tuple_of(ServiceCredit, credits):
        if credit.id in seen:
            raise DuplicateIdError("service credit", credit.id)
        seen.add(credit.id)
        charged = credit.missed if credit.schedule.window is None else credit.claimed
        amount = credit.amount
        if charged is None or charged > instant_of(at) or not amount.amount:
            continue
        yield ChargeLine(
            kind=LineKind.CREDIT,
            reason=LineReason.PROMISE_MISSED,
            contract=credit.contract,
            line=credit.line,
            source=credit.id,
            start=credit.start,
            end=credit.end,
            charged_at=charged,
            amount=-amount,
        )
