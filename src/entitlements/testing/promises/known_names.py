"""Known names: what the facts of a promise file can be asked about, and what answers can name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, final

import attrs

from entitlements.contracts.account import Account
from entitlements.engine.facts import Facts
from entitlements.kernel.hints import closest_match_hint
from entitlements.testing.promises.cases import NONE, ExpectedAnswer

_KINDS: Final = {
    "customer": "customer",
    "product": "product",
    "severity": "severity",
    "channel": "channel",
    "group": "expert group",
    "contract": "contract",
    "kind": "kind of request",
    "plan": "plan",
    "right": "right",
    "agent": "agent",
    "milestone": "milestone",
}

_ANY_NAME: Final = "a case that expects `reasons` may ask with any name"


@final
@attrs.frozen
class UnknownName:
    """A name that the facts do not have, at a key of the promise file."""

    field: str
    message: str
    hint: str | None


@final
class KnownNames:
    """All names of some facts, by what they name."""

    def __init__(self, facts: Facts) -> None:
        catalog = facts.catalog
        plans = catalog.plans
        self._names: dict[str, frozenset[str]] = {
            "customer": frozenset(facts.accounts),
            "product": frozenset(each.id for each in catalog.products),
            "severity": frozenset(name for plan in plans for name in plan.severities),
            "channel": frozenset(name for plan in plans for name in plan.channels),
            "group": frozenset(each.id for each in catalog.groups),
            "contract": frozenset(
                each for account in facts.accounts.values() for each in _contracts(account)
            ),
            "kind": frozenset(name for plan in plans for name in plan.kinds),
            "plan": frozenset(each.id for each in plans),
            "right": frozenset(right.id for plan in plans for right in plan.rights) | {NONE},
            "agent": frozenset(facts.roster.agents) | {NONE},
            "milestone": frozenset(
                name for policy in facts.policies.values() for name in policy.milestones
            ),
        }

    def unknown_in(self, asked: Mapping[str, Any]) -> Iterator[UnknownName]:
        """Yield the names in a question that the facts do not have."""
        for field in ("customer", "product", "severity", "channel", "group", "contract", "kind"):
            for each in self._unknown(field, field, (asked.get(field),)):
                yield each if each.hint else attrs.evolve(each, hint=_ANY_NAME)

    def unknown_in_answer(self, expected: ExpectedAnswer) -> Iterator[UnknownName]:
        """Yield the names in an expected answer that the facts do not have."""
        for field in ("group", "contract", "plan", "right", "agent"):
            yield from self._unknown(field, field, (getattr(expected, field),))
        yield from self._unknown("due", "milestone", expected.due)
        yield from self._unknown("state", "milestone", expected.state)

    def _unknown(self, field: str, of: str, names: Iterable[str | None]) -> Iterator[UnknownName]:
        known = self._names[of]
        for name in names:
            # Facts without a single name of the kind, such as plans without severities, know none.
            if name is not None and name not in known and known:
                hint = closest_match_hint(name, sorted(known))
                yield UnknownName(field, f"no {_KINDS[of]} has the name `{name}`", hint)


def _contracts(account: Account) -> Iterable[str]:
    return [each.id for each in account.contracts]
