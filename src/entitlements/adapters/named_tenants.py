"""Tenants that a command names: one, several or all of a store, or a new one.

The commands of `entitlements` and those of Django have these checks in common, so that a mistyped
tenant is refused by all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from entitlements.kernel.errors import InvalidValueError, UnknownIdError
from entitlements.ports.store import Store

TENANT_OPTION: Final = "--tenant"
_SHOWN: Final = 5


def only_tenant(store: Store) -> str:
    """Return the id of the tenant of a store that has only one.

    Raises:
        InvalidValueError: It has none, or several.
    """
    tenants = store.tenants()
    if len(tenants) == 1:
        return tenants[0]
    raise InvalidValueError("name the tenant", hint=_known(tenants), path=TENANT_OPTION)


def stored_tenant(store: Store, tenant: str | None) -> str:
    """Return the tenant that is named, or the only one of the store.

    Raises:
        InvalidValueError: None is named, and the store has none, or several.
        UnknownIdError: The store has no such tenant.
    """
    if tenant is None:
        return only_tenant(store)
    check_tenants(store, [tenant])
    return tenant


def chosen_tenants(store: Store, tenants: Sequence[str] | None) -> Sequence[str]:
    """Return the tenants that are named, or all of the store.

    Raises:
        UnknownIdError: The store has no such tenant.
    """
    return store.tenants() if not tenants else check_tenants(store, tenants)


def loaded_tenant(store: Store, tenant: str | None, *, new: bool) -> str:
    """Return the tenant that documents are loaded for: that which is named, or the only one.

    Args:
        store: Where the documents are loaded.
        tenant: Id of the tenant, or None.
        new: Whether it may be new beside others; the first tenant of a store always may.

    Raises:
        InvalidValueError: None is named, and the store has none, or several.
        UnknownIdError: The store has other tenants, but not this one, and it may not be new.
    """
    if tenant is None:
        return only_tenant(store)
    if new or not store.tenants():
        return tenant
    try:
        return stored_tenant(store, tenant)
    except UnknownIdError as error:
        comma = "" if str(error.hint).endswith("?") else ";"
        error.hint = f"{error.hint}{comma} `--new-tenant` adds another one"
        raise


def check_tenants(store: Store, tenants: Sequence[str]) -> Sequence[str]:
    """Return the tenants if the store has all of them.

    Raises:
        UnknownIdError: It does not have one; the hint is the closest one, or what it has.
    """
    known = store.tenants()
    for each in tenants:
        if each not in known:
            error = UnknownIdError("tenant", each, known=known, path=TENANT_OPTION)
            error.hint = error.hint or _known(known)
            raise error
    return tenants


def _known(tenants: Sequence[str]) -> str:
    found = ", ".join(f"`{each}`" for each in tenants[:_SHOWN]) or "none yet"
    more = f", and {len(tenants) - _SHOWN} more" if len(tenants) > _SHOWN else ""
    return f"the database has {found}{more}"
