"""Losses: what another system's data says and our values cannot hold."""

from __future__ import annotations

from typing import final

import attrs

from entitlements.kernel.converters import as_text


@final
@attrs.frozen
class Loss:
    """Something that was left out.

    Attributes:
        path: Where it stands in the data.
        reason: What it says, and why it is left out.

    >>> str(Loss("spec.alertPolicies", "alerts are not part of an objective"))
    'spec.alertPolicies: alerts are not part of an objective'
    """

    path: str = attrs.field(converter=as_text)
    reason: str = attrs.field(converter=as_text)

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"
