"""Documents from files, folders and texts, with a size limit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from os import PathLike
from pathlib import Path
from typing import Final, Literal, TypeAlias, final

import attrs

from entitlements.documents.formats.csv_reader import read_csv
from entitlements.documents.formats.json_reader import read_json
from entitlements.documents.formats.nodes import ListNode, MappingNode, Node, ScalarNode
from entitlements.documents.formats.problems import Problem, document_error
from entitlements.documents.formats.yaml_reader import read_yaml
from entitlements.kernel.converters import as_tuple
from entitlements.kernel.errors import InvalidValueError

MAX_SIZE: Final = 1_048_576
"""The largest size of a document, in bytes."""

Format: TypeAlias = Literal["yaml", "json"]
Paths: TypeAlias = str | PathLike[str] | Iterable[str | PathLike[str]]

_FORMATS: Final[dict[str, Format]] = {".yaml": "yaml", ".yml": "yaml", ".json": "json"}
_TABLES: Final = frozenset({".csv"})


@final
@attrs.frozen
class Source:
    """The text of a document.

    Attributes:
        name: Its name in problems.
        text: The text.
        format: `yaml`, `json`, or `csv` for a table.
    """

    name: str
    text: str
    format: Format | Literal["csv"]


def document_paths(paths: Paths) -> tuple[Path, ...]:
    """Return the files of `paths`; for a folder its documents, sorted by name.

    Raises:
        DocumentError: A folder has no documents.
        InvalidValueError: `paths` holds something else than paths.
    """
    each_path = (paths,) if isinstance(paths, str | PathLike) else as_tuple(paths)
    for path in each_path:
        if not isinstance(path, str | PathLike):
            raise InvalidValueError(f"`{path!r}` is not a path", hint="pass text or a `Path`")
    return tuple(file for path in each_path for file in _files(Path(path)))


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    found = sorted(each for each in path.iterdir() if each.suffix.lower() in _FORMATS)
    if not found:
        raise document_error(str(path), 0, "there is no document in this folder")
    yield from found


def load_document(path: Path) -> Source:
    """Return the text of a file.

    Raises:
        DocumentError: It cannot be read, is too large, or is not UTF-8.
    """
    name = str(path)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_SIZE + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not a file name"
        raise document_error(name, 0, f"cannot be read: {why.lower()}") from None
    if len(content) > MAX_SIZE:
        raise document_error(
            name, 0, f"the document is larger than {MAX_SIZE} bytes; split it over files"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"byte {error.start} (0x{content[error.start]:02X}) is not UTF-8"
        raise document_error(name, line, message) from None
    ending = path.suffix.lower()
    return Source(name, text, "csv" if ending in _TABLES else _FORMATS.get(ending, "yaml"))


def parse_tree(source: Source, problems: list[Problem]) -> Node | None:
    """Return the tree of a document, whatever it holds; None for nothing.

    Raises:
        DocumentError: It is too large, or not valid in its format.
    """
    try:
        size = len(source.text.encode())
    except UnicodeEncodeError as error:
        line = source.text.count("\n", 0, error.start) + 1
        raise document_error(source.name, line, "there is half of a surrogate pair") from None
    if size > MAX_SIZE:
        message = f"the document is larger than {MAX_SIZE} bytes; split it over files"
        raise document_error(source.name, 0, message)
    read = {"json": read_json, "csv": read_csv, "yaml": read_yaml}[source.format]
    return read(source.text.removeprefix("\ufeff"), source.name, problems).root


def parse_document(source: Source, problems: list[Problem]) -> MappingNode:
    """Return the tree of a document.

    Raises:
        DocumentError: It is too large, empty, not a mapping, or not valid in its format.
    """
    root = parse_tree(source, problems)
    match root:
        case MappingNode():
            return root
        case ListNode():
            message = "the document is a list; write a mapping, such as `plans:`"
            raise document_error(source.name, root.line, message)
        case ScalarNode() if root.text:
            raise document_error(
                source.name, root.line, "the document is one scalar, not a mapping"
            )
        case _:
            raise document_error(source.name, 0, "the document is empty")
