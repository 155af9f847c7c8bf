"""Long tests spread over processes: each does its part, and the counts are added up."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor

Part = Callable[[], Counter[str]]


def parts(whole: int, workers: int) -> list[int]:
    """Return so many numbers that differ by one at most and add up to `whole`."""
    return [(whole + number) // workers for number in range(workers)]


def spread(each: Sequence[Part]) -> Counter[str]:
    """Return the sum of the counts of all parts, each in a separate process; an error ends all."""
    if len(each) == 1:
        return each[0]()
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(len(each), mp_context=fork) as processes:
        running = [processes.submit(part) for part in each]
        try:
            return sum((one.result() for one in running), Counter())
        except BaseException:
            processes.shutdown(cancel_futures=True, wait=False)
            raise
