"""Notices that are due: who has to be informed of what, by when, and was not yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from entitlements.aftersales.notice_clauses import NoticeClause
from entitlements.aftersales.notices import Notice, NoticeKind, NoticeRegister
from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.dates.day_boundaries import add_days
from entitlements.contracts.lines.line_status import line_histories
from entitlements.engine.facts import Facts
from entitlements.kernel.converters import instance_of
from entitlements.kernel.errors import EntitlementsError, InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import instant_of
from entitlements.outcomes.notices.occasions import Customer, Occasion, occasions_of

AHEAD: Final = timedelta(days=30)


def needed_notices(facts: Facts, at: datetime) -> tuple[tuple[Notice, ...], FrozenMap[str, str]]:
    """Return each notice about a day that is not over, and the customers that could not be read.

    What has to be notified, and by when, is what the clauses of the facts say. If several of them
    ask for one notice, the one that asks for it first holds.

    Args:
        facts: Catalog, clauses and accounts.
        at: The instant of the question.

    Returns:
        The notices, by the latest day of sending and id, and the reason for each customer whose
        facts contradict each other.

    >>> from entitlements.kernel import utc
    >>> from entitlements.engine import Facts
    >>> needed_notices(Facts(), utc("2026-03-01T00:00Z"))  # no clause, no notice
    ((), FrozenMap({}))
    """
    instance_of(Facts, facts)
    now = instant_of(at)
    found: list[Notice] = []
    broken: dict[str, str] = {}
    for customer, account in facts.accounts.items():
        try:
            found += notices_of(account, facts.catalog, facts.notice_clauses, now)
        except EntitlementsError as error:
            broken[customer] = str(error)
    return tuple(sorted(found, key=_place)), FrozenMap(broken)


def notices_of(
    account: Account, catalog: Catalog, clauses: Iterable[NoticeClause], at: datetime
) -> tuple[Notice, ...]:
    """Return each notice to one customer about a day that is not over, the first to send first.

    Raises:
        EntitlementsError: The facts of the customer contradict each other.
    """
    who = Customer(account, line_histories(account, catalog), catalog, at)
    found: dict[str, Notice] = {}
    for clause in clauses:
        for each in _of_clause(who, clause):
            other = found.get(each.id)
            if other is None or each.send_by < other.send_by:
                found[each.id] = each
    return tuple(sorted(found.values(), key=_place))


def _place(notice: Notice) -> tuple[date, str]:
    return notice.send_by, notice.id


def due_notices(
    facts: Facts, register: NoticeRegister, at: datetime, *, ahead: timedelta = AHEAD
) -> tuple[Notice, ...]:
    """Return the notices that should be sent now: not sent yet, and their latest day is near.

    A notice that is late is due as well, up to the day that it is about, and one of a low balance
    as soon as little is left. Once it is in the
    register, it is not due again; if the day that it is about moves, that is another notice.

    Args:
        facts: Catalog, clauses and accounts.
        register: What was sent.
        at: The instant of the question.
        ahead: How long before its latest day a notice is due, in whole days.

    >>> from entitlements.kernel import utc
    >>> from entitlements.engine import Facts
    >>> from entitlements.aftersales import NoticeRegister
    >>> due_notices(Facts(), NoticeRegister(), utc("2026-03-01T00:00Z"))
    ()

    Raises:
        InvalidValueError: `ahead` is negative.
    """
    lead = lead_time(ahead)
    sent, now = instance_of(NoticeRegister, register), instant_of(at)
    needed, _ = needed_notices(facts, now)
    return tuple(each for each in needed if each not in sent and is_near(each, now, lead))


def lead_time(ahead: timedelta) -> timedelta:
    """Return how long before its latest day a notice is due; raise if that is negative."""
    if instance_of(timedelta, ahead) < timedelta():
        raise InvalidValueError(f"`{ahead}` is negative", path="ahead")
    return ahead


def is_near(notice: Notice, at: datetime, ahead: timedelta) -> bool:
    """Return whether the latest day of a notice is no further away than some days.

    A low balance is always near: it is about what is left now.
    """
    if notice.kind is NoticeKind.LOW_BALANCE:
        return True
    today = at.astimezone(ZoneInfo(notice.zone)).date()
    return notice.send_by <= add_days(today, ahead.days)


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
