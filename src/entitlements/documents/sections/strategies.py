"""Strategies and queue orders in documents: a name, or a mapping with `kind` and coefficients.

A strategy or an order that is made of functions of a program has no form in a document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias, final

import attrs

from entitlements.documents.formats.nodes import MappingNode, Node, ScalarNode, node_text
from entitlements.documents.shapes.collections import MappingShape, is_empty, items_of
from entitlements.documents.shapes.read_context import (
    UNREADABLE,
    ReadContext,
    Unreadable,
    suggestion,
)
from entitlements.documents.shapes.records import RecordShape, record_shape
from entitlements.documents.shapes.scalars import (
    DURATION,
    INTEGER,
    Definitions,
    JsonSchema,
    Plain,
    Shape,
    WriteContext,
)
from entitlements.documents.shapes.unions import KIND_KEY, TaggedUnionShape
from entitlements.kernel.errors import InvalidValueError
from entitlements.routing.strategies.named import (
    STRATEGIES,
    HashDraw,
    IdleKey,
    longest_idle,
    power_of_d,
    seeded_random,
)
from entitlements.routing.strategies.scored import (
    AffineScore,
    HighestScore,
    OpportunityCost,
    affine_score,
    least_opportunity_cost,
)
from entitlements.routing.strategies.strategy import RandomSample, Strategy
from entitlements.routing.work.keyed_orders import (
    GroupPreference,
    HeadStart,
    linear_ageing,
    preference_order,
    strict_rank,
)
from entitlements.routing.work.queue_order import (
    EARLIEST_DEADLINE,
    FIRST_IN_FIRST_OUT,
    LAST_IN_FIRST_OUT,
    STRICT_RANK,
    GuardedDeadline,
    KeyedOrder,
    QueueOrder,
    RankThenWait,
)
from entitlements.routing.work.rank_orders import (
    DelayRatio,
    FixedRatio,
    MarginalCost,
    RankPlusDelay,
)

Part: TypeAlias = str | IdleKey | HashDraw | OpportunityCost | HighestScore | RandomSample
"""One strategy of a chain: its name, or its key with coefficients, or the sample before it."""

_RANKS: Final = MappingShape(INTEGER, key=INTEGER)
_TIMES: Final = MappingShape(DURATION, key=INTEGER)


_SCORE: Final = record_shape(AffineScore, title="score coefficients")


def _kind(name: str, of: type, **more: Any) -> tuple[str, RecordShape]:
    shape = record_shape(of, title=name.replace("_", " "), tag=(KIND_KEY, name), **more)
    return name, shape


_STRATEGY_KINDS: Final = TaggedUnionShape(
    "strategy",
    dict(
        [
            _kind("longest_idle", IdleKey),
            _kind("seeded_random", HashDraw),
            _kind("least_opportunity_cost", OpportunityCost),
            _kind(
                "affine_score",
                HighestScore,
                shapes={
                    "groups": MappingShape(record_shape(AffineScore, title="score coefficients"))
                },
            ),
            _kind("power_of_d", RandomSample),
        ]
    ),
)
_ORDER_KINDS: Final = TaggedUnionShape(
    "queue order",
    dict(
        [
            _kind("guarded_deadline", GuardedDeadline),
            _kind("strict_rank", RankThenWait),
            _kind("linear_ageing", HeadStart, shapes={"head_start": _TIMES}),
            _kind("preference_order", GroupPreference),
            _kind("rank_plus_delay", RankPlusDelay, shapes={"delays": _TIMES}),
            _kind("fixed_ratio", FixedRatio, shapes={"shares": _RANKS}),
            _kind("delay_ratio", DelayRatio),
            _kind("marginal_cost", MarginalCost, shapes={"costs": _RANKS, "speeds": _RANKS}),
        ]
    ),
)
_NAMED_ORDERS: Final[Mapping[str, QueueOrder]] = {
    "guarded_deadline": GuardedDeadline(),
    "strict_rank": STRICT_RANK,
    "first_in_first_out": FIRST_IN_FIRST_OUT,
    "last_in_first_out": LAST_IN_FIRST_OUT,
    "earliest_deadline": EARLIEST_DEADLINE,
    "delay_ratio": DelayRatio(),
}


@final
@attrs.frozen
class StrategyShape(Shape):
    """A chain of strategies, each a name or a mapping with `kind`."""

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the strategy."""
        items = items_of(node)
        if not items:
            return into.problem(node, f"{node_text(node)} is not a strategy", _example(STRATEGIES))
        parts = [_named_or_kind(each, STRATEGIES, _STRATEGY_KINDS, into) for each in items]
        if any(isinstance(each, Unreadable) for each in parts):
            return UNREADABLE
        return into.guarded(node, lambda: _chain(parts))

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the list of names and mappings.

        Raises:
            InvalidValueError: The strategy has a key of the program.
        """
        return [
            part if isinstance(part, str) else _STRATEGY_KINDS.write(part, out)
            for part in _parts(value)
        ]

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return a list of the parts, or one."""
        part = {"anyOf": [{"enum": list(STRATEGIES)}, _STRATEGY_KINDS.schema(defs)]}
        return {"anyOf": [{"type": "array", "items": part, "minItems": 1}, part]}


