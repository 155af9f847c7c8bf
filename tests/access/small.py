"""One small world that grants, and for every reason the one change that makes it refuse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Final

import attrs

from entitlements.access import Decision, Reason, decide
from entitlements.calendars import Calendar
from entitlements.contracts import (
    AccessRight,
    Account,
    Allowance,
    Amendment,
    Block,
    Cancellation,
    Catalog,
    Contract,
    ContractLine,
    Coverage,
    ExpertGroup,
    Grace,
    Grant,
    Issue,
    Ledger,
    LifeCycle,
    NamedContact,
    OpenCase,
    Plan,
    Product,
    ProductVersion,
    ServiceProduct,
)
from entitlements.contracts.ledger.entries import Reserve, Void
from entitlements.contracts.lines.plan_grants import pool_id
from entitlements.contracts.plan_terms.lead_time import LeadTime
from entitlements.kernel.instants import utc
from entitlements.kernel.requests import Request

MONDAY: Final = utc("2026-03-02T10:00Z")
PLAN: Final = Plan(
    id="gold",
    policy="gold",
    service="care",
    severities=["S1", "S2"],
    channels=["phone", "web"],
    rights=[AccessRight(id="experts", group="dba", hours="desk")],
)
CATALOG: Final = Catalog(
    calendars={
        "desk": Calendar(zone="UTC", week="Mo-Fr 09:00-17:00"),
        "never": Calendar.never(),
    },
    services=[ServiceProduct(id="care")],
    products=[Product(id="db", versions=[ProductVersion(id="1")]), Product(id="os")],
    groups=[ExpertGroup(id="dba"), ExpertGroup(id="desk")],
    plans=[PLAN],
)
LINE: Final = ContractLine(id="1", plan="gold")
CONTRACT: Final = Contract(
    id="C",
    customer="acme",
    zone="UTC",
    start=date(2026, 1, 1),
    months=12,
    lines=[LINE],
    contacts=[NamedContact(contact="dana"), NamedContact(contact="emil")],
)
REQUEST: Final = Request(
    id="R", customer="acme", contact="dana", product="db", severity="S1", channel="phone"
)
CASES: Final = Allowance(id="cases", unit="incidents", amount=0)


ACCOUNT: Final = Account(customer="acme", contracts=[CONTRACT])


@attrs.frozen
class Case:
    """Facts, a question and an instant."""

    catalog: Catalog = CATALOG
    account: Account | None = ACCOUNT
    request: Request = REQUEST
    at: datetime = MONDAY

    @property
    def decision(self) -> Decision:
        """The answer."""
        return decide(self.request, self.catalog, self.account, self.at)


def with_plan(**said: Any) -> Case:
    """Return the case in which the plan says this."""
    return Case(catalog=attrs.evolve(CATALOG, plans=[attrs.evolve(PLAN, **said)]))


def with_right(**said: Any) -> Case:
    """Return the case in which the plan's right says this."""
    plain = {"id": "experts", "group": "dba", "hours": "desk"}
    return with_plan(rights=[AccessRight(**{**plain, **said})], allowances=[CASES])


def with_contract(**said: Any) -> Case:
    """Return the case in which the contract says this."""
    return with_account(contracts=[attrs.evolve(CONTRACT, **said)])


def with_account(**said: Any) -> Case:
    """Return the case in which the account holds this."""
    usual: dict[str, Any] = {"customer": "acme", "contracts": [CONTRACT]}
    return Case(account=Account(**{**usual, **said}))


def with_product(**said: Any) -> Case:
    """Return the case in which this is said of the product."""
    product = attrs.evolve(CATALOG.products[0], **said)
    return Case(catalog=attrs.evolve(CATALOG, products=[product]))


def asked(**said: Any) -> Case:
    """Return the case in which this is asked instead."""
    return Case(request=attrs.evolve(REQUEST, **said))


def _in_grace() -> Case:
    rights = [*PLAN.rights, AccessRight(id="mail", group="desk", conditions=["mail"])]
    grace = with_plan(rights=rights, grace=Grace(days=30, rights=["mail"]))
    return attrs.evolve(grace, account=with_contract(months=2).account)


