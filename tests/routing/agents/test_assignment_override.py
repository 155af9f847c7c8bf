"""An override holds a name and a reason."""

from __future__ import annotations

import pickle

import pytest

from entitlements.kernel import InvalidValueError, LimitExceededError
from entitlements.routing import AssignmentOverride


@pytest.mark.parametrize("by", ["", " grace", None, 7])
def test_an_override_names_who_decided_it(by: str) -> None:
    with pytest.raises(InvalidValueError):
        AssignmentOverride(by=by, reason="nobody else")


@pytest.mark.parametrize("reason", ["", "  ", "a\nb", "\0", "\ud800", None, 7])
def test_an_override_needs_a_reason(reason: str) -> None:
    with pytest.raises(InvalidValueError):
        AssignmentOverride(by="grace", reason=reason)


def test_the_reason_has_a_bound() -> None:
    with pytest.raises(LimitExceededError):
        AssignmentOverride(by="grace", reason=501 * "x")
    override = AssignmentOverride(by="grace", reason=500 * "x")
    assert pickle.loads(pickle.dumps(override)) == override  # noqa: S301 - our own bytes
