"""Values are final and frozen all the way down, so that they can be shared and compared."""

from __future__ import annotations

import importlib
import re

import attrs
from tests.house.house import CORE, MODULES

MUTABLE = re.compile(r"\b(list|dict|set|bytearray|deque|defaultdict|Counter|List|Dict|Set)\[")


def value_classes() -> list[type]:
    """Return the public attrs classes of the core."""
    found = {}
    for each in MODULES:
        if each.is_package and each.floor in CORE:
            package = importlib.import_module(each.name)
            for name in getattr(package, "__all__", ()):
                thing = getattr(package, name)
                if isinstance(thing, type) and attrs.has(thing):
                    found[f"{thing.__module__}.{name}"] = thing
    return [found[name] for name in sorted(found)]


def test_values_are_frozen_and_have_slots() -> None:
    loose = []
    for each in value_classes():
        properties = attrs.inspect(each)
        if not (properties.is_frozen and properties.is_slotted):
            loose.append(each.__name__)
    assert loose == []


def test_values_are_final_unless_others_of_ours_build_on_them() -> None:
    every = value_classes()
    bases = {base for each in every for base in each.__mro__[1:]}
    assert [
        each.__name__
        for each in every
        if each not in bases and not getattr(each, "__final__", False)
    ] == []


def test_values_hold_nothing_that_can_change() -> None:
    changeable = [
        f"{kind.__name__}.{field.name}: {field.type}"
        for kind in value_classes()
        for field in attrs.fields(kind)
        if field.init and MUTABLE.search(str(field.type))
    ]
    assert changeable == []
