"""What a type checker sees of the public names; checked by mypy, never run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_type

from entitlements import (
    Account,
    Assessment,
    Assigned,
    Calendar,
    Catalog,
    Deferred,
    Denied,
    Engine,
    EntitlementsError,
    Facts,
    Granted,
    Reason,
    Request,
    Roster,
    SlaPolicy,
    Unroutable,
    Waiting,
)
from entitlements.calendars import Anchor, BusinessHours, Week
from entitlements.engine import assess
from entitlements.kernel import DuplicateIdError, FrozenMap, Span, parse_duration, utc
from entitlements.kernel.instants import from_micros, to_micros
from entitlements.sla import Target

at = datetime.fromisoformat("2026-03-02T09:00+01:00")

# --- kernel

assert_type(utc(at), datetime)
assert_type(utc("2026-03-02T09:00Z"), datetime)
assert_type(to_micros(at), int)
assert_type(from_micros(0), datetime)
assert_type(parse_duration("4h"), timedelta)

span = Span(at, "2026-03-02T10:00+01:00")
assert_type(span.start, datetime)
assert_type(span.length, timedelta)
assert_type(span & span, Span | None)
assert_type(at in span, bool)

request = Request(
    id="R-1",
    customer="acme",
    contact="dana",
    product="db",
    severity="S1",
    channel="phone",
    skills={"postgres": 3},
    conditions=["contact-reachable"],
)
assert_type(request.group, str | None)
assert_type(request.skills, FrozenMap[str, int])
assert_type(request.conditions, frozenset[str])

assert_type(DuplicateIdError("plan", "gold").code, str)
assert_type(EntitlementsError("no").hint, str | None)

# --- calendars

desk = Calendar(zone="Europe/Berlin", week=Week("Mo-Fr 09:00-17:30"), name="desk")
night = Calendar(zone="Europe/Berlin", week=Week({"mon-fri": ["22:00-06:00"]}))
assert_type(desk.is_open(at), bool)
assert_type(desk.add(at, timedelta(hours=4)), datetime)
assert_type(desk.between(at, at), timedelta)
assert_type(desk.add_days(at, 2, anchor=Anchor.END), datetime)
assert_type(desk.next_open(at), datetime | None)
hours: BusinessHours = desk | night

# --- promises and facts

policy = SlaPolicy(
    id="gold",
    calendars={"business": desk},
    targets=[Target(milestone="first_response", within=timedelta(hours=1), calendar="business")],
)
facts = Facts(
    catalog=Catalog(calendars={"business": desk, "night": hours}),
    policies=[policy],
    roster=Roster(),
    accounts=[Account(customer="acme")],
)
assert_type(facts.policies, FrozenMap[str, SlaPolicy])

# --- the answer

answer = Engine(facts).assess(request, at)
assert_type(answer, Assessment)
assert_type(assess(request, facts, at), Assessment)
assert_type(answer.explain(), str)


def decided(of: Assessment) -> str:
    """Match every decision; a fourth kind would be an error here."""
    match of.decision:
        case Granted(immediate=now):
            assert_type(now, bool)
            return "granted"
        case Deferred(opens_at=opens):
            assert_type(opens, datetime)
            return "deferred"
        case Denied(reasons=why):
            assert_type(why, tuple[Reason, ...])
            return "denied"


def routed(of: Assessment) -> str:
    """Match every route; a fifth kind would be an error here."""
    match of.route:
        case None:
            return "not asked"
        case Assigned():
            return "assigned"
        case Waiting():
            return "waiting"
        case Unroutable():
            return "unroutable"
