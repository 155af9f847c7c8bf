"""Prices in place: what a plan or contract costs, written inside its commercial terms.

`price: 400 EUR/month in advance` becomes a price list of its own, and so do rates, work rules and
credits. The forms are rewritten to the long ones before they are read, so that a problem has its
line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Final

import attrs

from entitlements.documents.formats.nodes import (
    ListNode,
    MappingNode,
    Node,
    ScalarKind,
    ScalarNode,
    node_text,
)
from entitlements.documents.shapes.read_context import UNREADABLE, ReadContext, Unreadable

_MONEY: Final = r"-?\d[\d.,']*\s*[A-Z]{3}\b|[A-Z]{3}\s*\d|-?\d[\d.,']*\s*[€$£¥]|[€$£¥]\s*\d"
_LOOKS_PRICED: Final = re.compile(rf"(?:{_MONEY}).*", re.ASCII | re.DOTALL)
_FEE: Final = re.compile(
    r"(?P<amount>.+?)\s*(?:/|\bper\b|\b(?:a|an|every)\b)\s*(?P<count>\d+\s+)?"
    r"(?P<period>week|month|quarter|year)s?\b"
    r"(?P<per_unit>\s+per\s+unit)?(?:\s+in\s+(?P<timing>advance|arrears))?"
    r"(?:\s+on\s+day\s+(?P<day>\d+))?",
    re.ASCII,
)
_ROUNDED: Final = re.compile(r"\d+(?:\.\d+)?\s*(?:h|m|min|minutes?|hours?)\b.*", re.ASCII)
_PERCENT_BAND: Final = re.compile(r"below\s+(\d+(?:\.\d+)?)\s*%?", re.ASCII)
_TIMES: Final = re.compile(r"x\s*(\d+(?:\.\d+)?)", re.ASCII)
_COUNT_BAND: Final = re.compile(r"(\d+)\s*(?:(\+)|-\s*(\d+))?", re.ASCII)
PRICE_SECTIONS: Final = ("rate_cards", "price_lists", "work_rules", "credit_schedules")


def _text(like: Node, text: str, kind: ScalarKind = ScalarKind.TEXT) -> ScalarNode:
    return ScalarNode(like.file, like.line, like.path, kind, text)


def _mapping(like: Node, entries: dict[str, Node], *, lossy: bool = False) -> MappingNode:
    keys = {key: _text(each, key) for key, each in entries.items()}
    if isinstance(like, MappingNode):
        keys |= {key: node for key, node in like.keys.items() if key in entries}
    return MappingNode(like.file, like.line, like.path, entries, keys, lossy)


def _with(node: MappingNode, **entries: Node) -> MappingNode:
    return _mapping(node, {**node.entries, **entries}, lossy=node.lossy)


def _list(like: Node, items: Iterable[Node]) -> ListNode:
    return ListNode(like.file, like.line, like.path, tuple(items))


def with_own_prices(node: MappingNode, owner: str, item: str, into: ReadContext) -> MappingNode:
    """Return a plan or contract whose commercial terms name values only.

    What is written in place is added to `into.own_prices`, by section, to be read there.

    Args:
        node: The plan or contract.
        owner: The id of what is written in place.
        item: What the price is for.
        into: The read context.
    """
    terms = node.entries.get("commercial")
    if not isinstance(terms, MappingNode):
        return node
    hours = node.entries.get("hours")
    found = dict(terms.entries)
    name = _text(terms, owner)
    for key, section, own in (
        ("rates", "rate_cards", _own_rates(found.get("rates"), hours)),
        ("price", "price_lists", _own_price(found.get("price"), item, into)),
        ("work", "work_rules", _own_work(found.get("work"))),
    ):
        if own is not None:
            into.own_prices.setdefault(section, []).append(_with(own, id=name))
            found[key] = _text(found[key], owner)
    if "credits" in found:
        found["credits"] = _with_own_credits(found["credits"], owner, into)
    return _with(node, commercial=_mapping(terms, found, lossy=terms.lossy))


def _own_rates(node: Node | None, hours: Node | None) -> MappingNode | None:
    if not isinstance(node, MappingNode):
        return None
    if "rates" in node.entries:
        return node
    rates = dict(node.entries)
    card: dict[str, Node] = {}
    card |= {key: rates.pop(key) for key in ("zone", "currency") if key in rates}
    after = next((each for each in ("after hours", "after_hours") if each in rates), None)
    if after is not None and isinstance(hours, ScalarNode):
        text = rates[after]
        if isinstance(text, ScalarNode) and "outside" not in text.text:
            rates[after] = attrs.evolve(text, text=f"{text.text} outside {hours.text}")
    return _mapping(node, {**card, "rates": _mapping(node, rates, lossy=node.lossy)})


def _own_price(node: Node | None, item: str, into: ReadContext) -> MappingNode | None:
    if isinstance(node, MappingNode):
        if "amount" not in node.entries:
            return node
        rest = dict(node.entries)
        price: dict[str, Node] = {"item": _text(node, item)}
        price |= {key: rest.pop(key) for key in ("amount", "per_unit") if key in rest}
        return _mapping(node, {**rest, "prices": _list(node, [_mapping(node, price)])})
    if not isinstance(node, ScalarNode) or not _LOOKS_PRICED.fullmatch(node.text.strip()):
        return None
    found = _FEE.fullmatch(node.text.strip())
    if found is None:
        into.problem(
            node, f"{node_text(node)} is not a price", "write it as `400 EUR/month in advance`"
        )
        return _mapping(node, {}, lossy=True)
    price = {"item": _text(node, item), "amount": _text(node, found["amount"])}
    if found["per_unit"]:
        price["per_unit"] = _text(node, "true", ScalarKind.TRUTH)
    every: dict[str, Node] = {"period": _text(node, found["period"])}
    if found["count"]:
        every["count"] = _text(node, found["count"].strip(), ScalarKind.NUMBER)
    entries: dict[str, Node] = {
        "prices": _list(node, [_mapping(node, price)]),
        "every": _mapping(node, every),
    }
    if found["timing"]:
        entries["timing"] = _text(node, found["timing"])
    if found["day"]:
        entries["billing_day"] = _text(node, found["day"], ScalarKind.NUMBER)
    return _mapping(node, entries)


def _own_work(node: Node | None) -> MappingNode | None:
    if isinstance(node, MappingNode):
        return node
    if isinstance(node, ScalarNode) and _ROUNDED.fullmatch(node.text.strip()):
        return _mapping(node, {"rounding": node})
    return None


def _with_own_credits(node: Node, owner: str, into: ReadContext) -> Node:
    """Return the names of the schedules; a mapping has one schedule for each basis."""
    if isinstance(node, MappingNode):
        names: list[Node] = []
        for basis, bands in node.entries.items():
            name = _text(node.keys[basis], f"{owner} {basis}")
            own = _mapping(bands, {"bands": bands})
            if isinstance(bands, MappingNode) and "bands" in bands.entries:
                own = bands
            own = _with(own, id=name, basis=_text(node.keys[basis], basis))
            into.own_prices.setdefault("credit_schedules", []).append(own)
            names.append(name)
        return _list(node, names)
    return node


def with_rate_list(node: MappingNode) -> MappingNode:
    """Return a rate card whose rates are a list, where they are a mapping from kinds of work.

    `default` is the rate for all other work, and `after hours` holds for all rates without one of
    their own. A blank in a kind of work stands for `_`.
    """
    rates = node.entries.get("rates")
    if not isinstance(rates, MappingNode):
        return node
    entries = dict(rates.entries)
    after = entries.pop("after hours", None) or entries.pop("after_hours", None)
    found = [_rate(rates.keys[key], value, after) for key, value in entries.items()]
    return _with(node, rates=_list(rates, found))


def _rate(key: ScalarNode, value: Node, after: Node | None) -> Node:
    name = key.text.replace(" ", "_")
    rate: dict[str, Node] = {"hourly": value}
    if isinstance(value, MappingNode):
        rate = dict(value.entries)
    narrower = {"kinds", "groups", "agents"} & rate.keys()
    if name != "default" and not narrower:
        rate["kinds"] = _list(key, [_text(key, name)])
    if after is not None:
        rate.setdefault("after_hours", after)
    rate.setdefault("id", _text(key, name))
    return _mapping(value, rate, lossy=isinstance(value, MappingNode) and value.lossy)


def with_band_list(node: MappingNode, into: ReadContext) -> MappingNode | Unreadable:
    """Return a credit schedule whose bands are a list, where they are a mapping from figures.

    `below 99.9%` begins where the next lower one ends; counts are `3`, `1-2` or `5+`. A credit is a
    percentage, or `x10` for ten times what was paid for the time of the outages.
    """
    bands = node.entries.get("bands")
    if not isinstance(bands, MappingNode):
        return node
    found: list[Node] = []
    lowest: list[tuple[Fraction, str]] = []
    for key in bands.entries:
        percent = _PERCENT_BAND.fullmatch(key.strip())
        count = _COUNT_BAND.fullmatch(key.strip())
        at = bands.keys[key]
        if percent is None and count is None:
            into.problem(at, f"`{key}` is no figure", "write `below 99.9%`, or `1-2` and `3+`")
            return UNREADABLE
        if percent is not None:
            lowest.append((Fraction(percent[1]), percent[1]))
    for key, credit in bands.entries.items():
        found.append(_band(bands.keys[key], credit, [text for _, text in sorted(lowest)]))
    return _with(node, bands=_list(bands, found))


def _band(key: ScalarNode, credit: Node, edges: list[str]) -> Node:
    entries: dict[str, Node] = {"credit": credit}
    times = _TIMES.fullmatch(credit.text.strip()) if isinstance(credit, ScalarNode) else None
    if times is not None:
        entries = {"times": _text(credit, times[1], ScalarKind.NUMBER)}
    percent = _PERCENT_BAND.fullmatch(key.text.strip())
    if percent is not None:
        place = edges.index(percent[1])
        entries["below"] = _text(key, percent[1], ScalarKind.NUMBER)
        if place:
            entries["at_least"] = _text(key, edges[place - 1], ScalarKind.NUMBER)
        return _mapping(key, entries)
    count = _COUNT_BAND.fullmatch(key.text.strip())
    for name, text in _edges(count):
        entries[name] = _text(key, text, ScalarKind.NUMBER)
    return _mapping(key, entries)


def _edges(count: re.Match[str] | None) -> Iterator[tuple[str, str]]:
    if count is None:
        return
    yield "at_least", count[1]
    if count[3] is not None:
        yield "at_most", count[3]
    elif count[2] is None:
        yield "at_most", count[1]
