"""Promise files as tests of pytest: a file is a collector, a case is an item."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, final

import pytest

from entitlements.engine.engine import Engine
from entitlements.interchange import public_holidays
from entitlements.kernel.errors import DocumentError
from entitlements.testing.promises.cases import PromiseCase
from entitlements.testing.promises.check import check_promise
from entitlements.testing.promises.read import read_promises


@final
class PromiseFileCollector(pytest.File):
    """One promise file."""

    def collect(self) -> Iterator[PromiseItem]:
        """Yield an item for each case; findings in the file are an error of collection."""
        try:
            file = read_promises(self.path, holidays=public_holidays)
        except DocumentError as error:
            raise self.CollectError(str(error)) from None
        engine = Engine(file.facts)
        for case in file.cases:
            yield PromiseItem.from_parent(self, name=case.name, case=case, engine=engine)


@final
class PromiseItem(pytest.Item):
    """One promise."""

    def __init__(self, *, case: PromiseCase, engine: Engine, **words: Any) -> None:
        super().__init__(**words)
        self.case = case
        self.engine = engine

    def runtest(self) -> None:
        """Ask, and fail with the difference in words if the answer is another one."""
        result = check_promise(self.case, self.engine)
        if not result.holds:
            pytest.fail(result.explain(), pytrace=False)

    def reportinfo(self) -> tuple[os.PathLike[str], int, str]:
        """Return where the case is written."""
        return self.path, self.case.line - 1, self.name
