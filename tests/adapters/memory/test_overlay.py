from __future__ import annotations

import pytest

from entitlements.adapters.memory.overlay import DictOverlay
from entitlements.kernel.errors import StorageError


def test_an_overlay_shows_uncommitted_changes_and_changes_nothing() -> None:
    kept = {"a": 1, "b": 2}
    draft = DictOverlay(kept)
    draft.put("a", 3)
    draft.drop("b")
    draft.drop("never there")
    assert (draft.get("a"), draft.get("b"), draft.get("c")) == (3, None, None)
    assert list(draft.values()) == [3]
    assert kept == {"a": 1, "b": 2}
    draft.apply()
    assert kept == {"a": 3}


def test_a_closed_overlay_refuses_everything() -> None:
    draft = DictOverlay({"a": 1})
    draft.close()
    for call in (lambda: draft.get("a"), lambda: draft.put("a", 2), lambda: draft.drop("a")):
        with pytest.raises(StorageError):
            call()
    with pytest.raises(StorageError):
        list(draft.items())
