from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from tests.service.commands.test_record_commands import EVERY
from tests.service.records import test_after_sales as samples
from tests.service.records import test_statements as months
from tests.service.records.acme_desk import opened_desk, topics

from entitlements.adapters.memory import MemoryStore
from entitlements.kernel import UnknownIdError
from entitlements.service import CorrectWork, LogWork, RecordOutage, RequestSurvey, SendNotice
from entitlements.service.records.record_execution import customers_of


def test_a_batch_is_carried_out_as_a_whole_or_not_at_all() -> None:
    desk = opened_desk(MemoryStore())
    outage, log = RecordOutage(id="k-1", outage=samples.DOWN), LogWork(id="k-2", log=months.CALL)
    with pytest.raises(UnknownIdError):
        desk.do_all([outage, log, RequestSurvey(id="k-3", case="R-9")], months.CALL.end)
    assert topics(desk) == []
    desk.do_all([outage, log], months.CALL.end)
    again = desk.do_all([outage, log], months.CALL.end + timedelta(days=1))
    assert [each.repeated for each in again] == [True, True]
    assert topics(desk) == ["outage.recorded", "work.logged"]


def test_a_command_is_about_its_customer_as_far_as_that_is_known() -> None:
    desk = opened_desk(MemoryStore())
    desk.execute(RecordOutage(id="k-1", outage=samples.DOWN), samples.AT)
    desk.execute(SendNotice(id="k-2", notice=samples.EXPIRY), samples.AT)
    for_all = {"record_outage", "plan_maintenance", "retract_record"}
    with desk.context.store.begin(desk.tenant) as work:
        for each in EVERY:
            expected = set() if each.kind.value in for_all else {"acme"}
            assert customers_of(work, each) == expected, each
        unknown = LogWork(id="k", log=attrs.evolve(months.CALL, case="R-9"))
        assert customers_of(work, unknown) == set()


def test_a_correction_is_about_the_customer_of_the_log_too() -> None:
    desk = opened_desk(MemoryStore())
    desk.execute(LogWork(id="k-1", log=months.CALL), months.CALL.end)
    with desk.context.store.begin(desk.tenant) as work:
        moved = CorrectWork(id="k-2", log=attrs.evolve(months.CALL, case="R-9"))
        assert customers_of(work, moved) == {"acme"}
