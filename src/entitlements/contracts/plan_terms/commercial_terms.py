"""Commercial terms: the price, rates, credits and uptime that a plan or contract names.

They name values of billing. No decision about access or deadlines reads them.
"""

from __future__ import annotations

from fractions import Fraction
from typing import final

import attrs

from entitlements.contracts.allowances.allowance import Period
from entitlements.kernel.converters import enum_member, instance_of
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import check_unique_ids, identifiers, optional_identifier


def _period(value: Period | str) -> Period:
    return enum_member(Period, value)


def _share(value: Fraction | str) -> Fraction:
    try:
        return value if isinstance(value, Fraction) else Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        raise InvalidValueError(
            f"`{value!r}` is not a share of time", hint="use a number above 0 and up to 1"
        ) from None


@final
@attrs.frozen(kw_only=True)
class UptimePromise:
    """The share of each period for which a service is promised to be up.

    Attributes:
        share: The share, above 0 and up to 1.
        period: The calendar period over which it is measured.
        calendar: Name of the service hours within which it is measured; None for all time.

    >>> UptimePromise(share="0.999").share
    Fraction(999, 1000)
    """

    share: Fraction = attrs.field(converter=_share)
    period: Period = attrs.field(default=Period.MONTH, converter=_period)
    calendar: str | None = attrs.field(default=None, converter=optional_identifier)

    def __attrs_post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise InvalidValueError(
                f"an uptime of `{self.share}` is no share of time",
                hint="write it above 0 % and up to 100 %",
                path="share",
            )


@final
@attrs.frozen(kw_only=True)
class CommercialTerms:
    """What a plan or contract costs and gives back, by the names of billing's values.

    Attributes:
        price: Id of the price list.
        rates: Id of the rate card for work.
        work: Id of the rules of charging work: rounding, prepaid time by kind, overage.
        credits: Ids of the schedules of service credits.
        uptime: The promised uptime of the service.

    >>> CommercialTerms(rates="standard", credits=["late-response"]).credits
    ('late-response',)
    """

    price: str | None = attrs.field(default=None, converter=optional_identifier)
    rates: str | None = attrs.field(default=None, converter=optional_identifier)
    work: str | None = attrs.field(default=None, converter=optional_identifier)
    credits: tuple[str, ...] = attrs.field(default=(), converter=identifiers)
    uptime: UptimePromise | None = None

    def __attrs_post_init__(self) -> None:
        check_unique_ids("credit schedule", self.credits)
        if self.uptime is not None:
            instance_of(UptimePromise, self.uptime)
        if not self.stated:
            raise InvalidValueError("the commercial terms are empty", hint="leave them out")

    def over(self, other: CommercialTerms | None) -> CommercialTerms:
        """Return these terms, with those of `other` where these state nothing.

        >>> plan = CommercialTerms(price="gold", rates="standard")
        >>> CommercialTerms(rates="partner").over(plan).stated
        ('price', 'rates')
        """
        if other is None:
            return self
        missing = {name: getattr(other, name) for name in other.stated if name not in self.stated}
        return attrs.evolve(self, **missing)

    @property
    def stated(self) -> tuple[str, ...]:
        """The names of the terms that are stated."""
        return tuple(each.name for each in attrs.fields(type(self)) if getattr(self, each.name))
