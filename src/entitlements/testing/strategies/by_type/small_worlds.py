"""Small facts, requests about them, and what the library answers.

Everything shrinks towards one product, one group, one plan and one contract that grants.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import attrs
from hypothesis import strategies as st

from entitlements.access.decision import Deferred, Denied, Granted
from entitlements.calendars.calendar import Calendar
from entitlements.contracts import ExpertGroup, Product
from entitlements.contracts.account import Account
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.plans import AccessRight, Plan
from entitlements.contracts.records.contract import Contract, ContractLine
from entitlements.contracts.records.parties import NamedContact
from entitlements.engine.assessment import Assessment
from entitlements.engine.engine import Engine
from entitlements.engine.facts import Facts
from entitlements.kernel.requests import Request
from entitlements.routing.agents.agent import Agent
from entitlements.routing.answers.answers import Assigned, Route, Unroutable, Waiting
from entitlements.routing.roster import Roster
from entitlements.routing.selection import route
from entitlements.routing.work.requirements import Requirement
from entitlements.routing.work.work import Work
from entitlements.sla.policy import SlaPolicy
from entitlements.sla.targets import Target
from entitlements.testing.strategies.by_type import scalars

SEVERITIES: Final = ("high", "normal", "low")
CHANNELS: Final = ("phone", "web", "chat")
GROUPS: Final = ("dba", "network")
PRODUCTS: Final = ("db", "router")
PEOPLE: Final = ("dana", "eve")
_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
_WEEKS: Final = ("Mo-Fr 09:00-17:00", "Mo-Su 00:00-24:00", "Sa-Su 10:00-16:00")


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Draw a plan with rights to one group or two, some of them in hours of `desk`.

    >>> from hypothesis import find
    >>> find(plans(), lambda each: True).severities
    ('high',)
    """
    severities = SEVERITIES[: draw(st.integers(1, 3))]
    channels = CHANNELS[: draw(st.integers(1, 3))]
    groups = GROUPS[: draw(st.integers(1, 2))]
    hours = st.sampled_from([None, "desk"])
    rights = [
        AccessRight(
            id=each,
            group=each,
            hours=draw(hours),
            severities=draw(st.sampled_from([(), severities[:1]])),
            immediate=draw(st.sampled_from([True, False])),
        )
        for each in groups
    ]
    return Plan(id="gold", policy="gold", severities=severities, channels=channels, rights=rights)


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """Draw facts of one plan, a customer or two, and agents for its groups.

    >>> from hypothesis import find
    >>> [each.id for each in find(facts(), lambda each: True).catalog.plans]
    ['gold']
    """
    return draw(facts_of(draw(plans())))


@st.composite
def facts_of(draw: st.DrawFn, plan: Plan, start: date | None = None) -> Facts:
    """Draw facts of a plan, whose contracts begin on the day `start`."""
    calendar = Calendar(zone=draw(scalars.zones()), week=draw(st.sampled_from(_WEEKS)))
    amounts = [timedelta(hours=each) for each in draw(st.sampled_from([(1, 4, 8), (2, 2, 24)]))]
    calendar_of = st.sampled_from([None, "desk"])
    targets = [
        Target(
            milestone="first_response",
            within=amount,
            severities=[each],
            calendar=draw(calendar_of),
        )
        for each, amount in zip(plan.severities, amounts, strict=False)
    ]
    customers = draw(st.sampled_from([("acme",), ("acme", "zenith")]))
    catalog = Catalog(
        products=[Product(id=each) for each in PRODUCTS],
        groups=[ExpertGroup(id=each) for each in GROUPS],
        calendars={"desk": calendar},
        plans=[plan],
    )
    return Facts(
        catalog=catalog,
        policies=[SlaPolicy(id="gold", targets=targets, calendars={"desk": calendar})],
        accounts=[draw(accounts(customer=each, start=start)) for each in customers],
        roster=Roster(agents=draw(agents_of(plan))),
    )


@st.composite
def policies(draw: st.DrawFn) -> SlaPolicy:
    """Draw a policy with a first response and perhaps a resolution, in business hours or not."""
    calendar = Calendar(zone=draw(scalars.zones()), week=draw(st.sampled_from(_WEEKS)))
    names = draw(st.sampled_from([("first_response",), ("first_response", "resolution")]))
    targets = [
        Target(
            milestone=each,
            within=draw(scalars.durations()),
            calendar=draw(st.sampled_from([None, "desk"])),
        )
        for each in names
    ]
    return SlaPolicy(id=draw(scalars.ids()), targets=targets, calendars={"desk": calendar})


@st.composite
def agents_of(draw: st.DrawFn, plan: Plan) -> list[Agent]:
    """Draw up to three agents for the groups of a plan."""
    groups = sorted({right.group for right in plan.rights})
    names = ("ada", "bob", "eve")[: draw(st.integers(1, 3))]
    return [
        Agent(id=name, groups=[draw(st.sampled_from(groups))], capacity=draw(st.integers(1, 3)))
        for name in names
    ]