def _add_on() -> Case:
    base = attrs.evolve(PLAN, id="base", rights=[])
    add_on = attrs.evolve(PLAN, requires_plan=["base"])
    return Case(catalog=attrs.evolve(CATALOG, plans=[add_on, base]))


def _default() -> Case:
    better = attrs.evolve(PLAN, id="premier", rights=[])
    default = attrs.evolve(PLAN, suspended_by=["premier"])
    lines = [LINE, ContractLine(id="2", plan="premier")]
    catalog = attrs.evolve(CATALOG, plans=[default, better])
    return Case(catalog=catalog, account=with_contract(lines=lines).account)


def _spent() -> Case:
    return with_right(allowance="cases")


def _voided() -> Case:
    allowance = attrs.evolve(CASES, amount=5)
    right = AccessRight(id="experts", group="dba", hours="desk", allowance="cases")
    grant = Grant(
        id="G", unit="incidents", amount=1, effective=MONDAY, pool=pool_id("C", "1", "cases")
    )
    ledger = Ledger().post(Issue(grant=grant), MONDAY).ledger
    hold = Reserve(key="R", unit="incidents", amount=1, pools=(pool_id("C", "1", "cases"),))
    ledger = ledger.post(hold, MONDAY).ledger.post(Void(key="V", hold="R"), MONDAY).ledger
    counted = with_plan(rights=[right], allowances=[allowance])
    return attrs.evolve(counted, account=with_account(ledger=ledger).account)


def _blocked(effect: str) -> Account | None:
    block = Block(id="B", start=MONDAY - timedelta(hours=1), effects=[effect])
    return with_account(changes=[block]).account


def _crowded() -> Case:
    case = OpenCase(id="K", contract="C", line="1", opened=MONDAY - timedelta(hours=1))
    return attrs.evolve(with_plan(concurrency=1), account=with_account(cases=[case]).account)


_AWAY = [NamedContact(contact="dana", end=date(2026, 2, 1))]
_BEFORE = Amendment(id="A1", contract="C", effective=date(2026, 1, 2), contacts=[])
_LATER_LIST = Amendment(
    id="A2", contract="C", effective=date(2026, 3, 1), contacts=[NamedContact(contact="dana")]
)
_EARLIER = [NamedContact(contact="emil"), NamedContact(contact="dana")]
_NEW = LifeCycle(general_availability=date(2026, 3, 3))
_OLD = LifeCycle(end_of_support=date(2026, 3, 1))

