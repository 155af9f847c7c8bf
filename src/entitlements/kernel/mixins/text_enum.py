"""Enums whose members are text, and whose `repr` is the expression that names the member.

Python shows a member as `Unit.MINUTES`, which is no expression: the `repr` of a value
that holds one could not be pasted into a test.
"""

from __future__ import annotations

from enum import StrEnum


class TextEnum(StrEnum):
    """Base of the library's enums; a member is equal to its text.

    >>> from entitlements.contracts import Unit
    >>> Unit("minutes"), Unit.MINUTES == "minutes", str(Unit.MINUTES)
    (Unit.MINUTES, True, 'minutes')
    """

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.name}"
