"""What is a store, in the plainest words? Dictionaries and one lock.

Start reading at `drafts`, go on to `facts`, `work` and `trail`, end at `store`.
"""

from entitlements.adapters.memory.store import MemoryStore

__all__ = ["MemoryStore"]
