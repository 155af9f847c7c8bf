"""What is left of an allowance by the guide: grants of plans and by hand, less holds and use.

Units that roll over, and units moved to another ledger, are not modelled.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import attrs

from entitlements.contracts.allowances.allowance import Allowance, OveragePolicy
from entitlements.contracts.allowances.grants import Grant, grants_of_term
from entitlements.contracts.ledger.entries import (
    Adjust,
    Commit,
    Entry,
    GiveBack,
    GrantShare,
    Issue,
    Reserve,
    Void,
    Withdraw,
)
from entitlements.contracts.lines.plan_grants import pool_id
from entitlements.contracts.records.contract import Contract, ContractLine
from entitlements.kernel.ids import key
from entitlements.kernel.instants import LATEST
from entitlements.testing.oracles.by_the_guide.asked import Asked
from entitlements.testing.oracles.by_the_guide.lines import (
    edges,
    line_terms,
    plan_of,
    status,
    text_near,
    texts,
)
from entitlements.testing.oracles.by_the_guide.records import MOMENT, NEVER, day_start


class Balance(NamedTuple):
    """What is left of a grant, and how much overage it gives without and with consent."""

    left: int
    capped: int
    agreed: int


def balance(asked: Asked, grant: Grant, pool: Sequence[Grant], at: datetime) -> Balance:
    """Return what is left of a grant at an instant, from all entries that count by then."""
    left, overage, withdrawn = grant.amount, 0, False
    for entry in asked.account.ledger.entries:
        if entry.at <= at and entry.refusal is None:
            match entry.command:
                case Adjust(grant=id, amount=amount) if id == grant.id:
                    left += amount
                case Withdraw(grant=id) if id == grant.id:
                    left -= sum(share.amount for share in entry.shares)
                    withdrawn = withdrawn or entry.at <= asked.at
            for share in kept(asked, entry, at):
                if counts_against(entry, share, pool) == grant:
                    left, overage = left - share.amount, overage + share.overage
    if withdrawn:
        return Balance(0, 0, 0)
    capped = max(0, grant.cap - overage) if grant.cap is not None else 0
    agreed = sys.maxsize if grant.over_use is OveragePolicy.ALLOW_WITH_CONSENT else capped
    return Balance(max(0, left), capped, agreed)


def kept(asked: Asked, entry: Entry, at: datetime) -> list[GrantShare]:
    """Return the units of a hold that are held or used at an instant."""
    if not isinstance(entry.command, Reserve):
        return []
    shares, back = list(entry.shares), entry.until is not None and entry.until <= at
    for each in asked.account.ledger.entries:
        if each.at > at or each.refusal is not None:
            continue
        match each.command:
            case Commit(hold=name) if name == entry.key:
                shares, back = list(each.shares), False
            case Void(hold=name) if name == entry.key:
                back = True
            case GiveBack(commit=name) if _hold_of(asked, name) == entry.key:
                shares += [GrantShare(s.grant, -s.amount, -s.overage) for s in each.shares]
    return [] if back else shares


def _hold_of(asked: Asked, commit: str) -> str | None:
    for each in asked.account.ledger.entries:
        if isinstance(each.command, Commit) and each.key == commit:
            return each.command.hold
    return None


def counts_against(hold: Entry, share: GrantShare, pool: Sequence[Grant]) -> Grant | None:
    """Return the grant that a use counts against, if it is one of this pool.

    Where the grant it was taken from is not in force then, it is the one that was used first.
    """
    at = hold.at
    running = [each for each in pool if each.effective <= at < (each.expires or NEVER)]
    running.sort(key=lambda g: (g.priority, g.expires or NEVER, g.effective, g.id))
    for each in running:
        if each.id == share.grant:
            return each
    of_pool = any(share.grant.startswith(key("grant", each.pool or "", "")) for each in running)
    return running[0] if of_pool else None


def grants_in_pool(
    asked: Asked, contract: Contract, line: ContractLine, allowance: Allowance
) -> list[Grant]:
    """Return the grants that an allowance of a line draws on: of the plan, and by hand."""
    pool = pool_id(contract.id, line.id, allowance.id)
    until = max([asked.at, *(each.at for each in asked.account.ledger.entries)]) + MOMENT
    found = {each.id: each for each in plan_grants(asked, contract, line.id, until)}
    for entry in asked.account.ledger.entries:
        if isinstance(entry.command, Issue):
            found[entry.command.grant.id] = entry.command.grant
    return [each for each in found.values() if each.pool == pool and each.unit is allowance.unit]


def usable_until(asked: Asked, contract: Contract, line: str, end: datetime) -> datetime:
    """Return the end of the grace after the end of a term: that end itself where there is none."""
    facts = (asked.catalog, asked.account, contract, line)
    if end == NEVER or status(*facts, end) != "grace":
        return end
    later = [edge for edge in edges(*facts) if edge > end and status(*facts, edge) != "grace"]
    return min(later, default=NEVER)


def plan_grants(asked: Asked, contract: Contract, id: str, until: datetime) -> list[Grant]:
    """Return the grants of a line: for each of its terms, those of the plan as the term begins.

    What only a later plan promises is granted from its first day on, for the rest of the term.
    What would end with the term can be used until the grace after it is over.
    """
    found: list[Grant] = []
    versions = texts(asked.account, contract, id)
    terms = line_terms(asked.catalog, asked.account, contract, id)
    days = [
        day_start(plan.existing_from, contract.zone)
        for plan in asked.catalog.plans
        if plan.existing_from is not None
    ]
    for start, end in terms:
        promised: set[str] = set()
        over = usable_until(asked, contract, id, end)
        for since in sorted({start, *(text.start for text in versions), *days}):
            if not start <= since < min(end, until):
                continue
            plan = plan_of(asked.catalog, text_near(versions, since), contract.zone, since)
            for allowance in plan.allowances:
                if allowance.id not in promised:
                    promised.add(allowance.id)
                    pool = pool_id(contract.id, id, allowance.id)
                    last = min(end, LATEST - MOMENT)
                    for each in grants_of_term(
                        allowance, since, last, contract.zone, pool=pool, until=until
                    ):
                        lasting = each.expires == end
                        found.append(attrs.evolve(each, expires=over) if lasting else each)
    return found
