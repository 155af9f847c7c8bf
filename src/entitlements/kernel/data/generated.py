"""Functions written for one class, as attrs writes its `__init__`.

A loop over the fields of a class asks again for each object what is known of the class. Where that
is done thousands of times a second, the steps are written down once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any


def generated_function(
    arguments: str, steps: Iterable[str], names: Mapping[str, object]
) -> Callable[..., Any]:
    """Return the function with these arguments and steps.

    Args:
        arguments: Names of the arguments, with commas in between.
        steps: Lines of Python, without the indentation that all of them have: made of names of
            fields, never of values.
        names: What else the steps name.

    >>> generated_function("value", ["return value.real + one"], {"one": 1})(2)
    3
    """
    body, scope = "".join(f"    {each}\n" for each in steps), dict(names)
    exec(f"def act({arguments}):\n{body}", scope)  # noqa: S102 - of names of fields, and no value
    made: Callable[..., Any] = scope["act"]  # type: ignore[assignment] # just defined
    return made