REFUSALS: Final[dict[Reason, Callable[[], Case]]] = {
    Reason.FACTS_MISSING: lambda: with_account(unknown={"changes": "timed out"}),
    Reason.CUSTOMER_UNKNOWN: lambda: Case(account=None),
    Reason.NO_CONTRACT: lambda: with_account(contracts=[]),
    Reason.OTHER_CONTRACT: lambda: asked(contract="D"),
    Reason.CONTACT_NOT_NAMED: lambda: asked(contact="zoe"),
    Reason.CONTACT_OUT_OF_DATES: lambda: with_contract(contacts=_AWAY),
    Reason.CONTACT_IN_LEAD_TIME: lambda: attrs.evolve(
        with_plan(lead_time=LeadTime(time=timedelta(days=7))),
        account=with_account(changes=[_BEFORE, _LATER_LIST]).account,
    ),
    Reason.CONTACT_OVER_LIMIT: lambda: attrs.evolve(
        with_plan(contact_limit=1), account=with_contract(contacts=_EARLIER).account
    ),
    Reason.ROLE_MAY_NOT_OPEN: lambda: with_plan(opened_by={"S1": ["admin"]}),
    Reason.ROLE_NOT_IN_RIGHT: lambda: with_right(roles=["admin"]),
    Reason.CONTRACT_SUPERSEDED: lambda: with_account(
        contracts=[
            CONTRACT,
            attrs.evolve(CONTRACT, id="D", replaces="C", start=date(2026, 2, 1), lines=[]),
        ]
    ),
    Reason.CONTRACT_CANCELLED: lambda: with_account(
        changes=[Cancellation(id="K", contract="C", effective=date(2026, 2, 1))]
    ),
    Reason.CONTRACT_EXPIRED: lambda: with_contract(months=2),
    Reason.CONTRACT_PENDING: lambda: with_contract(start=date(2026, 3, 3)),
    Reason.NOT_IN_GRACE: _in_grace,
    Reason.REQUIRED_PLAN_MISSING: _add_on,
    Reason.SUSPENDED_BY_PLAN: _default,
    Reason.ACCESS_BLOCKED: lambda: Case(account=_blocked("access")),
    Reason.CONSUMPTION_BLOCKED: lambda: attrs.evolve(
        with_plan(
            rights=[attrs.evolve(PLAN.rights[0], allowance="cases")],
            allowances=[attrs.evolve(CASES, amount=5)],
        ),
        account=_blocked("consumption"),
    ),
    Reason.SERVICE_ENDED: lambda: Case(
        catalog=attrs.evolve(CATALOG, services=[ServiceProduct(id="care", life_cycle=_OLD)])
    ),
    Reason.PRODUCT_UNKNOWN: lambda: asked(product="ghost"),
    Reason.ASSET_UNKNOWN: lambda: attrs.evolve(
        with_contract(lines=[attrs.evolve(LINE, coverage=Coverage(level="site", ids=["bonn"]))]),
        request=attrs.evolve(REQUEST, site="bonn"),
    ),
    Reason.NOT_COVERED: lambda: with_contract(
        lines=[attrs.evolve(LINE, coverage=Coverage(level="product", ids=["os"]))]
    ),
    Reason.PRODUCT_NOT_RELEASED: lambda: with_product(life_cycle=_NEW),
    Reason.PRODUCT_OUT_OF_SUPPORT: lambda: with_product(life_cycle=_OLD),
    Reason.VERSION_NOT_STATED: lambda: with_product(
        versions=[ProductVersion(id="1", end_of_support=date(2026, 3, 1)), ProductVersion(id="2")]
    ),
    Reason.VERSION_UNKNOWN: lambda: asked(version="9"),
    Reason.VERSION_OUT_OF_SUPPORT: lambda: attrs.evolve(
        with_product(versions=[ProductVersion(id="1", end_of_support=date(2026, 3, 1))]),
        request=attrs.evolve(REQUEST, version="1"),
    ),
    Reason.GROUP_NOT_IN_PLAN: lambda: asked(group="desk"),
    Reason.GROUP_NOT_NAMED: lambda: with_right(only_when_named=True),
    Reason.PRODUCT_NOT_IN_RIGHT: lambda: with_right(products=["os"]),
    Reason.CHANNEL_NOT_IN_PLAN: lambda: asked(channel="fax"),
    Reason.CHANNEL_NOT_IN_RIGHT: lambda: with_right(channels=["web"]),
    Reason.SEVERITY_NOT_STATED: lambda: asked(severity=None),
    Reason.SEVERITY_UNKNOWN: lambda: asked(severity="S9"),
    Reason.SEVERITY_NOT_OPENABLE: lambda: with_plan(may_not_open=["S1"]),
    Reason.SEVERITY_NOT_IN_RIGHT: lambda: with_right(severities=["S2"]),
    Reason.KIND_NOT_STATED: lambda: with_plan(kinds=["incident"]),
    Reason.KIND_NOT_IN_PLAN: lambda: attrs.evolve(
        with_plan(kinds=["incident"]), request=attrs.evolve(REQUEST, kind="billing")
    ),
    Reason.KIND_NOT_IN_RIGHT: lambda: attrs.evolve(
        with_plan(
            kinds=["incident", "question"],
            rights=[attrs.evolve(PLAN.rights[0], kinds=["question"])],
        ),
        request=attrs.evolve(REQUEST, kind="incident"),
    ),
    Reason.LANGUAGE_NOT_STATED: lambda: with_right(languages=["ja"]),
    Reason.LANGUAGE_NOT_IN_RIGHT: lambda: attrs.evolve(
        with_right(languages=["ja"]), request=attrs.evolve(REQUEST, language="en")
    ),
    Reason.CONDITION_NOT_MET: lambda: with_right(conditions=["reachable"]),
    Reason.NEVER_OPEN: lambda: with_right(hours="never"),
    Reason.TOO_MANY_OPEN_CASES: _crowded,
    Reason.ALLOWANCE_SPENT: _spent,
    Reason.ID_USED: _voided,
}
"""For every reason a denial for that reason; a window that is closed defers and denies nothing."""
