"""Canonical JSON, plain data and digests: equal values have equal digests, on every machine.

The canonical form is JSON with sorted keys; sets are sorted, instants are microseconds, attrs
values carry the stored name of their class. It is meant for comparing, not for reading back.

Plain data is the form for records that are read back: the class of a value is not written, because
whoever reads it knows the class, and fields that have their default value are left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum, StrEnum
from fractions import Fraction
from functools import cache
from json.encoder import encode_basestring
from operator import itemgetter
from typing import Any, Final, final

import attrs

from entitlements.kernel.data.object_writers import (
    NO_DEFAULT,
    WrittenField,
    default_of,
    keeping_writer,
    object_writer,
)
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.instants import MICROSECOND, text_of, to_micros

STORED_NAMES: Final[Mapping[str, str]] = {
    "Accept": "accept",
    "AcceptOffer": "accept_offer",
    "AccessRight": "access_right",
    "Adjust": "adjust",
    "AdmitRequest": "admit_request",
    "AdoptCase": "adopt_case",
    "Allowance": "allowance",
    "Amendment": "amendment",
    "Asset": "asset",
    "AssignCase": "assign_case",
    "AssigneeAction": "assignee_action",
    "AssignmentOverride": "assignment_override",
    "Block": "block",
    "BusinessDays": "business_days",
    "Cancel": "cancel",
    "CancelCase": "cancel_case",
    "Cancellation": "cancellation",
    "ClockOptions": "clock_options",
    "CommercialTerms": "commercial_terms",
    "Commit": "commit",
    "Constraint": "constraint",
    "Contract": "contract",
    "ContractLine": "contract_line",
    "Coverage": "coverage",
    "Cycle": "cycle",
    "Decline": "decline",
    "DeclineOffer": "decline_offer",
    "Delegation": "delegation",
    "Enqueue": "enqueue",
    "Entry": "entry",
    "Event": "event",
    "ExpertGroup": "expert_group",
    "Expire": "expire",
    "GiveBack": "give_back",
    "Grace": "grace",
    "Grant": "grant",
    "GrantShare": "grant_share",
    "Issue": "issue",
    "LeadTime": "lead_time",
    "LifeCycle": "life_cycle",
    "NamedContact": "named_contact",
    "NonRenewalNotice": "non_renewal_notice",
    "Offer": "offer",
    "OfferCase": "offer_case",
    "OpenCase": "open_case",
    "Park": "park",
    "Plan": "plan",
    "PriorityMatrix": "priority_matrix",
    "ProcessTimeouts": "process_timeouts",
    "Product": "product",
    "ProductVersion": "product_version",
    "QuantityStep": "quantity_step",
    "RecordEvent": "record_event",
    "Renewal": "renewal",
    "RenewalTerms": "renewal_terms",
    "ReopenCase": "reopen_case",
    "Request": "request",
    "Rescind": "rescind",
    "Reserve": "reserve",
    "ResolveCase": "resolve_case",
    "Rollover": "rollover",
    "ServiceProduct": "service_product",
    "SlaPolicy": "sla_policy",
    "Target": "target",
    "Transfer": "transfer",
    "SyncCase": "sync_case",
    "TransferCase": "transfer_case",
    "TransferUnits": "transfer_units",
    "UptimePromise": "uptime_promise",
    "Void": "void",
    "Withdraw": "withdraw",
}
"""The name under which each class is stored and digested, by the name of the class.

