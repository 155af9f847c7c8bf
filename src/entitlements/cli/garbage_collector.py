"""Settings of the cyclic garbage collector for long commands: workers and benchmarks."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def tune_garbage_collector() -> Iterator[None]:
    """Exempt loaded objects from the cyclic garbage collector, and run it less often.

    What the library leaves behind holds no reference cycles, so reference counting frees it; a
    collection would only visit all objects.
    """
    threshold, *others = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(threshold and max(threshold, 10_000), *others)
    try:
        yield
    finally:
        gc.set_threshold(threshold, *others)
        gc.unfreeze()
