"""Work logs from files: a table, or a list in YAML or JSON, with problems by line.

The columns of a table, and the keys of an item, are the fields of `WorkLog`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import Final, final

import attrs

from entitlements.billing.work.work_logs import WorkLog, overlapping_work, valid_work
from entitlements.documents.formats.files import (
    Paths,
    Source,
    document_paths,
    load_document,
    parse_tree,
)
from entitlements.documents.formats.nodes import ListNode, MappingNode, Node, ScalarKind, find
from entitlements.documents.formats.problems import Problem, documents_error
from entitlements.documents.shapes.collections import items_of
from entitlements.documents.shapes.read_context import ReadContext, Unreadable, suggestion
from entitlements.documents.shapes.records import record_shape
from entitlements.documents.shapes.scalars import ScalarShape
from entitlements.kernel.errors import (
    DocumentError,
    EntitlementsError,
    InvalidValueError,
)

LIST_KEY: Final = "work_logs"
DEFAULT_KIND: Final[str] = attrs.fields(WorkLog).kind.default or ""
_TRUTHS: Final = {"true": True, "false": False}
_PLACE: Final = re.compile(rf"{LIST_KEY}\[(.*)\](?:\.(\w+))?", re.DOTALL)


def _parse_truth(text: str) -> bool:
    if text.lower() not in _TRUTHS:
        raise InvalidValueError(f"`{text}` is not `true` or `false`")
    return _TRUTHS[text.lower()]


_TRUTH: Final = ScalarShape(
    "`true` or `false`",
    _parse_truth,
    bool,
    {"type": "boolean"},
    (ScalarKind.TRUTH, ScalarKind.TEXT),
)
_WORK_LOG: Final = record_shape(WorkLog, shapes={"billable": _TRUTH, "retracted": _TRUTH})


@final
@attrs.frozen(eq=False)
class ReadWork:
    """Work logs with their places in files.

    Attributes:
        logs: The logs, in the order of the files.
        places: Where each of them was read.
    """

    logs: tuple[WorkLog, ...] = ()
    places: dict[WorkLog, Node] = attrs.field(factory=dict)

    def located(
        self, error: EntitlementsError, known_at: datetime | None = None
    ) -> EntitlementsError:
        """Return an error about a log with file, line and field; any other error as it is."""
        found = _PLACE.fullmatch(error.path or "")
        valid = {each.id: each for each in valid_work(self.logs, known_at)}
        if found is None or found[1] not in valid:
            return error
        node = find(self.places[valid[found[1]]], found[2])
        return DocumentError([str(_problem(node, error.message, error.hint))])

    def warnings(self, known_at: datetime | None = None) -> Iterator[str]:
        """Yield what is probably a mistake: one agent who works on two things at once."""
        for one, other in overlapping_work(valid_work(self.logs, known_at)):
            message = f"`{other.agent}` works on `{one.id}` and `{other.id}` at once"
            yield str(_problem(find(self.places[other], "start"), message, "both are charged"))


def read_work_logs(paths: Paths, kinds: Collection[str] = ()) -> ReadWork:
    """Return the work logs in one file or several.

    A file ending in `.csv` is read as a table, `.json` as JSON, any other as YAML; a list, or a
    mapping with the list under `work_logs`.

    Args:
        paths: One path or several.
        kinds: The kinds of work that have a price of their own. If there are any, a log has one of
            them or none; a kind that is not known would get the price for everything.

    Raises:
        DocumentError: There are problems; `problems` lists all of them with file, line and path.
    """
    into = ReadContext()
    unparsed: list[str] = []
    sources: list[Source] = []
    found: list[tuple[WorkLog, Node]] = []
    for path in document_paths(paths):
        try:
            sources.append(load_document(path))
            found += _read(sources[-1], into)
        except DocumentError as error:
            unparsed += error.problems
    _check(found, {DEFAULT_KIND, *kinds} if kinds else None, into)
    if unparsed or into.problems:
        names = [source.name for source in sources]
        raise DocumentError([*unparsed, *documents_error(into.problems, names).problems])
    return ReadWork(tuple(log for log, _ in found), dict(found))


def _read(source: Source, into: ReadContext) -> Iterator[tuple[WorkLog, Node]]:
    inside: list[Problem] = []
    root = parse_tree(source, inside)
    into.problems += inside
    match root:
        case MappingNode():
            listed = into.mended(root, (LIST_KEY,), (LIST_KEY,)).entries.get(LIST_KEY)
            items = () if listed is None else items_of(listed)
        case ListNode(items=items):
            pass
        case None:
            items = ()
        case _:
            into.problem(root, "the document is one scalar, not a list of work logs")
            return
    for item in items:
        log = _WORK_LOG.read(item, into)
        if not isinstance(log, Unreadable):
            yield log, item


def _check(
    found: Iterable[tuple[WorkLog, Node]], kinds: Collection[str] | None, into: ReadContext
) -> None:
    """Add a problem for each unknown kind, and for two records of one log at one instant."""
    first: dict[tuple[str, datetime | None], WorkLog] = {}
    for log, node in found:
        if kinds is not None and log.kind not in kinds:
            hint = suggestion(log.kind, kinds) or f"prices name {', '.join(sorted(kinds))}"
            message = f"no kind of work has the name `{log.kind}`"
            into.problem(find(node, "kind"), message, hint)
        other = first.setdefault((log.id, log.recorded), log)
        into.guarded(node, partial(valid_work, (other, log)))


def _problem(node: Node, message: str, hint: str | None) -> Problem:
    return Problem(node.file, node.line, node.path, message, hint)
