from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import attrs
import pytest
from tests.engine.statements.acme import acme
from tests.service.records.acme_desk import OPENED, opened_desk, topics

from entitlements.adapters.memory import MemoryStore
from entitlements.billing import WorkLog
from entitlements.kernel.errors import (
    DuplicateIdError,
    EntitlementsError,
    InvalidValueError,
    TooEarlyError,
    TransitionError,
    UnknownIdError,
)
from entitlements.ports import Store
from entitlements.service import CorrectWork, LogWork, RetractRecord

HOUR = timedelta(hours=1)
LOG = WorkLog(id="W-1", case="R-1", agent="ada", start=OPENED, end=OPENED + HOUR)
AT = OPENED + 2 * HOUR
KINDS = ", commercial: {rates: {default: 100 EUR/h, on_site: 120 EUR/h}}"


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"case": "R-9"}, UnknownIdError, "no case has the id `R-9`"),
        ({"kind": "sailing"}, UnknownIdError, "no kind of work has the id `sailing`"),
        ({"end": AT + HOUR}, TransitionError, "the end of work log W-1"),
        (
            {"start": OPENED - timedelta(days=70), "end": OPENED - timedelta(days=69)},
            InvalidValueError,
            "`W-1` begins at `2025-12-22T09:00:00Z`, outside of the terms of line `main`",
        ),
    ],
)
def test_work_that_cannot_be_charged_is_refused_by_name(
    changes: dict[str, object], kind: type[EntitlementsError], message: str
) -> None:
    desk = opened_desk(MemoryStore(), acme(agreed=KINDS))
    with pytest.raises(kind, match=message):
        desk.execute(LogWork(id="k-1", log=attrs.evolve(LOG, **changes)), AT)  # type: ignore[arg-type]
    assert topics(desk) == []
    with desk.context.store.begin(desk.tenant) as work:
        assert work.service_records.history("work_log", "W-1") == ()
        assert {each.kind for each in work.decisions.links()} == {"adopt"}


def test_work_is_logged_corrected_and_taken_back(store_of: Callable[[], Store]) -> None:
    desk = opened_desk(store_of())
    longer = attrs.evolve(LOG, end=OPENED + 2 * HOUR)
    with pytest.raises(UnknownIdError, match="work log"):
        desk.execute(CorrectWork(id="k-0", log=longer), AT)
    assert desk.execute(LogWork(id="k-1", log=LOG), AT).case == "R-1"
    with pytest.raises(DuplicateIdError):
        desk.execute(LogWork(id="k-2", log=longer), AT)
    with pytest.raises(TooEarlyError):
        desk.execute(CorrectWork(id="k-2", log=LOG), AT - HOUR)
    desk.execute(CorrectWork(id="k-2", log=longer), AT + HOUR)
    retract = RetractRecord(id="k-3", of="work_log", record="W-1")
    desk.execute(retract, AT + 2 * HOUR)
    assert desk.execute(retract, AT + 3 * HOUR).repeated
    for again in (CorrectWork(id="k-4", log=LOG), attrs.evolve(retract, id="k-4")):
        with pytest.raises(UnknownIdError):
            desk.execute(again, AT + 3 * HOUR)
    assert topics(desk) == ["work.logged", "work.corrected", "record.retracted"]
    with desk.context.store.begin(desk.tenant) as work:
        kept = work.service_records.history("work_log", "W-1")
        first = attrs.evolve(LOG, recorded=AT)
        second = attrs.evolve(longer, recorded=AT + HOUR)
        third = attrs.evolve(second, recorded=AT + 2 * HOUR, retracted=True)
        assert [each.value for each in kept] == [first, second, third]
        assert [link.kind for link in work.decisions.about("R-1")] == ["adopt", *["work_log"] * 3]
