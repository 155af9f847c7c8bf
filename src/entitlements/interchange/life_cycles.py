"""Life cycles of products from endoflife.date (JSON) and distro-info (CSV), with what was lost.

No data comes with the library: it changes weekly, and the two sources disagree. So the source is
kept beside the dates, and a later import is a correction.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, final

import attrs

from entitlements.contracts.products import LifeCycle, Product, ProductVersion
from entitlements.interchange.losses import Loss
from entitlements.kernel.converters import as_text, frozen_map, instance_of, tuple_of
from entitlements.kernel.data.schema import refuse
from entitlements.kernel.errors import EntitlementsError, InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier

_NAMES: Final = ("cycle", "releaseCycle", "name")
_DATES: Final = {
    "general_availability": ("releaseDate",),
    "end_of_sale": ("discontinued", "discontinuedFrom"),
    "end_of_support": ("eol", "eolFrom"),
    "end_of_life": ("extendedSupport", "eoes", "eoesFrom"),
}
_NO_PLACE: Final = {
    "support": "the end of active support has no place beside the end of support",
    "eoas": "the end of active support has no place beside the end of support",
    "eoasFrom": "the end of active support has no place beside the end of support",
    "lts": "whether support is long has no place",
    "ltsFrom": "whether support is long has no place",
}
_SILENT: Final = frozenset(
    {
        *("codename", "label", "latest", "latestReleaseDate", "link", "releaseLabel", "custom"),
        *("isLts", "isEoas", "isEol", "isEoes", "isDiscontinued", "isMaintained", *_NAMES),
    }
)
_TIERS: Final = ("eol-server", "eol-lts", "eol-esm", "eol-elts", "eol-legacy")


def _losses(values: Sequence[Loss]) -> tuple[Loss, ...]:
    return tuple_of(Loss, values)


@final
@attrs.frozen(kw_only=True)
class ImportedLifeCycles:
    """The life cycles of the versions of one product, from one source.

    Attributes:
        product: Id of the product.
        source: Where the dates are from.
        cycles: The life cycle of each version, in the order of the source.
        lost: What the source says and life cycles cannot hold.
    """

    product: str = attrs.field(converter=identifier)
    source: str = attrs.field(converter=as_text)
    cycles: FrozenMap[str, LifeCycle] = attrs.field(converter=frozen_map)
    lost: tuple[Loss, ...] = attrs.field(default=(), converter=_losses)

    def as_product(self, *, extended: bool = False) -> Product:
        """Return the product with its versions, each with the last day of its support.

        Args:
            extended: Whether extended support counts, which is often sold apart.
        """
        versions = [
            ProductVersion(
                id=id,
                end_of_support=(each.end_of_life if extended else None) or each.end_of_support,
            )
            for id, each in self.cycles.items()
        ]
        return Product(id=self.product, versions=versions)


def read_endoflife(data: object, product: str, *, source: str = "") -> ImportedLifeCycles:
    """Return the life cycles in the JSON of endoflife.date, of its old or its present API.

    The last day of support is the day that the source calls the end of life, and the end of life
    is that of extended support. True without a date, an unknown name and a cycle whose dates
    contradict each other are lost; false is a phase that is not announced.

    >>> ubuntu = [{"cycle": "25.04", "releaseDate": "2025-04-17", "eol": "2026-01-17"}]
    >>> read_endoflife(ubuntu, "ubuntu").cycles["25.04"].end_of_support.isoformat()
    '2026-01-17'

    Args:
        data: What the JSON holds: a list of cycles, or an object whose `result` has `releases`.
        product: Id of the product.
        source: Where the data is from, such as its address and day.

    Raises:
        InvalidValueError: It is neither of the two.
    """
    releases = data
    if isinstance(data, Mapping):
        result = data.get("result", data)
        releases = result.get("releases") if isinstance(result, Mapping) else None
    if not isinstance(releases, list):
        refuse(releases, "a list of cycles", "")
    cycles: dict[str, LifeCycle] = {}
    lost: list[Loss] = []
    for index, each in enumerate(releases):
        _read_cycle(each, f"[{index}]", cycles, lost)
    return ImportedLifeCycles(
        product=product, source=source or "endoflife.date", cycles=cycles, lost=lost
    )


def _read_cycle(each: object, path: str, cycles: dict[str, LifeCycle], lost: list[Loss]) -> None:
    if not isinstance(each, Mapping):
        lost.append(Loss(path, "this is no object"))
        return
    name = next((each[key] for key in _NAMES if key in each), None)
    days: dict[str, date] = {}
    for field, keys in _DATES.items():
        for key in keys:
            day, why = _day(each.get(key))
            if why is not None:
                lost.append(Loss(f"{path}.{key}", why))
            if day is not None:
                days[field] = day
    for key, value in each.items():
        if key in _NO_PLACE and value is not None and value is not False:
            lost.append(Loss(f"{path}.{key}", f"`{value}`: {_NO_PLACE[key]}"))
        elif key not in _NO_PLACE and key not in _SILENT and key not in _KNOWN:
            lost.append(Loss(f"{path}.{key}", "this key is not known"))
    _add(str(name) if isinstance(name, str | int | float) else None, days, path, (cycles, lost))


_KNOWN: Final = frozenset(key for keys in _DATES.values() for key in keys)


def _day(value: object) -> tuple[date | None, str | None]:
    if value is None or value is False:
        return None, None
    if value is True:
        return None, "it is over since a day that is not stated"
    try:
        return date.fromisoformat(value if isinstance(value, str) else ""), None
    except ValueError:
        return None, f"`{value!r:.60}` is no day"


def _add(
    name: str | None,
    days: Mapping[str, date],
    path: str,
    found: tuple[dict[str, LifeCycle], list[Loss]],
) -> None:
    cycles, lost = found
    try:
        id = identifier("" if name is None else name)
        if id in cycles:
            raise InvalidValueError(f"version `{id}` is there twice")
        cycles[id] = LifeCycle(**days)
    except EntitlementsError as error:
        lost.append(Loss(path, f"the cycle is left out: {error}"))


def read_distro_info(text: str, product: str, *, source: str = "") -> ImportedLifeCycles:
    r"""Return the life cycles in a CSV of distro-info, by the version before its name.

    A version without a number has the name of its series. The last tier of extended support is the
    end of life; those between have no place, and neither has the day on which a series was created.

    >>> head = "version,codename,series,created,release,eol,eol-lts"
    >>> trixie = "13,Trixie,trixie,2023-06-10,2025-08-09,2028-08-09,2030-06-30"
    >>> found = read_distro_info(f"{head}\n{trixie}\n", "debian").cycles["13"]
    >>> found.end_of_support.isoformat(), found.end_of_life.isoformat()
    ('2028-08-09', '2030-06-30')

    Args:
        text: The text of the file.
        product: Id of the product.
        source: Where the data is from, such as the version of the package.

    Raises:
        InvalidValueError: It has no such header.
    """
    reader = csv.DictReader(io.StringIO(instance_of(str, text)))
    if not {"series", "release", "eol"} <= {*(reader.fieldnames or ())}:
        raise InvalidValueError(
            "this is no table of distro-info", hint="pass its CSV with a header"
        )
    cycles: dict[str, LifeCycle] = {}
    lost: list[Loss] = []
    for row in _rows(reader, lost):
        path = f"line {reader.line_num}"
        days: dict[str, date] = {}
        for field, key in (("general_availability", "release"), ("end_of_support", "eol")):
            day, why = _day(row.get(key) or None)
            if why is not None:
                lost.append(Loss(f"{path}, {key}", why))
            if day is not None:
                days[field] = day
        tiers = [(key, row[key]) for key in _TIERS if row.get(key)]
        for key, value in tiers[:-1]:
            if value != row.get("eol"):
                lost.append(Loss(f"{path}, {key}", f"`{value}` is between the tiers that are kept"))
        if tiers and tiers[-1][1] != row.get("eol"):
            day, why = _day(tiers[-1][1])
            days |= {} if day is None else {"end_of_life": day}
            lost += [] if why is None else [Loss(f"{path}, {tiers[-1][0]}", why)]
        _add(
            (row.get("version") or "").split(" ")[0] or row.get("series"),
            days,
            path,
            (cycles, lost),
        )
    return ImportedLifeCycles(
        product=product, source=source or "distro-info", cycles=cycles, lost=lost
    )


def _rows(reader: csv.DictReader[str], lost: list[Loss]) -> Iterator[dict[Any, Any]]:
    unknown = {*(reader.fieldnames or ())} - {"version", "codename", "series", "release", "eol"}
    lost += [Loss(f"column {key}", "it has no place") for key in sorted(unknown - {*_TIERS})]
    try:
        yield from reader
    except csv.Error as error:
        lost.append(Loss(f"line {reader.line_num}", f"the rest cannot be read: {error}"))
