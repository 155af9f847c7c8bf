"""Document section `notice_clauses`: of what customers have to be informed, and how long before."""

from __future__ import annotations

import re
from typing import Final

from entitlements.aftersales.notice_clauses import NoticeClause
from entitlements.aftersales.notice_periods import NoticePeriod
from entitlements.documents.hours.business_hours import HoursShape
from entitlements.documents.sections.prices import TextOr
from entitlements.documents.shapes.collections import ListShape, OptionalShape
from entitlements.documents.shapes.records import record_shape
from entitlements.documents.shapes.scalars import ReferenceShape
from entitlements.kernel.errors import InvalidValueError

_LENGTH: Final = re.compile(r"(\d{1,4})\s*(days?|d|weeks?|w|months?|years?)", re.ASCII)
_DAYS: Final = {"d": 1, "w": 7}
_MONTHS: Final = {"m": 1, "y": 12}


def parse_notice_period(text: str) -> NoticePeriod:
    """Return how long before a day notice is given.

    >>> parse_notice_period("12 months").months, parse_notice_period("6 weeks").days
    (12, 42)

    Raises:
        InvalidValueError: It is not such a text.
    """
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise InvalidValueError(
            f"`{text}` is not a period of notice",
            hint="write it as `12 months` or `30 days`, or `{business_days: 10, calendar: office}`",
        )
    number, unit = int(found[1]), found[2][0]
    if unit in _DAYS:
        return NoticePeriod(days=number * _DAYS[unit])
    return NoticePeriod(months=number * _MONTHS[unit])


_PERIOD: Final = record_shape(NoticePeriod, shapes={"calendar": OptionalShape(HoursShape())})
NOTICE_CLAUSE: Final = record_shape(
    NoticeClause,
    shapes={
        "period": OptionalShape(TextOr(_PERIOD, parse_notice_period, "12 months")),
        "plans": ListShape(ReferenceShape(("plan",)), frozenset),
    },
)
