"""Members of enums are text, and are shown as the expression that names them."""

from __future__ import annotations

import copy
import importlib
import pickle
import pkgutil
from collections.abc import Iterator
from enum import Enum

import entitlements
from entitlements.contracts import Unit
from entitlements.kernel.mixins.text_enum import TextEnum


def enums() -> Iterator[type[Enum]]:
    """Yield the enums of all modules that are imported, or that need nothing optional."""
    for each in pkgutil.walk_packages(entitlements.__path__, "entitlements."):
        if not each.name.startswith(("entitlements.adapters", "entitlements.__main__")):
            module = importlib.import_module(each.name)
            yield from (
                kind
                for kind in vars(module).values()
                if isinstance(kind, type)
                and issubclass(kind, Enum)
                and kind.__module__ == module.__name__
            )


def test_a_member_is_shown_as_the_expression_that_names_it() -> None:
    assert repr([Unit.MINUTES]) == "[Unit.MINUTES]"
    assert (f"{Unit.MINUTES}", str(Unit.MINUTES)) == ("minutes", "minutes")
    again = pickle.loads(pickle.dumps(Unit.MINUTES))  # noqa: S301 - our own bytes
    assert again is copy.deepcopy(Unit.MINUTES) is Unit("minutes") is Unit.MINUTES


def test_every_enum_of_text_is_shown_so() -> None:
    found = [each for each in enums() if issubclass(each, str)]
    assert len(found) > 100
    assert [each for each in found if not issubclass(each, TextEnum)] == []
