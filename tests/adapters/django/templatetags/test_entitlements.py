from __future__ import annotations

from django.template import Context, Template
from tests.adapters.django.host import admission
from tests.service.desks import MONDAY, TENANT

from entitlements.adapters.django import desk


def rendered(source: str, **context: object) -> str:
    return Template("{% load entitlements %}" + source).render(Context(context))


def test_the_panel_shows_decision_deadlines_and_explanation(alias: str) -> None:
    del alias
    assert "no decision yet" in rendered("{% entitlement_panel case %}", case="R-1")
    desk().execute(admission(), MONDAY)
    page = rendered("{% entitlement_panel case tenant %}", case="R-1", tenant=TENANT)
    for words in ("granted", "experts", "first_response", "2026-03-02T10:00:00+00:00", "opening"):
        assert words in page


def test_a_template_of_the_host_gets_the_panel(alias: str) -> None:
    del alias
    desk().execute(admission(), MONDAY)
    source = "{% entitlement_case case as e %}{{ e.outcome }} {{ e.group }}"
    assert rendered(source, case="R-1") == "granted experts"
