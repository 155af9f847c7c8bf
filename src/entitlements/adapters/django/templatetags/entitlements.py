"""Template tags about a request: the panel with decision, deadlines and explanation.

`{% load entitlements %}`, then `{% entitlement_panel "ticket-7" %}`, or
`{% entitlement_case "ticket-7" as panel %}` for a template of your own.
"""

from __future__ import annotations

from typing import Any

from django import template

from entitlements.adapters.django.desks.desks import desk
from entitlements.adapters.django.panels import CasePanel, case_panel

register = template.Library()


@register.simple_tag
def entitlement_case(case: object, tenant: str | None = None) -> CasePanel:
    """Return the `CasePanel` of a request of a tenant, that of the settings by default."""
    return case_panel(desk(tenant), str(case))


@register.inclusion_tag("entitlements/panel.html")
def entitlement_panel(case: object, tenant: str | None = None) -> dict[str, Any]:
    """Show decision, agent, deadlines and explanation of a request."""
    return {"panel": entitlement_case(case, tenant)}
