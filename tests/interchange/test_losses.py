from __future__ import annotations

import pytest

from entitlements.interchange import Loss
from entitlements.kernel import InvalidValueError


def test_a_loss_reads_as_its_place_and_reason() -> None:
    assert str(Loss("[0].eol", "no day")) == "[0].eol: no day"
    with pytest.raises(InvalidValueError):
        Loss("x", None)  # type: ignore[arg-type]
