import json

import attrs
import pytest
from tests.service.desks import MONDAY, request

from entitlements.kernel.data.digests import plain_data, plain_json
from entitlements.kernel.errors import ConflictError, InvalidValueError, LimitExceededError
from entitlements.service import (
    AcceptOffer,
    AdmitRequest,
    CancelCase,
    DeclineOffer,
    DeskCommand,
    OfferCase,
    RecordEvent,
    ReopenCase,
    ResolveCase,
    TransferCase,
)
from entitlements.service.commands.commands import content_text
from entitlements.service.execution import check_repeated_command
from entitlements.sla import Event

EVERY: list[DeskCommand] = [
    AdmitRequest(id="k", request=request()),
    RecordEvent(id="k", case="R-1", event=Event.responded(MONDAY)),
    OfferCase(id="k", case="R-1", agents=["ada"]),
    AcceptOffer(id="k", case="R-1", agent="ada", fence=1),
    DeclineOffer(id="k", case="R-1", agent="ada", fence=1, reason="lunch"),
    TransferCase(id="k", case="R-1", fence=1),
    ResolveCase(id="k", case="R-1", used=3),
    ReopenCase(id="k", case="R-1"),
    CancelCase(id="k", case="R-1"),
]


@pytest.mark.parametrize("command", EVERY, ids=lambda each: each.kind.value)
def test_every_command_names_its_case_and_is_the_same_as_itself(command: DeskCommand) -> None:
    assert command.case == "R-1"
    content = json.loads(content_text(command))
    check_repeated_command(command, content)
    check_repeated_command(attrs.evolve(command, id="other"), content)
    assert content_text(command) == plain_json(content)
    assert content.pop("command") == command.kind
    names = [each.name for each in attrs.fields(type(command)) if each.name != "id"]
    assert content == {name: plain_data(getattr(command, name)) for name in names}


@pytest.mark.parametrize(
    ("command", "other", "field"),
    [
        (EVERY[0], AdmitRequest(id="k", request=request(severity="S2")), "request"),
        (EVERY[1], RecordEvent(id="k", case="R-1", event=Event.paused(MONDAY, "x")), "event"),
        (EVERY[3], AcceptOffer(id="k", case="R-1", agent="bob", fence=1), "agent"),
        (EVERY[3], AcceptOffer(id="k", case="R-1", agent="ada", fence=2), "fence"),
        (EVERY[6], ResolveCase(id="k", case="R-1"), "used"),
        (EVERY[7], ReopenCase(id="k", case="R-2"), "case"),
        (EVERY[7], CancelCase(id="k", case="R-1"), "command"),
        (EVERY[3], EVERY[4], "command"),
    ],
)
def test_a_repeated_id_with_other_content_is_refused_with_the_field(
    command: DeskCommand, other: DeskCommand, field: str
) -> None:
    with pytest.raises(ConflictError, match=f"with another `{field}`") as caught:
        check_repeated_command(other, json.loads(content_text(command)))
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("event", "hint"),
    [
        (Event.opened(MONDAY), "AdmitRequest"),
        (Event.resolved(MONDAY), "ResolveCase"),
        (Event.reopened(MONDAY), "ReopenCase"),
        (Event.cancelled(MONDAY), "CancelCase"),
    ],
)
def test_events_that_have_their_own_command_are_refused(event: Event, hint: str) -> None:
    with pytest.raises(InvalidValueError, match=f"use the command `{hint}`"):
        RecordEvent(id="k", case="R-1", event=event)


def test_invalid_commands_are_refused_by_the_constructor() -> None:
    with pytest.raises(InvalidValueError, match=r"`\{\}` is not a request \(pass a `Request`, "):
        AdmitRequest(id="k", request={})  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match="fence must be a whole number, not `'1'`"):
        AcceptOffer(id="k", case="R-1", agent="ada", fence="1")  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError):
        ReopenCase(id="", case="R-1")
    with pytest.raises(LimitExceededError):
        CancelCase(id="k" * 201, case="R-1")
    with pytest.raises(InvalidValueError, match="use of `R-1`"):
        ResolveCase(id="k", case="R-1", used=-1)


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x" * 10_001, b"bytes", None])
def test_texts_that_no_store_accepts_are_refused_by_the_constructor(text: str) -> None:
    with pytest.raises(InvalidValueError):
        DeclineOffer(id="k", case="R-1", agent="ada", fence=1, reason=text)