@st.composite
def accounts(
    draw: st.DrawFn, *, customer: str = "acme", plan: str = "gold", start: date | None = None
) -> Account:
    """Draw an account with one contract of a year, for named contacts or for any contact.

    >>> from hypothesis import find
    >>> find(accounts(), lambda each: True).customer
    'acme'
    """
    days = [_START.date(), _START.date() + timedelta(days=90)]
    anybody = draw(st.booleans())
    named = () if anybody else tuple(NamedContact(contact=each) for each in PEOPLE[:1])
    contract = Contract(
        id=f"C-{customer}",
        customer=customer,
        zone=draw(scalars.zones()),
        start=start or draw(st.sampled_from(days)),
        months=12,
        any_contact=anybody,
        contacts=named,
        lines=[ContractLine(id="1", plan=plan)],
    )
    return Account(customer=customer, contracts=[contract])


@st.composite
def requests(draw: st.DrawFn, /, about: Facts | None = None, **fixed: Any) -> Request:
    """Draw a request with names of some facts, now and then with a name that they do not have.

    Args:
        draw: The source of draws.
        about: The facts; None for those that `facts` draws.
        fixed: Fields that are not drawn.

    >>> from hypothesis import find
    >>> find(requests(channel="web"), lambda each: True).channel
    'web'
    """
    severities: tuple[str, ...] = SEVERITIES
    channels: tuple[str, ...] = CHANNELS
    customers: tuple[str, ...] = ("acme", "zenith")
    products: tuple[str, ...] = PRODUCTS
    groups: tuple[str, ...] = GROUPS
    if about is not None:
        catalog = about.catalog
        severities = tuple(dict.fromkeys(s for plan in catalog.plans for s in plan.severities))
        channels = tuple(sorted({c for plan in catalog.plans for c in plan.channels}))
        customers = tuple(about.accounts)
        products = tuple(each.id for each in catalog.products)
        groups = tuple(each.id for each in catalog.groups)
    words: dict[str, Any] = {
        "id": draw(scalars.ids()),
        "customer": draw(_one_of(customers)),
        "contact": draw(st.sampled_from(PEOPLE)),
        "product": draw(_one_of(products)),
        "severity": draw(_one_of(severities)) if severities else None,
        "channel": draw(_one_of(channels)),
        "group": draw(st.sampled_from([None, None, *groups])),
        **fixed,
    }
    return Request(**words)


def _one_of(names: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.sampled_from([*names, *names, *names, "unknown"])


@st.composite
def assessments(draw: st.DrawFn) -> Assessment:
    """Draw the answer to a request about drawn facts.

    >>> from hypothesis import find
    >>> find(assessments(), lambda each: True).decision.group
    'dba'
    """
    known = draw(facts())
    return Engine(known).assess(draw(requests(known)), draw(scalars.instants()))


def granted() -> st.SearchStrategy[Granted]:
    """Draw a decision that grants: the hour does not matter to the right."""
    return _decisions(Granted, None, "acme")


def deferred() -> st.SearchStrategy[Deferred]:
    """Draw a decision that defers: the right is closed until Monday."""
    return _decisions(Deferred, "desk", "acme")


def denied() -> st.SearchStrategy[Denied]:
    """Draw a denial: the customer has no contract."""
    return _decisions(Denied, None, "unknown")


@st.composite
def _decisions(draw: st.DrawFn, kind: type[Any], hours: str | None, customer: str) -> Any:
    plan = draw(plans())
    right = AccessRight(id="dba", group="dba", hours=hours)
    known = draw(facts_of(attrs.evolve(plan, rights=[right]), start=_START.date()))
    desk = Calendar(zone="UTC", week="Mo-Fr 09:00-17:00")
    known = attrs.evolve(known, catalog=attrs.evolve(known.catalog, calendars={"desk": desk}))
    request = Request(
        id=draw(scalars.ids()),
        customer=customer,
        contact="dana",
        product="db",
        group="dba",
        severity=draw(st.sampled_from(plan.severities)),
        channel=draw(st.sampled_from(sorted(plan.channels))),
    )
    saturday = datetime(2026, 1, 3, tzinfo=UTC)
    at = saturday + timedelta(minutes=draw(st.integers(0, 24 * 60)))
    decision = Engine(known).assess(request, at).decision
    assert isinstance(decision, kind)  # noqa: S101 - so were the facts made
    return decision


@st.composite
def routes(draw: st.DrawFn) -> Route:
    """Draw the answer to a piece of work: assigned, waiting, or unroutable."""
    agents = [
        Agent(id=name, groups=[draw(st.sampled_from(GROUPS))], capacity=1)
        for name in ("ada", "bob")[: draw(st.integers(1, 2))]
    ]
    at = draw(scalars.instants())
    roster = Roster(agents=agents)
    if draw(st.booleans()):
        roster = roster.set_status("ada", at, away=True, back=at + timedelta(hours=1))
    wanted = draw(st.sampled_from([*GROUPS, "nobody"]))
    work = Work(id=draw(scalars.ids()), opened=at, requires=Requirement(groups=[wanted]))
    return route(work, roster, at)


def assigned() -> st.SearchStrategy[Assigned]:
    """Draw an assignment."""
    return _routes(Assigned)


def waiting() -> st.SearchStrategy[Waiting]:
    """Draw an answer by which the work waits."""
    return _routes(Waiting)


def unroutable() -> st.SearchStrategy[Unroutable]:
    """Draw an answer by which no agent can ever take the work."""
    return _routes(Unroutable)


def _routes(kind: type[Any]) -> st.SearchStrategy[Any]:
    return routes().filter(lambda each: isinstance(each, kind))
