"""The agreed prices of a contract line, compiled to price requests."""

from __future__ import annotations

from collections.abc import Mapping

from entitlements.access.promise import Charge, ChargeKind
from entitlements.billing.work.charging.rate_steps import CompiledRates, HourlyPrice, hourly_price
from entitlements.calendars.business_hours import BusinessHours
from entitlements.contracts.allowances.allowance import Unit
from entitlements.engine.agreed_prices import AgreedPrices
from entitlements.engine.request_price import RequestPrice
from entitlements.kernel.instants import MICROSECOND, from_micros_or_none
from entitlements.kernel.money.money import Money

WORK = "work"
"""The kind of work that is priced before it is known who does what."""


class PricedWork:
    """The agreed prices of one contract line, compiled.

    Args:
        agreed: What was agreed.
        calendars: The calendars that rates name.
    """

    __slots__ = ("_agreed", "_rates")

    def __init__(self, agreed: AgreedPrices, calendars: Mapping[str, BusinessHours]) -> None:
        self._agreed = agreed
        self._rates = None if agreed.rates is None else CompiledRates(agreed.rates, calendars)

    def price(
        self, charge: Charge, at: int, *, agent: str | None, group: str
    ) -> RequestPrice | None:
        """Return the price of work that begins at an instant, or None if it has none.

        Args:
            charge: How the request is paid for.
            at: When the work begins, in microseconds.
            agent: Who works; None if that is not known.
            group: The group for which the work is done.
        """
        incident = self._agreed.rules.overage_incident
        is_whole = charge.kind is ChargeKind.OVERAGE and charge.unit is Unit.INCIDENTS
        if is_whole and incident is not None:
            return RequestPrice(
                kind=charge.kind,
                incident=incident,
                least=(incident * max(charge.amount, 1)).rounded(),
                consent_needed=charge.consent_needed,
            )
        hourly, until = self._hourly(charge, at, (agent or "", group, WORK))
        if hourly is None:
            return None
        rounding = self._agreed.rules.rounding
        least = rounding.billed_micros(1)
        minimum = 0 if rounding.is_exact else least
        return RequestPrice(
            kind=charge.kind,
            hourly=hourly.hourly,
            rate=None if hourly.rate is None else hourly.rate.id,
            after_hours=hourly.after_hours,
            minimum=minimum * MICROSECOND,
            least=Money.of_minor(hourly.amount(minimum), hourly.hourly.currency),
            consent_needed=charge.consent_needed,
            until=from_micros_or_none(until),
        )

    def _hourly(
        self, charge: Charge, at: int, work: tuple[str, str | None, str]
    ) -> tuple[HourlyPrice | None, int | None]:
        overage = self._agreed.rules.overage_hourly
        match charge.kind:
            case ChargeKind.OVERAGE if charge.unit is Unit.MINUTES and overage is not None:
                return hourly_price(overage), None
            case ChargeKind.OVERAGE | ChargeKind.TIME_AND_MATERIALS if self._rates is not None:
                return self._rates.price_at(work, at)
            case _:
                return None, None
