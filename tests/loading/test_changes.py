from __future__ import annotations

import pytest

from entitlements.kernel.errors import InvalidValueError
from entitlements.loading.changes import FoundSteps, combined, inside


@pytest.mark.parametrize(
    ("prune", "after", "steps", "unnamed"),
    [
        pytest.param(False, ["a", "b", "c", "d"], ["~ x b", "+ x d"], {"x": 1}, id="left"),
        pytest.param(True, ["b", "c", "d"], ["~ x b", "+ x d", "- x a"], {}, id="ended"),
    ],
)
def test_values_are_combined_by_name(
    *, prune: bool, after: list[str], steps: list[str], unnamed: dict[str, int]
) -> None:
    found = FoundSteps()
    stored, wanted = {"a": 1, "b": 1, "c": 1}, {"b": 2, "c": 1, "d": 1}
    values = combined("x", stored, wanted, found, prune=prune)
    assert sorted(values) == after
    assert values["b"] == 2
    assert [str(each) for each in found.steps] == steps
    assert +found.unnamed == unnamed


def test_steps_found_elsewhere_come_after() -> None:
    one, other = FoundSteps(), FoundSteps()
    one.add("agent ada")
    other.end("agent bob", "gone")
    other.leave("asset", 2)
    one.include(other)
    assert [str(each) for each in one.steps] == ["+ agent ada", "- agent bob: gone"]
    assert one.left == {"asset": 2}


def test_an_error_names_the_whole_place() -> None:
    with pytest.raises(InvalidValueError) as caught, inside("accounts[0]"), inside("ledger"):
        raise InvalidValueError("no")
    assert caught.value.path == "accounts[0].ledger"
