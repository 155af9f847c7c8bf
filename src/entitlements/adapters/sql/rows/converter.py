"""Converter between values and plain data, for all value classes.

Reading is strict: an unknown key, a number in place of text, or an unknown kind is refused. A
missing field takes its default. Data never selects a class freely: the type of the field limits
which kinds are allowed, and kinds are stored names.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_unstructure_fn, override

from entitlements.calendars import BusinessHours
from entitlements.contracts.account import OpenCase
from entitlements.contracts.ledger.entries import Entry, GrantShare, LedgerCommand
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.documents.formats.files import Source, parse_document
from entitlements.documents.formats.problems import Problem
from entitlements.documents.hours.business_hours import HoursShape
from entitlements.documents.sections.routing import ROUTING
from entitlements.documents.shapes.read_context import ReadContext, Unreadable
from entitlements.documents.shapes.scalars import Shape, WriteContext
from entitlements.kernel.data.digests import decimal_text, stored_name
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import MICROSECOND, from_micros, to_micros
from entitlements.kernel.requests import Request
from entitlements.ports.records import Case, FrozenTerms, WorkItem
from entitlements.routing.agents.workload import AssignedWork, Workload
from entitlements.routing.answers.answers import ConsideredAgent
from entitlements.routing.eligibility.obstacles import Obstacle
from entitlements.routing.offers.lifecycle import WorkCommand
from entitlements.routing.offers.selections import AgentSelection
from entitlements.routing.offers.work_state import OfferLease, OfferRefusal, WorkState
from entitlements.routing.policies.policy import RoutingPolicy
from entitlements.routing.work.requirements import Requirement, RoutingObligations
from entitlements.routing.work.work import Work
from entitlements.sla.case_history.events import Event

_FEW: Final = 4_096
TAG: Final = "kind_of"
FREQUENT: Final = (
    Case,
    FrozenTerms,
    Request,
    Event,
    OpenCase,
    Entry,
    GrantShare,
    *get_args(LedgerCommand),
    AssignedWork,
    RoutingObligations,
    *get_args(WorkCommand),
    WorkState,
    OfferLease,
    OfferRefusal,
    WorkItem,
    AgentSelection,
    ConsideredAgent,
    Obstacle,
    Requirement,
    Workload,
    Work,
)
"""Classes that are written often and have many fields, most of them with the default value."""
APART: Final[Mapping[type[Any], tuple[str, ...]]] = {Case: ("events", "recorded")}
"""Fields that have rows of their own: events, with when they were recorded."""
_SIMPLE: Final[dict[type, Callable[[Any], Any]]] = {
    datetime: lambda at: {"instant": to_micros(at)},
    timedelta: lambda amount: {"micros": amount // MICROSECOND},
    date: lambda day: {"date": day.isoformat()},
    Fraction: lambda share: {"fraction": str(share)},
}
_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "instant": lambda plain: from_micros(_of(int, plain)),
    "micros": lambda plain: MICROSECOND * _of(int, plain),
    "date": lambda plain: date.fromisoformat(_of(str, plain)),
    "fraction": lambda plain: Fraction(_of(str, plain)),
}


def converter() -> Converter:
    """Return the converter of all value classes; it has no mutable state."""
    made = Converter(forbid_extra_keys=True, detailed_validation=False)
    made.register_unstructure_hook(datetime, to_micros)
    made.register_unstructure_hook(date, date.isoformat)
    made.register_unstructure_hook(timedelta, lambda amount: amount // MICROSECOND)
    made.register_unstructure_hook(Fraction, str)
    made.register_unstructure_hook(Decimal, decimal_text)
    made.register_structure_hook(datetime, lambda plain, _: from_micros(_of(int, plain)))
    made.register_structure_hook(date, lambda plain, _: date.fromisoformat(_of(str, plain)))
    made.register_structure_hook(timedelta, lambda plain, _: MICROSECOND * _of(int, plain))
    made.register_structure_hook(Fraction, lambda plain, _: Fraction(_of(str, plain)))
    made.register_structure_hook(Decimal, lambda plain, _: Decimal(_of(str, plain)))
    for kind in (str, int, bool):
        made.register_structure_hook(kind, _plain(kind))
    made.register_unstructure_hook(RoutingPolicy, _routing_to_text)
    made.register_structure_hook(RoutingPolicy, lambda plain, _: _routing_from_text(plain))
    made.register_unstructure_hook_func(_is_hours, _hours_to_text)
    made.register_structure_hook_func(_is_hours, lambda plain, _: _hours_from_text(plain))
    made.register_unstructure_hook(
        Ledger, lambda ledger: [made.unstructure(each) for each in ledger.entries]
    )
    made.register_unstructure_hook_factory(_is_map, lambda of: _map_writer(made, of))
    made.register_structure_hook_factory(_is_map, lambda of: _map_reader(made, of))
    made.register_unstructure_hook_factory(_is_set, lambda of: _set_writer(made, of))
    made.register_unstructure_hook_factory(_is_union, lambda of: _choice_writer(made, of))
    made.register_structure_hook_factory(_is_union, lambda of: _choice_reader(made, of))
    made.register_unstructure_hook_factory(
        lambda of: of in FREQUENT,
        lambda of: make_dict_unstructure_fn(of, made, _cattrs_omit_if_default=True),
    )
    for of, names in APART.items():
        apart: Any = {name: override(omit=True) for name in names}
        writer = make_dict_unstructure_fn(of, made, _cattrs_omit_if_default=True, **apart)
        made.register_unstructure_hook(of, writer)
    _remember(made, Requirement)
    return made


def _remember(made: Converter, of: type[Any]) -> None:
    """Read equal values of a class once and share them."""
    read = made.get_structure_hook(of)
    known = lru_cache(maxsize=_FEW)(lambda text: read(json.loads(text), of))
    made.register_structure_hook(of, lambda plain, _: known(json.dumps(_of(dict, plain))))


def _of(kind: type, plain: Any) -> Any:
    if type(plain) is not kind:
        raise TypeError(f"{plain!r} is no {kind.__name__}")
    return plain


def _plain(kind: type) -> Callable[[Any, Any], Any]:
    """Return a reader of text, numbers, booleans, or enums of them."""

    def read(plain: Any, of: Any) -> Any:
        if of is kind and type(plain) is kind:
            return plain
        return of(plain) if issubclass(of, Enum) else _of(of, plain)

    return read


def _is_hours(of: Any) -> bool:
    return isinstance(of, type) and issubclass(of, BusinessHours)


def _is_map(of: Any) -> bool:
    return get_origin(of) is FrozenMap


def _is_set(of: Any) -> bool:
    return get_origin(of) is frozenset


def _is_union(of: Any) -> bool:
    return get_origin(of) in {Union, UnionType} and len(_kinds(of)) > 1


def _kinds(of: Any) -> tuple[Any, ...]:
    return tuple(each for each in get_args(of) if each is not NoneType)


def _map_writer(made: Converter, of: Any) -> Callable[[Any], Any]:
    key, value = get_args(of)
    item = made.get_unstructure_hook(value)

    def write(items: Mapping[Any, Any]) -> dict[str, Any]:
        # Equal maps may have different orders and must have one text.
        plain = (
            items if key is str else {str(made.unstructure(k, key)): v for k, v in items.items()}
        )
        return {name: item(plain[name]) for name in sorted(plain)}

    return write


def _map_reader(made: Converter, of: Any) -> Callable[[Any, Any], Any]:
    key, value = get_args(of)
    name, item = made.get_structure_hook(key), made.get_structure_hook(value)
    return lambda plain, _: FrozenMap(
        {name(k, key): item(v, value) for k, v in _of(dict, plain).items()}
    )


def _set_writer(made: Converter, of: Any) -> Callable[[Any], Any]:
    (item,) = get_args(of)
    return lambda items: sorted(made.unstructure(each, item) for each in items)


def _choice_writer(made: Converter, of: Any) -> Callable[[Any], Any]:
    kinds = _kinds(of)
    writers: dict[type, Callable[[Any], Any]] = {}

    def write(value: Any) -> Any:
        kind = type(value)
        if value is None:
            return None
        if kind in _SIMPLE:
            return _SIMPLE[kind](value)
        writer = writers.get(kind)
        if writer is None:
            if kind not in kinds:
                raise TypeError(f"{kind.__name__} is not one of {kinds}")
            writer = writers[kind] = made.get_unstructure_hook(kind)
        return {TAG: stored_name(kind), **writer(value)}

    return write


def _choice_reader(made: Converter, of: Any) -> Callable[[Any, Any], Any]:
    kinds: Mapping[str, Any] = {stored_name(each): each for each in _kinds(of) if attrs.has(each)}
    readers: dict[type, Callable[[Any, Any], Any]] = {}
    simple = {name for kind in _kinds(of) if kind in _SIMPLE for name in _NAMES[kind]}

    def read(plain: Any, _: Any) -> Any:
        if plain is None and NoneType in get_args(of):
            return None
        fields = dict(_of(dict, plain))
        if len(fields) == 1 and (name := next(iter(fields))) in simple:
            return _READERS[name](fields[name])
        kind = kinds[fields.pop(TAG)]
        reader = readers.get(kind)
        if reader is None:
            reader = readers[kind] = made.get_structure_hook(kind)
        return reader(fields, kind)

    return read


_NAMES: Final = {datetime: ("instant",), timedelta: ("micros",), date: ("date",)} | {
    Fraction: ("fraction",)
}


def _hours_to_text(hours: BusinessHours) -> str:
    return json.dumps({"hours": HoursShape().write(hours, WriteContext())}, sort_keys=True)


@lru_cache(maxsize=4_096)
def _hours_from_text(text: str) -> BusinessHours:
    hours: BusinessHours = _read("hours", text, HoursShape())
    return hours


def _routing_to_text(policy: RoutingPolicy) -> str:
    return json.dumps({"routing policy": ROUTING.write(policy, WriteContext())}, sort_keys=True)


def _routing_from_text(text: str) -> RoutingPolicy:
    policy: RoutingPolicy = _read("routing policy", text, ROUTING)
    return policy


def _read(name: str, text: str, shape: Shape) -> Any:
    """Return the value in `text`, which is stored in the form of documents."""
    problems: list[Problem] = []
    into = ReadContext()
    root = parse_document(Source(f"stored {name}", _of(str, text), "json"), problems)
    found = shape.read(root.entries[name], into)
    if problems or into.problems or isinstance(found, Unreadable):
        raise InvalidValueError(f"stored {name} cannot be read: {[*problems, *into.problems]}")
    return found
