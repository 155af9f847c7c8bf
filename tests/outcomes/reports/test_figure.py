from __future__ import annotations

import pytest

from entitlements.kernel import InvalidValueError
from entitlements.outcomes import Figure, Share


def figure(value: object, **fields: object) -> Figure:
    return Figure(section="flow", name="cases", measure="opened", value=value, **fields)  # type: ignore[arg-type]


def test_a_share_of_nothing_is_not_known_and_none_of_some_is() -> None:
    assert not figure(Share(0, 0)).is_known
    assert not figure(None).is_known
    assert figure(Share(0, 1)).is_known
    assert figure(0).is_known


def test_a_figure_is_counts_and_never_a_percentage() -> None:
    for value in (0.5, "5 %", True):
        with pytest.raises(InvalidValueError, match="is no figure"):
            figure(value)
    with pytest.raises(InvalidValueError, match="a total has no group"):
        figure(1, group="S1")
