"""A copy of the sources with one fault planted, for drivers that prove that tests find it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]


@contextmanager
def planted(where: str, right: str, wrong: str) -> Iterator[dict[str, str]]:
    """Yield an environment whose Python imports sources in which `right` has become `wrong`."""
    with TemporaryDirectory() as folder:
        source = Path(folder, "src")
        shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
        place = Path(folder, where)
        text = place.read_text("utf-8")
        place.write_text(text.replace(right, wrong), encoding="utf-8")
        yield {**os.environ, "PYTHONPATH": str(source)}
