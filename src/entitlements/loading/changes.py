"""Changes of a load while they are found: steps, and the records that are written for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar, final

from entitlements.kernel.errors import EntitlementsError
from entitlements.loading.plan import LoadAction, LoadStep

Value = TypeVar("Value")
Name = TypeVar("Name", str, tuple[str, str])


@final
class FoundSteps:
    """Steps and counts in the order in which they are found.

    Attributes:
        steps: What is added, changed and ended.
        left: Number of records that stay as they are, by kind.
        unnamed: Number of those that the facts do not name, by kind.
    """

    __slots__ = ("left", "steps", "unnamed")

    def __init__(self) -> None:
        self.steps: list[LoadStep] = []
        self.left: Counter[str] = Counter()
        self.unnamed: Counter[str] = Counter()

    def add(self, place: str, after: str = "") -> None:
        """Note a record that is added."""
        self.steps.append(LoadStep(action=LoadAction.ADD, place=place, after=after))

    def change(self, place: str, before: str = "", after: str = "") -> None:
        """Note a record that is changed."""
        step = LoadStep(action=LoadAction.CHANGE, place=place, before=before, after=after)
        self.steps.append(step)

    def end(self, place: str, after: str = "") -> None:
        """Note a record that is ended."""
        self.steps.append(LoadStep(action=LoadAction.END, place=place, after=after))

    def leave(self, kind: str, number: int = 1, *, named: bool = True) -> None:
        """Count records that stay as they are.

        Args:
            kind: Their kind, such as `contract`.
            number: How many.
            named: Whether the facts name them.
        """
        self.left[kind] += number
        if not named:
            self.unnamed[kind] += number

    def include(self, other: FoundSteps) -> None:
        """Take over what was found elsewhere."""
        self.steps += other.steps
        self.left += other.left
        self.unnamed += other.unnamed


def combined(
    kind: str,
    stored: Mapping[Name, Value],
    wanted: Mapping[Name, Value],
    found: FoundSteps,
    *,
    prune: bool,
) -> dict[Name, Value]:
    """Return the values by name after a load, and note what is added, changed and ended.

    The order is that of the stored values, then that of the new ones; with `prune` that of the
    wanted ones. A name is an id, or an id and a version.
    """
    for name, value in wanted.items():
        if name not in stored:
            found.add(_place(kind, name))
        elif stored[name] != value:
            found.change(_place(kind, name))
        else:
            found.leave(kind)
    others = [name for name in stored if name not in wanted]
    if prune:
        for name in others:
            found.end(_place(kind, name))
        return dict(wanted)
    found.leave(kind, len(others), named=False)
    return {**stored, **wanted}


def _place(kind: str, name: str | tuple[str, ...]) -> str:
    return " ".join([kind, *([name] if isinstance(name, str) else name)])


@contextmanager
def inside(path: str) -> Iterator[None]:
    """Put the place in the document before the path of an error."""
    try:
        yield
    except EntitlementsError as error:
        error.path = path if error.path is None else f"{path}.{error.path}"
        raise
