"""Changes of contracts, key by key and line by line, in the words of the documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

import attrs

from entitlements.contracts.plan_terms.commercial_terms import CommercialTerms
from entitlements.contracts.plan_terms.renewal_terms import RenewalTerms
from entitlements.contracts.records.contract import Constraint, Contract, ContractLine, Coverage
from entitlements.contracts.records.parties import NamedContact
from entitlements.documents.changes.change import ChangeEffect, FactsChange
from entitlements.documents.tables.plan_table import commercial_text
from entitlements.engine.facts import Facts

if TYPE_CHECKING:
    from attrs import AttrsInstance

_Value = TypeVar("_Value")
_ABSENT = "absent"
_PRESENT = "present"
_NONE = "none"


def contract_changes(old: Facts, new: Facts) -> Iterator[FactsChange]:
    """Yield every contract that comes or goes, and every key of one that is in both."""
    before, after = _by_customer(old), _by_customer(new)
    yield from presence_changes("contract", before, after)
    for name, contract in before.items():
        if name in after:
            yield from _contract(f"contract {name}", contract, after[name])


def presence_changes(
    kind: str, before: Mapping[str, _Value], after: Mapping[str, _Value]
) -> Iterator[FactsChange]:
    """Yield what is in one of two mappings only."""
    for id in before:
        if id not in after:
            yield FactsChange(ChangeEffect.WORSE, f"{kind} {id}", _PRESENT, _ABSENT)
    for id in after:
        if id not in before:
            yield FactsChange(ChangeEffect.BETTER, f"{kind} {id}", _ABSENT, _PRESENT)


def key_changes(
    place: str, old: AttrsInstance, new: AttrsInstance, *, but: str = ""
) -> Iterator[FactsChange]:
    """Yield the fields in which two values of one attrs class differ; which is better is unclear.

    Args:
        place: Where the values are.
        old: The value before.
        new: The value after.
        but: A field that is compared elsewhere.
    """
    for field in attrs.fields(type(old)):
        one, other = (getattr(each, field.name) for each in (old, new))
        if field.name != but and one != other:
            title = field.name.replace("_", " ")
            was, now = value_text(one), value_text(other)
            yield FactsChange(ChangeEffect.UNCLEAR, f"{place}, {title}", was, now)


def value_text(value: object) -> str:
    """Return a value of a contract or of clock options as a person writes it."""
    if value is None or value == "":
        return _NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {value_text(each)}" for key, each in value.items()) or _NONE
    if isinstance(value, frozenset | tuple):
        texts = [*map(value_text, value)]
        return ", ".join(sorted(texts) if isinstance(value, frozenset) else texts) or _NONE
    return _one_value(value)


def _one_value(value: object) -> str:
    match value:
        case Coverage():
            ids = f" {value_text(value.ids)}" if value.ids else ""
            return f"{value.level}{ids}"
        case Constraint():
            return f"{value.kind} {value_text(value.values)}"
        case CommercialTerms():
            return commercial_text(value)
        case RenewalTerms():
            return renewal_text(value)
        case NamedContact():
            return _contact(value)
        case _:
            return str(value)


def renewal_text(renewal: RenewalTerms) -> str:
    """Return renewal terms as text.

    >>> renewal_text(RenewalTerms(months=12, notice_months=3))
    'by 12 months unless notice is given 3 months before'
    """
    notice = "by the last day"
    if renewal.notice_months or renewal.notice_days:
        unit = "months" if renewal.notice_months else "days"
        notice = f"{renewal.notice_months or renewal.notice_days} {unit} before"
    length = "without an end" if renewal.months is None else f"by {renewal.months} months"
    return f"{length} unless notice is given {notice}"


def _contact(contact: NamedContact) -> str:
    parts = [
        "" if contact.start is None else f"from {contact.start}",
        "" if contact.end is None else f"until {contact.end}",
        "" if contact.may_delegate else "may not delegate",
        *sorted(contact.roles),
    ]
    stated = ", ".join(filter(None, parts))
    return f"{contact.contact} ({stated})" if stated else contact.contact


def _contract(place: str, old: Contract, new: Contract) -> Iterator[FactsChange]:
    yield from key_changes(place, old, new, but="lines")
    before, after = _lines(old), _lines(new)
    yield from presence_changes(f"{place}, line", before, after)
    for id, line in before.items():
        if id in after:
            yield from key_changes(f"{place}, line {id}", line, after[id])


def _lines(contract: Contract) -> dict[str, ContractLine]:
    return {line.id: line for line in contract.lines}


def _by_customer(facts: Facts) -> dict[str, Contract]:
    return {
        f"{contract.id} of {customer}": contract
        for customer, account in facts.accounts.items()
        for contract in account.contracts
    }
