"""Availability rules: service hours, exclusions, and how exactly an outage is counted.

A promise of availability means little without its exclusions, so they are a value: a credit
schedule has its own, and a report is asked for by some.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, final

import attrs

from entitlements.calendars.business_hours import BusinessHours
from entitlements.kernel.converters import enum_member, instance_of
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier, optional_identifier
from entitlements.kernel.instants import instant_of, instant_or_none
from entitlements.kernel.mixins.repr_without_defaults import ReprWithoutDefaults
from entitlements.kernel.mixins.text_enum import TextEnum

_MOST_NOTICE: Final = timedelta(days=366)


class Exclusion(TextEnum):
    """What the time of maintenance, or of an outage with a cause, means.

    `EXCLUDED`: it counts neither as up nor as down. `COUNTS_AS_UP`: an outage in it is no outage;
    so AWS and MongoDB word it. `COUNTS_AS_IS`: it changes nothing.
    """

    EXCLUDED = "excluded"
    COUNTS_AS_UP = "counts_as_up"
    COUNTS_AS_IS = "counts_as_is"


class Grain(TextEnum):
    """How exactly an outage is counted.

    `EXACT`: to the microsecond. `WHOLE_MINUTES`: only minutes of the clock that are down from their
    beginning to their end.
    """

    EXACT = "exact"
    WHOLE_MINUTES = "whole_minutes"


def _exclusion(value: Exclusion | str) -> Exclusion:
    return enum_member(Exclusion, value)


def _grain(value: Grain | str) -> Grain:
    return enum_member(Grain, value)


def _causes(values: Mapping[str, Exclusion | str]) -> FrozenMap[str, Exclusion]:
    given = instance_of(Mapping, values)  # type: ignore[type-abstract]  # only its subclasses exist
    return FrozenMap({identifier(cause): _exclusion(each) for cause, each in given.items()})


@final
@attrs.frozen(repr=False, kw_only=True)
class AvailabilityRules(ReprWithoutDefaults):
    """How availability is counted, and what is excluded.

    Where outages overlap, the one that is not excluded counts.

    Attributes:
        maintenance: What planned maintenance means.
        announced: How long before its start maintenance must have been announced, in elapsed time;
            if it was not, it means nothing. With 0 all maintenance counts, announced or not.
        causes: What an outage with a cause means, such as `customer` or `force_majeure`; one with
            another cause, or with none, counts as it is.
        grain: How exactly an outage is counted.
        within: The service hours; other time does not count. None for all time.

    >>> rules = AvailabilityRules(announced=timedelta(days=5), causes={"customer": "excluded"})
    >>> rules.meaning_of("customer").value, rules.meaning_of(None).value
    ('excluded', 'counts_as_is')

    Raises:
        InvalidValueError: The time of the announcement is negative, or more than a year.
    """

    maintenance: Exclusion = attrs.field(default=Exclusion.EXCLUDED, converter=_exclusion)
    announced: timedelta = timedelta()
    causes: FrozenMap[str, Exclusion] = attrs.field(factory=FrozenMap, converter=_causes)
    grain: Grain = attrs.field(default=Grain.EXACT, converter=_grain)
    within: BusinessHours | None = None

    def __attrs_post_init__(self) -> None:
        if not timedelta() <= instance_of(timedelta, self.announced) <= _MOST_NOTICE:
            raise InvalidValueError(
                f"`{self.announced}` is not from 0 to {_MOST_NOTICE.days} days", path="announced"
            )
        if self.within is not None:
            instance_of(BusinessHours, self.within)  # type: ignore[type-abstract]  # only its subclasses exist

    def meaning_of(self, cause: str | None) -> Exclusion:
        """Return what an outage with a cause means; None for no known cause."""
        named = optional_identifier(cause)
        if named is None:
            return Exclusion.COUNTS_AS_IS
        return self.causes.get(named, Exclusion.COUNTS_AS_IS)

    def is_in_time(self, announced: datetime | None, start: datetime) -> bool:
        """Return whether maintenance that begins at `start` was announced early enough."""
        at, begins = instant_or_none(announced), instant_of(start)
        return not self.announced or (at is not None and at + self.announced <= begins)
