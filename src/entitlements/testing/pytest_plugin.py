"""Plugin for pytest: promise files are collected as tests.

It is loaded in every test run of an environment with this library, so it imports nothing before
there is a promise file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

_SUFFIXES = (".promises.yaml", ".promises.yml", ".promises.json")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect `*.promises.yaml`."""
    if not file_path.name.endswith(_SUFFIXES):
        return None
    from entitlements.testing.promises.collector import (  # noqa: PLC0415 - only where it is used
        PromiseFileCollector,
    )

    return PromiseFileCollector.from_parent(parent, path=file_path)
