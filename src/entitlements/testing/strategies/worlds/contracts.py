"""Contracts: generated catalogs and accounts, small enough that every record matters.

Records that are not consistent with the others are left out, so that every account is valid.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import attrs

from entitlements.access.decider import AccountDecider
from entitlements.calendars import BusinessHours, Calendar, Week
from entitlements.contracts.account import Account, AccountPart
from entitlements.contracts.allowances.allowance import (
    Allowance,
    ConsumptionMoment,
    Cycle,
    OveragePolicy,
    Period,
    Unit,
)
from entitlements.contracts.catalog import Catalog, ExpertGroup, Precedence
from entitlements.contracts.plan_terms.lead_time import LeadTime
from entitlements.contracts.plan_terms.quantity_steps import QuantityStep
from entitlements.contracts.plan_terms.renewal_terms import RenewalTerms
from entitlements.contracts.plans import AccessRight, ChargeBasis, Grace, Plan
from entitlements.contracts.products import LifeCycle, Product, ProductVersion, ServiceProduct
from entitlements.contracts.records.changes import (
    Amendment,
    Block,
    BlockEffect,
    BlockScope,
    Cancellation,
    Change,
    NonRenewalNotice,
    Renewal,
    RenewalKind,
    Transfer,
)
from entitlements.contracts.records.contract import (
    Constraint,
    ConstraintKind,
    Contract,
    ContractLine,
    Coverage,
)
from entitlements.contracts.records.parties import Asset, Delegation, NamedContact
from entitlements.kernel.errors import EntitlementsError
from entitlements.testing.strategies.worlds.dice import Dice

ZONES: Final = ("Europe/Berlin", "America/New_York", "UTC", "Australia/Lord_Howe")
SEVERITIES: Final = ("S1", "S2", "S3")
CHANNELS: Final = ("phone", "web", "chat")
GROUPS: Final = ("dba", "net")
PEOPLE: Final = ("dana", "emil", "faye", "gus")
RENEWALS: Final = (
    RenewalTerms(months=6, notice_days=14),
    RenewalTerms(months=12, notice_months=1),
    RenewalTerms(months=3),
    RenewalTerms(notice_months=2),
)
LEAD_TIMES: Final = (
    LeadTime(time=timedelta(hours=60)),
    LeadTime(time=timedelta(days=20)),
    LeadTime(business_days=2, calendar="desk"),
    LeadTime(business_days=15, calendar="night"),
)


def catalog_of(dice: Dice) -> Catalog:
    """Return a catalog of two plans."""
    zone = dice.one(ZONES)
    calendars: dict[str, BusinessHours] = {
        "desk": Calendar(zone=zone, week=Week("Mo-Fr 08:00-20:00")),
        "night": Calendar(zone=dice.one(ZONES), week=Week("Mo-Su 18:00-30:00")),
        "never": Calendar.never(),
    }
    products = [
        Product(
            id="db",
            groups=["systems"],
            versions=[
                ProductVersion(id="1", end_of_support=dice.day() if dice.often(40) else None),
                ProductVersion(id="2"),
            ],
            life_cycle=_life_cycle(dice, 15),
        ),
        Product(id="os", groups=["systems", "base"], life_cycle=_life_cycle(dice, 10)),
        Product(id="lan"),
    ]
    services = [ServiceProduct(id="care", life_cycle=_life_cycle(dice, 30))]
    plans = [_plan(dice, id, "1") for id in ("gold", "silver")]
    if dice.often(40):
        later = _plan(dice, "gold", "2")
        existing = dice.day() if dice.often(60) else None
        plans.append(attrs.evolve(later, effective=dice.day(), existing_from=existing))
    return Catalog(
        calendars=calendars,
        services=services,
        products=products,
        groups=[ExpertGroup(id=id) for id in (*GROUPS, "desk")],
        plans=plans,
        precedence=dice.random.sample(list(Precedence), dice.number(0, len(Precedence))),
    )


def _life_cycle(dice: Dice, percent: int) -> LifeCycle:
    if not dice.often(percent):
        return LifeCycle()
    days = sorted(dice.day() for _ in range(3))
    return LifeCycle(
        general_availability=days[0] if dice.often(60) else None,
        end_of_support=days[1] if dice.often(60) else None,
        end_of_life=days[2] if dice.often(30) else None,
    )


def _plan(dice: Dice, id: str, version: str) -> Plan:
    allowances = [_allowance(dice)] if dice.often(45) else []
    channels = dice.some(CHANNELS, 90) or ["web"]
    rights = [
        _right(dice, f"r{rank}", channels, allowances)
        for rank in range(dice.one([0, *[1, 2, 2, 3] * 5]))
    ]
    grace = None
    if dice.often(40):
        grace = Grace(days=dice.number(1, 40), rights=dice.some([each.id for each in rights], 50))
    plan = Plan(
        id=id,
        version=version,
        policy="standard",
        service=dice.maybe(20, ["care"]),
        severities=SEVERITIES,
        may_not_open=dice.some(SEVERITIES, 4),
        channels=channels,
        rights=rights,
        general_group=dice.maybe(40, ["desk"]),
        contact_limit=dice.maybe(30, [1, 2, 3]),
        concurrency=dice.maybe(25, [1, 2]),
        quantity_steps=_quantity_steps(dice, allowances) if dice.often(25) else [],
        lead_time=dice.maybe(25, LEAD_TIMES),
        allowances=allowances,
        charge=dice.one(list(ChargeBasis)),
        grace=grace,
    )
    return _without_severities(plan) if dice.often(12) else plan


def _without_severities(plan: Plan) -> Plan:
    rights = [attrs.evolve(each, severities=()) for each in plan.rights]
    return attrs.evolve(
        plan, severities=(), may_not_open=(), opened_by={}, priority_matrix=None, rights=rights
    )


def _quantity_steps(dice: Dice, allowances: list[Allowance]) -> list[QuantityStep]:
    return [
        QuantityStep(
            quantity=quantity,
            per=dice.maybe(40, [1, quantity]),
            contact_limit=dice.number(2, 4),
            concurrency=dice.maybe(30, [2, 3, 4]),
            amounts={each.id: dice.number(1, 4) for each in allowances if dice.often(60)},
        )
        for quantity in dice.some([1, 2, 5], 50)
    ]


def _right(dice: Dice, id: str, channels: list[str], allowances: list[Allowance]) -> AccessRight:
    return AccessRight(
        id=id,
        group=dice.one(GROUPS),
        severities=dice.some(SEVERITIES, 70) if dice.often(20) else [],
        channels=dice.some(channels, 70) if dice.often(15) else [],
        products=dice.some(["db", "os"], 70) if dice.often(15) else [],
        hours=dice.one([None, None, None, None, "desk", "desk", "night", "never"]),
        immediate=dice.often(60),
        conditions=["reachable"] if dice.often(10) else [],
        allowance=allowances[0].id if allowances and dice.often(70) else None,
        experts=dice.some(["ada", "bob"], 30),
    )


def _allowance(dice: Dice) -> Allowance:
    over_use = dice.one(
        [
            OveragePolicy.REFUSE,
            OveragePolicy.REFUSE,
            OveragePolicy.ALLOW_WITH_CONSENT,
            OveragePolicy.CAP,
        ]
    )
    return Allowance(
        id="cases",
        unit=Unit.INCIDENTS,
        amount=dice.number(0, 4),
        recurrence=dice.maybe(50, [Cycle(Period.MONTH), Cycle(Period.QUARTER)]),
        over_use=over_use,
        cap=dice.number(0, 2) if over_use is OveragePolicy.CAP else None,
        consumption=dice.one(list(ConsumptionMoment)),
        severities=dice.some(SEVERITIES, 70) if dice.often(25) else [],
        groups=dice.some(GROUPS, 70) if dice.often(20) else [],
        cost=dice.one([1, 1, 1, 2]),
        warranty=timedelta(days=dice.one([0, 14, 60])),
    )


def account_of(dice: Dice, catalog: Catalog) -> Account:
    """Return the account of `acme` under a catalog, with changes of its contracts."""
    if dice.often(2):
        return Account(customer="acme", unknown=_unknown(dice))
    signed = [contract_of(dice, f"C{n}") for n in range(dice.one([1, 1, 2, 3]))]
    transfers = [
        Transfer(id=f"T{each.id}", contract=each.id, to="acme", at=dice.instant())
        for each in signed
        if each.customer != "acme"
    ]
    account = Account(
        customer="acme",
        contracts=signed,
        changes=transfers,
        assets=[
            Asset(id="A1", product="db", site="bonn", groups=["racks"]),
            Asset(id="A2", product="os", site=dice.maybe(50, ["rome"])),
        ],
    )
    contracts = account.contracts
    facts: list[Contract | Change] = [
        change_of(dice, f"X{n}", dice.one(contracts))
        for n in range(dice.one([0, 0, 0, 1, 1, 2, 3]))
    ]
    if dice.often(10):
        start = dice.day(100, 300)
        facts.append(
            attrs.evolve(
                contract_of(dice, "C9"), start=start, end=None, renewal=None, replaces="C0"
            )
        )
    if dice.often(15):
        facts.append(attrs.evolve(contracts[0], recorded=dice.instant(), retracted=dice.often(20)))
    for fact in facts:
        account = _with(account, catalog, fact)
    for n in range(dice.one([0, 0, 1, 2, 3])):
        account = _with(account, catalog, delegation_of(dice, f"D{n}", dice.one(contracts)))
    return attrs.evolve(account, unknown=_unknown(dice) if dice.often(4) else {})


def _with(account: Account, catalog: Catalog, fact: Contract | Change | Delegation) -> Account:
    """Return the account with one more record, or without it if it is refused."""
    try:
        match fact:
            case Contract():
                found = attrs.evolve(account, contracts=(*account.contracts, fact))
            case Delegation():
                found = attrs.evolve(account, delegations=(*account.delegations, fact))
            case _:
                found = attrs.evolve(account, changes=(*account.changes, fact))
        AccountDecider(found, catalog)
    except EntitlementsError:
        return account
    return found


def _unknown(dice: Dice) -> dict[str, str]:
    return {dice.one(list(AccountPart)).value: "timed out"}


def contract_of(dice: Dice, id: str) -> Contract:
    """Return a contract of `acme`, or sometimes of another customer."""
    start = dice.day(0, 120) if dice.often(40) else dice.day(0, 40)
    contacts = [] if dice.often(45) else [_named(dice, who) for who in dice.some(PEOPLE, 70)]
    any_contact = not contacts and dice.often(93)
    is_limited = dice.often(60)
    count = dice.one([0, 1, 1, 1, 1, 1, 2, 2])
    return Contract(
        id=id,
        customer="acme" if dice.often(97) else "other",
        zone=dice.one(ZONES),
        start=start,
        end=start + timedelta(days=dice.number(100, 600)) if is_limited else None,
        lines=[_line(dice, f"L{n}", named=not any_contact) for n in range(count)],
        contacts=contacts,
        any_contact=any_contact,
        renewal=dice.maybe(12, RENEWALS if is_limited else [RenewalTerms(notice_days=30)]),
        constraints=dice.some([Constraint(kind=ConstraintKind.RESIDENCY, values=["eu"])], 20),
    )


def _named(dice: Dice, who: str) -> NamedContact:
    start = dice.day(0, 250) if dice.often(15) else None
    end = dice.day(250, 500) if dice.often(15) else None
    return NamedContact(contact=who, start=start, end=end, may_delegate=dice.often(70))


def _line(dice: Dice, id: str, *, named: bool) -> ContractLine:
    coverage = dice.one(
        [
            *[Coverage()] * 12,
            Coverage(level="product", ids=["db"]),
            Coverage(level="product_group", ids=["systems"]),
            Coverage(level="product_group", ids=["base"]),
            Coverage(level="asset", ids=["A1"]),
            Coverage(level="asset_group", ids=["racks"]),
            Coverage(level="site", ids=["bonn"]),
            Coverage(level="party", ids=["north"]),
        ]
    )
    return ContractLine(
        id=id,
        plan=dice.one(["gold", "silver"]),
        plan_version=dice.maybe(20, ["1"]),
        coverage=coverage,
        start=dice.day(50, 250) if dice.often(12) else None,
        end=dice.day(250, 500) if dice.often(12) else None,
        quantity=dice.one([1, 1, 1, 2, 4, 5, 10]),
        contact_limit=dice.maybe(12, [1, 2, 4]) if named else None,
        calendars={"desk": "night"} if dice.often(15) else {},
    )


def change_of(  # noqa: PLR0911 - one line a kind
    dice: Dice, id: str, contract: Contract
) -> Change:
    """Return a change of a contract, consistent or not."""
    match dice.number(0, 9):
        case 0:
            return Renewal(
                id=id,
                contract=contract.id,
                kind=dice.one([RenewalKind.CONTIGUOUS, RenewalKind.BACK_DATED]),
                months=dice.number(1, 12),
                recorded=dice.recorded(),
            )
        case 1:
            kind = dice.one([RenewalKind.FRESH, RenewalKind.REINSTATED])
            start, months = dice.day(150, 450), dice.number(1, 18)
            return Renewal(id=id, contract=contract.id, kind=kind, start=start, months=months)
        case 2 | 3:
            return _amendment(dice, id, contract)
        case 4:
            gone = dice.day(100, 480) if dice.often(50) else dice.instant()
            back = dice.often(15)
            return Cancellation(id=id, contract=contract.id, effective=gone, retracted=back)
        case 5 | 6:
            return Transfer(
                id=id, contract=contract.id, to=dice.one(["acme", "other"]), at=dice.instant()
            )
        case 7:
            return NonRenewalNotice(
                id=id, contract=contract.id, given=dice.day(0, 480), recorded=dice.recorded()
            )
        case _:
            return _block(dice, id, contract)


def _amendment(dice: Dice, id: str, contract: Contract) -> Amendment:
    ids = [line.id for line in contract.lines]
    return Amendment(
        id=id,
        contract=contract.id,
        effective=dice.day(60, 480),
        lines=[_line(dice, dice.one(["L0", "L5"]), named=not contract.any_contact)]
        if dice.often(50)
        else [],
        removed=dice.some(ids, 25),
        contacts=[_named(dice, who) for who in dice.some(PEOPLE, 80)] if dice.often(60) else None,
        recorded=dice.recorded(),
    )


def _block(dice: Dice, id: str, contract: Contract) -> Block:
    level = dice.one(list(BlockScope)) if contract.lines else BlockScope.CONTRACT
    start = dice.instant()
    return Block(
        id=id,
        level=level,
        contract=None if level is BlockScope.ACCOUNT else contract.id,
        line=contract.lines[0].id if level is BlockScope.LINE else None,
        start=start,
        end=start + timedelta(days=dice.number(1, 60)) if dice.often(80) else None,
        effects=dice.some(list(BlockEffect), 60) or [BlockEffect.ACCESS],
        extends_term=dice.often(30) and level is not BlockScope.LINE,
        recorded=dice.recorded(),
    )


def delegation_of(dice: Dice, id: str, contract: Contract) -> Delegation:
    """Return a delegation under a contract."""
    (giver, receiver), start = dice.random.sample(PEOPLE, 2), dice.instant()
    return Delegation(
        id=id,
        contract=contract.id,
        giver=giver,
        receiver=receiver,
        start=start,
        end=start + timedelta(days=dice.number(1, 200)) if dice.often(60) else None,
        depth=dice.number(0, 2),
    )
