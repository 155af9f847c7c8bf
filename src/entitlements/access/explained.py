"""What explains a stored decision, and what a promise asks of those who keep it: small values.

A decision works out what explains it from the customer's terms when it is asked. A stored one, such
as a pickle, takes along what was worked out instead of the terms.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar, final

import attrs

from entitlements.access.findings import Candidate, DecisionProvenance
from entitlements.kernel.converters import enum_member
from entitlements.kernel.instants import micros_or_none

RemedyT = TypeVar("RemedyT")


class AdvisoryKind(StrEnum):
    """What is about to change."""

    EXPIRES_SOON = "expires_soon"
    IN_GRACE = "in_grace"
    BALANCE_LOW = "balance_low"
    SUPPORT_ENDS_SOON = "support_ends_soon"
    FOLLOWS_NOTHING = "follows_nothing"


def _advisory_kind(value: AdvisoryKind | str) -> AdvisoryKind:
    return enum_member(AdvisoryKind, value)


@final
@attrs.frozen(kw_only=True)
class Advisory:
    """Something to tell the customer while helping; `at` is when it happens."""

    kind: AdvisoryKind = attrs.field(converter=_advisory_kind)
    at: datetime | None = None
    left: int | None = None


@final
@attrs.frozen
class Explained(Generic[RemedyT]):
    """Everything that explains one decision; it stands in for the terms it was made from."""

    found: tuple[Candidate, ...]
    until: datetime | None
    digests: DecisionProvenance
    advice: tuple[Advisory, ...]
    ways: tuple[RemedyT, ...]

    def candidates(self, request: object, at: int) -> tuple[Candidate, ...]:  # noqa: ARG002 - there is one answer
        """Return everything that was tried, the chosen one first."""
        return self.found

    def valid_until(self, request: object, at: int) -> int | None:  # noqa: ARG002 - there is one answer
        """Return the first later instant at which a fact that was read changes."""
        return micros_or_none(self.until)

    def provenance(self, request: object, at: int) -> DecisionProvenance:  # noqa: ARG002 - there is one answer
        """Return digests of everything the decision follows from."""
        return self.digests

    def warnings(self, promise: object, request: object, at: int) -> tuple[Advisory, ...]:  # noqa: ARG002 - there is one answer
        """Return what is about to change under the promise."""
        return self.advice

    def remedies(self, request: object, at: int) -> tuple[RemedyT, ...]:  # noqa: ARG002 - there is one answer
        """Return the verified ways to a better answer."""
        return self.ways


@final
@attrs.frozen(cache_hash=True)
class Duty:
    """What a promise asks of clocks and of routing: promises with equal duties are prepared once.

    It leaves out who was promised and how it is paid for, so that customers share what an engine
    prepares.
    """

    policy: str
    calendars: tuple[tuple[str, str], ...]
    group: str
    experts: tuple[str, ...]
    obligations: tuple[Hashable, ...]
