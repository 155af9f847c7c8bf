"""Lists of cases: what to filter by, a row of the list, and the cursor between two pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import final

import attrs

from entitlements.kernel.converters import (
    MAX_INT64,
    as_text,
    as_tuple,
    enum_member,
    utc_or_none,
    whole_number,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.ids import identifier, optional_identifier
from entitlements.kernel.instants import to_micros
from entitlements.ports.records import Case, WorkItem
from entitlements.sla.case_history.lifecycle import CaseStatus


def case_status(value: CaseStatus | str) -> CaseStatus:
    """Return `value` as a member; raise `InvalidValueError` for an unknown status."""
    return enum_member(CaseStatus, value)


def _statuses(values: Iterable[CaseStatus | str] | str) -> tuple[CaseStatus, ...]:
    given = (values,) if isinstance(values, str) else as_tuple(values)
    return tuple(sorted({case_status(each) for each in given}))


@final
@attrs.frozen(kw_only=True)
class CaseFilter:
    """Which cases a list has; a case is in it if all that is given applies.

    Attributes:
        customer: Id of the customer.
        statuses: One of these statuses; any if empty.
        agent: Id of the agent who has the work.
        group: Id of the group whose work it is.
        severity: The severity.
        due_before: A deadline that is not over is earlier. What is paused is not due.

    >>> CaseFilter(statuses="open").statuses
    (CaseStatus.OPEN,)
    """

    customer: str | None = attrs.field(default=None, converter=optional_identifier)
    statuses: tuple[CaseStatus, ...] = attrs.field(default=(), converter=_statuses)
    agent: str | None = attrs.field(default=None, converter=optional_identifier)
    group: str | None = attrs.field(default=None, converter=optional_identifier)
    severity: str | None = attrs.field(default=None, converter=optional_identifier)
    due_before: datetime | None = attrs.field(default=None, converter=utc_or_none)

    def fits(self, case: CaseSummary) -> bool:
        """Return whether a case is in the list."""
        wanted = {
            "customer": self.customer,
            "agent": self.agent,
            "group": self.group,
            "severity": self.severity,
        }
        if any(each not in {None, getattr(case, name)} for name, each in wanted.items()):
            return False
        if self.statuses and case.status not in self.statuses:
            return False
        return self.due_before is None or (case.due is not None and case.due < self.due_before)


@final
@attrs.frozen(kw_only=True)
class CaseSummary:
    """One case in a list.

    Attributes:
        id: Id of the case.
        customer: Id of the customer.
        opened: Instant of the opening.
        status: The status.
        severity: The severity; None for none.
        due: The earliest deadline that was neither over nor paused when the case was last written.
        closed: Since when it has ended; None while it is open.
        group: Id of the group whose work it is; None if it has no work.
        agent: Id of the agent who has the work, or had it last; None for none.
        mark: Equal as long as the case and its events are unchanged, so that a reader knows what
            to read again; it is not compared.
    """

    id: str
    customer: str
    opened: datetime
    status: CaseStatus = attrs.field(converter=case_status)
    severity: str | None = None
    due: datetime | None = None
    closed: datetime | None = None
    group: str | None = None
    agent: str | None = None
    mark: str = attrs.field(default="", eq=False, repr=False)

    @classmethod
    def of(cls, case: Case, item: WorkItem | None) -> CaseSummary:
        """Return the summary of a case and its work."""
        return cls(
            id=case.id,
            customer=case.customer,
            opened=case.opened,
            status=case.status,
            severity=case.severity,
            due=case.due,
            closed=case.closed,
            group=None if item is None else item.group,
            agent=None if item is None else item.state.assignee,
        )

    @property
    def place(self) -> CasePlace:
        """Its place in the list."""
        return to_micros(self.opened), self.id


CasePlace = tuple[int, str]
"""Place of a case in a list: the instant of its opening in microseconds, and its id."""


def place_or_none(place: CasePlace | None) -> CasePlace | None:
    """Return `place` if it is one, or None.

    Raises:
        InvalidValueError: It is something else.
    """
    if place is None:
        return None
    parts = as_tuple(place)
    if len(parts) != 2:  # noqa: PLR2004 - an instant and an id
        raise InvalidValueError(f"`{place!r:.100}` is not the place of a case")
    return whole_number(parts[0], "place of a case", least=-MAX_INT64), identifier(parts[1])


def cursor_of(place: CasePlace) -> str:
    """Return a place as text.

    >>> place_of(cursor_of((1, "R-1")))
    (1, 'R-1')
    """
    return f"{place[0]}.{place[1]}"


def place_of(cursor: str) -> CasePlace:
    """Return the place that a cursor names.

    Raises:
        InvalidValueError: It is no cursor.
    """
    micros, _, id = as_text(cursor).partition(".")
    try:
        number = int(micros)
        return whole_number(number, "place of a case", least=-MAX_INT64), identifier(id)
    except ValueError:
        hint = "pass the `next` of the page before"
        raise InvalidValueError(f"`{cursor!r:.100}` is not a cursor", hint=hint) from None


@final
@attrs.frozen(kw_only=True)
class CasePage:
    """A page of a list of cases.

    Attributes:
        cases: The cases, ordered by opening and id.
        next: Cursor of the next page; None after the last one.
    """

    cases: tuple[CaseSummary, ...]
    next: str | None = None
