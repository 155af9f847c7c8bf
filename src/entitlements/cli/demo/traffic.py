"""Generated requests that fit the facts, and some with mistakes.

The same facts and seed give the same requests on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final, final

import attrs

from entitlements.contracts.plans import Plan
from entitlements.contracts.records.contract import Contract, ContractLine, CoverageLevel
from entitlements.engine import Facts
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.requests import Request

STRANGER: Final = "somebody-else"
"""Id of a contact and of a customer that no document holds."""

# Shares of requests with that mistake.
_WRONG_CUSTOMER: Final = 0.01
_WRONG_CONTACT: Final = 0.03
_WRONG_PRODUCT: Final = 0.02
_WRONG_CHANNEL: Final = 0.02
_ASKS_FOR_GROUP: Final = 0.10
_ASKS_FOR_SKILL: Final = 0.05
_DECLARES: Final = 0.5


@final
@attrs.frozen(kw_only=True)
class GeneratedRequest:
    """A request, its instant, and how long an agent works on it."""

    request: Request
    at: datetime
    effort: timedelta


@final
@attrs.frozen(kw_only=True)
class _SoldLine:
    """One contract line with its plan."""

    customer: str
    contract: Contract
    line: ContractLine
    plan: Plan
    conditions: tuple[str, ...]


def generated_requests(
    facts: Facts, *, seed: int, count: int, start: datetime, end: datetime
) -> tuple[GeneratedRequest, ...]:
    """Return `count` requests from `start` up to `end`, in order of time.

    Raises:
        InvalidValueError: The facts hold no contract line or no product.
    """
    sold = list(_sold(facts))
    if not sold or not facts.catalog.products:
        raise InvalidValueError(
            "no request can be generated", hint="the facts need a product and a contract line"
        )
    rng = Random(seed)  # noqa: S311 - repeatable, and not a secret
    minutes = (end - start) // timedelta(minutes=1)
    instants = sorted(rng.randrange(minutes) for _ in range(count))
    return tuple(
        GeneratedRequest(
            request=_request(rng, f"R-{number:04}", rng.choice(sold), facts),
            at=start + timedelta(minutes=minute),
            effort=timedelta(minutes=rng.randrange(20, 180)),
        )
        for number, minute in enumerate(instants, start=1)
    )


def _sold(facts: Facts) -> Iterable[_SoldLine]:
    for customer, account in facts.accounts.items():
        for contract in account.contracts:
            for line in contract.lines:
                plan = facts.catalog.plan_versions(line.plan)[-1]
                named = {name for each in plan.rights for name in each.conditions}
                for target in facts.policies[plan.policy].targets:
                    named |= target.conditions
                yield _SoldLine(
                    customer=customer,
                    contract=contract,
                    line=line,
                    plan=plan,
                    conditions=tuple(sorted(named)),
                )


def _request(rng: Random, id: str, sold: _SoldLine, facts: Facts) -> Request:
    plan = sold.plan
    everything = [each.id for each in facts.catalog.products]
    every_channel = sorted({name for each in facts.catalog.plans for name in each.channels})
    # The most severe is the rarest.
    severity = rng.choices(plan.scale, range(1, len(plan.scale) + 1))[0]
    group = rng.choice(plan.rights).group if plan.rights else None
    return Request(
        id=id,
        customer=_slip(rng, _WRONG_CUSTOMER, sold.customer, [STRANGER]),
        contact=_slip(rng, _WRONG_CONTACT, _contact(rng, sold.contract), [STRANGER]),
        product=_slip(rng, _WRONG_PRODUCT, rng.choice(_covered(sold.line, facts)), everything),
        severity=severity,
        channel=_slip(rng, _WRONG_CHANNEL, rng.choice(sorted(plan.channels)), every_channel),
        group=group if rng.random() < _ASKS_FOR_GROUP else None,
        skills=_skills(rng, group, facts) if rng.random() < _ASKS_FOR_SKILL else {},
        conditions=[each for each in sold.conditions if rng.random() < _DECLARES],
    )


def _slip(rng: Random, share: float, right: str, wrong: Sequence[str]) -> str:
    return rng.choice(wrong) if rng.random() < share else right


def _contact(rng: Random, contract: Contract) -> str:
    named = [each.contact for each in contract.contacts]
    return rng.choice(named) if named else "anybody"


def _covered(line: ContractLine, facts: Facts) -> list[str]:
    ids, products = line.coverage.ids, facts.catalog.products
    match line.coverage.level:
        case CoverageLevel.PRODUCT:
            found = sorted(ids)
        case CoverageLevel.PRODUCT_GROUP:
            found = [each.id for each in products if each.groups & ids]
        case _:
            found = [each.id for each in products]
    return found or [products[0].id]


def _skills(rng: Random, group: str | None, facts: Facts) -> dict[str, int]:
    held = {
        (name, level)
        for agent in facts.roster.agents.values()
        if group in agent.groups
        for name, level in agent.skills.items()
    }
    return dict([rng.choice(sorted(held))]) if held else {}
