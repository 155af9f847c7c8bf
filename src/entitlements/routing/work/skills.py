"""Skill levels and clearance levels, held and required.

A level is a whole number, 0 or more; higher is better. A skill at level 0 is still held.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from entitlements.kernel.converters import MAX_INT32, as_tuple, whole_number
from entitlements.kernel.frozenmaps import EMPTY, FrozenMap
from entitlements.kernel.ids import identifier

SkillLevels = FrozenMap[str, int]


def levels(value: Mapping[str, int] | Iterable[str] | str) -> SkillLevels:
    """Return `value` as levels by name; a bare name has level 1.

    >>> levels(["oracle"]), levels({"spanish": 3})
    (FrozenMap({'oracle': 1}), FrozenMap({'spanish': 3}))

    Raises:
        InvalidValueError: a name is not an id, or a level is not a whole number of 0 or more.
    """
    if value is EMPTY or (type(value) is FrozenMap and _are_levels(value)):
        return value
    if isinstance(value, str):
        value = (value,)
    if type(value) is dict or isinstance(value, Mapping):
        items: Iterable[tuple[str, int]] = value.items()
    else:
        items = [(each, 1) for each in as_tuple(value)]
    found: dict[str, int] = {}
    for name, level in items:
        if type(level) is not int or not 0 <= level <= MAX_INT32:
            whole_number(level, f"level of `{name}`", most=MAX_INT32)
        found[identifier(name)] = level
    if not found:
        return EMPTY
    return FrozenMap(found if len(found) == 1 else sorted(found.items()))


def _are_levels(value: FrozenMap[Any, Any]) -> bool:
    """Return whether `levels` would return an equal map in the same order."""
    last = ""
    for name, level in value.items():
        if type(level) is not int or not 0 <= level <= MAX_INT32 or identifier(name) <= last:
            return False
        last = name
    return last != ""


def missing_levels(
    held: SkillLevels, required: SkillLevels
) -> tuple[tuple[str, int | None, int], ...]:
    """Return the required levels not met as (name, level held or None, level required), by name."""
    return tuple(
        (name, held.get(name), level)
        for name, level in required.items()
        if (have := held.get(name)) is None or have < level
    )


def meets_levels(held: SkillLevels, required: SkillLevels) -> bool:
    """Return whether every required name is held at the required level or above."""
    for name, level in required.items():
        have = held.get(name)
        if have is None or have < level:
            return False
    return True
