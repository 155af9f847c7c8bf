"""Each case of a promise file is an item that fails with the difference in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.testing.promises.test_read import FACTS, FIRST_LINE

from entitlements.testing.promises.collector import PromiseFileCollector, PromiseItem


@pytest.fixture
def items(request: pytest.FixtureRequest, tmp_path: Path) -> list[PromiseItem]:
    file = tmp_path / "gold.promises.yaml"
    file.write_text(
        f"{FACTS}\npromises:\n"
        "  - {name: kept, ask: {severity: high}, expect: granted}\n"
        "  - {name: broken, ask: {severity: low}, expect: granted}\n"
    )
    collector = PromiseFileCollector.from_parent(request.session, path=file)
    return list(collector.collect())


def test_an_item_has_the_name_and_the_place_of_its_case(items: list[PromiseItem]) -> None:
    kept, broken = items
    assert [kept.name, broken.name] == ["kept", "broken"]
    assert broken.reportinfo()[1:] == (FIRST_LINE, "broken")


def test_an_item_fails_if_the_promise_does_not_hold(items: list[PromiseItem]) -> None:
    kept, broken = items
    kept.runtest()
    with pytest.raises(pytest.fail.Exception, match="expected granted, but it is denied"):
        broken.runtest()
