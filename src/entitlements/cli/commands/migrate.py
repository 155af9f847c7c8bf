"""Are the tables there, and are they those of this version? Brings a database up, or down."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from entitlements.cli.arguments import Parser
from entitlements.cli.databases import address
from entitlements.kernel.errors import InvalidValueError, StorageError


def run(words: Sequence[str]) -> int:
    """Migrate one database and say on standard output what was done.

    Raises:
        InvalidValueError: The address or the migration is none.
        StorageError: The database cannot be reached, or SQLAlchemy is not installed.
    """
    given = _parser().read(words)
    if given.to == "base" and not given.yes:
        raise InvalidValueError(
            "to go back to `base` throws all tables away",
            hint="say so with `--yes`",
            path="--to",
        )
    try:
        from entitlements.adapters.sql import migrate  # noqa: PLC0415 - SQLAlchemy is an extra
    except ImportError as error:
        hint = 'install it: `pip install "entitlements[sql]"`'
        raise StorageError(f"databases need SQLAlchemy and Alembic: {error}", hint=hint) from None
    before, now = migrate(address(given.url), to=given.to, schema=given.schema)
    done = "is" if before == now else f"was at `{before or 'base'}` and is now"
    sys.stdout.write(f"the database {done} at `{now or 'base'}`\n")
    return 0


def _parser() -> Parser:
    parser = Parser(
        "migrate",
        "Bring the tables of a database to this version: `entitlements migrate sqlite:///kept.db`.",
    )
    parser.add_argument("url", metavar="URL", help="sqlite:///FILE or postgresql://...")
    parser.add_argument(
        "--to", default="head", metavar="MIGRATION", help="another one than this version's"
    )
    parser.add_argument("--schema", help="the schema the tables are in, on PostgreSQL")
    parser.add_argument("--yes", action="store_true", help="throw tables away where it takes that")
    return parser
