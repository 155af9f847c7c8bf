"""What has been found in a document so far: names, references, and everything that is wrong.

Reading goes on after a problem. Names are kept even where the thing they name is broken, so that
one mistake is told once and not again at every place that refers to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, Final, TypeVar, final

import attrs

from entitlements.documents.formats.nodes import (
    MappingNode,
    Node,
    ScalarKind,
    ScalarNode,
    find,
    is_hollow,
)
from entitlements.documents.problems import Problem, document_error
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.hints import closest, closest_match_hint

T = TypeVar("T")

CONVERSION_ERRORS: Final = (ValueError, TypeError, LookupError, ArithmeticError, RecursionError)
"""What a value class may raise when it is given something that nobody thought of."""

MAX_PROBLEMS: Final = 2_000
"""After so many problems reading stops."""

_MAX_LINES_NAMED: Final = 5
_FEW: Final = 100


@final
class Unreadable:
    """Stands for a value that could not be read; its problem has been told."""

    def __repr__(self) -> str:
        return "BROKEN"


UNREADABLE: Final = Unreadable()


@attrs.define(eq=False)
class Names:
    """Names of one kind that hold in one place.

    Attributes:
        nodes: Where each stands; None for a name that stands nowhere in a document.
        used: Those that something refers to.
        lost: Whether some may be missing because they could not be read.
    """

    nodes: dict[str, Node | None] = attrs.field(factory=dict)
    used: set[str] = attrs.field(factory=set)
    lost: bool = False

    def unused(self) -> list[str]:
        """Return the names in documents to which nothing refers."""
        return [n for n, node in self.nodes.items() if node is not None and n not in self.used]


@attrs.frozen
class _Missing:
    """References to one name that is not there."""

    kind: str
    among: tuple[Names, ...]
    leaves: list[ScalarNode] = attrs.field(factory=list)


@final
class ReadContext:
    """One pass over all documents.

    Attributes:
        problems: What is wrong, in the order of reading.
        resolve: Gives the hours of a name, `BROKEN` where there are none.
        customer: Whose account is being read.
    """

    def __init__(self) -> None:
        self.resolve: Callable[[str], Any] = lambda _: UNREADABLE
        self.customer = ""
        self.problems: list[Problem] = []
        self._scopes: list[dict[str, Names]] = [{}]
        self._references: dict[tuple[object, ...], _Missing] = {}

    def problem(self, node: Node, message: str, hint: str | None = None) -> Unreadable:
        """Add a problem and return what stands for the value; a broken node has told its own.

        Raises:
            DocumentError: There are so many that reading on helps nobody.
        """
        if isinstance(node, ScalarNode) and node.kind is ScalarKind.BROKEN:
            return UNREADABLE
        if len(self.problems) >= MAX_PROBLEMS:
            raise document_error(
                node.file, node.line, f"there are more than {MAX_PROBLEMS} problems"
            )
        self.problems.append(Problem(node.file, node.line, node.path, message, hint))
        return UNREADABLE

    def mended(
        self, node: MappingNode, known: Collection[str], needed: Sequence[str] = ()
    ) -> MappingNode:
        """Return the mapping with known keys only, after telling of the others.

        The value of a misspelled key is read as that of the key that was probably meant. Keys
        after an empty value are taken for what should stand inside it, so they are not told.

        Args:
            node: The mapping.
            known: Its keys.
            needed: Those of them that it must have.
        """
        if all(key in known for key in node.entries):
            return node
        free = [key for key in known if key not in node.entries]
        found: dict[str, Node] = {}
        keys: dict[str, ScalarNode] = {}
        lossy, after_nothing = node.lossy, False
        for key, value in node.entries.items():
            meant: str | None = key
            if key not in known:
                told = after_nothing or is_hollow(value)
                meant = None if after_nothing else closest(first_word(key) if told else key, free)
                if not told:
                    self.unknown_key(node, key, free, [each for each in needed if each in free])
            if meant is None:
                lossy = True
                continue
            after_nothing = is_hollow(value)
            free = [each for each in free if each != meant]
            found[meant], keys[meant] = value, node.keys[key]
        return MappingNode(node.file, node.line, node.path, found, keys, lossy)

    def unknown_key(
        self, node: MappingNode, key: str, known: Sequence[str], missing: Sequence[str] = ()
    ) -> None:
        """Add the problem of a key that does not belong there.

        Args:
            node: The mapping.
            key: The key.
            known: The keys that could stand there instead.
            missing: Those of them that must.
        """
        others = f"known here: {', '.join(known)}" if known else "no other key belongs here"
        if missing:
            others = f"`{missing[0]}` is missing; {others}"
        hint = suggestion(key, known)
        twin = None if hint else closest(key, (each for each in node.entries if each != key))
        if twin is not None:
            others = f"`{twin}` is there already; {others}"
        self.problem(node.keys[key], f"`{key}` is not a key here", hint or others)

    def guarded(self, node: Node, build: Callable[[], T]) -> T | Unreadable:
        """Return what `build` makes, or turn its error into a problem at the right place."""
        try:
            return build()
        except EntitlementsError as error:
            return self.failed(node, error)
        except CONVERSION_ERRORS as error:
            return self.problem(node, f"this is not possible: {error}")

    def failed(self, node: Node, error: EntitlementsError) -> Unreadable:
        """Add an error of a value class as a problem, where its path leads or at `node`."""
        return self.problem(find(node, error.path), error.message, error.hint)

    @contextmanager
    def silent(self, told: bool) -> Iterator[None]:  # noqa: FBT001 - the one thing it is about
        """Add no problem inside if the reason was `told` already."""
        before = len(self.problems)
        yield
        if told:
            del self.problems[before:]

    # Names and references

    @contextmanager
    def scope(self, *kinds: str) -> Iterator[None]:
        """Names of these kinds hold only inside, and hide those outside."""
        self._scopes.append({kind: Names() for kind in kinds})
        yield
        self._scopes.pop()

    def known(self, kind: str) -> Names | None:
        """Return the names of `kind` that hold here; None if that kind has no place here."""
        for scope in reversed(self._scopes):
            if kind in scope:
                return scope[kind]
        return None

    def declare(self, *kinds: str) -> None:
        """Let names of these kinds hold everywhere."""
        for kind in kinds:
            self._scopes[0].setdefault(kind, Names())

    def lose(self, *kinds: str) -> None:
        """Note that names of these kinds could not be read; no reference to them is missed."""
        for kind in kinds:
            names = self.known(kind)
            if names is not None:
                names.lost = True

    def name(self, kind: str, id: str, node: Node, *, unique: bool = True) -> None:
        """Note that `node` names a thing.

        A second one of the kind with that name is a problem, unless several may bear it.
        """
        names = self.known(kind)
        if names is None:
            return
        first = names.nodes.setdefault(id, node)
        if first is not None and first is not node and unique:
            where = f"line {first.line}"
            if first.file != node.file:
                where = f"{first.file}:{first.line}"
            self.problem(node, f"two {plural(kind)} have the name `{id}`", f"first on {where}")

    def refer_later(self, kind: str, id: str) -> None:
        """Note that something of that name is there, wherever it stands."""
        names = self.known(kind)
        if names is not None:
            names.nodes.setdefault(id, None)

    def refer(self, leaf: ScalarNode, *kinds: str) -> None:
        """Note that `leaf` must name a thing of one of the kinds; checked when all is read."""
        among = tuple(names for kind in kinds if (names := self.known(kind)) is not None)
        if among:
            for names in among:
                names.used.add(leaf.text)
            key = (kinds[0], leaf.text, *map(id, among))
            self._references.setdefault(key, _Missing(kinds[0], among)).leaves.append(leaf)

    def need(self, *kinds: str) -> None:
        """Lose the names of each kind of which there is none: only that is the mistake."""
        for kind in kinds:
            names = self.known(kind)
            if names is not None and not names.nodes:
                names.lost = True

    def unresolved(self, *kinds: str) -> bool:
        """Return whether something refers to a name of these kinds that is not there by now."""
        known = [names for kind in kinds if (names := self.known(kind)) is not None]
        return any(not each.lost and each.used - each.nodes.keys() for each in known)

    def check_references(self) -> None:
        """Add one problem for every name that is referred to and is not there."""
        unused: dict[int, list[str]] = {}
        for each in self._references.values():
            text = each.leaves[0].text
            if any(names.lost or text in names.nodes for names in each.among):
                continue
            for names in each.among:
                if id(names) not in unused:
                    unused[id(names)] = names.unused()
                    self._tell_joined(each.kind, names, unused[id(names)])
            if not any(names.lost for names in each.among):
                self._not_there(each, text, [n for a in each.among for n in unused[id(a)][:_FEW]])
        self._references.clear()

    def _tell_joined(self, kind: str, names: Names, unused: list[str]) -> None:
        """Add a problem for each name that is several which something refers to, run together."""
        missing = names.used - names.nodes.keys()
        for name in unused:
            node, parts = names.nodes[name], re.split(r"[\s,]+", name)
            if node is not None and len(parts) > 1 and not missing.isdisjoint(parts):
                names.lost = True
                hint = f"put commas between them: `[{', '.join(parts)}]`"
                self.problem(node, f"`{name}` is one {kind}, not {len(parts)}", hint)

    def _not_there(self, missing: _Missing, text: str, unused: list[str]) -> None:
        """Add the problem where the mistake probably is: at the one place that differs."""
        first, *others = missing.leaves
        meant = unused[0] if len(unused) == 1 else closest(text, unused)
        if others:
            for names in missing.among:
                node = None if meant is None else names.nodes.get(meant)
                if node is not None:
                    where = _lines(missing.leaves, node.file)
                    message = f"nothing refers to the {missing.kind} `{meant}`"
                    self.problem(node, message, f"did you mean `{text}`, as {where}?")
                    return
        known = chain.from_iterable(names.nodes for names in missing.among)
        hint = suggestion(text, known) or (f"did you mean `{meant}`?" if meant else None)
        if others:
            also = f"also {_lines(others, first.file)}"
            hint = f"{hint}; {also}" if hint else also
        self.problem(first, f"no {missing.kind} has the name `{text}`", hint)


def _lines(nodes: list[ScalarNode], file: str) -> str:
    places = [
        f"line {node.line}" if node.file == file else f"{node.file}:{node.line}"
        for node in nodes[:_MAX_LINES_NAMED]
    ]
    more = (
        f" and {len(nodes) - _MAX_LINES_NAMED} more places" if len(nodes) > _MAX_LINES_NAMED else ""
    )
    return f"on {', '.join(places)}{more}"


def first_word(text: str) -> str:
    """Return what stands before the first blank.

    >>> first_word("shift business")
    'shift'
    """
    return text.strip().partition(" ")[0]


def suggestion(word: str, known: Iterable[str]) -> str | None:
    """Return a hint with the known word that was probably meant."""
    return closest_match_hint(word, known)


def plural(kind: str) -> str:
    """Return the plural of a word of the domain.

    >>> plural("severity"), plural("calendar")
    ('severities', 'calendars')
    """
    return f"{kind[:-1]}ies" if kind.endswith("ty") else f"{kind}s"
