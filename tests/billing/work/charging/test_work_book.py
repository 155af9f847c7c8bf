from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from hypothesis import given, settings
from tests.effort import tries

from entitlements.billing import ChargedCase, WorkLog, WorkTerms
from entitlements.billing.work.charging.work_book import WorkBook, paid_work
from entitlements.billing.work.work_logs import valid_work
from entitlements.kernel import InvalidValueError, utc
from entitlements.testing.strategies.worlds.billing import CALENDARS, BilledWorld, billed_worlds

START = utc("2026-01-01T00:00Z")
TERMS = WorkTerms(contract="C-1", line="main", zone="UTC", start=START, end="2026-02-01T00:00Z")
CASE = ChargedCase(id="R-1", contract="C-1", line="main")
LOG = WorkLog(id="W-1", case="R-1", agent="ada", start=START, end=START + timedelta(hours=1))


def test_terms_that_follow_without_a_gap_cover_work_over_their_border() -> None:
    following = attrs.evolve(TERMS, start="2026-02-01T00:00Z", end=None)
    over = attrs.evolve(LOG, start="2026-01-31T23:00Z", end="2026-02-01T01:00Z")
    WorkBook([CASE], [following, TERMS], {}).check(over)
    with pytest.raises(InvalidValueError, match="after the contract"):
        WorkBook([CASE], [TERMS], {}).check(over)
    with pytest.raises(InvalidValueError, match="before the contract"):
        WorkBook([CASE], [following], {}).check(LOG)


@settings(max_examples=tries(10))
@given(billed_worlds())
def test_paid_parts_are_in_the_order_of_their_logs(world: BilledWorld) -> None:
    book = WorkBook(world.cases, world.terms, CALENDARS)
    logs = valid_work(world.logs)
    order = {log.id: number for number, log in enumerate(logs)}
    places = [order[part.piece.log.id] for part in paid_work(logs, book)]
    assert places == sorted(places)
