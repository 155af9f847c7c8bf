from __future__ import annotations

import pytest

from entitlements.kernel.data.generated import generated_function


def test_a_function_has_its_steps_and_knows_its_names() -> None:
    steps = ["found = first * more", "if found > 9:", "    found += 1", "return found"]
    act = generated_function("first, second", steps, {"more": 5})
    assert (act(1, None), act(2, None)) == (5, 11)


def test_two_functions_share_nothing() -> None:
    names: dict[str, object] = {"more": 1}
    one = generated_function("value", ["return value + more"], names)
    two = generated_function("value", ["return value - more"], {"more": 2})
    names["more"] = 9
    assert (one(1), two(1)) == (2, -1)


def test_steps_that_are_no_python_are_refused() -> None:
    with pytest.raises(SyntaxError):
        generated_function("value", ["return value +"], {})
