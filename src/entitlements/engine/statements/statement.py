"""Statement: everything that one customer owes for a period, from facts and work logs.

It hands billing its values: the terms of plans and contracts, the grants of plans, ledger and
blocks, and the verdicts of SLA clocks. It changes nothing; the same facts give the same statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import final

import attrs

from entitlements.billing.billing_accounts import BillingAccount
from entitlements.billing.credits.claims import CreditState, ServiceCredit, credit_lines
from entitlements.billing.fees.discounts import discount_lines
from entitlements.billing.lines import ChargeLine
from entitlements.billing.sheet import Sheet, make_sheet
from entitlements.billing.work.terms import ChargedCase
from entitlements.billing.work.work_charges import charge_work
from entitlements.billing.work.work_logs import WorkLog
from entitlements.calendars.timeline.zones import zone_name
from entitlements.contracts.account import Account
from entitlements.contracts.dates.day_boundaries import day_start
from entitlements.contracts.lines.line_status import line_histories
from entitlements.engine.facts import Facts
from entitlements.engine.statements.charged_cases import charged_cases, incident_lines
from entitlements.engine.statements.earned_credits import (
    Promises,
    all_promises,
    check_promises,
    earned_credits,
)
from entitlements.engine.statements.sold_lines import ONE_DAY, sold_lines
from entitlements.engine.statements.work_terms import work_terms
from entitlements.kernel.converters import as_text, instance_of, tuple_of
from entitlements.kernel.errors import (
    ConflictError,
    InvalidValueError,
    NotCoveredError,
    UnknownIdError,
)
from entitlements.kernel.instants import from_micros, to_micros


@final
@attrs.frozen(kw_only=True)
class Statement:
    """What one customer owes for a period.

    Attributes:
        sheet: The charge lines.
        credits: The service credits of promises that were missed, given or not yet claimed.
    """

    sheet: Sheet
    credits: tuple[ServiceCredit, ...] = ()


def statement(
    facts: Facts,
    customer: str,
    start: date,
    end: date,
    logs: Iterable[WorkLog] = (),
    *,
    cases: Iterable[ChargedCase] = (),
    issued: Iterable[Sheet] = (),
    promises: Promises | None = None,
    id: str | None = None,
    zone: str | None = None,
    known_at: datetime | None = None,
) -> Statement:
    """Return what a customer owes for the days from `start` up to, but not including, `end`.

    Args:
        facts: The facts, with the customer's account and billing account.
        customer: Who pays.
        start: The first day of the period.
        end: The first day after it.
        logs: All records of work on the customer's cases, of this period and of earlier ones.
        cases: What is known of cases; in place of what the account says of them.
        issued: The sheets that the customer got before; those of later time are left out.
        promises: What was kept, missed, measured and claimed.
        id: Names the sheet; the customer and the first day by default.
        zone: The zone of the two days; that of the first contract by default.
        known_at: Leave out what was recorded later; None for everything.

    >>> from entitlements.documents import parse_facts
    >>> facts = parse_facts('''
    ... groups: dba
    ... plans:
    ...   - {id: gold, group: dba, channels: web, first_response: 1h,
    ...      commercial: {price: 400 EUR/month in advance on day 1}}
    ... accounts:
    ...   - customer: acme
    ...     contracts: [{id: C-1, zone: UTC, start: 2026-01-01, lines: [{id: main, plan: gold}]}]
    ... ''')
    >>> print(statement(facts, "acme", date(2026, 3, 1), date(2026, 4, 1)).sheet.total)
    400.00 EUR

    Raises:
        UnknownIdError: The customer has no account, work names a case that is not known, or a
            figure or claim a line, schedule or credit.
        InvalidValueError: The period is empty, work is charged in two currencies or has no price,
            or a figure is of no period.
        TransitionError: A credit was claimed too late, or before its promise was missed.
        NotCoveredError: A price list has no price for a part of the period, or nothing says in
            which currency the customer pays.
        ConflictError: An issued sheet is of a part of the period and of later time, of another
            customer or currency, is given twice, or has the id of this one.
    """
    known = instance_of(Promises, Promises() if promises is None else promises)
    bill = _Bill(facts, customer, known_at)
    known = all_promises(known, bill.billing, known_at)
    bill.set_period(start, end, zone)
    earlier = bill.set_issued(tuple_of(Sheet, issued))
    work = bill.work(tuple_of(WorkLog, logs), tuple_of(ChargedCase, cases), known_at)
    charged = [*work, *bill.fees(bill.since_day, bill.until_day)]
    charged += bill.commitments(charged)
    credits = tuple(bill.credits(known, charged))
    lines = [*charged, *discount_lines(bill.billing.discounts, charged)]
    lines += credit_lines(credits, from_micros(bill.until))
    sheet = make_sheet(
        lines,
        id=f"{customer} {start}" if id is None else id,
        customer=customer,
        currency=bill.currency,
        start=from_micros(bill.start),
        end=from_micros(bill.until),
        zone=bill.zone,
        issued=earlier,
    )
    return Statement(sheet=sheet, credits=credits)


@final
class _Bill:
    """One customer's lines, and the time that a statement is about."""

    def __init__(self, facts: Facts, customer: str, known_at: datetime | None) -> None:
        known = instance_of(Facts, facts).accounts.get(as_text(customer))
        if known is None:
            raise UnknownIdError("account", customer, known=facts.accounts)
        self.facts = facts
        self.account: Account = known if known_at is None else known.as_known(known_at)
        self.billing = facts.billing_accounts.get(customer) or BillingAccount(customer=customer)
        self.lines = sold_lines(facts, line_histories(self.account, facts.catalog))
        self.cases: dict[str, ChargedCase] = {}

    def set_period(self, start: date, end: date, zone: str | None) -> None:
        """Set the first instant of the bill and the first one after it, from days of a zone."""
        if instance_of(date, end) <= instance_of(date, start):
            raise InvalidValueError(f"the period ends on `{end}`, not after `{start}`", path="end")
        first = min((each.zone for each in self.lines[:1]), default="UTC")
        self.zone = first if zone is None else zone_name(zone)
        self.start, self.until = (day_start(each, self.zone) for each in (start, end))
        # Zones of contracts may differ from the bill's, by a day at most.
        self.until_day = end + ONE_DAY

    def set_issued(self, issued: Sequence[Sheet]) -> tuple[Sheet, ...]:
        """Return the issued sheets of earlier time; what was charged from the first on is computed.

        Lines are computed up to the end of the period only: those of a later sheet would seem to be
        wrong, and be paid back.
        """
        until = from_micros(self.until)
        earlier = tuple(each for each in issued if each.start < until)
        for each in earlier:
            if each.end > until:
                raise ConflictError(
                    f"statement `{each.id}` is of a part of the period, and of later time",
                    field="issued",
                    hint="what became known later is on the next statement",
                )
        self.since = min([self.start, *(to_micros(each.start) for each in earlier)])
        self.since_day = from_micros(self.since).date() - ONE_DAY
        return earlier

    @property
    def currency(self) -> str:
        """The currency in which the customer pays."""
        if self.billing.currency is not None:
            return self.billing.currency
        agreed = [time.agreed for line in self.lines for time in line.times if time.agreed]
        found = {currency for each in agreed for currency in each.currencies}
        found |= {each.price.currency for each in self.billing.blocks}
        found |= {each.amount.currency for each in self.billing.commitments}
        if len(found) == 1:
            return found.pop()
        who = self.billing.customer
        stated = f"billing_accounts: [{{customer: {who}, currency: {min(found, default='EUR')}}}]"
        if found:
            message = f"`{who}` pays in {', '.join(sorted(found))}"
            raise NotCoveredError(message, hint=f"state one, as in `{stated}`")
        hint = f"give its plan or contract a `commercial` part, or state a currency: `{stated}`"
        raise NotCoveredError(f"`{who}` has no prices", hint=hint)

    def work(
        self, logs: Sequence[WorkLog], cases: Sequence[ChargedCase], known_at: datetime | None
    ) -> tuple[ChargeLine, ...]:
        """Return the lines of all work and of cases beyond the grants, and keep the cases."""
        found = {each.id: each for each in charged_cases(self.account, self.lines)}
        self.cases = {**found, **{each.id: each for each in cases}}
        work = charge_work(
            logs,
            self.cases.values(),
            work_terms(self.account, self.lines, self.billing, self.until),
            calendars=self.facts.catalog.calendars,
            currency=self.currency,
            known_at=known_at,
        )
        return *incident_lines(self.account, self.lines), *work

    def fees(self, since: date, until: date) -> Iterator[ChargeLine]:
        """Yield the lines of fees and of blocks that are charged from a day up to another."""
        seen: set[str] = set()
        for line in self.lines:
            contract = line.key[0]
            for charge in line.fees(self.until_day, is_first=contract not in seen):
                yield from charge.lines(since, until)
            seen.add(contract)
        for block in self.billing.blocks:
            yield from block.lines(since, until)

    def commitments(self, charged: Sequence[ChargeLine]) -> Iterator[ChargeLine]:
        """Yield what is missing of minimum commitments."""
        for each in self.billing.commitments:
            yield from each.lines(charged, self.since_day, self.until_day)

    def credits(self, promises: Promises, charged: Sequence[ChargeLine]) -> Iterator[ServiceCredit]:
        """Yield the credits of periods that are over, and of earlier ones that could be claimed.

        A credit of an earlier period is left out if it was decided before the bill begins.
        """
        check_promises(self.lines, promises)
        first = min((each.day(each.times[0].start) for each in self.lines), default=date.max)
        since = self.since_day if promises == Promises() else min(first, self.since_day)
        charged = [*self.fees(since, self.since_day), *charged]
        begun, last = from_micros(self.start), self.until_day - ONE_DAY
        for line in self.lines:
            for each in earned_credits(line, promises, self.cases, charged, since, last):
                is_due = to_micros(each.missed) >= self.since
                if is_due or each.state(begun) is CreditState.CLAIMABLE:
                    yield each
