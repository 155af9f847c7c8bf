"""Work terms of a customer: how work under each contract line is charged, from which grants.

Grants are those of plans, those that were issued by hand, and blocks of the billing account that
were not issued.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import attrs

from entitlements.billing.billing_accounts import BillingAccount
from entitlements.billing.work.prepaid_use import PrepaidUse, prepaid_use
from entitlements.billing.work.terms import ChargedCase, WorkTerms
from entitlements.billing.work.work_logs import WorkLog
from entitlements.contracts.account import Account
from entitlements.contracts.allowances.allowance import Unit
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.entries import Adjust, TransferUnits, Withdraw
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.lines.line_history import LineHistory
from entitlements.engine.facts import Facts
from entitlements.engine.statements.charged_cases import charged_cases
from entitlements.engine.statements.sold_lines import ONE_DAY, SoldLine, sold_lines
from entitlements.kernel.instants import from_micros, to_micros


def work_terms(
    account: Account, lines: Sequence[SoldLine], billing: BillingAccount, until: int
) -> Iterator[WorkTerms]:
    """Yield how the work of a customer is charged, with the grants that begin before an instant.

    Corrections of grants in the ledger count. A grant that was issued by hand belongs to the line
    from whose pools requests take it, and else to the first line.

    Args:
        account: The customer's account.
        lines: Its contract lines.
        billing: Its billing account.
        until: Grants need not be known from this instant on, in microseconds.
    """
    issued = [each for each in account.ledger.grants if each.unit is Unit.MINUTES]
    ids = {each.id for each in issued}
    pools = {pool for line in lines for pool in line.pools}
    for number, line in enumerate(lines):
        grants = [*line.grants(until)]
        grants += [
            each
            for each in issued
            if each.pool in line.pools or (not number and each.pool not in pools)
        ]
        for block in billing.blocks:
            if (block.contract, block.line) == line.key and block.unit is Unit.MINUTES:
                own = block.grants(from_micros(until).date() + 2 * ONE_DAY)  # in any zone
                grants += [
                    each for each in own if each.id not in ids and to_micros(each.effective) < until
                ]
        yield from line.work_terms(_as_corrected(grants, account.ledger))


def _as_corrected(grants: Iterable[Grant], ledger: Ledger) -> Iterator[Grant]:
    """Yield grants with what was added to them, voided or moved, up to where they were withdrawn.

    What was added counts from the beginning of the grant.
    """
    added: Counter[str] = Counter()
    ends: dict[str, datetime] = {}
    for entry in ledger.entries:
        command = entry.command
        if entry.refusal is not None:
            continue
        if isinstance(command, Withdraw):
            ends[command.grant] = entry.at
        elif isinstance(command, Adjust):
            added[command.grant] += command.amount
        elif isinstance(command, TransferUnits):
            added[command.grant] -= entry.total
    for grant in grants:
        end = ends.get(grant.id)
        if end is not None and end <= grant.effective:
            continue
        if end is not None or added[grant.id]:
            expires = grant.expires if end is None else end
            is_cut = grant.resets is not None and (expires is None or grant.resets < expires)
            grant = attrs.evolve(  # noqa: PLW2901 - the same grant, as it is now
                grant,
                amount=max(0, grant.amount + added[grant.id]),
                expires=expires,
                resets=grant.resets if is_cut else None,
                rollover=grant.rollover if is_cut else None,
            )
        yield grant


def prepaid_work(
    facts: Facts,
    account: Account,
    histories: Iterable[LineHistory],
    logs: Iterable[WorkLog],
    until: int,
    cases: Iterable[ChargedCase] = (),
) -> tuple[PrepaidUse, ...]:
    """Return what the work of a customer takes from grants, as the lines of a statement say it.

    Args:
        facts: The facts, with prices and the billing account.
        account: The customer's account.
        histories: Its contract lines.
        logs: All records of work on its cases.
        until: Grants that begin from this instant on are left out, in microseconds.
        cases: What is known of cases; in place of what the account says of them.
    """
    lines = sold_lines(facts, histories)
    billing = facts.billing_accounts.get(account.customer)
    found = {each.id: each for each in (*charged_cases(account, lines), *cases)}
    return prepaid_use(
        logs,
        found.values(),
        work_terms(account, lines, billing or BillingAccount(customer=account.customer), until),
        calendars=facts.catalog.calendars,
    )
