from __future__ import annotations

from datetime import timedelta, tzinfo
from datetime import timezone as fixed
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from tests.adapters.django.host import admission
from tests.service.desks import MINUTE, MONDAY

from entitlements.adapters.django import desk
from entitlements.adapters.django.panels import CasePanel, case_panel, cases
from entitlements.service import AcceptOffer, OfferCase, RecordEvent
from entitlements.sla import Event


def test_a_panel_follows_a_case(alias: str) -> None:
    del alias
    assert case_panel(desk(), "R-1") == CasePanel(case="R-1")
    desk().execute(admission(), MONDAY)
    panel = case_panel(desk(), "R-1", MONDAY)
    assert (panel.outcome, panel.work, panel.group, panel.agent) == (
        "granted", "queued", "experts", None,
    )  # fmt: skip
    assert [each.name for each in panel.deadlines] == ["first_response", "resolution"]
    assert "opening" in panel.explanation
    (fence,) = desk().execute(OfferCase(id="o", case="R-1"), MONDAY).fences.items()
    assert case_panel(desk(), "R-1", MONDAY).agent == fence[0]
    desk().execute(AcceptOffer(id="a", case="R-1", agent=fence[0], fence=fence[1]), MONDAY)
    assert case_panel(desk(), "R-1", MONDAY).work == "accepted"
    hold = Event.paused(MONDAY + MINUTE, "waiting_customer")
    desk().execute(RecordEvent(id="p", case="R-1", event=hold), MONDAY + MINUTE)
    assert case_panel(desk(), "R-1", MONDAY + MINUTE).paused
    assert not panel.paused


@pytest.mark.parametrize(
    ("zone", "opened"),
    [
        pytest.param(ZoneInfo("Europe/Berlin"), "2 March 2026, 10:00 CET", id="a zone"),
        pytest.param(fixed(timedelta(hours=3)), "2 March 2026, 09:00 UTC", id="a fixed offset"),
    ],
)
def test_a_panel_has_instants_in_the_time_zone_of_the_page(
    alias: str, zone: tzinfo, opened: str
) -> None:
    del alias
    desk().execute(admission(), MONDAY)
    with timezone.override(zone):
        assert opened in case_panel(desk(), "R-1", MONDAY).explanation.splitlines()[0]


def test_a_panel_explains_a_denial(alias: str) -> None:
    del alias
    for number in range(1, 5):
        desk().execute(admission(number), MONDAY)
    panel = case_panel(desk(), "R-4", MONDAY)
    assert (panel.outcome, panel.deadlines, panel.work) == ("denied", (), "")
    assert panel.explanation
    assert [each.id for each in cases(desk())] == ["R-1", "R-2", "R-3"]
