"""Facts of a command: documents from files, folders or standard input."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from entitlements.documents import DocumentContent, parse_documents, read_documents
from entitlements.documents.formats.files import (
    MAX_SIZE,
    Format,
    document_paths,
    load_document,
    parse_document,
)
from entitlements.documents.formats.nodes import find
from entitlements.documents.shapes.collections import items_of
from entitlements.engine import Facts
from entitlements.interchange import public_holidays
from entitlements.kernel.errors import DocumentError, InvalidValueError
from entitlements.kernel.hints import closest_match_hint

STANDARD_INPUT: Final = "-"
_LIST_ITEM: Final = re.compile(r"(?P<name>\w+)\[(?P<number>\d{1,9})\]\.?(?P<rest>.*)").fullmatch
FILES_HELP: Final = "YAML or JSON documents, or folders of them; `-` for standard input"


def facts_from(files: Sequence[str], tenant: str | None = None) -> Facts:
    """Return the facts in all `files` together; those of another tenant are a problem.

    Raises:
        InvalidValueError: A file cannot be opened, or standard input is not alone.
        DocumentError: The documents have problems; all of them are listed.
    """
    return documents_from(files, tenant).facts


def documents_from(files: Sequence[str], tenant: str | None = None) -> DocumentContent:
    """Return what all `files` hold together; raises what `facts_from` raises."""
    if STANDARD_INPUT in files:
        if len(files) > 1:
            raise InvalidValueError(
                "standard input cannot be read together with files",
                hint="pass `-` alone, or the names of files",
            )
        return _from_standard_input(tenant)
    for file in files:
        _open(file)
    with _require_yaml():
        return read_documents(files, holidays=public_holidays, tenant=tenant)


def _open(file: str) -> None:
    path = Path(file)
    if path.is_dir():
        return
    try:
        path.open("rb").close()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a file name"
        beside = path.parent.glob("*.*") if path.parent.is_dir() else ()
        near = sorted(each.name for each in beside if each.exists())
        raise InvalidValueError(
            f"`{file}` cannot be read: {why.lower()}", hint=closest_match_hint(path.name, near)
        ) from None


def _from_standard_input(tenant: str | None) -> DocumentContent:
    name = "<stdin>"
    try:
        content = sys.stdin.buffer.read(MAX_SIZE + 1)
    except OSError as error:
        why = (error.strerror or "no input").lower()
        raise InvalidValueError(f"standard input cannot be read: {why}") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = f"byte {error.start} (0x{content[error.start]:02X})"
        raise DocumentError([f"{name}:{line}: {byte} is not UTF-8"]) from None
    is_json = text.lstrip().startswith("{")
    with _require_yaml():
        format: Format = "json" if is_json else "yaml"
        return parse_documents(
            text, name=name, format=format, holidays=public_holidays, tenant=tenant
        )


def place_in(files: Sequence[str], path: str | None) -> str | None:
    """Return the file and line of a path into the facts, such as `accounts[0].contracts[1]`.

    None where it cannot be said, such as for standard input.
    """
    found = _LIST_ITEM(path or "")
    if found is None or STANDARD_INPUT in files:
        return None
    name, number, rest = found["name"], int(found["number"]), found["rest"]
    for file in document_paths(files):
        tree = parse_document(load_document(file), [])
        items = items_of(tree.entries[name]) if name in tree.entries else ()
        if number < len(items):
            node = find(items[number], rest)
            return f"{node.file}:{node.line}"
        number -= len(items)
    return None


@contextmanager
def _require_yaml() -> Iterator[None]:
    """Report a missing PyYAML as an installation error, not as a finding about a document."""
    try:
        yield
    except DocumentError as error:
        if find_spec("yaml") is None and any("PyYAML" in each for each in error.problems):
            raise InvalidValueError(
                "YAML needs PyYAML, which is not installed", hint="install `entitlements[yaml]`"
            ) from None
        raise
