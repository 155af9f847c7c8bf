"""Short representations of values that hold many others.

A value in a log or a traceback is read by a person: some thousand holidays or contracts would fill
pages. Fields that may hold many values are declared with `attrs.field(repr=short_repr)`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

MAX_ELEMENTS: Final = 20
MAX_CHARACTERS: Final = 200


def short_repr(value: Collection[object]) -> str:
    """Return the `repr` of a collection, or the number of its elements if that is long.

    >>> short_repr((1, 2)), short_repr(tuple(range(1000)))
    ('(1, 2)', '<1000 elements>')
    """
    text = repr(value) if len(value) <= MAX_ELEMENTS else ""
    return text if text and len(text) <= MAX_CHARACTERS else f"<{len(value)} elements>"
