"""Changes of prices and of notice clauses.

Prices are rate cards, price lists, work rules, credit schedules and billing accounts. The written
forms are compared, key by key. More to pay is worse for a customer, and a higher credit is better;
of everything else it is not decided.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from entitlements.documents.changes.change import ChangeEffect, FactsChange
from entitlements.documents.changes.contracts import presence_changes
from entitlements.documents.plans.own_prices import PRICE_SECTIONS
from entitlements.documents.sections.document_parts import LISTS
from entitlements.documents.shapes.scalars import WriteContext
from entitlements.engine.facts import Facts

_COSTS: Final = frozenset(
    {"hourly", "amount", "overage_hourly", "price", "surcharge", "multiplier"}
)
_NUMBER: Final = re.compile(r"(-?\d+(?:\.\d+)?)(.*)", re.ASCII)
_TITLES: Final = {
    "rate_cards": "rate card",
    "price_lists": "price list",
    "work_rules": "work rules",
    "credit_schedules": "credit schedule",
    "billing_accounts": "billing account",
}
_NAMES: Final = ("id", "item")


def price_changes(old: Facts, new: Facts) -> Iterator[FactsChange]:
    """Yield every price and rule of charging that comes, goes or differs."""
    for section in PRICE_SECTIONS:
        before = getattr(old.prices, section)
        after = getattr(new.prices, section)
        yield from _changes(section, before, after)
    yield from _changes("billing_accounts", old.billing_accounts, new.billing_accounts)


def clause_changes(old: Facts, new: Facts) -> Iterator[FactsChange]:
    """Yield what differs in the clauses about notices; which is better is not decided."""
    one, other = (
        [LISTS["notice_clauses"].write(each, WriteContext()) for each in facts.notice_clauses]
        for facts in (old, new)
    )
    yield from _differences("notice clauses", one, other)


def _changes(
    section: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[FactsChange]:
    title = _TITLES[section]
    yield from presence_changes(title, before, after)
    for id, value in before.items():
        if id in after and after[id] != value:
            one, other = (LISTS[section].write(each, WriteContext()) for each in (value, after[id]))
            yield from _differences(f"{title} {id}", one, other)


def _differences(place: str, old: Any, new: Any) -> Iterator[FactsChange]:
    if isinstance(old, list) and isinstance(new, list):
        old, new = _by_name(old), _by_name(new)
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            one, other = old.get(key), new.get(key)
            if one != other:
                yield from _differences(f"{place}, {str(key).replace('_', ' ')}", one, other)
        return
    yield FactsChange(_effect(place, old, new), place, _text(old), _text(new))


def _by_name(values: list[Any]) -> dict[str, Any]:
    """Return items by their names and first days, or by their numbers where they have none."""
    found: dict[str, Any] = {}
    for number, each in enumerate(values, 1):
        named = [each[key] for key in _NAMES if key in each] if isinstance(each, dict) else []
        start = f" from {each['start']}" if named and "start" in each else ""
        found[f"{named[0]}{start}" if named else str(number)] = each
    return found


def _effect(place: str, old: Any, new: Any) -> ChangeEffect:
    key = place.rpartition(", ")[2].replace(" ", "_")
    one, other = (_NUMBER.fullmatch(str(each)) for each in (old, new))
    if one is None or other is None or one[2] != other[2] or key not in {*_COSTS, "credit"}:
        return ChangeEffect.UNCLEAR
    is_more = float(other[1]) > float(one[1])
    return ChangeEffect.WORSE if is_more is (key in _COSTS) else ChangeEffect.BETTER


def _text(value: Any) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case dict():
            return ", ".join(f"{key} {_text(each)}" for key, each in value.items())
        case list():
            return "; ".join(map(_text, value))
        case _:
            return str(value)
