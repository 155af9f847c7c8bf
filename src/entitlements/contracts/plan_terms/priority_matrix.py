"""Priority matrix: the priority, or severity, that follows from impact and urgency."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, final

import attrs

from entitlements.kernel.errors import InvalidValueError, UnknownIdError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier


def _rows(
    values: Mapping[str, Mapping[str, str]],
) -> FrozenMap[str, FrozenMap[str, str]]:
    try:
        return FrozenMap(
            {
                identifier(impact): FrozenMap(
                    {identifier(urgency): identifier(found) for urgency, found in row.items()}
                )
                for impact, row in values.items()
            }
        )
    except (AttributeError, TypeError):
        raise InvalidValueError(
            f"`{values!r:.100}` is not a priority matrix", hint="map impact to urgency to priority"
        ) from None


@final
@attrs.frozen
class PriorityMatrix:
    """The priority of a case by its impact and its urgency, as ITIL has it.

    The severity of a `Request` that states both follows from it. How many levels there are, and
    what they are called, is yours; `ITIL_PRIORITIES` has three of each and priorities from 1 to 5.

    Attributes:
        rows: For each impact, the priority by urgency; every row names the same urgencies.

    >>> rows = {"site": {"now": "S1", "soon": "S2"}, "one": {"now": "S2", "soon": "S3"}}
    >>> matrix = PriorityMatrix(rows)
    >>> matrix.priority("one", "now")
    'S2'
    >>> print(matrix)
    site: now S1, soon S2; one: now S2, soon S3

    Raises:
        InvalidValueError: It is empty, or a row has other urgencies than the first.
    """

    rows: FrozenMap[str, FrozenMap[str, str]] = attrs.field(converter=_rows)

    @rows.validator
    def _is_complete(
        self, _: attrs.Attribute[FrozenMap[str, str]], rows: FrozenMap[str, FrozenMap[str, str]]
    ) -> None:
        first = next(iter(rows.values()), FrozenMap[str, str]())
        if not first:
            raise InvalidValueError(
                "a priority matrix is empty", hint="give a row of priorities for each impact"
            )
        for impact, row in rows.items():
            if row.keys() != first.keys():
                different = ", ".join(sorted(row.keys() ^ first.keys()))
                raise InvalidValueError(
                    f"impact `{impact}` and another differ in the urgencies `{different}`",
                    hint="every impact needs a priority for every urgency",
                )

    def __str__(self) -> str:
        rows = (
            f"{impact}: " + ", ".join(f"{urgency} {found}" for urgency, found in row.items())
            for impact, row in self.rows.items()
        )
        return "; ".join(rows)

    @property
    def priorities(self) -> tuple[str, ...]:
        """All priorities in it, each once, in the order of the rows."""
        return tuple(dict.fromkeys(each for row in self.rows.values() for each in row.values()))

    @property
    def cells(self) -> FrozenMap[tuple[str, str], str]:
        """The priority by impact and urgency."""
        return FrozenMap(
            {
                (impact, urgency): found
                for impact, row in self.rows.items()
                for urgency, found in row.items()
            }
        )

    def priority(self, impact: str, urgency: str) -> str:
        """Return the priority for an impact and an urgency.

        Raises:
            UnknownIdError: The matrix has no such impact or urgency.
        """
        row = self.rows.get(identifier(impact))
        if row is None:
            raise UnknownIdError("impact", str(impact), known=self.rows, path="impact")
        found = row.get(identifier(urgency))
        if found is None:
            raise UnknownIdError("urgency", str(urgency), known=row, path="urgency")
        return found


def optional_matrix(
    value: PriorityMatrix | Mapping[str, Mapping[str, str]] | None,
) -> PriorityMatrix | None:
    """Return a matrix, also for its rows; None for None."""
    if value is None or isinstance(value, PriorityMatrix):
        return value
    try:
        return PriorityMatrix(value)
    except InvalidValueError as error:
        error.path = error.path or "priority_matrix"
        raise


ITIL_PRIORITIES: Final = PriorityMatrix(
    {
        "high": {"high": "1", "medium": "2", "low": "3"},
        "medium": {"high": "2", "medium": "3", "low": "4"},
        "low": {"high": "3", "medium": "4", "low": "5"},
    }
)
"""The matrix of three impacts and three urgencies, from 1 (critical) to 5 (planning).

>>> ITIL_PRIORITIES.priority("high", "medium")
'2'
"""
