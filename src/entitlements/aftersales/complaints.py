"""Complaints: received, acknowledged and answered, with what caused them and who was right."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import final

import attrs

from entitlements.kernel.converters import instance_of, utc_or_none
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier, optional_identifier
from entitlements.kernel.instants import utc


@final
@attrs.frozen(kw_only=True)
class Complaint:
    """A complaint of a customer, and what became of it.

    Attributes:
        id: Names the complaint.
        customer: Who complains.
        case: Id of the case that it is about; None for a complaint about something else.
        received: When it came.
        acknowledged: When the customer was informed that it came; None before that.
        answered: When the customer got an answer; None before that.
        cause: What caused it, in a few words of the desk; None while that is not known.
        is_upheld: Whether the customer was right; None before an answer.
        correction: Id of the follow-up case that corrects what was wrong, without a charge.

    >>> late = Complaint(id="B-1", customer="acme", case="R-1", received="2026-03-02T09:00Z")
    >>> late.answered is None, late.is_upheld is None
    (True, True)

    Raises:
        InvalidValueError: It is acknowledged or answered before it came, answered before it was
            acknowledged, upheld or not without an answer, or corrected by the case it is about.
    """

    id: str = attrs.field(converter=identifier)
    customer: str = attrs.field(converter=identifier)
    case: str | None = attrs.field(default=None, converter=optional_identifier)
    received: datetime = attrs.field(converter=utc)
    acknowledged: datetime | None = attrs.field(default=None, converter=utc_or_none)
    answered: datetime | None = attrs.field(default=None, converter=utc_or_none)
    cause: str | None = attrs.field(default=None, converter=optional_identifier)
    is_upheld: bool | None = None
    correction: str | None = attrs.field(default=None, converter=optional_identifier)

    def __attrs_post_init__(self) -> None:
        steps = [self.received, self.acknowledged, self.answered]
        for one, other in pairwise(each for each in steps if each is not None):
            if other < one:
                raise InvalidValueError(
                    f"complaint `{self.id}` goes from `{one}` back to `{other}`",
                    hint="it is received, then acknowledged, then answered",
                )
        if self.is_upheld is not None:
            instance_of(bool, self.is_upheld)
        if (self.answered is None) is not (self.is_upheld is None):
            raise InvalidValueError(
                f"the answer to complaint `{self.id}` says when, and whether it is upheld",
                path="is_upheld",
            )
        if self.correction is not None and self.correction == self.case:
            raise InvalidValueError(
                f"case `{self.case}` does not correct itself",
                hint="name the follow-up case",
                path="correction",
            )
