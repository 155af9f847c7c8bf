"""Command `dump`: the facts in a database as a document, or as a folder of documents."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from entitlements.adapters.named_tenants import stored_tenant
from entitlements.cli.arguments import Parser, parse_instant
from entitlements.cli.databases import DATABASE_HELP, store_at
from entitlements.cli.files.written_files import write_file
from entitlements.documents.formats.files import MAX_SIZE, Format
from entitlements.documents.sections.records.after_sales import RECORD_SECTIONS
from entitlements.documents.write import document_data, document_text
from entitlements.kernel.errors import InvalidValueError, LimitExceededError
from entitlements.loading import stored_facts, stored_records

_ENDINGS: Final[dict[str, Format]] = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}


def run(words: Sequence[str]) -> int:
    """Write the facts to standard output, a file, or the files of a folder."""
    asked = _parser().read(words)
    at = parse_instant(asked.at, "--at") if asked.at else None
    into = None if asked.output is None else Path(asked.output)
    folder = into is not None and (into.is_dir() or asked.output.endswith("/"))
    format = _format(asked.format, None if folder else into)
    with store_at(asked.database) as store:
        tenant = stored_tenant(store, asked.tenant)
        records = stored_records(store, at, tenant=tenant)
        data = document_data(stored_facts(store, at, tenant=tenant), tenant, records)
    if into is None:
        sys.stdout.write(document_text(data, format))
        return 0
    if folder:
        _write_folder(into, list(_parts(data, format)), format)
        return 0
    text = document_text(data, format)
    if len(text.encode()) > MAX_SIZE:
        raise LimitExceededError(
            f"the document would be larger than {MAX_SIZE} bytes",
            hint=f"write a folder of documents: `--output {into.stem}/`",
        )
    write_file(into, text)
    sys.stderr.write(f"wrote {into}\n")
    return 0


def _format(asked: str | None, into: Path | None) -> Format:
    ending = None if into is None else _ENDINGS.get(into.suffix.lower())
    if asked is not None and ending is not None and asked != ending:
        raise InvalidValueError(f"`{into}` would hold {asked}", hint="leave out one of the two")
    if asked is not None:
        return "json" if asked == "json" else "yaml"
    return ending or "yaml"


def _parts(data: dict[str, Any], format: Format) -> Iterator[tuple[str, str]]:
    """Yield the document without accounts and records, then these, up to half a limit in each."""
    lists = {name: data.pop(name, []) for name in ("accounts", *RECORD_SECTIONS)}
    head = {name: data[name] for name in ("schema_version", "tenant")}
    yield "facts", document_text(data, format)
    for name, items in lists.items():
        for number, page in enumerate(_pages(name, items, format), 1):
            yield f"{name}-{number:04}", document_text({**head, name: page}, format)


def _pages(name: str, items: Iterable[Any], format: Format) -> Iterator[list[Any]]:
    page: list[Any] = []
    size = 0
    for each in items:
        length = len(document_text({name: [each]}, format).encode())
        if page and size + length > MAX_SIZE // 2:
            yield page
            page, size = [], 0
        page.append(each)
        size += length
    if page:
        yield page


def _write_folder(folder: Path, parts: Sequence[tuple[str, str]], format: Format) -> None:
    files = [folder / f"{name}.{format}" for name, _ in parts]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = (error.strerror or "not a folder").lower()
        raise InvalidValueError(f"`{folder}` cannot be made: {why}") from None
    others = [each for each in folder.iterdir() if each.suffix in _ENDINGS and each not in files]
    if others:
        raise InvalidValueError(
            f"`{folder}` holds another document, `{min(others).name}`",
            hint="it would be read with those of the dump; take an empty folder",
        )
    for file, (_, text) in zip(files, parts, strict=True):
        write_file(file, text)
    sys.stderr.write(f"wrote {len(files)} documents into {folder}\n")


def _parser() -> Parser:
    parser = Parser(
        "dump", "Write the facts and records in a database as a document that loads to no change."
    )
    parser.add_argument("--database", required=True, metavar="URL", help=DATABASE_HELP)
    parser.add_argument("--tenant", metavar="ID", help="default: the only one in the database")
    parser.add_argument("--at", metavar="INSTANT", help="what was known then; default: everything")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="into this file, or this folder if it ends in `/`"
    )
    parser.add_argument("--format", choices=["yaml", "json"], help="default: by the file's ending")
    return parser
