"""Explanation of a stored decision, and advisories for the customer.

A decision computes what explains it from the customer's records when it is read. A pickled one
holds the computed values instead of the records.
"""

from __future__ import annotations

from datetime import datetime
from typing import Generic, NoReturn, TypeVar, final

import attrs

from entitlements.access.findings import Candidate, DecisionProvenance
from entitlements.kernel.converters import enum_member
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import to_micros
from entitlements.kernel.mixins.text_enum import TextEnum

RemedyT = TypeVar("RemedyT")


class AdvisoryKind(TextEnum):
    """What is about to change for the customer, or why `follows` has no effect."""

    EXPIRES_SOON = "expires_soon"
    IN_GRACE = "in_grace"
    BALANCE_LOW = "balance_low"
    SUPPORT_ENDS_SOON = "support_ends_soon"
    FOLLOWS_NOTHING = "follows_nothing"
    NOTICE_DUE = "notice_due"


def _advisory_kind(value: AdvisoryKind | str) -> AdvisoryKind:
    return enum_member(AdvisoryKind, value)


@final
@attrs.frozen(kw_only=True)
class Advisory:
    """One piece of information for the customer while helping.

    Attributes:
        kind: What it is about.
        at: When it happens; None where there is no such instant.
        left: Units left, for a low balance only.
    """

    kind: AdvisoryKind = attrs.field(converter=_advisory_kind)
    at: datetime | None = None
    left: int | None = None


@final
@attrs.frozen
class StoredExplanation(Generic[RemedyT]):
    """Everything that explains one decision, in place of the records it was made from."""

    found: tuple[Candidate, ...]
    until: datetime | None
    digests: DecisionProvenance
    advice: tuple[Advisory, ...]
    ways: tuple[RemedyT, ...]

    def candidates(self, request: object, at: int) -> tuple[Candidate, ...]:  # noqa: ARG002 - one decision is stored
        """Return every candidate, the chosen one first."""
        return self.found

    def valid_until(self, request: object, at: int) -> int | None:  # noqa: ARG002 - one decision is stored
        """Return the first later instant at which the decision is another."""
        return None if self.until is None else to_micros(self.until)

    def provenance(self, request: object, at: int) -> DecisionProvenance:  # noqa: ARG002 - one decision is stored
        """Return digests of everything the decision follows from."""
        return self.digests

    def warnings(self, promise: object, request: object, at: int) -> tuple[Advisory, ...]:  # noqa: ARG002 - one decision is stored
        """Return what is about to change under the promise."""
        return self.advice

    def remedies(self, request: object, at: int) -> tuple[RemedyT, ...]:  # noqa: ARG002 - one decision is stored
        """Return the remedies that were verified when the decision was made."""
        return self.ways


@final
@attrs.frozen
class UnstatedExplanation:
    """The explanation of a decision that was made from data without one.

    The decisions to which the remedies of an answer lead are written without what explains them.
    """

    def candidates(self, *_question: object) -> NoReturn:
        """Raise an `InvalidValueError`; so does everything else that would explain."""
        raise InvalidValueError(
            "data states the decision to which a remedy leads without its explanation",
            hint="decide about the request of the remedy",
        )

    valid_until = provenance = remedies = warnings = candidates
