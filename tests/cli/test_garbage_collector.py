"""A long command collects less often, and leaves the collector as it was."""

from __future__ import annotations

import gc

import pytest

from entitlements.cli.garbage_collector import tune_garbage_collector


def test_loaded_objects_are_exempt_while_the_command_runs() -> None:
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    with tune_garbage_collector():
        assert gc.get_freeze_count() > frozen
        assert gc.get_threshold() == (max(before[0], 10_000), *before[1:])
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


def test_the_collector_is_as_before_after_an_error() -> None:
    before = gc.get_threshold()
    with pytest.raises(ZeroDivisionError), tune_garbage_collector():
        _ = 1 / 0
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)


def test_a_collector_that_is_off_stays_off() -> None:
    before = gc.get_threshold()
    gc.set_threshold(0, *before[1:])
    try:
        with tune_garbage_collector():
            assert gc.get_threshold()[0] == 0
    finally:
        gc.set_threshold(*before)
