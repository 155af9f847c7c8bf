from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import attrs
import pytest
from tests.service.records.acme_desk import OPENED, TENANT, adopt, opened_desk, topics

from entitlements.adapters.memory import MemoryStore
from entitlements.aftersales import (
    Complaint,
    MaintenanceWindow,
    Notice,
    Outage,
    SentNotice,
    Survey,
    SurveyRules,
)
from entitlements.kernel.errors import (
    EntitlementsError,
    InvalidValueError,
    TransitionError,
    UnknownIdError,
)
from entitlements.ports import RecordFilter, RecordKind, Store, every_record
from entitlements.ports.service_records.service_record import survey_id
from entitlements.service import (
    AcknowledgeNotice,
    AnswerSurvey,
    Desk,
    DeskCommand,
    PlanMaintenance,
    RecordComplaint,
    RecordOutage,
    RequestSurvey,
    RetractRecord,
    SendNotice,
)
from entitlements.service.commands.record_commands import RecordCommand
from entitlements.service.commands.replies import ReplyResult
from entitlements.sla import Event

HOUR = timedelta(hours=1)
AT = OPENED + 5 * HOUR
DOWN = Outage(id="O-1", service="db", start=OPENED)
PLANNED = MaintenanceWindow(id="M-1", start=OPENED + 24 * HOUR, end=OPENED + 26 * HOUR)
LATE = Complaint(id="B-1", customer="acme", case="R-1", received=OPENED)
EXPIRY = Notice(
    kind="expiry",
    customer="acme",
    subject="C-1",
    effective=date(2026, 12, 31),
    send_by=date(2026, 11, 30),
)


def values(desk: Desk, kind: RecordKind | str) -> list[object]:
    with desk.context.store.begin(TENANT) as work:
        wanted = RecordFilter(kind=kind)
        return [each.value for each in every_record(work.service_records, wanted)]


def resolved(desk: Desk, id: str, at: object = OPENED + HOUR) -> None:
    adopt(desk, id, OPENED, Event.responded(at), Event.resolved(at))  # type: ignore[arg-type]


def test_what_is_known_later_replaces_what_was_recorded(store_of: Callable[[], Store]) -> None:
    desk = opened_desk(store_of())
    over = attrs.evolve(DOWN, end=OPENED + HOUR)
    moved = attrs.evolve(PLANNED, service="db")
    answered = attrs.evolve(LATE, answered=AT, is_upheld=True, correction="R-2")
    commands: list[RecordCommand] = [
        RecordOutage(id="k-0", outage=DOWN),
        RecordOutage(id="k-1", outage=over),
        PlanMaintenance(id="k-2", window=PLANNED),
        PlanMaintenance(id="k-3", window=moved),
        RecordComplaint(id="k-4", complaint=LATE),
        RecordComplaint(id="k-5", complaint=answered),
    ]
    for number, command in enumerate(commands):
        desk.execute(command, AT + number * HOUR)
    assert values(desk, "outage") == [over]
    assert values(desk, "maintenance") == [moved]
    assert values(desk, "complaint") == [answered]
    desk.execute(RetractRecord(id="k-9", of="outage", record="O-1"), AT + 9 * HOUR)
    assert values(desk, "outage") == []
    twice = [each for each in ("outage.recorded", "maintenance.planned") for _ in range(2)]
    assert topics(desk) == [*twice, *["complaint.recorded"] * 2, "record.retracted"]
    assert all(each.same for each in desk.replay_all())


@pytest.mark.parametrize(
    ("command", "kind", "message"),
    [
        (RecordOutage(id="k", outage=attrs.evolve(DOWN, start=AT + HOUR)), TransitionError, "O-1"),
        (
            RecordOutage(id="k", outage=attrs.evolve(DOWN, end=AT + HOUR)),
            TransitionError,
            "outage O-1",
        ),
        (RequestSurvey(id="k", case="R-9"), UnknownIdError, "`R-9`"),
        (AnswerSurvey(id="k", case="R-1", score=5), UnknownIdError, "survey of case"),
        (
            RecordComplaint(id="k", complaint=attrs.evolve(LATE, customer="nobody")),
            UnknownIdError,
            "nobody",
        ),
        (
            RecordComplaint(id="k", complaint=attrs.evolve(LATE, case="R-9")),
            UnknownIdError,
            "R-9",
        ),
        (
            RecordComplaint(id="k", complaint=attrs.evolve(LATE, acknowledged=AT + HOUR)),
            TransitionError,
            "complaint B-1",
        ),
        (
            SendNotice(id="k", notice=attrs.evolve(EXPIRY, customer="nobody")),
            UnknownIdError,
            "nobody",
        ),
        (AcknowledgeNotice(id="k", notice="N-1"), UnknownIdError, "N-1"),
        (RetractRecord(id="k", of="complaint", record="B-9"), UnknownIdError, "B-9"),
    ],
)
def test_what_cannot_be_recorded_is_refused_by_name(
    command: DeskCommand, kind: type[EntitlementsError], message: str
) -> None:
    desk = opened_desk(MemoryStore())
    with pytest.raises(kind, match=message):
        desk.execute(command, AT)
    assert topics(desk) == []


