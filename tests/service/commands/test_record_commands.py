from __future__ import annotations

import json
from datetime import date

import attrs
import pytest
from tests.service.records import test_after_sales as samples
from tests.service.records import test_statements as months

from entitlements.billing.credits.measured_figures import MeasuredFigure
from entitlements.kernel import InvalidValueError
from entitlements.kernel.data.digests import plain_json
from entitlements.service import (
    AcknowledgeNotice,
    AnswerSurvey,
    ClaimCredit,
    CorrectWork,
    IssueStatement,
    LogWork,
    PlanMaintenance,
    RecordComplaint,
    RecordFigure,
    RecordOutage,
    RequestSurvey,
    RetractRecord,
    SendNotice,
)
from entitlements.service.commands.commands import content_text
from entitlements.service.commands.record_commands import RecordCommand, RecordCommandKind
from entitlements.service.execution import check_repeated_command
from entitlements.service.records.record_execution import EXECUTED_BY

FIGURE = MeasuredFigure(contract="C-1", line="main", schedule="x", start=months.MARCH, figure=1)
EVERY: list[RecordCommand] = [
    LogWork(id="k", log=months.CALL),
    CorrectWork(id="k", log=months.CALL),
    RecordOutage(id="k", outage=samples.DOWN),
    PlanMaintenance(id="k", window=samples.PLANNED),
    RequestSurvey(id="k", case="R-1"),
    AnswerSurvey(id="k", case="R-1", score=None),
    RecordComplaint(id="k", complaint=samples.LATE),
    SendNotice(id="k", notice=samples.EXPIRY),
    AcknowledgeNotice(id="k", notice=samples.EXPIRY.id),
    RetractRecord(id="k", of="outage", record="O-1"),
    RecordFigure(id="k", customer="acme", figure=FIGURE),
    ClaimCredit(id="k", customer="acme", credit="uptime"),
    IssueStatement(id="k", customer="acme", start=months.MARCH, end=months.APRIL),
]


def test_every_kind_of_command_is_here_and_is_carried_out() -> None:
    assert {each.kind for each in EVERY} == {*RecordCommandKind}
    assert {type(each) for each in EVERY} == {*EXECUTED_BY}


@pytest.mark.parametrize("command", EVERY, ids=lambda each: each.kind.value)
def test_a_command_is_the_same_as_itself_whatever_its_id(command: RecordCommand) -> None:
    content = json.loads(content_text(command))
    check_repeated_command(attrs.evolve(command, id="other"), content)
    assert content_text(command) == plain_json(content)
    assert content["command"] == command.kind


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        (LogWork, {"log": attrs.evolve(months.CALL, recorded=months.CALL.end)}, "`W-1` says when"),
        (CorrectWork, {"log": attrs.evolve(months.CALL, retracted=True)}, "`W-1` says when"),
        (RetractRecord, {"of": "statement", "record": "x"}, "a statement cannot be retracted"),
        (AnswerSurvey, {"case": "R-1", "score": -1}, "score must be at least 0"),
        (
            IssueStatement,
            {"customer": "acme", "start": date(2026, 3, 1), "end": date(2026, 3, 1)},
            "the period ends on `2026-03-01`",
        ),
    ],
)
def test_nonsense_is_refused_before_it_is_a_command(
    kind: type[RecordCommand], fields: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidValueError, match=message):
        kind(id="k", **fields)  # type: ignore[arg-type]
