"""Notices that are due: who has to be informed of what, by when, and was not yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from entitlements.aftersales.notices import Notice, NoticeKind, NoticeRegister
from entitlements.contracts.dates.day_boundaries import add_days
from entitlements.contracts.lines.line_status import line_histories
from entitlements.engine.facts import Facts
from entitlements.kernel.converters import instance_of, tuple_of
from entitlements.kernel.errors import EntitlementsError, InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import utc
from entitlements.outcomes.notices.clauses import NoticeClause
from entitlements.outcomes.notices.occasions import Customer, Occasion, occasions_of

AHEAD: Final = timedelta(days=30)


def needed_notices(
    facts: Facts, clauses: Iterable[NoticeClause], at: datetime
) -> tuple[tuple[Notice, ...], FrozenMap[str, str]]:
    """Return each notice about a day that is not over, and the customers that could not be read.

    If several clauses ask for one notice, the one that asks for it first holds.

    Args:
        facts: Catalog and accounts.
        clauses: What has to be notified; nothing else is.
        at: The instant of the question.

    Returns:
        The notices, by the latest day of sending and id, and the reason for each customer whose
        facts contradict each other.
    """
    instance_of(Facts, facts)
    known, now = tuple_of(NoticeClause, clauses), utc(at)
    found: dict[str, Notice] = {}
    broken: dict[str, str] = {}
    for customer, account in facts.accounts.items():
        try:
            who = Customer(account, line_histories(account, facts.catalog), facts.catalog, now)
            mine = [each for clause in known for each in _of_clause(who, clause)]
        except EntitlementsError as error:
            broken[customer] = str(error)
            continue
        for each in mine:
            other = found.get(each.id)
            if other is None or each.send_by < other.send_by:
                found[each.id] = each
    return tuple(sorted(found.values(), key=lambda each: (each.send_by, each.id))), FrozenMap(
        broken
    )


def due_notices(
    facts: Facts,
    register: NoticeRegister,
    at: datetime,
    *,
    clauses: Iterable[NoticeClause],
    ahead: timedelta = AHEAD,
) -> tuple[Notice, ...]:
    """Return the notices that should be sent now: not sent yet, and their latest day is near.

    A notice that is late is due as well, up to the day that it is about. Once it is in the
    register, it is not due again; if the day that it is about moves, that is another notice.

    Args:
        facts: Catalog and accounts.
        register: What was sent.
        at: The instant of the question.
        clauses: What has to be notified; nothing else is.
        ahead: How long before its latest day a notice is due, in whole days.

    Raises:
        InvalidValueError: `ahead` is negative.
    """
    if instance_of(timedelta, ahead) < timedelta():
        raise InvalidValueError(f"`{ahead}` is negative", path="ahead")
    sent, now = instance_of(NoticeRegister, register), utc(at)
    needed, _ = needed_notices(facts, clauses, now)
    return tuple(
        each
        for each in needed
        if each not in sent
        and each.send_by <= add_days(now.astimezone(ZoneInfo(each.zone)).date(), ahead.days)
    )


def _of_clause(who: Customer, clause: NoticeClause) -> Iterator[Notice]:
    for each in occasions_of(who, clause):
        today = who.today(each.zone)
        if each.effective >= today:
            yield Notice(
                kind=clause.kind,
                customer=who.account.customer,
                subject=each.subject,
                effective=each.effective,
                send_by=_latest_day(each, clause),
                clause=clause.clause,
                zone=each.zone,
                because=[each.because],
            )


def _latest_day(occasion: Occasion, clause: NoticeClause) -> date:
    """Return the latest day of sending; what starts on a day is notified before that day."""
    if clause.period is None:
        return occasion.effective
    last = occasion.effective
    if clause.kind in _BEGINS:
        last = add_days(last, -1)
    return clause.period.latest_day(last)


_BEGINS: Final = frozenset({NoticeKind.LAUNCH, NoticeKind.PLAN_CHANGE})
