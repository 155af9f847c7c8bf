"""Document parts: the sections of a document, in the order in which they are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from entitlements.contracts.catalog import Precedence
from entitlements.documents.hours.business_hours import NamedHoursShape
from entitlements.documents.hours.calendars import HOLIDAY_SET
from entitlements.documents.sections.accounts import AccountShape
from entitlements.documents.sections.catalog import GROUP, PRODUCT, SERVICE
from entitlements.documents.sections.plans.plans import PlanShape
from entitlements.documents.sections.policies import PolicyShape
from entitlements.documents.sections.prices import (
    BILLING_ACCOUNT,
    CREDIT_SCHEDULE,
    PRICE_LIST,
    RATE_CARD,
    WORK_RULES,
)
from entitlements.documents.sections.records.after_sales import RECORD_SECTIONS
from entitlements.documents.sections.records.notices import NOTICE_CLAUSE
from entitlements.documents.sections.roster import AGENT, ON_CALL, ROSTER
from entitlements.documents.sections.routing import ROUTING
from entitlements.documents.shapes.collections import ListShape
from entitlements.documents.shapes.scalars import INTEGER, TEXT, NewIdShape, Shape, enum_shape

VERSION: Final = 1
"""The version of the schema that this library reads and writes."""

LISTS: Final[dict[str, Shape]] = {
    "holidays": HOLIDAY_SET,
    "calendars": NamedHoursShape(),
    "milestones": NewIdShape("milestone"),
    "services": SERVICE,
    "products": PRODUCT,
    "groups": GROUP,
    "policies": PolicyShape(),
    "plans": PlanShape(),
    "agents": AGENT,
    "on_call": ON_CALL,
    "accounts": AccountShape(),
    "rate_cards": RATE_CARD,
    "price_lists": PRICE_LIST,
    "work_rules": WORK_RULES,
    "credit_schedules": CREDIT_SCHEDULE,
    "billing_accounts": BILLING_ACCOUNT,
    "notice_clauses": NOTICE_CLAUSE,
    **RECORD_SECTIONS,
}
"""Parts that are lists, which may be split over several files."""

PRECEDENCE: Final = ListShape(enum_shape(Precedence))
SHAPES: Final[Mapping[str, Shape]] = {
    "schema_version": INTEGER,
    "tenant": TEXT,
    **{name: ListShape(shape) for name, shape in LISTS.items()},
    "precedence": PRECEDENCE,
    "roster": ROSTER,
    "routing": ROUTING,
}
"""The shape of each part, in the order in which parts are written."""

KINDS: Final = (
    "holiday set",
    "calendar",
    "milestone",
    "service product",
    "product",
    "expert group",
    "SLA policy",
    "plan",
    "plan version",
    "agent",
    "on-call schedule",
    "account",
    "rate card",
    "price list",
    "work rule set",
    "credit schedule",
    "billing account",
    "outage",
    "maintenance window",
    "complaint",
)
"""Kinds of things whose names have all documents as their scope."""
