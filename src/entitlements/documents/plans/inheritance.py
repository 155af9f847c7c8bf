"""Plans and calendars that build on others: `based_on` names what holds unless stated otherwise.

What is read is the whole: a key that is not stated is that of the base, and of a milestone table
the cells that are not stated are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, final

import attrs

from entitlements.documents.formats.nodes import ListNode, MappingNode, Node, ScalarNode
from entitlements.documents.plans.milestone_tables import is_cell, milestones
from entitlements.documents.shapes.collections import items_of
from entitlements.documents.shapes.read_context import ReadContext

BASED_ON: Final = "based_on"

_MAX_DEPTH: Final = 16
_OWN: Final = frozenset({"id", "version", "name", "effective", "existing_from", BASED_ON})
_POLICY_KEYS: Final = frozenset({"targets", "clock", "calendars"})


@final
@attrs.frozen
class Bases:
    """The nodes that others may be based on.

    Attributes:
        kind: What they are called in problems, such as `plan`.
        nodes: The nodes by name.
        mended: Returns a node with known keys only.
    """

    kind: str
    nodes: Mapping[str, MappingNode]
    mended: Callable[[MappingNode], MappingNode]


def whole_plan(
    node: MappingNode, bases: Bases, into: ReadContext, seen: tuple[MappingNode, ...] = ()
) -> MappingNode:
    """Return a plan with everything that it takes from the plan that it is based on.

    Args:
        node: The plan, with known keys only.
        bases: All plans.
        into: The read context.
        seen: The plans that are based on this one.
    """
    base = _base(node, bases, into, seen)
    if base is None:
        return without_base(node)
    whole = whole_plan(bases.mended(base), bases, into, (*seen, node))
    tables = frozenset(milestones(into))
    stated = _Stated(node, tables)
    entries: dict[str, Node] = {}
    keys: dict[str, ScalarNode] = {}
    for key, value in whole.entries.items():
        kept = None if key in _OWN else stated.inherited(key, value)
        if kept is not None:
            entries[key], keys[key] = kept, whole.keys[key]
    for key, value in node.entries.items():
        if key != BASED_ON:
            below = entries.get(key)
            entries[key] = _merged(below, value) if below and key in tables else value
            keys[key] = node.keys[key]
    # Without a group or channels, the base has a problem already.
    complete = "channels" in entries and bool({"group", "rights"} & entries.keys())
    lossy = node.lossy or whole.lossy or not complete
    merged = MappingNode(node.file, node.line, node.path, entries, keys, lossy)
    return _of_its_severities(merged, tables)


def _base(
    node: MappingNode, bases: Bases, into: ReadContext, seen: tuple[MappingNode, ...]
) -> MappingNode | None:
    """Return the node that this one is based on, or None after adding the problem."""
    name = node.entries.get(BASED_ON)
    if name is None:
        return None
    if not isinstance(name, ScalarNode):
        into.problem(name, f"`{BASED_ON}` is not the name of a {bases.kind}")
        return None
    base = bases.nodes.get(name.text)
    if base is None:
        into.refer(name, bases.kind)
        return None
    if node.lossy:  # its `id` may be the one of another plan
        return None
    chain = [(each.file, each.path) for each in (*seen, node)]
    if (base.file, base.path) in chain:
        circle = (*seen, node)[chain.index((base.file, base.path)) :]
        _add_circle(bases.kind, [each.entries[BASED_ON] for each in circle], into)
    elif len(seen) > _MAX_DEPTH:
        into.problem(name, f"more than {_MAX_DEPTH} {bases.kind}s are based on each other")
    else:
        return base
    return None


def _add_circle(kind: str, names: Sequence[Node], into: ReadContext) -> None:
    """Add one problem for things that are based on each other: at the first of them."""
    texts = sorted(f"`{each.text}`" for each in names if isinstance(each, ScalarNode))
    first = min(names, key=lambda each: (each.file, each.line, each.path))
    if len(texts) == 1:
        into.problem(first, f"{kind} {texts[0]} is based on itself", "name another one")
        return
    listed = f"{', '.join(texts[:-1])} and {texts[-1]}"
    hint = f"remove `{BASED_ON}` from one of them"
    into.problem(first, f"{kind}s {listed} are based on each other", hint)


def without_base(node: MappingNode) -> MappingNode:
    """Return the node without `based_on`; what it lacks may be in the base that was not found."""
    if BASED_ON not in node.entries:
        return node
    entries = {key: each for key, each in node.entries.items() if key != BASED_ON}
    keys = {key: each for key, each in node.keys.items() if key != BASED_ON}
    return MappingNode(node.file, node.line, node.path, entries, keys, lossy=True)


def whole_calendar(
    node: MappingNode,
    into: ReadContext,
    is_plain: Callable[[MappingNode], bool],
    seen: tuple[str, ...] = (),
) -> MappingNode:
    """Return a calendar with the keys of the calendar that it is based on.

    Args:
        node: The calendar, with known keys only.
        into: The read context, with the nodes of all calendars.
        is_plain: Whether a calendar is not made of others.
        seen: The names of the calendars that are based on this one.
    """
    named = node.entries.get(BASED_ON)
    if named is None:
        return node
    rest = without_base(node)
    if not isinstance(named, ScalarNode):
        into.problem(named, f"`{BASED_ON}` is not the name of a calendar")
        return rest
    base = into.calendar_nodes.get(named.text)
    if base is None:
        into.refer(named, "calendar")
    elif named.text in seen:
        circle = (into.calendar_nodes[each] for each in seen[seen.index(named.text) :])
        _add_circle("calendar", [each.entries.get(BASED_ON, named) for each in circle], into)
    elif len(seen) > _MAX_DEPTH:
        into.problem(named, f"more than {_MAX_DEPTH} calendars are based on each other")
    elif not is_plain(base):
        hint = f"write `of: {named.text}` with `except`, or `any_of`, `all_of`"
        into.problem(named, f"calendar `{named.text}` is made of others", hint)
    else:
        whole = whole_calendar(base, into, is_plain, (*seen, named.text))
        entries = {k: each for k, each in whole.entries.items() if k != "name"} | rest.entries
        keys, lossy = {**whole.keys, **rest.keys}, node.lossy or whole.lossy
        return attrs.evolve(rest, entries=entries, keys=keys, lossy=lossy)
    return rest


@final
class _Stated:
    """What a plan states itself, so that it is not taken from its base."""

    def __init__(self, node: MappingNode, tables: frozenset[str]) -> None:
        self._node = node
        self._tables = tables
        listed = node.entries.get("targets")
        items = items_of(listed) if listed is not None else ()
        self._listed = {_milestone(item) for item in items}

    def inherited(self, key: str, value: Node) -> Node | None:
        """Return what remains of a key of the base; None for nothing."""
        stated = self._node.entries
        promises = key in _POLICY_KEYS or key in self._tables
        if promises and "policy" in stated:
            return None
        if key == "policy" and ("targets" in stated or self._tables & stated.keys()):
            return None
        if key in self._tables and key in self._listed:
            return None
        if key == "targets" and isinstance(value, ListNode):
            items = tuple(each for each in value.items if _milestone(each) not in stated)
            return ListNode(value.file, value.line, value.path, items) if items else None
        return value


def _merged(base: Node, stated: Node) -> Node:
    """Return a table with the cells of its base that it does not state."""
    if not isinstance(base, MappingNode) or not isinstance(stated, MappingNode):
        return stated
    if is_cell(base) or is_cell(stated):
        return stated
    entries, keys = {**base.entries, **stated.entries}, {**base.keys, **stated.keys}
    lossy = base.lossy or stated.lossy
    return MappingNode(stated.file, stated.line, stated.path, entries, keys, lossy)


def _of_its_severities(node: MappingNode, tables: frozenset[str]) -> MappingNode:
    """Return a plan whose inherited tables have cells for its own severities only."""
    listed = node.entries.get("severities")
    if listed is None:
        return node
    known = {each.text for each in items_of(listed) if isinstance(each, ScalarNode)}
    entries = dict(node.entries)
    for key, table in node.entries.items():
        if key not in tables or is_cell(table) or not isinstance(table, MappingNode):
            continue
        kept = {
            name: cell
            for name, cell in table.entries.items()
            if name in known or _is_below(table.keys[name], node)
        }
        if kept:
            entries[key] = MappingNode(
                table.file, table.line, table.path, kept, table.keys, table.lossy
            )
        else:
            del entries[key]
    return MappingNode(node.file, node.line, node.path, entries, node.keys, node.lossy)


def _is_below(node: Node, above: Node) -> bool:
    return node.file == above.file and node.path.startswith(f"{above.path}.")


def _milestone(node: Node) -> str:
    found = node.entries.get("milestone") if isinstance(node, MappingNode) else None
    return found.text if isinstance(found, ScalarNode) else ""
