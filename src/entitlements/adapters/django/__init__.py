"""Django adapter: a store on Django's connection, migrations, checks, commands, admin and tags.

Add `entitlements.adapters.django` to `INSTALLED_APPS`. Start with `desk`; `DjangoStore` is the
store behind it, and `message_committed` the signal of what has happened.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.adapters.django.desks.desks import desk
    from entitlements.adapters.django.desks.outbox import message_committed, send_committed
    from entitlements.adapters.django.desks.store import DjangoStore
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "desks.desks": ("desk",),
            "desks.outbox": ("message_committed", "send_committed"),
            "desks.store": ("DjangoStore",),
        },
    )

__all__ = ["DjangoStore", "desk", "message_committed", "send_committed"]
