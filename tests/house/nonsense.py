"""Values that no parameter means, and what a call makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from entitlements.kernel.errors import EntitlementsError

NONSENSE: dict[str, Any] = {
    "nothing": None,
    "a number": 5,
    "a negative number": -1,
    "an unknown word": "no such word",
    "a thing": object(),
    "a list of things": [object()],
    "a list of lists": [["x"]],
    "a mapping of things": {"x": object()},
    "bytes": b"x",
    "a fraction": 0.5,
    "a naive time": datetime(2026, 1, 1),  # noqa: DTZ001 - that is the point
}


def outcome(call: Callable[[], object]) -> Exception | None:
    """Return the exception of Python's own that `call` raises, or None."""
    try:
        result = call()
        if isinstance(result, Iterator):
            list(islice(result, 3))
    except EntitlementsError:
        return None
    except Exception as error:  # noqa: BLE001 - which one is what the test is about
        return error
    return None


def escapes(
    call: Callable[..., object], base: Mapping[str, Any], names: Iterable[str]
) -> list[str]:
    return [
        f"{name} = {words}: {error!r}"
        for name in names
        for words, value in NONSENSE.items()
        if (error := outcome(lambda given=dict(base) | {name: value}: call(**given)))  # type: ignore[misc]
    ]
