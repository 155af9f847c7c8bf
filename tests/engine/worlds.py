"""One small world for the engine's tests: two plans, two customers, three agents."""

from __future__ import annotations

from datetime import date, timedelta

from entitlements.calendars import Calendar
from entitlements.contracts import (
    AccessRight,
    Account,
    Allowance,
    Catalog,
    Constraint,
    Contract,
    ContractLine,
    ExpertGroup,
    NamedContact,
    Plan,
    Product,
)
from entitlements.engine import Facts
from entitlements.kernel.requests import Request
from entitlements.routing import Agent, Roster
from entitlements.sla import SlaPolicy, Target

BERLIN = Calendar(zone="Europe/Berlin", week="Mo-Fr 09:00-17:00", name="berlin")
BOSTON = Calendar(zone="America/New_York", week="Mo-Fr 09:00-17:00", name="boston")

GOLD = Plan(
    id="gold",
    policy="gold",
    severities=["S1", "S2"],
    channels=["phone", "web"],
    rights=[
        AccessRight(id="experts", group="dba", hours="business", severities=["S1"]),
        AccessRight(id="desk", group="desk", channels=["web"], immediate=False),
    ],
    line_calendars=["business"],
)
PREPAID = Plan(
    id="prepaid",
    policy="prepaid",
    severities=["S1"],
    channels=["web"],
    rights=[AccessRight(id="desk", group="desk", allowance="cases")],
    allowances=[Allowance(id="cases", unit="incidents", amount=1)],
)
POLICIES = [
    SlaPolicy(
        id="gold",
        calendars={"business": Calendar.never()},
        targets=[
            Target(milestone="first_response", within=timedelta(hours=1), severities=["S1"]),
            Target(milestone="first_response", within=timedelta(hours=4), calendar="business"),
            Target(milestone="resolution", within=timedelta(hours=16), calendar="business"),
        ],
    ),
    SlaPolicy(
        id="prepaid", targets=[Target(milestone="first_response", within=timedelta(hours=8))]
    ),
]


def contract(customer: str, plan: str, **fields: object) -> Contract:
    calendars = {"business": "berlin"} if plan == "gold" else {}
    return Contract(
        id=f"C-{customer}",
        customer=customer,
        zone="Europe/Berlin",
        start=date(2026, 1, 1),
        end=date(2026, 12, 31),
        lines=[ContractLine(id="1", plan=plan, calendars=calendars)],
        contacts=[NamedContact(contact="dana")],
        **fields,  # type: ignore[arg-type]
    )


def facts(**changes: object) -> Facts:
    parts: dict[str, object] = {
        "catalog": Catalog(
            calendars={"berlin": BERLIN, "boston": BOSTON},
            products=[Product(id="db")],
            groups=[ExpertGroup(id="dba"), ExpertGroup(id="desk")],
            plans=[GOLD, PREPAID],
        ),
        "policies": POLICIES,
        "roster": Roster(
            agents=[
                Agent(id="ada", groups=["dba"], shift=BERLIN, region="eu"),
                Agent(id="bob", groups=["dba", "desk"], shift=BOSTON, region="us"),
                Agent(id="eve", groups=["desk"], skills={"german": 2}, region="eu"),
            ]
        ),
        "accounts": [
            Account(customer="acme", contracts=[contract("acme", "gold")]),
            Account(customer="blox", contracts=[contract("blox", "prepaid")]),
            Account(
                customer="eurodata",
                contracts=[
                    contract(
                        "eurodata",
                        "gold",
                        constraints=[Constraint(kind="residency", values=["eu"])],
                    )
                ],
            ),
        ],
    }
    return Facts(**(parts | changes))  # type: ignore[arg-type]


def request(**changes: object) -> Request:
    fields: dict[str, object] = {
        "id": "R-1",
        "customer": "acme",
        "contact": "dana",
        "product": "db",
        "severity": "S1",
        "channel": "phone",
    }
    return Request(**(fields | changes))  # type: ignore[arg-type]
