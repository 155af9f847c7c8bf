"""Promises from files: verdicts, measured figures and claims, with problems by line.

The keys of the mapping are the fields of `Promises`.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, final

import attrs

from entitlements.billing.credits.measured_figures import MeasuredFigure
from entitlements.documents.formats.files import (
    Paths,
    Source,
    document_paths,
    load_document,
    parse_tree,
)
from entitlements.documents.formats.nodes import Node, find
from entitlements.documents.formats.problems import Problem, documents_error
from entitlements.documents.shapes.collections import ListShape
from entitlements.documents.shapes.money_texts import EXACT
from entitlements.documents.shapes.read_context import ReadContext, Unreadable
from entitlements.documents.shapes.records import record_shape
from entitlements.engine.statements.earned_credits import Promises
from entitlements.kernel.errors import ConflictError, DocumentError, EntitlementsError

_FIGURE: Final = record_shape(MeasuredFigure, shapes={"figure": EXACT})
_PROMISES: Final = record_shape(Promises, title="promises", shapes={"figures": ListShape(_FIGURE)})
_PLACE: Final = re.compile(r"(figures|claims)\[(.*?)\](?:\.(\w+))?", re.DOTALL)


@final
@attrs.frozen(eq=False)
class ReadPromises:
    """Promises with their places in files.

    Attributes:
        promises: What all files say.
        places: Where each figure and each claim was read, by its path.
    """

    promises: Promises = attrs.field(factory=Promises)
    places: dict[tuple[str, str], Node] = attrs.field(factory=dict)

    def located(self, error: EntitlementsError) -> EntitlementsError:
        """Return an error about a figure or claim with file and line; any other error as it is."""
        found = _PLACE.fullmatch(error.path or "")
        node = None if found is None else self.places.get((found[1], found[2]))
        if found is None or node is None:
            return error
        return DocumentError([str(_problem(find(node, found[3]), error.message, error.hint))])


def read_promises(paths: Paths) -> ReadPromises:
    """Return the promises in one file or several, in YAML or JSON.

    Args:
        paths: One path or several.

    Raises:
        DocumentError: There are problems; `problems` lists all of them with file, line and path.
    """
    into = ReadContext()
    unparsed: list[str] = []
    sources: list[Source] = []
    read: list[tuple[Promises, Node]] = []
    for path in document_paths(paths):
        try:
            sources.append(load_document(path))
            read += _read(sources[-1], into)
        except DocumentError as error:
            unparsed += error.problems
    found = _together(read, into)
    if unparsed or into.problems:
        names = [source.name for source in sources]
        raise DocumentError([*unparsed, *documents_error(into.problems, names).problems])
    return found


def _read(source: Source, into: ReadContext) -> list[tuple[Promises, Node]]:
    inside: list[Problem] = []
    root = parse_tree(source, inside)
    into.problems += inside
    if root is None:
        return []
    found = _PROMISES.read(root, into)
    return [] if isinstance(found, Unreadable) else [(found, root)]


def _together(read: list[tuple[Promises, Node]], into: ReadContext) -> ReadPromises:
    """Return what several files say as one; a credit is claimed at one instant."""
    places: dict[tuple[str, str], Node] = {}
    claims: dict[str, datetime] = {}
    figures: list[MeasuredFigure] = []
    for promises, root in read:
        for index, figure in enumerate(promises.figures):
            places["figures", str(len(figures))] = find(root, f"figures[{index}]")
            figures.append(figure)
        for id, at in promises.claims.items():
            node = _claim(root, id)
            if claims.setdefault(id, at) != at:
                error = ConflictError(f"credit `{id}` was claimed twice", field="claims")
                into.problem(node, error.message, "keep the first claim")
            places["claims", id] = node
    verdicts = [each for promises, _ in read for each in promises.verdicts]
    return ReadPromises(Promises(verdicts=verdicts, figures=figures, claims=claims), places)


def _claim(root: Node, id: str) -> Node:
    entries = getattr(find(root, "claims"), "entries", {})
    found: Node = entries.get(id, root)
    return found


def _problem(node: Node, message: str, hint: str | None) -> Problem:
    return Problem(node.file, node.line, node.path, message, hint)
