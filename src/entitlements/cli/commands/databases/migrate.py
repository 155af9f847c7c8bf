"""Command `migrate`: bring the tables of a database to a schema version, up or down."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from entitlements.cli.arguments import Parser
from entitlements.cli.databases import DATABASE_HELP, address
from entitlements.kernel.errors import InvalidValueError, StorageError


def run(words: Sequence[str]) -> int:
    """Migrate one database and print its version before and after.

    Raises:
        InvalidValueError: The address or the migration is invalid.
        StorageError: The database cannot be reached, or SQLAlchemy is not installed.
    """
    given = _parser().read(words)
    if given.to == "base" and not given.yes:
        raise InvalidValueError(
            "migrating to `base` drops all tables",
            hint="confirm with `--yes`",
            path="--to",
        )
    try:
        from entitlements.adapters.sql import migrate  # noqa: PLC0415 - SQLAlchemy is an extra
    except ImportError as error:
        hint = 'install it: `pip install "entitlements[sql]"`'
        raise StorageError(f"databases need SQLAlchemy and Alembic: {error}", hint=hint) from None
    before, now = migrate(address(given.database), to=given.to, schema=given.schema)
    done = "is" if before == now else f"was at `{before or 'base'}` and is now"
    sys.stdout.write(f"the database {done} at `{now or 'base'}`\n")
    return 0


def _parser() -> Parser:
    parser = Parser("migrate", "Bring the tables of a database to this version.")
    parser.add_argument("--database", required=True, metavar="URL", help=DATABASE_HELP)
    parser.add_argument(
        "--to",
        default="head",
        metavar="MIGRATION",
        help="revision; default: that of this version",
    )
    parser.add_argument("--schema", help="PostgreSQL schema of the tables")
    parser.add_argument("--yes", action="store_true", help="confirm that tables are dropped")
    return parser
