"""Contenders by name, with what each of them needs; a router of your own by module and class."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Final, TypeAlias, final

import attrs

from entitlements.kernel.errors import InvalidValueError, UnknownIdError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.testing.routing_bench.contender import Contender

ContenderMaker: TypeAlias = Callable[[], Contender]
_PACKAGE: Final = "entitlements.testing.routing_bench.contenders"


@final
@attrs.frozen
class Entry:
    """A contender that the benchmark knows.

    Attributes:
        place: Module and class, below the package of contenders.
        summary: What it is, in a few words.
        packages: Packages that it imports.
        extra: The extra that brings them.
        database: Whether it needs the address of a database.
    """

    place: str
    summary: str
    packages: tuple[str, ...] = ()
    extra: str = ""
    database: bool = False


_SQL: Final = ("sqlalchemy", "alembic")

CONTENDERS: FrozenMap[str, Entry] = FrozenMap(
    {
        "live": Entry("live_router:LiveRouter", "`Router` and `Backlog`"),
        "offers": Entry("offer_book:OffersAccepted", "`OfferBook`, with every offer accepted"),
        "pure": Entry("pure_route:PureRoute", "`route` on a `Roster`, for every waiting piece"),
        "linear_scan": Entry("linear_scan:LinearScan", "all agents compared at every choice"),
        "sorted_lists": Entry("sorted_lists:SortedLists", "agents in one sorted list"),
        "numpy_masks": Entry("numpy_masks:NumpyMasks", "agents in columns", ("numpy",), "batch"),
        "scipy_matching": Entry(
            "scipy_matching:ScipyMatching", "an assignment problem after every event",
            ("numpy", "scipy"), "batch",
        ),
        "simpy_store": Entry(
            "simpy_store:SimpyStore", "a store of agents in SimPy", ("simpy",), "bench"
        ),
        "desk_sqlite": Entry("desk:SqliteDesk", "`Desk` and `Worker` over SQLite", _SQL, "sql"),
        "desk_postgres": Entry(
            "desk:PostgresDesk", "`Desk` and `Worker` over PostgreSQL",
            (*_SQL, "psycopg"), "postgres", database=True,
        ),
    }
)  # fmt: skip
"""The contenders that the benchmark knows."""


def contender_maker(name: str, *, database: str | None = None) -> ContenderMaker | str:
    """Return what makes a new contender for every round, or why there is none.

    Args:
        name: Name of a known contender, or `module:Class` of your own.
        database: Address of an empty PostgreSQL database, for `desk_postgres`.

    >>> contender_maker("desk_postgres")
    'no database was named'

    Raises:
        UnknownIdError: no contender has that name.
        InvalidValueError: the module cannot be imported, or has no such class.
    """
    if ":" in name:
        return _imported(*name.split(":", 1))
    entry = CONTENDERS.get(name)
    if entry is None:
        raise UnknownIdError("contender", name, known=CONTENDERS)
    missing = [each for each in entry.packages if find_spec(each) is None]
    if missing:
        return f"{' and '.join(missing)} is not installed: install `entitlements[{entry.extra}]`"
    if entry.database and database is None:
        return "no database was named"
    module, kind = entry.place.split(":")
    made: Callable[..., Contender] = getattr(import_module(f"{_PACKAGE}.{module}"), kind)
    return (lambda: made(database)) if entry.database else made


def _imported(module: str, kind: str) -> ContenderMaker:
    try:
        found = getattr(import_module(module), kind)
    except ImportError as error:
        raise InvalidValueError(f"`{module}` cannot be imported: {error}") from None
    except AttributeError:
        raise InvalidValueError(f"`{module}` has no class `{kind}`") from None
    methods = ("load", "arrive", "complete", "change", "advance")
    lacking = [each for each in methods if not callable(getattr(found, each, None))]
    if lacking or not isinstance(getattr(found, "name", None), str):
        raise InvalidValueError(
            f"`{module}:{kind}` is not a contender",
            hint=f"it lacks {', '.join(f'`{each}`' for each in lacking or ['name'])}",
        )
    maker: ContenderMaker = found
    return maker