@final
@attrs.frozen
class QueueOrderShape(Shape):
    """A queue order: a name, or a mapping with `kind`."""

    def read(self, node: Node, into: ReadContext) -> Any:
        """Return the order."""
        found = _named_or_kind(node, _NAMED_ORDERS, _ORDER_KINDS, into)
        if isinstance(found, Unreadable):
            return found
        return _NAMED_ORDERS[found] if isinstance(found, str) else _order_of(found)

    def write(self, value: Any, out: WriteContext) -> Plain:
        """Return the name, or the mapping.

        Raises:
            InvalidValueError: The order is made of functions of the program.
        """
        for name, order in _NAMED_ORDERS.items():
            if order == value:
                return name
        kind = value.key if isinstance(value, KeyedOrder) else value
        known = any(shape.of is type(kind) for shape in _ORDER_KINDS.kinds.values())
        if not known or _order_of(kind) != value:
            raise InvalidValueError(
                f"queue order `{value!r:.100}` has no form in a document",
                hint=f"documents have {', '.join([*_NAMED_ORDERS, *_ORDER_KINDS.kinds])}",
            )
        return _ORDER_KINDS.write(kind, out)

    def schema(self, defs: Definitions) -> JsonSchema:
        """Return both forms."""
        return {"anyOf": [{"enum": list(_NAMED_ORDERS)}, _ORDER_KINDS.schema(defs)]}


def _named_or_kind(
    node: Node, names: Mapping[str, object], kinds: TaggedUnionShape, into: ReadContext
) -> Any:
    """Return a name of `names`, or the value of a mapping."""
    if isinstance(node, MappingNode):
        return kinds.read(node, into)
    if isinstance(node, ScalarNode) and not is_empty(node) and node.text in names:
        return node.text
    hint = suggestion(node.text, names) if isinstance(node, ScalarNode) else None
    return into.problem(
        node, f"no {kinds.title} has the name {node_text(node)}", hint or _example(names)
    )


def _example(names: Iterable[str]) -> str:
    return f"known are {', '.join(names)}"


def _chain(parts: list[Part]) -> Strategy:
    first, *rest = parts
    if isinstance(first, RandomSample):
        if not rest:
            raise InvalidValueError(
                "`power_of_d` is followed by no strategy",
                hint="name the strategy that chooses among the drawn agents",
            )
        return power_of_d(first.size, _chain(rest), first.epoch)
    return _strategy(first).then(*map(_strategy, rest)) if rest else _strategy(first)


def _strategy(part: Part) -> Strategy:
    match part:
        case str():
            return STRATEGIES[part]
        case IdleKey(since=since):
            return longest_idle(since)
        case HashDraw(epoch=epoch):
            return seeded_random(epoch)
        case OpportunityCost(demand=demand):
            return least_opportunity_cost(demand)
        case HighestScore(groups=groups):
            return affine_score(groups)
        case RandomSample():
            raise InvalidValueError(
                "`power_of_d` must be the first of the chain", hint="move it to the front"
            )


def _parts(strategy: Strategy) -> list[Part]:
    """Return the parts from which `strategy` is built again."""
    parts: list[Part] = [] if strategy.sample is None else [strategy.sample]
    left = strategy.keys
    while left:
        name = max(
            (each for each in STRATEGIES if left[: len(STRATEGIES[each].keys)] == _keys(each)),
            key=lambda each: len(_keys(each)),
            default=None,
        )
        if name is not None:
            parts.append(name)
            left = left[len(_keys(name)) :]
        elif isinstance(left[0].of, IdleKey | HashDraw | OpportunityCost | HighestScore):
            parts.append(left[0].of)
            left = left[1:]
        else:
            break
    if left or not parts or _chain(parts) != strategy:
        raise InvalidValueError(
            f"strategy `{strategy.name}` has no form in a document",
            hint=f"documents have {', '.join(STRATEGIES)}, and chains of them",
        )
    return parts


def _keys(name: str) -> tuple[object, ...]:
    return STRATEGIES[name].keys


def _order_of(kind: Any) -> Any:
    match kind:
        case HeadStart(head_start=head_start, per_rank=per_rank, since=since):
            return linear_ageing(head_start, per_rank=per_rank, since=since)
        case RankThenWait(since=since):
            return strict_rank(since)
        case GroupPreference(preferences=preferences):
            return preference_order(preferences)
        case _:
            return kind
