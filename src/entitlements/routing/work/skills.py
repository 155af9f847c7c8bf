"""How well do skills fit? Levels of skills and clearances, held and wanted.

A level is a whole number from 0 on; higher is better. Holding a skill at level 0 is still holding
it. Nothing here knows agents or work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from entitlements.kernel.converters import MAX_INT32, as_tuple, whole_number
from entitlements.kernel.frozenmaps import EMPTY, FrozenMap
from entitlements.kernel.ids import identifier

SkillLevels = FrozenMap[str, int]


def levels(value: Mapping[str, int] | Iterable[str] | str) -> SkillLevels:
    """Return `value` as levels by name; a bare name is held or wanted at level 1.

    >>> levels(["oracle"]), levels({"spanish": 3})
    (FrozenMap({'oracle': 1}), FrozenMap({'spanish': 3}))

    Raises:
        InvalidValueError: a name is no id, or a level is not a whole number from 0 on.
    """
    if isinstance(value, str):
        value = (value,)
    items = value.items() if isinstance(value, Mapping) else ((each, 1) for each in as_tuple(value))
    checked = [
        (identifier(name), whole_number(level, f"level of `{name}`", most=MAX_INT32))
        for name, level in items
    ]
    return FrozenMap(sorted(checked)) if checked else EMPTY


def missing_levels(
    held: SkillLevels, wanted: SkillLevels
) -> tuple[tuple[str, int | None, int], ...]:
    """Return what is missing as (name, level held or None, level wanted), in order of name."""
    return tuple(
        (name, held.get(name), level)
        for name, level in wanted.items()
        if (have := held.get(name)) is None or have < level
    )


def meets_levels(held: SkillLevels, wanted: SkillLevels) -> bool:
    """Return whether every wanted name is held at the wanted level or above."""
    for name, level in wanted.items():
        have = held.get(name)
        if have is None or have < level:
            return False
    return True
