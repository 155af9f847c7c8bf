"""Forked children of a test, as the workers of a server that forks before it serves."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

import pytest

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")


def forked(act: Callable[[], bool]) -> int:
    """Do something in a forked child, and return its process id at once."""
    child = os.fork()
    if child:
        return child
    with suppress(BaseException):
        os._exit(0 if act() else 1)
    os._exit(2)


def ended_well(child: int) -> bool:
    """Wait for a child, and return whether what it did returned True."""
    return os.waitpid(child, 0)[1] == 0