def test_a_case_has_one_survey_and_its_contact_is_left_alone_for_a_while(
    store_of: Callable[[], Store],
) -> None:
    desk = opened_desk(store_of())
    resolved(desk, "R-3")
    resolved(desk, "R-4")
    withheld = desk.execute(RequestSurvey(id="k-1", case="R-1"), AT)
    assert (withheld.result, withheld.text) == (ReplyResult.WITHHELD, '["not_resolved"]')
    assert desk.execute(RequestSurvey(id="k-1", case="R-3"), AT).result is ReplyResult.RECORDED
    for case, why in (("R-3", '["already_asked","quiet_period"]'), ("R-4", '["quiet_period"]')):
        assert desk.execute(RequestSurvey(id="k-2", case=case), AT + HOUR).text == why
    sooner = SurveyRules(kind="nps", quiet=HOUR)
    desk.execute(RequestSurvey(id="k-2", case="R-4", rules=sooner), AT + HOUR)
    assert [each.case for each in values(desk, "survey")] == ["R-3", "R-4"]  # type: ignore[attr-defined]


def test_an_answer_is_on_the_scale_of_its_survey_and_may_change(
    store_of: Callable[[], Store],
) -> None:
    desk = opened_desk(store_of())
    resolved(desk, "R-3")
    desk.execute(RequestSurvey(id="k-1", case="R-3"), AT)
    with pytest.raises(InvalidValueError, match="survey of case `R-3`: score `6` is not on"):
        desk.execute(AnswerSurvey(id="k-2", case="R-3", score=6), AT + HOUR)
    asked = Survey(case="R-3", kind="csat", asked=AT, contact="dana", customer="acme")
    for number, score in enumerate((None, 4, 5)):
        desk.execute(AnswerSurvey(id=f"k-{score}", case="R-3", score=score), AT + number * HOUR)
    assert values(desk, "survey") == [asked.with_answer(5, AT + 2 * HOUR)]
    with desk.context.store.begin(TENANT) as work:
        history = work.service_records.history("survey", survey_id("R-3", "csat"))
    assert [each.value for each in history] == [
        asked,
        asked.as_dismissed(AT),
        asked.with_answer(4, AT + HOUR),
        asked.with_answer(5, AT + 2 * HOUR),
    ]


def test_a_notice_is_sent_once_and_the_first_confirmation_stays(
    store_of: Callable[[], Store],
) -> None:
    desk = opened_desk(store_of())
    for number in range(2):
        desk.execute(SendNotice(id=f"k-{number}", notice=EXPIRY), AT + number * HOUR)
    for number in range(2, 4):
        confirm = AcknowledgeNotice(id=f"k-{number}", notice=EXPIRY.id)
        desk.execute(confirm, AT + number * HOUR)
    assert topics(desk) == ["notice.sent", "notice.acknowledged"]
    assert values(desk, "notice") == [
        SentNotice(notice=EXPIRY, sent=AT, acknowledged=AT + 2 * HOUR)
    ]


def test_a_complaint_names_a_case_of_the_same_customer() -> None:
    store = MemoryStore()
    desk = opened_desk(store)
    with store.begin(TENANT) as work:
        account = work.accounts.account("acme")
        assert account is not None
        others = [attrs.evolve(each, customer="other") for each in account.contracts]
        work.accounts.open(attrs.evolve(account, customer="other", contracts=others, cases=[]))
        work.commit()
    with pytest.raises(InvalidValueError, match="`B-1` of `other` names case `R-1`"):
        desk.execute(RecordComplaint(id="k", complaint=attrs.evolve(LATE, customer="other")), AT)
