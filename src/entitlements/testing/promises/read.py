"""Reading promise files: cases in YAML or JSON beside the facts that they are about.

All problems are found in one pass, each with file and line. If there is any, no case is returned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any, Final, final

import attrs

from entitlements.documents.formats.files import (
    Format,
    Source,
    document_paths,
    load_document,
    parse_document,
)
from entitlements.documents.formats.nodes import ListNode, MappingNode, Node, ScalarNode, node_text
from entitlements.documents.formats.problems import Problem, documents_error
from entitlements.documents.read import PublicHolidays, facts_of
from entitlements.documents.shapes.collections import MappingShape, OptionalShape, items_of
from entitlements.documents.shapes.read_context import ReadContext, Unreadable
from entitlements.documents.shapes.records import record_shape
from entitlements.documents.shapes.scalars import INSTANT, TEXT, ScalarShape, Shape
from entitlements.engine.facts import Facts
from entitlements.kernel.errors import DocumentError, EntitlementsError
from entitlements.kernel.instants import text_of, utc
from entitlements.kernel.requests import Request
from entitlements.testing.promises.cases import (
    NONE,
    ExpectedAnswer,
    Outcome,
    PromiseCase,
    PromiseFile,
)
from entitlements.testing.promises.events import read_events
from entitlements.testing.promises.known_names import KnownNames

SUFFIXES: Final = (".promises.yaml", ".promises.yml", ".promises.json")
"""How the name of a promise file ends."""

REQUEST_ID: Final = "promise"
MAX_COMBINATIONS: Final = 10_000

_DUE: Final = ScalarShape(
    "an instant or `none`",
    lambda text: None if text == NONE else utc(text),
    lambda at: NONE if at is None else INSTANT.form(at),
    {"type": "string"},
)
_REQUEST: Final = record_shape(Request, without=("id",))
_EXPECTED: Final = record_shape(
    ExpectedAnswer,
    title="expected answer",
    lone="decision",
    shapes={"due": MappingShape(_DUE), "opens_at": OptionalShape(INSTANT)},
)
_ASKED: Final[Mapping[str, Shape]] = {
    "at": INSTANT,
    **{name: key.shape for name, key in _REQUEST.keys.items()},
}
_FILE_KEYS: Final = ("facts", "given", "at", "ask", "promises")
_CASE_KEYS: Final = ("name", "at", "ask", "events", "table", "expect")
_ROW_KEYS: Final = ("when", *_EXPECTED.keys)


def read_promises(path: str | Path, *, holidays: PublicHolidays | None = None) -> PromiseFile:
    """Return the cases of a promise file, with the facts that it names.

    Args:
        path: The file; the paths of facts in it are relative to its folder.
        holidays: Looks up public holidays, as for `entitlements.documents.read_facts`.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "ours.promises.json")
    ...     _ = path.write_text(
    ...         '{"given": {}, "at": "2026-03-02T09:00Z", "promises": [{"name": "a stranger", '
    ...         '"ask": {"customer": "x", "contact": "y", "product": "z", "channel": "web"}, '
    ...         '"expect": {"decision": "denied"}}]}'
    ...     )
    ...     [case.name for case in read_promises(path).cases]
    ['a stranger']

    Raises:
        DocumentError: There are problems; `problems` lists all of them with file and line.
    """
    source = load_document(Path(path))
    return _read(source, Path(path).parent, holidays)


def parse_promises(
    text: str,
    *,
    name: str = "<text>",
    folder: str | Path = ".",
    format: Format = "yaml",
    holidays: PublicHolidays | None = None,
) -> PromiseFile:
    """Return the cases of the promise file `text`.

    >>> file = parse_promises('''
    ... given: {}
    ... at: 2026-03-02T09:00Z
    ... ask: {customer: acme, contact: dana, product: db, channel: phone}
    ... promises:
    ...   - name: strangers get nothing
    ...     expect: {decision: denied, reasons: [customer_unknown]}
    ... ''')
    >>> [case.name for case in file.cases]
    ['strangers get nothing']

    Args:
        text: The document.
        name: Its name in problems.
        folder: The folder of the facts that it names.
        format: `yaml` or `json`.
        holidays: Looks up public holidays.

    Raises:
        DocumentError: There are problems; `problems` lists all of them with line and path.
    """
    return _read(Source(name, text, format), Path(folder), holidays)


def _read(source: Source, folder: Path, holidays: PublicHolidays | None) -> PromiseFile:
    inside: list[Problem] = []
    root = parse_document(source, inside)
    into = ReadContext()
    into.public_holidays = holidays
    into.problems += inside
    root = into.mended(root, _FILE_KEYS, ("promises",))
    trees, unparsed = _fact_trees(root, folder, into)
    facts = facts_of(trees, into, complete=not unparsed)
    cases: tuple[PromiseCase, ...] = ()
    if facts is not None:
        cases = tuple(_CaseReader(source.name, facts, into).cases(root))
    if facts is None or unparsed or into.problems:
        files = [source.name, *(tree.file for tree in trees)]
        raise DocumentError([*unparsed, *documents_error(into.problems, files).problems])
    return PromiseFile(name=source.name, facts=facts, cases=cases)


def _fact_trees(
    root: MappingNode, folder: Path, into: ReadContext
) -> tuple[list[MappingNode], list[str]]:
    """Return the parsed documents of facts, and the problems of those that cannot be parsed."""
    trees: list[MappingNode] = []
    unparsed: list[str] = []
    for item in items_of(root.entries["facts"]) if "facts" in root.entries else ():
        text = TEXT.read(item, into)
        if isinstance(text, Unreadable):
            continue
        if not (folder / text).exists():
            unparsed.append(f"{item.file}:{item.line}: {item.path}: there is no file `{text}`")
            continue
        try:
            for path in document_paths(folder / text):
                inside: list[Problem] = []
                trees.append(parse_document(load_document(path), inside))
                into.problems += inside
        except DocumentError as error:
            unparsed += error.problems
        except OSError as error:
            into.problem(item, f"`{text}` cannot be read: {(error.strerror or '').lower()}")
    given = root.entries.get("given")
    if isinstance(given, MappingNode):
        trees.append(given)
    elif given is not None:
        into.problem(given, f"{node_text(given)} is no document of facts")
    if not trees and not unparsed:
        into.problem(
            root, "there are no facts", "name files as `facts:`, or write them as `given:`"
        )
    return trees, unparsed


@final
@attrs.frozen
class _Row:
    """One row of a table: which questions it is about, and what is expected of them."""

    when: Mapping[str, frozenset[Any]]
    expected: ExpectedAnswer
    node: Node

    def fits(self, asked: Mapping[str, Any]) -> bool:
        return all(asked.get(name) in values for name, values in self.when.items())


_DENIED: Final = ExpectedAnswer(decision=Outcome.DENIED)


@final
class _CaseReader:
    """The cases of one document."""

    def __init__(self, name: str, facts: Facts, into: ReadContext) -> None:
        self._name = name
        self._into = into
        self._known = KnownNames(facts)

    def cases(self, root: MappingNode) -> Iterator[PromiseCase]:
        """Yield the cases; all problems are added."""
        common = self._asked(root)
        node = root.entries.get("promises")
        items = () if node is None else items_of(node)
        if not items:
            hint = "a case is `ask:` with `expect:`"
            self._into.problem(node or root, "there is no case under `promises`", hint)
        for item in items:
            yield from self._case(item, common)

    def _case(self, node: Node, common: Mapping[str, Any]) -> Iterator[PromiseCase]:
        if not isinstance(node, MappingNode):
            self._into.problem(node, f"{node_text(node)} is not a case", "write `ask:`, `expect:`")
            return
        node = self._into.mended(node, _CASE_KEYS, ("expect",))
        name = TEXT.read(node.entries["name"], self._into) if "name" in node.entries else ""
        asked = {**common, **self._asked(node)}
        if "events" in node.entries:
            asked["events"] = read_events(node.entries["events"], self._into)
        expect = node.entries.get("expect")
        if expect is None or not _says_something(expect):
            hint = "write `expect: granted`, or what the answer must be"
            self._into.problem(expect or node, "nothing is expected, so this cannot fail", hint)
            return
        if isinstance(name, Unreadable):
            return
        if "table" in node.entries:
            yield from self._table(node, expect, name, asked)
            return
        expected = _EXPECTED.read(expect, self._into)
        if not isinstance(expected, Unreadable):
            self._check_expected(expect, expected)
            yield from self._built(node, name, asked, expected)

    def _table(
        self, node: MappingNode, expect: Node, name: str, asked: Mapping[str, Any]
    ) -> Iterator[PromiseCase]:
        """Yield a case for each combination; what no row is about must be denied."""
        axes = self._axes(node.entries["table"])
        if not axes:
            return
        rows = [self._row(item, axes) for item in items_of(expect)]
        if any(row is None for row in rows):
            return
        used: set[int] = set()
        for values in product(*axes.values()):
            combination = dict(zip(axes, values, strict=True))
            found = [row for row in rows if row is not None and row.fits(combination)]
            expected = found[0].expected if found else _DENIED
            used.update(id(row) for row in found[:1])
            words = ", ".join(f"{each} {_text(value)}" for each, value in combination.items())
            title = f"{name}: {words}" if name else words
            yield from self._built(node, title, {**asked, **combination}, expected)
        for row in rows:
            if row is not None and id(row) not in used:
                hint = "an earlier row is about the same questions, or the table has none of them"
                self._into.problem(row.node, "no question of the table is left for this row", hint)

    def _axes(self, node: Node) -> dict[str, tuple[Any, ...]]:
        if not isinstance(node, MappingNode) or not node.entries:
            hint = "write what is asked, such as `severity: [S1, S2]`"
            is_empty = isinstance(node, MappingNode)
            wrong = "the table is empty" if is_empty else f"{node_text(node)} is not a table"
            self._into.problem(node, wrong, hint)
            return {}
        node = self._into.mended(node, tuple(_ASKED))
        axes: dict[str, tuple[Any, ...]] = {}
        size = 1
        for name, each in node.entries.items():
            values = [_ASKED[name].read(item, self._into) for item in items_of(each)]
            if not values:
                self._into.problem(each, f"the table has no values for `{name}`")
            if not values or any(isinstance(value, Unreadable) for value in values):
                return {}
            axes[name], size = tuple(values), size * len(values)
        if size > MAX_COMBINATIONS:
            self._into.problem(node, f"the table has {size} cases", f"at most {MAX_COMBINATIONS}")
            return {}
        return axes

    def _row(self, node: Node, axes: Mapping[str, tuple[Any, ...]]) -> _Row | None:
        when: dict[str, frozenset[Any]] = {}
        if isinstance(node, MappingNode):
            node = self._into.mended(node, _ROW_KEYS)
            condition = node.entries.get("when")
            if condition is not None and not isinstance(condition, MappingNode):
                self._into.problem(condition, f"{node_text(condition)} names no questions")
                return None
            if condition is not None:
                found = self._axes(self._into.mended(condition, tuple(axes)))
                when = {name: frozenset(values) for name, values in found.items()}
                self._check_values(condition, when, axes)
            rest = {key: each for key, each in node.entries.items() if key != "when"}
            node = attrs.evolve(node, entries=rest)
        expected = _EXPECTED.read(node, self._into)
        if isinstance(expected, Unreadable):
            return None
        self._check_expected(node, expected)
        return _Row(when, expected, node)

    def _check_values(
        self,
        node: MappingNode,
        when: Mapping[str, frozenset[Any]],
        axes: Mapping[str, tuple[Any, ...]],
    ) -> None:
        for name, values in when.items():
            for value in sorted(values - set(axes.get(name, ())), key=str):
                self._into.problem(
                    node.entries.get(name, node), f"the table has no {name} `{_text(value)}`"
                )

    def _asked(self, node: MappingNode) -> dict[str, Any]:
        """Return the parts of the question that are written here: those of `ask`, and `at`."""
        found: dict[str, Any] = {}
        ask = node.entries.get("ask")
        if isinstance(ask, MappingNode):
            ask = self._into.mended(ask, tuple(_REQUEST.keys))
            for name, each in ask.entries.items():
                found[name] = _ASKED[name].read(each, self._into)
        elif ask is not None:
            self._into.problem(ask, f"{node_text(ask)} is no question", "write its parts")
        if "at" in node.entries:
            found["at"] = INSTANT.read(node.entries["at"], self._into)
        return found

    def _built(
        self, node: MappingNode, name: str, asked: Mapping[str, Any], expected: ExpectedAnswer
    ) -> Iterator[PromiseCase]:
        if any(isinstance(each, Unreadable) for each in asked.values()):
            return
        needed = ["at", *(n for n, key in _REQUEST.keys.items() if key.required)]
        missing = [each for each in needed if each not in asked]
        if missing:
            names = " and ".join(f"`{each}`" for each in missing)
            verb = "is" if len(missing) == 1 else "are"
            self._into.problem(
                node, f"{names} {verb} missing in the question", "write it here, or once for all"
            )
            return
        if not expected.reasons:  # a case that names the reasons may ask with any word
            for wrong in self._known.unknown_in(asked):
                self._into.problem(self._place(node, wrong.field), wrong.message, wrong.hint)
        words = {name: value for name, value in asked.items() if name in _REQUEST.keys}
        try:
            request = Request(id=REQUEST_ID, **words)
        except EntitlementsError as error:
            self._into.failed(node, error)
            return
        yield PromiseCase(
            name=name or _question(request),
            request=request,
            at=asked["at"],
            expected=expected,
            events=asked.get("events", ()),
            file=self._name,
            line=node.line,
        )

    def _check_expected(self, node: Node, expected: ExpectedAnswer) -> None:
        for wrong in self._known.unknown_in_answer(expected):
            self._into.problem(self._place(node, wrong.field), wrong.message, wrong.hint)

    @staticmethod
    def _place(node: Node, field: str) -> Node:
        """Return the node of a key, in the case or one level below, or the case itself."""
        inner = [node]
        if isinstance(node, MappingNode):
            inner += [each for each in node.entries.values() if isinstance(each, MappingNode)]
        for each in inner:
            if isinstance(each, MappingNode) and field in each.entries:
                return each.entries[field]
        return node


def _says_something(node: Node) -> bool:
    match node:
        case MappingNode(entries=entries):
            return bool(entries)
        case ListNode(items=items):
            return bool(items)
        case ScalarNode(text=text):
            return bool(text)


def _text(value: Any) -> str:
    return text_of(value) if hasattr(value, "isoformat") else str(value)


def _question(request: Request) -> str:
    words = [request.severity, f"by {request.channel}", f"for {request.product}"]
    return f"{request.customer}: {' '.join(each for each in words if each)}"
