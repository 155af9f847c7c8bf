"""Settings of the Django adapter: the dictionary `ENTITLEMENTS` of the project's settings."""

from __future__ import annotations

from typing import Any, Final, final

import attrs
from django import conf
from django.core.exceptions import ImproperlyConfigured

from entitlements.service.transaction import DeskRules

NAME: Final = "ENTITLEMENTS"


@final
@attrs.frozen(kw_only=True)
class AdapterSettings:
    """The settings, each under its name in capitals.

    Attributes:
        tenant: Id of the tenant of `desk()`; None if each call names one.
        database: Alias of the database with the tables.
        rules: Settings of the desks.
        reconcile: Dotted name of a function that returns the commands which the host's records ask
            for, for `manage.py entitlements_reconcile`; None for none.
    """

    tenant: str | None = None
    database: str = "default"
    rules: DeskRules = attrs.field(factory=DeskRules)
    reconcile: str | None = None


def adapter_settings() -> AdapterSettings:
    """Return the settings of the project.

    Raises:
        ImproperlyConfigured: `ENTITLEMENTS` is not a dictionary, or has an unknown key.
    """
    given: Any = getattr(conf.settings, NAME, {})
    known = {each.name.upper(): each.name for each in attrs.fields(AdapterSettings)}
    if not isinstance(given, dict):
        raise ImproperlyConfigured(f"{NAME} is a dictionary")
    unknown = sorted(map(str, given.keys() - known.keys()))
    if unknown:
        raise ImproperlyConfigured(
            f"{NAME} has no key {', '.join(unknown)}; it has {', '.join(known)}"
        )
    return AdapterSettings(**{known[key]: value for key, value in given.items()})
