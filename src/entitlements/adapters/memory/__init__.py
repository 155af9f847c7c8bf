"""What is a store, in the plainest words? Dictionaries and one lock.

Start reading at `drafts`, go on to `facts`, `work` and `trail`, end at `store`.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.lazy import lazy_exports

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
