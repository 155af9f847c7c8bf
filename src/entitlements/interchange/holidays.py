"""Public holidays of countries and regions, from the `holidays` package (extra `holidays`).

The dates are copied into a `HolidaySet` with the years they cover, so that a later release of the
package does not change any answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from importlib.metadata import version

from entitlements.calendars.exceptions import Holiday, HolidaySet, OutsideCoverage
from entitlements.kernel.converters import (
    as_tuple,
    instance_of,
)
from entitlements.kernel.errors import InvalidValueError


def public_holidays(
    country: str,
    *,
    years: Iterable[int],
    subdivision: str | None = None,
    categories: Mapping[str, str | Iterable[str]] | Iterable[str] = ("public",),
    observed: bool = True,
    language: str | None = None,
    beyond: OutsideCoverage = OutsideCoverage.ERROR,
) -> HolidaySet:
    """Return the public holidays of a country or part of it, as a set that covers `years`.

    >>> berlin = public_holidays("DE", subdivision="BE", years=[2026])
    >>> berlin.holidays[0].date.isoformat(), berlin.covered[1].isoformat()
    ('2026-01-01', '2026-12-31')

    Args:
        country: ISO 3166-1 code, such as `DE`.
        years: Years without a gap.
        subdivision: Code of a part of the country, such as `BE` for Berlin.
        categories: Categories of holidays. A mapping gives the hours of each:
            `{"public": "off", "half_day": "09:00-12:00"}`. A name alone means closed all day.
        observed: Whether to include days off given for a holiday on a weekend.
        language: Language of the names; None for the default of the package.
        beyond: What a calendar does with other years.

    Raises:
        InvalidValueError: The package is not installed, or a country, part or category is unknown.
    """
    wanted = sorted({instance_of(int, year) for year in as_tuple(years)})
    if not wanted or wanted[-1] - wanted[0] != len(wanted) - 1:
        raise InvalidValueError(
            f"years `{wanted}` have gaps or are empty", hint="pass `range(2024, 2031)`"
        )
    kinds = (
        dict(categories) if isinstance(categories, Mapping) else dict.fromkeys(categories, "off")
    )
    named = [
        each
        for kind in kinds
        for each in _named(country, subdivision, kind, wanted, observed=observed, language=language)
    ]
    return HolidaySet(
        holidays=named,
        hours=kinds,
        covered=(date(wanted[0], 1, 1), date(wanted[-1], 12, 31)),
        beyond=beyond,
        name=f"{country}-{subdivision}" if subdivision else country,
    )


def _named(
    country: str,
    subdivision: str | None,
    kind: str,
    years: list[int],
    *,
    observed: bool,
    language: str | None,
) -> list[Holiday]:
    try:
        import holidays  # noqa: PLC0415 - an extra, needed by this function only
    except ImportError:
        raise InvalidValueError(
            "the package `holidays` is not installed", hint="install `entitlements[holidays]`"
        ) from None
    try:
        found = holidays.country_holidays(
            country,
            subdiv=subdivision,
            years=years,
            observed=observed,
            categories=(kind,),
            language=language,
            expand=False,
        )
    except (NotImplementedError, ValueError) as error:
        raise InvalidValueError(f"no holidays for `{country}`: {error}") from None
    source = f"holidays {version('holidays')}: {country}" + (
        f"-{subdivision}" if subdivision else ""
    )
    return [Holiday(day, name, kind, source) for day, name in sorted(found.items())]
