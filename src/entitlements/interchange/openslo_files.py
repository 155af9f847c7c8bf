"""OpenSLO files: the objectives in YAML or JSON, with their places and what is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import attrs

from entitlements.documents.formats.files import (
    Paths,
    Source,
    document_paths,
    load_document,
    parse_tree,
)
from entitlements.documents.formats.nodes import Node, find, node_data
from entitlements.documents.formats.problems import Problem, documents_error
from entitlements.documents.formats.yaml_reader import NO_VALUE
from entitlements.interchange.losses import Loss
from entitlements.interchange.openslo import ImportedObjectives, read_openslo
from entitlements.kernel.errors import DocumentError, EntitlementsError
from entitlements.outcomes.services.objectives import ServiceObjective

_SEPARATOR: Final = re.compile(r"---(?:\s.*)?", re.ASCII)


def read_openslo_files(paths: Paths) -> ImportedObjectives:
    """Return the objectives in one file or several.

    A file ending in `.json` is read as JSON, any other as YAML. It holds one object of OpenSLO, a
    list of them, or several documents with `---` between them. Objects of other kinds than `SLO`
    are left out.

    Args:
        paths: One path or several.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "slo.json")
    ...     _ = file.write_text('{"apiVersion": "openslo/v1", "kind": "Service"}')
    ...     read_openslo_files(file).objectives
    ()

    Raises:
        DocumentError: There are problems; `problems` lists all of them with file and line.
    """
    unparsed: list[str] = []
    problems: list[Problem] = []
    objectives: dict[str, ServiceObjective] = {}
    lost: list[Loss] = []
    sources = []
    for path in document_paths(paths):
        try:
            sources.append(load_document(path))
            for node in _objects(sources[-1], problems):
                found = _read(node, problems)
                lost += found.lost
                for each in found.objectives:
                    if objectives.setdefault(each.id, each) != each:
                        message = f"there is another objective `{each.id}`"
                        problems.append(Problem(node.file, node.line, "metadata.name", message))
        except DocumentError as error:
            unparsed += error.problems
    if unparsed or problems:
        names = [each.name for each in sources]
        raise DocumentError([*unparsed, *documents_error(problems, names).problems])
    return ImportedObjectives(objectives=[*objectives.values()], lost=lost)


def _objects(source: Source, problems: list[Problem]) -> Iterator[Node]:
    for part in _parts(source):
        found: list[Problem] = []
        root = parse_tree(part, found)
        problems += [each for each in found if each.message != NO_VALUE]
        if root is not None:
            yield from getattr(root, "items", (root,))


def _parts(source: Source) -> Iterator[Source]:
    """Yield the documents of a source, each behind as many empty lines as there are before it."""
    lines = source.text.split("\n")
    starts = [0]
    if source.format == "yaml":
        starts += [n for n, each in enumerate(lines, start=1) if _SEPARATOR.fullmatch(each)]
    for start, end in zip(starts, [*(each - 1 for each in starts[1:]), len(lines)], strict=True):
        text = "\n" * start + "\n".join(lines[start:end])
        if text.strip():
            yield attrs.evolve(source, text=text)


def _read(node: Node, problems: list[Problem]) -> ImportedObjectives:
    data: Any = node_data(node)
    place = f"{node.file}:{node.line}"
    kind = data.get("kind") if isinstance(data, dict) else None
    if isinstance(kind, str) and kind != "SLO":
        return ImportedObjectives(lost=[Loss(place, f"objects of kind `{kind}` have no place")])
    try:
        found = read_openslo(data)
    except EntitlementsError as error:
        at = find(node, error.path)
        problems.append(Problem(at.file, at.line, error.path or "", error.message, error.hint))
        return ImportedObjectives()
    lost = [
        Loss(f"{node.file}:{find(node, each.path).line}: {each.path}", each.reason)
        for each in found.lost
    ]
    return attrs.evolve(found, lost=lost)
