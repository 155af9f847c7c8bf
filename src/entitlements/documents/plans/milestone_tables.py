"""Milestone tables: one table of amounts by severity for each milestone, read into targets.

A table such as `first_response: {S1: 1h, S2: 4h}` stands for a list of targets, one for each cell.
Reading turns tables into `targets`, in which every target states its own amount and calendar, so
that targets are read in one way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Final, final

import attrs

from entitlements.calendars import Anchor
from entitlements.documents.formats.nodes import (
    AMOUNT_AFTER_COMMA,
    ListNode,
    MappingNode,
    Node,
    ScalarKind,
    ScalarNode,
    is_empty_value,
    node_text,
)
from entitlements.documents.plans.amounts import (
    ALWAYS,
    NONE,
    Amount,
    kind_of_day_error,
    parse_amount,
)
from entitlements.documents.plans.restrictions import START, WARN
from entitlements.documents.shapes.collections import is_empty, items_of
from entitlements.documents.shapes.read_context import ReadContext, Unreadable
from entitlements.documents.shapes.records import RecordShape
from entitlements.documents.shapes.scalars import DURATION
from entitlements.sla.milestones import Milestone, Recurrence
from entitlements.sla.targets import Commitment

MILESTONES: Final = tuple(each.value for each in Milestone)
"""The milestones that are defined in every document."""


@final
@attrs.frozen
class TargetDefaults:
    """What targets take from their plan or policy.

    Attributes:
        hours: The node of the calendar by which time is counted; None for elapsed time.
        anchor: The node of the instant of business days.
        cut_off: The node of the cut-off of the hours.
        warn: The node of the warnings.
    """

    hours: Node | None
    anchor: Node | None
    cut_off: Node | None
    warn: Node | None


def is_cell(node: Node) -> bool:
    """Return whether a node is one cell, and not a table of them by severity."""
    return not isinstance(node, MappingNode) or "within" in node.entries


def _cut_by_comma(table: MappingNode) -> frozenset[str]:
    """Return the keys of cells such as `0,5h`, of which a decimal comma left the first digits."""
    pairs = pairwise(table.entries.items())
    return frozenset(
        key
        for (key, cell), (following, empty) in pairs
        if isinstance(cell, ScalarNode)
        and cell.kind is ScalarKind.NUMBER
        and is_empty_value(empty)
        and AMOUNT_AFTER_COMMA.fullmatch(following)
    )


def milestones(into: ReadContext) -> tuple[str, ...]:
    """Return the milestones of the document, those that it declares last."""
    return tuple(dict.fromkeys((*MILESTONES, *into.names_of("milestone"))))


def tables_of(node: MappingNode, into: ReadContext, reserved: Collection[str]) -> list[str]:
    """Return the keys of a plan or policy that are milestone tables."""
    known = milestones(into)
    return [key for key in node.entries if key in known and key not in reserved]


def with_targets(
    node: MappingNode, tables: Collection[str], target: RecordShape, into: ReadContext
) -> MappingNode:
    """Return a plan or policy with the targets of its tables in the list `targets`.

    Args:
        node: The plan or policy, with known keys only.
        tables: The keys that are milestone tables.
        target: The shape of a target.
        into: The read context.
    """
    listed = node.entries.get("targets")
    if not tables and (listed is None or is_empty(listed)):
        return node
    defaults = TargetDefaults(*map(node.entries.get, ("hours", "anchor", "cut_off", WARN)))
    reader = _Targets(target, defaults, into)
    items = [each for key in tables for each in reader.of_table(key, node)]
    if listed is not None:
        items += reader.of_list(listed, tables)
    first = node.entries[next(iter(tables), "targets")]
    entries = {k: each for k, each in node.entries.items() if k not in tables} | {
        "targets": ListNode(first.file, first.line, first.path, tuple(items))
    }
    keys = {k: each for k, each in node.keys.items() if k not in tables}
    keys.setdefault("targets", node.keys[next(iter(tables), "targets")])
    return MappingNode(node.file, node.line, node.path, entries, keys, node.lossy or reader.lossy)


@final
class _Targets:
    """Targets of one plan or policy as nodes, each with its own amount and calendar."""

    def __init__(self, target: RecordShape, defaults: TargetDefaults, into: ReadContext) -> None:
        self._target = target
        self._defaults = defaults
        self._into = into
        self._needs_anchor = False
        self.lossy = False

    def of_table(self, milestone: str, node: MappingNode) -> Iterator[Node]:
        """Yield the targets of one table."""
        key, table = node.keys[milestone], node.entries[milestone]
        if self._is_listed(table):
            return
        if not isinstance(table, MappingNode) or is_cell(table):
            yield from self._cells(table, {"milestone": _text(key, milestone)})
            return
        self.lossy |= table.lossy
        if not table.entries:
            self._into.problem(table, "an empty table promises nothing", "write `none`")
        cut = _cut_by_comma(table)
        for severity, cell in table.entries.items():
            if is_empty_value(cell) or severity in cut:  # the severity may be misread, too
                self.lossy = True
                continue
            place = {"milestone": _text(key, milestone), "severities": table.keys[severity]}
            yield from self._cells(cell, place)

    def _is_listed(self, node: Node) -> bool:
        """Return whether a list of severities is in place of a table, after adding the problem."""
        items = node.items if isinstance(node, ListNode) else ()
        tables = [each for each in items if isinstance(each, MappingNode)]
        known = self._target.keys.keys()
        if not tables or len(tables) < len(items) or any(known & t.entries.keys() for t in tables):
            return False
        first = next(iter(tables[0].entries), "S1")
        hint = f"leave out the dashes or brackets of the list: `{{{first}: ...}}`"
        self._into.problem(node, "a list is in place of the table of severities", hint)
        self.lossy = True
        return True

    def of_list(self, node: Node, tables: Collection[str]) -> Iterator[Node]:
        """Yield the targets of the list `targets`."""
        if isinstance(node, MappingNode) and self._is_misplaced(node):
            return
        for item in items_of(node):
            if not isinstance(item, MappingNode):
                yield item
                continue
            found = self._target.mended_mapping(item, self._into)
            milestone = found.entries.get("milestone")
            if isinstance(milestone, ScalarNode) and milestone.text in tables:
                self._into.problem(
                    milestone,
                    f"`{milestone.text}` is in a table and in `targets`",
                    "write all targets of one milestone in one place",
                )
                self.lossy = True
            else:
                yield self._completed(found)

    def _is_misplaced(self, node: MappingNode) -> bool:
        """Return whether a table is in place of the list, after adding the problem."""
        key = next(iter(node.entries), "")
        tables = [each for each in node.entries if each in milestones(self._into)]
        if any(each in self._target.keys for each in node.entries) or not key:
            return False
        message, hint = f"`{key}` is not a key of a target", "write a table for each milestone"
        if tables:
            message = f"the table `{tables[0]}` is below `targets`"
            hint = "write it beside `targets`, as a key of the plan"
        elif is_cell(node.entries[key]):
            hint = f"name the milestone: `first_response: {{{key}: ...}}`"
        self._into.problem(node.keys[(tables or [key])[0]], message, hint)
        self.lossy = True
        return True

    def _cells(self, node: Node, place: dict[str, ScalarNode]) -> Iterator[Node]:
        if isinstance(node, ListNode):
            if not node.items:
                self._into.problem(node, "an empty list promises nothing", "write `none`")
                self.lossy = True
            for item in node.items:
                yield from self._cells(item, place)
            return
        entries: dict[str, Node] = {"within": node}
        keys: dict[str, ScalarNode] = {"within": next(reversed(place.values()))}
        lossy = False
        if isinstance(node, MappingNode):
            known = [key for key in self._target.keys if key not in place]
            cell = self._into.mended(node, known, ["within"])
            entries, keys, lossy = cell.entries, cell.keys, cell.lossy
        yield self._completed(
            MappingNode(
                node.file, node.line, node.path, {**place, **entries}, {**place, **keys}, lossy
            )
        )

    def _completed(self, node: MappingNode) -> MappingNode:
        """Return a target with an amount, a calendar and a commitment of its own."""
        within = node.entries.get("within")
        if isinstance(within, MappingNode):
            parts = {"within": self._with_anchor(within), **self._calendar(node, None, within)}
            parts |= self._cut_off(node, None)
            parts |= self._warnings(node)
            return self._with(node, self._counted(node, parts, within))
        if isinstance(within, ScalarNode) and within.kind is ScalarKind.TRUTH:
            message = f"{node_text(within)} is not an amount of time"
            self._into.problem(within, message, "write an amount such as `4h`, or `none`")
            return self._with(node, {"within": _broken(within)})
        if not isinstance(within, ScalarNode) or within.kind not in {
            ScalarKind.TEXT,
            ScalarKind.NUMBER,
        }:
            return node
        found = self._into.guarded(within, lambda: self._amount(node, within.text))
        if isinstance(found, Unreadable):
            return self._with(node, {"within": _broken(within)})
        return self._with(node, self._stated(node, within, found))

    def _amount(self, node: MappingNode, text: str) -> Amount:
        amount = parse_amount(text)
        if amount.choices and (self._defaults.hours is not None or "calendar" in node.entries):
            hours = node.entries.get("calendar", self._defaults.hours)
            if not isinstance(hours, ScalarNode) or not self._is_always(hours):
                raise kind_of_day_error(text, amount.choices)
        return amount

    def _stated(self, node: MappingNode, within: ScalarNode, amount: Amount) -> dict[str, Node]:
        parts: dict[str, Node] = {}
        if amount.within is None:
            parts["within"] = _text(within, NONE)
        elif isinstance(amount.within, timedelta):
            parts["within"] = _text(within, str(DURATION.form(amount.within)))
        else:
            parts["within"] = self._days(within, amount.within)
        if amount.commitment is not Commitment.GUARANTEE:
            parts["commitment"] = _text(within, amount.commitment.value)
        if amount.exclusive:
            true = ScalarNode(within.file, within.line, within.path, ScalarKind.TRUTH, "true")
            parts["exclusive"] = true
        if amount.within is not None:
            parts |= self._calendar(node, amount.calendar, within)
            parts |= self._cut_off(node, amount.calendar)
            parts |= self._warnings(node)
        parts |= self._restrictions(node, within, amount)
        return parts if amount.within is None else self._counted(node, parts, within)

    def _counted(self, node: MappingNode, parts: dict[str, Node], within: Node) -> dict[str, Node]:
        """Return the parts of a target after checking that business days have a calendar."""
        calendar = parts.get("calendar", node.entries.get("calendar"))
        if isinstance(parts["within"], MappingNode) and (calendar is None or is_empty(calendar)):
            self._into.problem(
                within,
                "business days need a calendar that says which days they are",
                "add `hours` to the plan, or write the calendar's name behind them; days of the "
                "clock are `1 day always`",
            )
            parts["within"] = _broken(within)
        return parts

    def _calendar(self, node: MappingNode, written: str | None, within: Node) -> dict[str, Node]:
        """Return the calendar that counts, unless the target has it as a key."""
        stated = node.entries.get("calendar")
        if written is not None and stated is not None:
            self._into.problem(
                stated, f"the calendar `{written}` is behind the amount already", "remove one"
            )
            return {}
        hours: Node | None = stated
        if written is not None:
            hours = _text(within, written)
        elif stated is None:
            hours = self._defaults.hours
        if hours is None or (isinstance(hours, ScalarNode) and self._is_always(hours)):
            return {"calendar": _nothing(within)} if stated is not None else {}
        return {"calendar": hours}

    def _cut_off(self, node: MappingNode, written: str | None) -> dict[str, Node]:
        """Return the cut-off of the plan, for a target that counts by its hours and starts once."""
        own = written is not None or "calendar" in node.entries or "cut_off" in node.entries
        hours, cut_off = self._defaults.hours, self._defaults.cut_off
        elapsed = hours is None or (isinstance(hours, ScalarNode) and self._is_always(hours))
        if cut_off is None or own or elapsed or _starts_again(node):
            return {}
        return {"cut_off": cut_off}

    def _warnings(self, node: MappingNode) -> dict[str, Node]:
        """Return the warnings of the plan, for a target with a time that does not state its own."""
        warn = self._defaults.warn
        return {} if warn is None or WARN in node.entries else {WARN: warn}

    def _restrictions(
        self, node: MappingNode, within: ScalarNode, amount: Amount
    ) -> dict[str, Node]:
        """Return the start, the channels, conditions and warnings behind an amount."""
        parts: dict[str, Node] = {}
        for key, names in amount.restrictions.items():
            if key in node.entries:
                message = f"`{key}` is written behind the amount already"
                self._into.problem(node.keys[key], message, "remove one")
            else:
                items = tuple(_text(within, each) for each in names)
                parts[key] = ListNode(within.file, within.line, within.path, items)
                if key == START:
                    parts[key] = items[0]
        return parts

    def _is_always(self, hours: ScalarNode) -> bool:
        return hours.text == ALWAYS and not self._into.always_is_a_name

    def _days(self, within: ScalarNode, count: int) -> Node:
        number = ScalarNode(within.file, within.line, within.path, ScalarKind.NUMBER, str(count))
        found = {"business_days": number}
        return self._with_anchor(
            MappingNode(within.file, within.line, within.path, {**found}, {**found})
        )

    def _with_anchor(self, days: MappingNode) -> Node:
        if "anchor" in days.entries or "business_days" not in days.entries:
            return days
        anchor = self._defaults.anchor
        number = days.entries["business_days"]
        if isinstance(number, ScalarNode) and number.text == "0":
            anchor = _text(days, Anchor.END.value)  # the closing is the only one of the same day
        if anchor is not None:
            return MappingNode(
                days.file,
                days.line,
                days.path,
                {**days.entries, "anchor": anchor},
                {**days.keys, "anchor": next(iter(days.keys.values()))},
                days.lossy,
            )
        if not self._needs_anchor:
            self._into.problem(
                days,
                "business days do not say at which time of the last day they end",
                "add `anchor: end` to the plan, for the closing of that day; or `start`, "
                "`same_time`",
            )
        self._needs_anchor = True
        return _broken(days)

    def _with(self, node: MappingNode, parts: dict[str, Node]) -> MappingNode:
        keys = {key: node.keys.get(key) or node.keys["within"] for key in parts}
        return MappingNode(
            node.file,
            node.line,
            node.path,
            {**node.entries, **parts},
            {**node.keys, **keys},
            node.lossy,
        )


def _starts_again(node: MappingNode) -> bool:
    """Return whether the clock of a target starts again by itself."""
    texts = {key: each.text for key, each in node.entries.items() if isinstance(each, ScalarNode)}
    recurrence = texts.get("recurrence")
    if recurrence is None:
        return texts.get("milestone") == Milestone.UPDATE.value
    return recurrence in {Recurrence.PERIODIC.value, Recurrence.SEQUENTIAL.value}


def _text(node: Node, text: str) -> ScalarNode:
    return ScalarNode(node.file, node.line, node.path, ScalarKind.TEXT, text)


def _nothing(node: Node) -> ScalarNode:
    return ScalarNode(node.file, node.line, node.path, ScalarKind.NULL, "null")


def _broken(node: Node) -> ScalarNode:
    """Return a node in place of one whose problem has been added."""
    return ScalarNode(node.file, node.line, node.path, ScalarKind.BROKEN, "")