A class can be renamed here without changing what is stored: its stored name stays.
"""


_KEPT: Final = {"Request": 64}
"""Classes of values that are part of several texts, and of how many values to keep the text."""

_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def stored_name(of: type) -> str:
    """Return the name under which values of a class are stored and digested.

    >>> from entitlements.kernel.requests import Request
    >>> stored_name(Request)
    'request'

    Raises:
        InvalidValueError: The class has no stored name.
    """
    try:
        return STORED_NAMES[of.__name__]
    except KeyError:
        raise InvalidValueError(f"values of `{of.__name__}` are never stored or digested") from None


def canonical_json(value: object) -> str:
    """Return the canonical text of `value`: one text for all equal values of one type.

    >>> canonical_json({"b": 1, "a": frozenset({2, 1})})
    '{"a":[1,2],"b":1}'

    Raises:
        InvalidValueError: `value` holds something that has no canonical form.
    """
    return _text(_plain(value))


def digest(value: object) -> str:
    """Return the SHA-256 of the canonical text of `value`, as 64 hexadecimal digits."""
    return text_digest(canonical_json(value))


def text_digest(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, as 64 hexadecimal digits.

    >>> text_digest("")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(text.encode()).hexdigest()


def decimal_text(value: Decimal) -> str:
    """Return the digits of a decimal: one text for all equal values.

    >>> decimal_text(Decimal("4.50"))
    '4.5'
    """
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def first_different_field(before: Mapping[str, object], now: Mapping[str, object]) -> str | None:
    """Return the first field that only one of two contents has, or whose values differ, or None.

    The fields of `now` come first, in their order.

    >>> first_different_field({"unit": "hours", "amount": 1}, {"unit": "hours", "amount": 2})
    'amount'
    """
    for name in (*now, *before):
        if name not in before or name not in now or before[name] != now[name]:
            return name
    return None


def _text(plain: object) -> str:
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _plain(value: object) -> object:  # noqa: PLR0911 - one line for each kind of value
    kind = type(value)
    match value:
        case None | bool() | int() | str() if not isinstance(value, Enum):
            return value
        case Enum():
            return value.value
        case datetime():
            return {"instant": to_micros(value)}
        case date():
            return {"date": value.isoformat()}
        case timedelta():
            return {"micros": value // MICROSECOND}
        case Fraction():
            return {"ratio": [value.numerator, value.denominator]}
        case Mapping():
            return {str(_plain(key)): _plain(each) for key, each in value.items()}
        case AbstractSet():
            return sorted((_plain(each) for each in value), key=_text)
        case tuple() | list():
            return [_plain(each) for each in value]
        case _ if attrs.has(kind):
            names = [each.name for each in attrs.fields(kind) if each.eq]
            return {stored_name(kind): {name: _plain(getattr(value, name)) for name in names}}
        case _:
            raise InvalidValueError(f"`{value!r}` has no canonical form")


def plain_json(data: object) -> str:
    """Return the canonical text of data that JSON can hold; see `canonical_json`.

    >>> plain_json({"b": 1, "a": [None, "é"]})
    '{"a":[null,"é"],"b":1}'
    """
    return _ENCODER.encode(data)


def plain_data(value: object) -> Any:
    """Return a value as data that JSON can hold.

    Instants are ISO 8601 text in UTC, durations are microseconds, sets are sorted.

    >>> from entitlements.kernel.requests import Request
    >>> plain_data(Request(id="R-1", customer="acme", contact="dana", product="db",
    ...                    severity="S1", channel="phone", conditions={"b", "a"}))["conditions"]
    ['a', 'b']

    Raises:
        InvalidValueError: `value` holds something else, such as a floating-point number.
    """
    kind = type(value)
    if kind is str or value is None or kind is int or kind is bool:
        return value
    if attrs.has(kind):
        found = {}
        for name, default in _fields_with_defaults(kind):
            each = getattr(value, name)
            if default is NO_DEFAULT or (each is not default and each != default):
                found[name] = each if type(each) is str else plain_data(each)
        return found
    return _plain_other(value)


def plain_text(value: object) -> str:
    """Return `plain_json(plain_data(value))`, without the data in between.

    >>> from entitlements.kernel.instants import utc
    >>> plain_text((utc("2026-03-02T09:00Z"), True))
    '["2026-03-02T09:00:00Z",true]'

    Raises:
        InvalidValueError: `value` holds something that cannot be stored.
    """
    return _WRITERS[type(value)](value)


@final
class _Writers(dict[type, Callable[[Any], str]]):
    """What writes values of each class, made for the first value of it."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        write = self[kind] = _writer_of(kind)
        return write


def _writer_of(kind: type[Any]) -> Callable[[Any], str]:
    if attrs.has(kind):
        fields = sorted(_fields_with_defaults(kind), key=itemgetter(0))
        write = object_writer((WrittenField(*each) for each in fields), _WRITERS)
        most = _KEPT.get(kind.__name__)
        return write if most is None else keeping_writer(write, most)
    return encode_basestring if issubclass(kind, StrEnum) else _other_text


def _other_text(value: object) -> str:
    return plain_json(plain_data(value))


_WRITERS: Final[_Writers] = _Writers(
    {
        str: encode_basestring,
        int: str,
        datetime: lambda at: f'"{text_of(at)}"',
        tuple: lambda values: f"[{','.join([_WRITERS[type(each)](each) for each in values])}]",
    }
)


def _plain_other(value: object) -> Any:  # noqa: PLR0911 - one line for each kind of value
    match value:
        case Enum():
            return value.value
        case datetime():
            return text_of(value)
        case date():
            return value.isoformat()
        case timedelta():
            return value // MICROSECOND
        case Fraction():
            return [value.numerator, value.denominator]
        case Decimal():
            return decimal_text(value)
        case Mapping():
            return {plain_data(key): plain_data(each) for key, each in value.items()}
        case AbstractSet():
            return sorted(map(plain_data, value))
        case tuple() | list():
            return [plain_data(each) for each in value]
        case _:
            raise InvalidValueError(f"`{value!r}` cannot be stored as plain data")


@cache
def _fields_with_defaults(kind: type[Any]) -> tuple[tuple[str, object], ...]:
    """Return the compared fields of a class, each with its default value."""
    return tuple((each.name, default_of(each)) for each in attrs.fields(kind) if each.eq)
