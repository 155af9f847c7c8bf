"""Follow-ups by the guide: which request is free, because its first case has a warranty."""

from __future__ import annotations

from entitlements.contracts.account import AccountPart, OpenCase
from entitlements.contracts.allowances.allowance import Allowance
from entitlements.contracts.records.contract import Contract, ContractLine
from entitlements.testing.oracles.by_the_guide.asked import Asked


def is_free(asked: Asked, contract: Contract, line: ContractLine, allowance: Allowance) -> bool:
    """Return whether the request is a follow-up under warranty, by "Follow-ups" of the guide."""
    request = asked.request
    if AccountPart.CASES in asked.account.unknown:
        return False
    cases = {case.id: case for case in asked.account.cases}
    named = cases.get(request.follows or "")
    if named is None or named.id == request.id:
        return False
    if (named.contract, named.line, named.product) != (contract.id, line.id, request.product):
        return False
    first = _first_case(named, cases, allowance, {named.id})
    if first is None or first.resolved is None:
        return False
    return first.resolved <= asked.at < first.resolved + allowance.warranty


def _first_case(
    case: OpenCase, cases: dict[str, OpenCase], allowance: Allowance, seen: set[str]
) -> OpenCase | None:
    """Return the case whose resolution opened the warranty; None if the chain has none."""
    if case.follows is None:
        return case
    before = cases.get(case.follows)
    if before is None or before.id in seen:
        return None
    if (before.contract, before.line, before.product) != (case.contract, case.line, case.product):
        return case
    first = _first_case(before, cases, allowance, seen | {before.id})
    if first is None:
        return None
    over = first.resolved is not None and case.opened >= first.resolved + allowance.warranty
    return case if over else first
