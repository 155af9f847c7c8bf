"""Store in the memory of one process, with dictionaries and one lock.

`MemoryStore` is the reference for all other stores.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.adapters.memory.store import MemoryStore
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "store": ("MemoryStore",),
        },
    )

__all__ = ["MemoryStore"]
