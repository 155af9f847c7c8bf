"""What a request costs by the guide: included, prepaid, overage, or refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from entitlements.access import ChargeKind, Reason
from entitlements.contracts.allowances.allowance import Allowance, OveragePolicy
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.entries import Commit, Entry, Expire, GiveBack, Reserve, Void
from entitlements.contracts.lines.plan_grants import pool_id
from entitlements.contracts.records.contract import Contract, ContractLine
from entitlements.testing.oracles.by_the_guide.asked import Asked
from entitlements.testing.oracles.by_the_guide.balances import balance, grants_in_pool
from entitlements.testing.oracles.by_the_guide.follow_ups import is_free
from entitlements.testing.oracles.by_the_guide.records import NEVER

CONSENT: Final = "overage-consent"


def cost(
    asked: Asked, contract: Contract, line: ContractLine, allowance: Allowance
) -> tuple[ChargeKind | None, bool, Reason | None]:
    """Return the charge of a request that counts and whether it needs consent, or a reason."""
    if is_free(asked, contract, line, allowance):
        return ChargeKind.INCLUDED, False, None
    pool = pool_id(contract.id, line.id, allowance.id)
    new = _cost_of_new(asked, grants_in_pool(asked, contract, line, allowance), allowance)
    entries = asked.account.ledger.entries
    entry = next((each for each in entries if each.key == asked.request.id), None)
    if entry is None:
        return new
    charge = _charge_of_hold(asked, entry, entries, allowance, pool)
    if charge is not None:
        return charge, False, None
    return None, False, new[2] or Reason.ID_USED


def _cost_of_new(
    asked: Asked, pool: list[Grant], allowance: Allowance
) -> tuple[ChargeKind | None, bool, Reason | None]:
    running = [each for each in pool if each.effective <= asked.at < (each.expires or NEVER)]
    now = [balance(asked, each, pool, asked.at) for each in running]
    if sum(each.left for each in now) >= allowance.cost:
        return ChargeKind.PREPAID, False, None
    if allowance.over_use is OveragePolicy.REFUSE:
        return None, False, Reason.ALLOWANCE_SPENT
    # A reservation in the past may take only what every later entry leaves.
    later = [each.at for each in asked.account.ledger.entries if each.at > asked.at]
    least = [
        [
            balance(asked, grant, pool, at)
            for at in (asked.at, *later)
            if at < (grant.expires or NEVER)
        ]
        for grant in running
    ]
    left = sum(min(each.left for each in some) for some in least)
    capped = sum(min(each.capped for each in some) for some in least)
    agreed = sum(min(each.agreed for each in some) for some in least)
    if running and left + capped >= allowance.cost:
        return ChargeKind.OVERAGE, False, None
    if running and left + agreed >= allowance.cost:
        return ChargeKind.OVERAGE, CONSENT not in asked.request.conditions, None
    return None, False, Reason.ALLOWANCE_SPENT


def _charge_of_hold(  # noqa: PLR0911 - one line for each way to end
    asked: Asked, entry: Entry, entries: Sequence[Entry], allowance: Allowance, pool: str
) -> ChargeKind | None:
    """Return the charge of the request's hold; None if it is no hold, has ended or is too small."""
    hold = entry.command
    if not isinstance(hold, Reserve) or entry.refusal is not None:
        return None
    if hold.unit is not allowance.unit or hold.pools != (pool,):
        return None
    shares, used = entry.shares, False
    for each in entries:
        match each.command:
            case Void(hold=name) | Expire(hold=name) if name == entry.key:
                return None
            case Commit(hold=name) if name == entry.key and each.refusal is None:
                shares, used = each.shares, True
                for back in entries:
                    if isinstance(back.command, GiveBack) and back.command.commit == each.key:
                        return None
    if not used and entry.until is not None and entry.until <= asked.at:
        return None
    if sum(each.amount + each.overage for each in shares) < allowance.cost:
        return None
    return ChargeKind.OVERAGE if any(each.overage for each in shares) else ChargeKind.PREPAID
