"""A small world on a store: one plan for each way of counting, and agents with capacity for two."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from entitlements.calendars import Calendar
from entitlements.contracts import (
    AccessRight,
    Account,
    Allowance,
    Catalog,
    Contract,
    ContractLine,
    ExpertGroup,
    NamedContact,
    Plan,
    Product,
    ledger_with_plan_grants,
    line_histories,
)
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.kernel.instants import utc
from entitlements.kernel.requests import Request
from entitlements.ports import Message, Store, UnitOfWork
from entitlements.routing import Agent, OfferPolicy, Roster, RoutingPolicy
from entitlements.service import AcceptOffer, AdmitRequest, Desk, DeskRules, OfferCase
from entitlements.sla import SlaPolicy, Target

TENANT = "tenant"
BERLIN = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00", name="berlin")
MONDAY = utc("2026-03-02T10:00+01:00")
MINUTE = timedelta(minutes=1)

POLICY = SlaPolicy(
    id="standard",
    calendars={"business": BERLIN},
    targets=[
        Target(
            milestone="first_response", within=timedelta(hours=1), severities=["S1"], warn=[0.5]
        ),
        Target(milestone="first_response", within=timedelta(hours=4)),
        Target(milestone="resolution", within=timedelta(hours=16), calendar="business"),
    ],
)


def plan(
    id: str,
    allowance: Allowance | None = None,
    concurrency: int | None = None,
    group: str = "experts",
) -> Plan:
    return Plan(
        id=id,
        policy="standard",
        severities=["S1", "S2"],
        channels=["phone", "web"],
        rights=[
            AccessRight(
                id="experts",
                group=group,
                hours="business" if id == "daytime" else None,
                allowance=None if allowance is None else allowance.id,
            )
        ],
        allowances=[] if allowance is None else [allowance],
        concurrency=concurrency,
    )


def prepaid(amount: int, consumption: str, cost: int = 1, **fields: object) -> Allowance:
    return Allowance(
        id="cases",
        unit="minutes" if cost > 1 else "incidents",
        amount=amount,
        cost=cost,
        consumption=consumption,  # type: ignore[arg-type]
        **fields,  # type: ignore[arg-type]
    )


PLANS = (
    plan("flat"),
    plan("daytime"),
    plan("single", concurrency=1),
    plan("opening", prepaid(3, "opening")),
    plan("answer", prepaid(3, "first_response")),
    plan("minutes", prepaid(100, "resolution", cost=30)),
    plan("elsewhere", group="others"),
    plan("asking", prepaid(0, "opening", over_use="allow_with_consent")),
)
CATALOG = Catalog(
    calendars={"business": BERLIN},
    products=[Product(id="db")],
    groups=[ExpertGroup(id="experts"), ExpertGroup(id="others")],
    plans=PLANS,
)


def account(name: str) -> Account:
    contract = Contract(
        id=f"C-{name}",
        customer=name,
        zone="Europe/Berlin",
        start=date(2026, 1, 1),
        end=date(2026, 12, 31),
        lines=[ContractLine(id="1", plan=name)],
        contacts=[NamedContact(contact="dana")],
    )
    return Account(customer=name, contracts=[contract])


ROSTER = Roster(agents=[Agent(id=id, groups=["experts"], capacity=2) for id in ("ada", "bob")])


def settle(store: Store, roster: Roster = ROSTER, tenants: Sequence[str] = (TENANT,)) -> None:
    """Write catalog, accounts and agents to an empty store."""
    for tenant in tenants:
        with store.begin(tenant) as work:
            work.catalog.save(CATALOG, [POLICY], utc("2026-01-01T00:00Z"))
            for each in PLANS:
                work.accounts.open(account(each.id))
            work.roster.change(Roster(), roster)
            work.commit()


def request(id: str = "R-1", customer: str = "flat", **changes: object) -> Request:
    fields: dict[str, object] = {
        "id": id,
        "customer": customer,
        "contact": "dana",
        "product": "db",
        "severity": "S1",
        "channel": "phone",
    }
    return Request(**(fields | changes))  # type: ignore[arg-type]


def desk(store: Store, *, rules: DeskRules | None = None, tenant: str = TENANT) -> Desk:
    """Return a desk over such a store."""
    return Desk(store, tenant, rules=rules)


def rerouted(store: Store, routing: RoutingPolicy) -> None:
    """Save a new edition with a routing policy in a store that was settled."""
    with store.begin(TENANT) as work:
        work.catalog.save(CATALOG, [POLICY], utc("2026-01-02T00:00Z"), routing=routing)
        work.commit()


def desk_offering(store: Store, offers: OfferPolicy) -> Desk:
    """Return a desk over a store that was settled, with these rules of offers."""
    rerouted(store, RoutingPolicy(offers=offers))
    return desk(store)


def admitted(at_desk: Desk, asked: Request, at: datetime = MONDAY) -> None:
    """Admit a request, which must be accepted."""
    assert at_desk.execute(AdmitRequest(id=f"admit {asked.id}", request=asked), at).accepted


def accepted_case(at_desk: Desk, asked: Request, at: datetime = MONDAY) -> tuple[str, int]:
    """Admit a request and let an agent accept it; return the agent and the fence."""
    admitted(at_desk, asked, at)
    fences = at_desk.execute(OfferCase(id=f"offer {asked.id}", case=asked.id), at).fences
    ((agent, fence),) = fences.items()
    accept = AcceptOffer(id=f"accept {asked.id}", case=asked.id, agent=agent, fence=fence)
    at_desk.execute(accept, at)
    return agent, fence


def messages(at_desk: Desk) -> tuple[Message, ...]:
    """Return everything that was written to the outbox."""
    return at_desk.context.query(lambda work: work.outbox.pending(10_000))


def topics(at_desk: Desk, about: str | None = None) -> list[str]:
    """Return the topics of the outbox, of one case or of all."""
    return [each.topic for each in messages(at_desk) if about is None or f'"{about}"' in each.body]


def ledger_of(desk: Desk, customer: str) -> Ledger:
    """Return a customer's ledger with what the plans give, as of the latest edition."""

    def read(work: UnitOfWork) -> Ledger:
        account = work.accounts.account(customer)
        assert account is not None
        catalog = work.catalog.edition(work.catalog.number()).catalog
        lines = line_histories(account, catalog)
        return ledger_with_plan_grants(account.ledger, lines, utc("2027-01-01T00:00Z"))

    return desk.context.query(read)
