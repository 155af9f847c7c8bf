"""Database option of the commands: addresses, opening and closing a store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from entitlements.kernel.errors import InvalidValueError, UnknownIdError

if TYPE_CHECKING:
    from entitlements.adapters.sql import SqlStore
    from entitlements.contracts import Account
    from entitlements.ports import Store

DATABASE_HELP: Final = "`sqlite:///support.db` or `postgresql://user@host/name`"


@contextmanager
def store_at(
    url: str, *, make: bool = False, clock: Callable[[], datetime] | None = None
) -> Iterator[SqlStore]:
    """Open the store at an address, and close it at the end.

    Args:
        url: Where the database is.
        make: Whether to create or migrate its tables first.
        clock: Source of the current instant; the database's own clock by default.

    Raises:
        InvalidValueError: The address is invalid, or SQLAlchemy is not installed.
        StorageError: The database cannot be reached, or its driver is not installed.
    """
    address(url)
    if find_spec("sqlalchemy") is None or find_spec("alembic") is None:
        raise InvalidValueError(
            "databases need `sqlalchemy` and `alembic`", hint="install `entitlements[sql]`"
        )
    # Only here, so that commands without a database start without it.
    from entitlements.adapters.sql import SqlStore  # noqa: PLC0415 - SQLAlchemy is an extra
    from entitlements.adapters.sql.schema_version import migrate  # noqa: PLC0415 - so is Alembic

    if make:
        migrate(url)
    store = SqlStore.open(url, clock=clock)
    try:
        yield store
    finally:
        store.engine.dispose()


def check_customer(store: Store, tenant: str, customer: str) -> Account:
    """Return the account of a customer; an unknown one is refused, with a suggestion.

    Raises:
        UnknownIdError: The store has no account of the customer.
    """
    with store.begin(tenant) as work:
        account = work.accounts.account(customer)
        if account is None:
            known = work.accounts.customers()
            raise UnknownIdError("customer", customer, known=known, path="--customer")
        return account


def address(url: str) -> str:
    """Return the address of a database if it is well-formed.

    Raises:
        InvalidValueError: It holds an unprintable character.
    """
    if not url.isprintable():
        raise InvalidValueError(f"`{url!a}` is not the address of a database", hint=DATABASE_HELP)
    return url


def shown(url: str) -> str:
    """Return an address without its password, for messages.

    >>> shown("postgresql://ada:secret@db/support")
    'postgresql://ada:***@db/support'
    """
    scheme, mark, rest = url.partition("://")
    login, at, place = rest.rpartition("@")
    user, colon, _ = login.partition(":")
    return f"{scheme}{mark}{user}{':***' if colon else ''}{at}{place}"
