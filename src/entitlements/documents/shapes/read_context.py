"""Read context: names, references and problems found while documents are read.

Reading continues after a problem. Names are kept even if the thing that they name is unreadable, so
that one mistake is one problem, and not one for every reference to it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, Final, TypeVar, final

import attrs

from entitlements.documents.formats.nodes import (
    MERGE_KEY,
    MappingNode,
    Node,
    ScalarKind,
    ScalarNode,
    find,
    is_empty_value,
)
from entitlements.documents.formats.problems import Problem, document_error
from entitlements.documents.shapes.key_words import (
    first_word,
    is_table_or_amount,
    joined_names,
    likely_keys,
    meant_calendar,
    meant_key,
    meant_severity,
)
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.hints import closest, closest_match_hint

T = TypeVar("T")

CONVERSION_ERRORS: Final = (ValueError, TypeError, LookupError, ArithmeticError, RecursionError)
"""Exceptions that a value class may raise for an unexpected value."""

MAX_PROBLEMS_READ: Final = 2_000
"""Reading stops after this number of problems."""

_MAX_LINES: Final = 5
_MAX_UNUSED: Final = 100
_MILESTONE: Final = "a milestone of your own is listed at the top: `milestones: [{}]`"


@final
class Unreadable:
    """In place of a value that could not be read; its problem has been added."""

    def __repr__(self) -> str:
        return "UNREADABLE"


UNREADABLE: Final = Unreadable()


@attrs.define(eq=False)
class Names:
    """The names of one kind in one scope.

    Attributes:
        nodes: The node that defines each name; None for a name without a node.
        used: The names that are referred to.
        lost: Whether names may be missing because they could not be read.
    """

    nodes: dict[str, Node | None] = attrs.field(factory=dict)
    used: set[str] = attrs.field(factory=set)
    lost: bool = False

    def unused(self) -> list[str]:
        """Return the names with a node that nothing refers to."""
        return [n for n, node in self.nodes.items() if node is not None and n not in self.used]


@attrs.frozen
class _Missing:
    """References to one name that may not be defined."""

    kind: str
    among: tuple[Names, ...]
    nodes: list[ScalarNode] = attrs.field(factory=list)


@final
class ReadContext:
    """One pass over all documents.

    Attributes:
        problems: The problems, in the order of reading.
        resolve: Returns the hours of a name, `UNREADABLE` if there are none.
        customer: The customer whose account is being read.
        always_is_a_name: Whether `always` is the name of a calendar of the document here, and not
            the word for around the clock.
        holiday_sets: The holiday sets of the document by name.
        calendar_nodes: The nodes of the calendars of the document by name.
        public_holidays: Returns the public holidays of a country; None if the caller gave none.
        tenant: Id of the tenant whose documents these are; None for any.
        in_place: Hours that are written in place of a calendar's name, by the name they get.
        own_prices: Nodes of prices that are written in place of a name, by the section in which
            they are read.
    """

    def __init__(self) -> None:
        self.resolve: Callable[[str], Any] = lambda _: UNREADABLE
        self.customer = ""
        self.always_is_a_name = False
        self.holiday_sets: dict[str, Any] = {}
        self.calendar_nodes: dict[str, MappingNode] = {}
        self.public_holidays: Callable[..., Any] | None = None
        self.tenant: str | None = None
        self.in_place: dict[str, Any] = {}
        self.own_prices: dict[str, list[Node]] = {}
        self.problems: list[Problem] = []
        self._reported: set[tuple[str, int, str, str]] = set()
        self._scopes: list[dict[str, Names]] = [{}]
        self._references: dict[tuple[object, ...], _Missing] = {}

    def problem(self, node: Node, message: str, hint: str | None = None) -> Unreadable:
        """Add a problem and return `UNREADABLE`; a broken node has its own problem already.

        A node that several plans take from their base is read for each; its problem is added once.

        Raises:
            DocumentError: There are too many problems.
        """
        if isinstance(node, ScalarNode) and node.kind is ScalarKind.BROKEN:
            return UNREADABLE
        what = (node.file, node.line, node.path, message)
        if what in self._reported:
            return UNREADABLE
        self._reported.add(what)
        if len(self.problems) >= MAX_PROBLEMS_READ:
            raise document_error(
                node.file, node.line, f"there are more than {MAX_PROBLEMS_READ} problems"
            )
        self.problems.append(Problem(node.file, node.line, node.path, message, hint))
        return UNREADABLE

    def mended(
        self, node: MappingNode, known: Collection[str], needed: Sequence[str] = ()
    ) -> MappingNode:
        """Return the mapping with known keys only, after adding problems for the others.

        The value of a misspelled key is read as that of the key that was probably meant. Keys
        after an empty value probably belong inside it, so they are no problems.

        Args:
            node: The mapping.
            known: The keys that it may have.
            needed: Those of them that it must have.
        """
        if all(key in known for key in node.entries):
            return node
        free = [key for key in known if key not in node.entries]
        found: dict[str, Node] = {}
        keys: dict[str, ScalarNode] = {}
        lossy, after_empty = node.lossy, False
        for key, value in node.entries.items():
            if key == MERGE_KEY:  # its alias is a problem already
                lossy = True
                continue
            meant: str | None = key
            if key not in known:
                reported = after_empty or is_empty_value(value)
                meant = (
                    None if after_empty else meant_key(first_word(key) if reported else key, free)
                )
                if not reported:
                    self.unknown_key(node, key, free, [each for each in needed if each in free])
            if meant is None:
                lossy = True
                continue
            after_empty = is_empty_value(value)
            free = [each for each in free if each != meant]
            found[meant], keys[meant] = value, node.keys[key]
        return MappingNode(node.file, node.line, node.path, found, keys, lossy)

    def unknown_key(
        self, node: MappingNode, key: str, known: Sequence[str], missing: Sequence[str] = ()
    ) -> None:
        """Add the problem of an unknown key.

        Args:
            node: The mapping.
            key: The key.
            known: The keys that are possible instead.
            missing: Those of them that are required.
        """
        others = likely_keys(key, known) if known else "no other key is possible here"
        if missing:
            others = f"`{missing[0]}` is missing; {others}"
        meant = meant_key(key, known)
        hint = None if meant is None else f"did you mean `{meant}`?"
        others_here = [each for each in node.entries if each != key]
        similar = None if hint else meant_key(key, others_here)
        if similar is not None:
            others = f"`{similar}` is defined already; {others}"
        elif "targets" in known and is_table_or_amount(node.entries[key]):
            others = f"{_MILESTONE.format(key)}; {others}"
        self.problem(node.keys[key], f"`{key}` is not a key here", hint or others)

    def guarded(self, node: Node, build: Callable[[], T]) -> T | Unreadable:
        """Return the result of `build`, or add its error as a problem."""
        try:
            return build()
        except EntitlementsError as error:
            return self.failed(node, error)
        except CONVERSION_ERRORS as error:
            return self.problem(node, f"the value is not possible: {error}")

    def failed(self, node: Node, error: EntitlementsError) -> Unreadable:
        """Add an error of a value class as a problem, at its path below `node`."""
        return self.problem(find(node, error.path), error.message, error.hint)

    @contextmanager
    def silent(self, reported: bool) -> Iterator[None]:  # noqa: FBT001 - its only argument
        """Drop the problems added inside if their reason is `reported` already."""
        before = len(self.problems)
        yield
        if reported:
            for each in self.problems[before:]:
                self._reported.discard((each.file, each.line, each.path, each.message))
            del self.problems[before:]

    # Names and references

    @contextmanager
    def scope(self, *kinds: str) -> Iterator[None]:
        """Open a scope for names of these kinds; names outside are hidden."""
        self._scopes.append({kind: Names() for kind in kinds})
        yield
        self._scopes.pop()

    def known(self, kind: str) -> Names | None:
        """Return the names of `kind` in the innermost scope that has them; None if no scope has."""
        for scope in reversed(self._scopes):
            if kind in scope:
                return scope[kind]
        return None

    def declare(self, *kinds: str) -> None:
        """Add these kinds to the outermost scope."""
        for kind in kinds:
            self._scopes[0].setdefault(kind, Names())

    def lose(self, *kinds: str) -> None:
        """Note that names of these kinds could not be read; references to them are no problems."""
        for kind in kinds:
            names = self.known(kind)
            if names is not None:
                names.lost = True

    def name(self, kind: str, id: str, node: Node, *, unique: bool = True) -> bool:
        """Note that `node` defines a name, and return whether it may.

        A second definition in the scope is a problem if names are `unique`.
        """
        names = self.known(kind)
        if names is None:
            return True
        first = names.nodes.setdefault(id, node)
        if first is not None and first is not node and unique:
            where = f"line {first.line}"
            if first.file != node.file:
                where = f"{first.file}:{first.line}"
            self.problem(node, f"two {plural(kind)} have the name `{id}`", f"first on {where}")
            return False
        return True

    def define(self, kind: str, id: str) -> None:
        """Note that a name is defined without a separate node."""
        names = self.known(kind)
        if names is not None:
            names.nodes.setdefault(id, None)

    def refer(self, node: ScalarNode, *kinds: str) -> None:
        """Note a reference to a thing of one of the kinds; checked after reading everything."""
        among = tuple(names for kind in kinds if (names := self.known(kind)) is not None)
        if among:
            for names in among:
                names.used.add(node.text)
            key = (kinds[0], node.text, *map(id, among))
            nodes = self._references.setdefault(key, _Missing(kinds[0], among)).nodes
            if all((node.file, node.path) != (each.file, each.path) for each in nodes[-1:]):
                nodes.append(node)

    def names_of(self, kind: str) -> tuple[str, ...]:
        """Return the names of a kind that are defined so far, in their order."""
        names = self.known(kind)
        return () if names is None else tuple(names.nodes)

    def need(self, *kinds: str) -> None:
        """Call `lose` for each kind without names: the missing names are the only mistake."""
        for kind in kinds:
            names = self.known(kind)
            if names is not None and not names.nodes:
                names.lost = True

    def unresolved(self, *kinds: str) -> bool:
        """Return whether a name of these kinds is referred to and not defined so far."""
        known = [names for kind in kinds if (names := self.known(kind)) is not None]
        return any(not each.lost and each.used - each.nodes.keys() for each in known)

    def check_references(self) -> None:
        """Add one problem for every name that is referred to and not defined."""
        unused: dict[int, list[str]] = {}
        for each in self._references.values():
            text = each.nodes[0].text
            if any(names.lost or text in names.nodes for names in each.among):
                continue
            for names in each.among:
                if id(names) not in unused:
                    unused[id(names)] = names.unused()
                    self._add_joined_names(each.kind, names, unused[id(names)])
            if not any(names.lost for names in each.among):
                self._add_missing_name(
                    each, text, [n for a in each.among for n in unused[id(a)][:_MAX_UNUSED]]
                )
        self._references.clear()

    def _add_joined_names(self, kind: str, names: Names, unused: list[str]) -> None:
        """Add a problem for each definition that is several names without commas between them."""
        missing = names.used - names.nodes.keys()
        for name in unused:
            node, parts = names.nodes[name], joined_names(name)
            if node is not None and len(parts) > 1 and not missing.isdisjoint(parts):
                names.lost = True
                hint = f"put commas between them: `[{', '.join(parts)}]`"
                if name.startswith("-"):
                    hint = "put a blank behind each `-`"
                self.problem(node, f"`{name}` is one {kind}, not {len(parts)}", hint)

    def _add_missing_name(self, missing: _Missing, text: str, unused: list[str]) -> None:
        """Add the problem where the mistake probably is: at the one name that differs."""
        first, *others = missing.nodes
        word = meant_calendar(text) if missing.kind == "calendar" else None
        meant = unused[0] if len(unused) == 1 else closest(text, unused)
        if others and word is None:
            for names in missing.among:
                node = None if meant is None else names.nodes.get(meant)
                if node is not None:
                    where = _lines(missing.nodes, node.file)
                    message = f"nothing refers to the {missing.kind} `{meant}`"
                    self.problem(node, message, f"did you mean `{text}`, as {where}?")
                    return
        known = list(chain.from_iterable(names.nodes for names in missing.among))
        same = meant_severity(text, known) if missing.kind == "severity" else None
        for names in missing.among if same and len(unused) > 1 else ():
            names.lost = True  # the others are probably named alike, which is one mistake
        near, guess = None if same else suggestion(text, known), same or meant
        hint = word or near or (f"did you mean `{guess}`?" if guess else None)
        if missing.kind == "milestone" and near is None:
            hint = _MILESTONE.format(text)
        if others:
            also = f"also {_lines(others, first.file)}"
            hint = f"{hint}; {also}" if hint else also
        self.problem(first, f"no {missing.kind} has the name `{text}`", hint)


def _lines(nodes: list[ScalarNode], file: str) -> str:
    places = [
        f"line {node.line}" if node.file == file else f"{node.file}:{node.line}"
        for node in nodes[:_MAX_LINES]
    ]
    more = f" and {len(nodes) - _MAX_LINES} more places" if len(nodes) > _MAX_LINES else ""
    return f"on {', '.join(places)}{more}"


def suggestion(word: str, known: Iterable[str]) -> str | None:
    """Return a hint with the known word that was probably meant."""
    return closest_match_hint(word, known)


def plural(kind: str) -> str:
    """Return the plural of a word of the domain.

    >>> plural("severity"), plural("calendar")
    ('severities', 'calendars')
    """
    return f"{kind[:-1]}ies" if kind.endswith("ty") else f"{kind}s"
