from __future__ import annotations

import json
from datetime import timedelta

from tests.service.messages.test_message_data import check
from tests.service.records import test_after_sales as samples
from tests.service.records import test_statements as months
from tests.service.records.acme_desk import OPENED, opened_desk

from entitlements.adapters.memory import MemoryStore
from entitlements.aftersales import SurveyRules
from entitlements.billing.credits.measured_figures import MeasuredFigure
from entitlements.service import (
    AcknowledgeNotice,
    AnswerSurvey,
    ClaimCredit,
    CorrectWork,
    PlanMaintenance,
    RecordComplaint,
    RecordFigure,
    RecordOutage,
    RequestSurvey,
    RetractRecord,
    SendNotice,
    cloud_event,
)
from entitlements.service.commands.record_commands import RecordCommand
from entitlements.service.records.record_bodies import RECORD_TOPICS


def test_every_message_about_a_record_fits_the_schema_of_its_topic() -> None:
    desk = opened_desk(MemoryStore())
    samples.resolved(desk, "R-3", OPENED + timedelta(hours=5))  # later than promised
    months.march_issued(desk)
    start, rules = months.MARCH, SurveyRules(within=timedelta(days=90))
    figure = MeasuredFigure(
        contract="C-1", line="main", schedule="gold availability", start=start, figure=99
    )
    commands: list[RecordCommand] = [
        CorrectWork(id="c-1", log=months.CALL),
        RecordOutage(id="c-2", outage=samples.DOWN),
        PlanMaintenance(id="c-3", window=samples.PLANNED),
        RequestSurvey(id="c-4", case="R-3", rules=rules),
        AnswerSurvey(id="c-5", case="R-3", score=3),
        RecordComplaint(id="c-6", complaint=samples.LATE),
        SendNotice(id="c-7", notice=samples.EXPIRY),
        AcknowledgeNotice(id="c-8", notice=samples.EXPIRY.id),
        RetractRecord(id="c-9", of="complaint", record="B-1"),
        RecordFigure(id="c-10", customer="acme", figure=figure),
        ClaimCredit(id="c-11", customer="acme", credit="gold missed 2026-03-01 of C-1 main"),
    ]
    desk.do_all(commands, months.ISSUED)
    sent = desk.context.query(lambda work: work.outbox.pending(1_000))
    found = [each for each in sent if each.topic != "case.adopted"]
    assert {each.topic for each in found} == {name for name, _, _ in RECORD_TOPICS}
    for each in found:
        check(each)
        event = cloud_event(desk.tenant, each)
        assert event.type == f"entitlements.{each.topic}"
        assert json.loads(each.body).get("case", event.subject) == event.subject
