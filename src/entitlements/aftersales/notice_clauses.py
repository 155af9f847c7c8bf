"""Notice clauses: what an agreement says about informing customers, and how long before."""

from __future__ import annotations

from typing import final

import attrs

from entitlements.aftersales.notice_periods import NoticePeriod
from entitlements.aftersales.notices import NoticeKind
from entitlements.kernel.converters import enum_member, instance_of, remark, whole_number
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier_set, optional_identifier


def _kind(value: NoticeKind | str) -> NoticeKind:
    return enum_member(NoticeKind, value)


@final
@attrs.frozen(kw_only=True)
class NoticeClause:
    """One kind of notice that has to be given, and by when.

    Attributes:
        kind: What it is about.
        clause: Where the agreement says so.
        period: How long before; None exactly for a low balance, which is about what is left now.
        plans: Only customers with one of these plans; empty for all.
        unit: The unit of which little is left; given exactly for a low balance.
        below: Notice is due while fewer units than this are left; likewise.

    >>> NoticeClause(kind="end_of_support", clause="9.2", period=NoticePeriod(months=12)).kind.value
    'end_of_support'

    Raises:
        InvalidValueError: A field is missing, or does not belong to the kind.
    """

    kind: NoticeKind = attrs.field(converter=_kind)
    clause: str = attrs.field(default="", converter=remark)
    period: NoticePeriod | None = None
    plans: frozenset[str] = attrs.field(default=(), converter=identifier_set)
    unit: str | None = attrs.field(default=None, converter=optional_identifier)
    below: int | None = None

    def __attrs_post_init__(self) -> None:
        is_balance = self.kind is NoticeKind.LOW_BALANCE
        if (self.unit is not None, self.below is not None) != (is_balance, is_balance):
            raise InvalidValueError(
                f"`{self.kind}` has {'no' if is_balance else 'a'} unit or limit",
                hint="`unit` and `below` belong to a low balance, and only to it",
            )
        if (self.period is None) is not is_balance:
            raise InvalidValueError(
                f"`{self.kind}` has {'a' if is_balance else 'no'} period", path="period"
            )
        if self.period is not None:
            instance_of(NoticePeriod, self.period)
        if self.below is not None:
            whole_number(self.below, "below", least=1)
