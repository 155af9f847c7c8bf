"""What has been found in a document so far: names, references, and everything that is wrong.

Reading goes on after a problem. Names are kept even where the thing they name is broken, so that
one mistake is told once and not again at every place that refers to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar, final

import attrs

from entitlements.documents.nodes import Keyed, Kind, Leaf, Node, find
from entitlements.documents.problems import Problem, refusal
from entitlements.kernel.errors import EntitlementsError
from entitlements.kernel.hints import did_you_mean

T = TypeVar("T")

FOREIGN: Final = (ValueError, TypeError, LookupError, ArithmeticError, RecursionError)
"""What a value class may raise when it is given something that nobody thought of."""

MOST: Final = 2_000
"""After so many problems reading stops."""

_LONGEST_GUESS: Final = 60


@final
class Broken:
    """Stands for a value that could not be read; its problem has been told."""

    def __repr__(self) -> str:
        return "BROKEN"


BROKEN: Final = Broken()


@attrs.frozen(eq=False)
class _Reference:
    kind: str
    leaf: Leaf
    among: tuple[dict[str, Node | None], ...]


@attrs.frozen(eq=False)
class _Scope:
    """Names that hold within one thing only, by kind."""

    names: dict[str, dict[str, Node | None]]


@final
class Reading:
    """One pass over all documents.

    Attributes:
        problems: What is wrong, in the order of reading.
        resolve: Gives the hours of a name, `BROKEN` where there are none.
        customer: Whose account is being read.
    """

    def __init__(self) -> None:
        self.resolve: Callable[[str], Any] = lambda _: BROKEN
        self.customer = ""
        self.problems: list[Problem] = []
        self._scopes: list[_Scope] = [_Scope({})]
        self._references: list[_Reference] = []

    def problem(self, node: Node, message: str, hint: str | None = None) -> Broken:
        """Add a problem and return what stands for the value; a broken node has told its own.

        Raises:
            DocumentError: There are so many that reading on helps nobody.
        """
        if isinstance(node, Leaf) and node.kind is Kind.BROKEN:
            return BROKEN
        if len(self.problems) >= MOST:
            raise refusal(node.file, node.line, f"there are more than {MOST} problems")
        self.problems.append(Problem(node.file, node.line, node.path, message, hint))
        return BROKEN

    def unknown_key(self, node: Keyed, key: str, known: Iterable[str]) -> None:
        """Add the problem of a key that does not belong there."""
        names = list(known)
        hint = guess(key, names) or f"known here: {', '.join(names)}"
        self.problem(node.keys[key], f"`{key}` is not a key here", hint)

    def guarded(self, node: Node, build: Callable[[], T]) -> T | Broken:
        """Return what `build` makes, or turn its error into a problem at the right place."""
        try:
            return build()
        except EntitlementsError as error:
            return self.failed(node, error)
        except FOREIGN as error:
            return self.problem(node, f"this is not possible: {error}")

    def failed(self, node: Node, error: EntitlementsError) -> Broken:
        """Add an error of a value class as a problem, where its path leads or at `node`."""
        return self.problem(find(node, error.path), error.message, error.hint)

    # Names and references

    @contextmanager
    def scope(self, *kinds: str) -> Iterator[None]:
        """Names of these kinds hold only inside, and hide those outside."""
        self._scopes.append(_Scope({kind: {} for kind in kinds}))
        yield
        self._scopes.pop()

    def known(self, kind: str) -> dict[str, Node | None] | None:
        """Return the names of `kind` that hold here; None if that kind has no place here."""
        for scope in reversed(self._scopes):
            if kind in scope.names:
                return scope.names[kind]
        return None

    def declare(self, *kinds: str) -> None:
        """Let names of these kinds hold everywhere."""
        for kind in kinds:
            self._scopes[0].names.setdefault(kind, {})

    def name(self, kind: str, id: str, node: Node, *, unique: bool = True) -> None:
        """Note that `node` names a thing.

        A second one of the kind with that name is a problem, unless several may bear it.
        """
        names = self.known(kind)
        if names is None:
            return
        first = names.setdefault(id, node)
        if first is not None and first is not node and unique:
            where = f"line {first.line}"
            if first.file != node.file:
                where = f"{first.file}:{first.line}"
            self.problem(node, f"two {plural(kind)} have the name `{id}`", f"first on {where}")

    def mention(self, kind: str, id: str) -> None:
        """Note that something of that name is there, wherever it stands."""
        names = self.known(kind)
        if names is not None:
            names.setdefault(id, None)

    def refer(self, leaf: Leaf, *kinds: str) -> None:
        """Note that `leaf` must name a thing of one of the kinds; checked when all is read."""
        among = tuple(names for kind in kinds if (names := self.known(kind)) is not None)
        if among:
            self._references.append(_Reference(kinds[0], leaf, among))

    def check_references(self) -> None:
        """Add a problem for every reference that leads nowhere."""
        for each in self._references:
            if not any(each.leaf.text in names for names in each.among):
                known = [name for names in each.among for name in names]
                self.problem(
                    each.leaf,
                    f"no {each.kind} has the name `{each.leaf.text}`",
                    guess(each.leaf.text, known),
                )
        self._references.clear()


def guess(word: str, known: Iterable[str]) -> str | None:
    """Return a hint with the known word that was probably meant; none for very long words."""
    return did_you_mean(word, known) if len(word) <= _LONGEST_GUESS else None


def plural(kind: str) -> str:
    """Return the plural of a word of the domain.

    >>> plural("severity"), plural("calendar")
    ('severities', 'calendars')
    """
    return f"{kind[:-1]}ies" if kind.endswith("ty") else f"{kind}s"
