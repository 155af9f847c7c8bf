"""Strategies for values of every class in documents, derived from the types of their fields.

They use the classes alone and not the shapes, so that a field that is missing from the documents is
not missing here as well.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeAlias, Union, get_args, get_origin, get_type_hints

import attrs
from hypothesis import reject
from hypothesis import strategies as st

from entitlements.aftersales import NoticeClause, NoticePeriod
from entitlements.billing import (
    AfterHours,
    BillingAccount,
    BillingSchedule,
    ClaimWindow,
    CreditBand,
    CreditSchedule,
    Discount,
    MinimumCommitment,
    PrepaidBlock,
    PriceBook,
    PriceList,
    Proration,
    Rate,
    RateCard,
    Rounding,
    WorkRules,
)
from entitlements.calendars import BusinessDays, BusinessHours, Calendar, Week
from entitlements.calendars.combined.composite import CompositeCalendar
from entitlements.calendars.exceptions import Closure, DatedHours, HolidaySet, WeekChange
from entitlements.contracts.account import Account
from entitlements.contracts.allowances.allowance import Allowance, Cycle, Rollover
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.catalog import Catalog, ExpertGroup, Precedence
from entitlements.contracts.ledger.counted_cases import CountedCases
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.plan_terms.commercial_terms import CommercialTerms, UptimePromise
from entitlements.contracts.plan_terms.lead_time import LeadTime
from entitlements.contracts.plan_terms.priority_matrix import PriorityMatrix
from entitlements.contracts.plan_terms.quantity_steps import QuantityStep
from entitlements.contracts.plan_terms.renewal_terms import RenewalTerms
from entitlements.contracts.plans import AccessRight, Grace, Plan
from entitlements.contracts.products import LifeCycle, Product, ServiceProduct
from entitlements.contracts.records.changes import Amendment, Block, Cancellation, Renewal
from entitlements.contracts.records.contract import Constraint, Contract, Coverage
from entitlements.contracts.records.parties import Delegation
from entitlements.documents.plans.derived_rights import GroupAccess, derived_rights
from entitlements.engine.facts import Facts
from entitlements.kernel.errors import EntitlementsError, InvalidValueError
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.ids import identifier
from entitlements.kernel.money.money import Money
from entitlements.kernel.periods.spans import Span
from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.on_call import OnCall, OnCallLayer
from entitlements.routing.agents.workload import AssignedWork, Workload
from entitlements.routing.policies.fairness import FairnessBounds
from entitlements.routing.policies.policy import RoutingPolicy
from entitlements.routing.roster import Roster
from entitlements.routing.work.queue_limits import QueueLimits
from entitlements.routing.work.requirements import Requirement
from entitlements.sla.options.clock_options import ClockOptions
from entitlements.sla.policy import SlaPolicy
from entitlements.sla.targets import Target
from entitlements.testing.strategies.ledger import ledgers
from entitlements.testing.strategies.routing import (
    routing_policies,
    written_orders,
    written_strategies,
)

# Texts that a YAML reader may read as something else than text.
TEMPTING = (
    "no", "off", "null", "~", "true", "1", "1.10", "007", "1e3", "0x10", "12:30", "2026-03-01",
    "2026-03-01T09:00Z", "=", "<<", "- a", "a: b", "a #b", "*a", "&a", "!a", "%a", "@a", "`a`",
    "'", '"', "[", "{a}", "ünïcödé", "名前", "\U0001f600", "\\n", ".5", ".nan", "none", "account",
)  # fmt: skip

DAY = date(2026, 3, 1)
CENT = Money("0.01", "EUR")
MOMENT = datetime(2026, 3, 1, 9, tzinfo=UTC)


def _is_id(text: str) -> bool:
    try:
        return identifier(text) == text
    except InvalidValueError:
        return False


ids = st.sampled_from(TEMPTING) | st.text(
    st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=6
).filter(_is_id)
texts = ids | st.text(st.characters(codec="utf-8"), max_size=12)
counts = st.integers(1, 9)
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
instants = st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31)).map(  # noqa: DTZ001 - made UTC
    lambda at: at.replace(tzinfo=UTC)
)
durations = st.builds(
    timedelta, hours=st.integers(0, 99), minutes=st.integers(0, 59), microseconds=counts
) | st.builds(timedelta, minutes=counts)
amounts = st.decimals(1, 9_999, places=3).map(lambda each: Money(each, "EUR"))
windows = st.sampled_from(
    [(), ((32_400, 61_200),), ((0, 1), (3_600, 90_000)), ((79_200, 108_000), (30_600, 41_430))]
)
weeks = st.lists(windows, min_size=7, max_size=7).map(
    lambda each: Week(
        dict(zip(("mo", "tu", "we", "th", "fr", "sa", "su"), map(spelled, each), strict=True))
    )
)
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia"])


def spelled(day: tuple[tuple[int, int], ...]) -> list[str]:
    return [f"{clock(start)}-{clock(end)}" for start, end in day]


def clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


#: Fields whose types do not say what may stand there.
FIELDS: dict[tuple[type, str], st.SearchStrategy[Any]] = {
    (Calendar, "zone"): zones,
    (Calendar, "week"): weeks,
    (WeekChange, "week"): weeks,
    (DatedHours, "stated"): windows,
    (HolidaySet, "hours"): st.dictionaries(ids, windows, max_size=2),
    (HolidaySet, "covered"): st.tuples(days, days).map(sorted),
    (CompositeCalendar, "day_zone"): zones,
    (Contract, "zone"): zones,
    (UptimePromise, "share"): st.fractions(Fraction(1, 100), 1, max_denominator=999),
    (OnCallLayer, "zone"): zones,
    (OnCallLayer, "members"): st.lists(
        ids | st.lists(ids, min_size=1, max_size=2), min_size=1, max_size=3
    ),
    (RoutingPolicy, "queues"): st.just({"db": QueueLimits(length=2, overflow=["net"])}),
    (Contract, "customer"): ids,
    (Plan, "severities"): st.just(("S1", "S2")),
    (Plan, "channels"): st.just({"phone", "web"}),
    (Plan, "may_not_open"): st.just({"S2"}),
    (Plan, "priority_matrix"): st.just(PriorityMatrix({"site": {"now": "S1"}})),
    (Plan, "opened_by"): st.dictionaries(
        st.sampled_from(["S1", "S2"]), st.sets(ids, min_size=1, max_size=2)
    ),
    (Target, "warn"): st.lists(
        st.fractions(Fraction(1, 100), Fraction(99, 100), max_denominator=101)
        | st.just(timedelta(microseconds=1)),
        max_size=3,
    ),
    (Constraint, "values"): st.sets(ids, min_size=1, max_size=3),
    (Delegation, "depth"): st.integers(0, 2),
    (BusinessDays, "count"): counts,
    (RoutingPolicy, "strategy"): written_strategies(),
    (RoutingPolicy, "order"): written_orders(),
    (RoutingPolicy, "note"): texts,
    **{(each, "zone"): zones for each in (RateCard, Discount, PrepaidBlock, MinimumCommitment)},
    **{(each, "currency"): st.just("EUR") for each in (RateCard, PriceList, BillingAccount)},
    (Discount, "kinds"): st.just(("standing", "overage")),
    (MinimumCommitment, "kinds"): st.just(("overage",)),
    (FairnessBounds, "longest_wait"): st.dictionaries(counts, durations, max_size=2),
}

HOURS: st.SearchStrategy[BusinessHours] = st.deferred(
    lambda: values(Calendar) | values(CompositeCalendar)
)


@cache
def of_type(hint: Any) -> st.SearchStrategy[Any]:  # noqa: PLR0911 - one line a kind of type
    """Return values of a type."""
    simple: dict[Any, st.SearchStrategy[Any]] = {
        str: ids, int: counts, float: st.floats(0, 2), bool: st.booleans(),
        timedelta: durations, date: days,
        datetime: instants, date | datetime: days | instants, BusinessHours: HOURS,
        Ledger: ledgers(), Money: amounts, Decimal: st.decimals(0, 9, places=2),
        Fraction: st.fractions(Fraction(1, 100), 99, max_denominator=999),
    }  # fmt: skip
    if hint in simple:
        return simple[hint]
    origin, args = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        return st.one_of([st.none() if each is NoneType else of_type(each) for each in args])
    if origin is CountedCases or (origin is tuple and args[1:] == (Ellipsis,)):
        return st.lists(of_type(args[0]), max_size=2).map(tuple)
    if origin is frozenset:
        return st.frozensets(of_type(args[0]), max_size=3)
    if origin is FrozenMap:
        return st.dictionaries(of_type(args[0]), of_type(args[1]), max_size=3)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(list(hint))
    if isinstance(hint, type) and attrs.has(hint):
        return st.deferred(lambda: values(hint))
    raise AssertionError(f"no values are known of {hint!r}")


def fields_of(kind: type) -> dict[str, attrs.Attribute[Any]]:
    return {each.name: each for each in attrs.fields(kind) if each.init}


@cache
def argument(kind: type, name: str) -> st.SearchStrategy[Any]:
    if (kind, name) in FIELDS:
        return FIELDS[kind, name]
    if name in {"name", "source", "reason"}:
        return texts
    return of_type(get_type_hints(kind)[name])


@st.composite
def values(draw: st.DrawFn, kind: type, *, drawn: str | None = None) -> Any:
    """Draw a value; the field called `drawn` is never left out, if the class lets it stand."""
    fields = fields_of(kind)
    given = {
        name: draw(argument(kind, name))
        for name, field in fields.items()
        if name == drawn or field.default is attrs.NOTHING or draw(st.integers(0, 3)) == 0
    }
    agree(kind, given, drawn)
    try:
        return kind(**given)
    except EntitlementsError:
        return reject()


def agree(kind: type, given: dict[str, Any], drawn: str | None) -> None:
    """Make arguments agree where a class demands it, for the sake of the field `drawn`."""
    ordered(given, "start", "end", strictly=kind in {Block, Delegation, Closure, Span})
    ordered(given, "effective", "expires", strictly=True)
    if kind in {Contract, Renewal} and given.get("months") is not None:
        given["end"] = None
        if drawn == "end":
            given["months"] = None
    if "over_use" in fields_of(kind):
        capped = drawn == "cap" or str(given.get("over_use")) == "cap"
        given |= {"over_use": "cap", "cap": given.get("cap") or 7} if capped else {"cap": None}
    RULES.get(kind, lambda _given, _drawn: None)(given, drawn)


def ordered(given: dict[str, Any], first: str, last: str, *, strictly: bool) -> None:
    if given.get(first) is None or given.get(last) is None:
        return
    given[first], given[last] = sorted([given[first], given[last]])
    if strictly and given[first] == given[last]:
        given[last] += timedelta(days=1)


def for_renewal(given: dict[str, Any], drawn: str | None) -> None:
    fresh = drawn == "start" or str(given.get("kind")) in {"fresh", "reinstated"}
    if fresh:
        given["start"] = given.get("start") or date(2026, 3, 1)
        given["kind"] = given["kind"] if str(given.get("kind")) == "reinstated" else "fresh"
        if given.get("end"):
            given["end"] = max(given["end"], given["start"])
    else:
        given["start"] = None


def for_contract(given: dict[str, Any], drawn: str | None) -> None:
    if drawn == "any_contact":
        given["contacts"] = ()
    elif given.get("contacts"):
        given["any_contact"] = False
    given["lines"] = distinct(given.get("lines", ()))
    if given.get("months") is None and given.get("end") is None and given.get("renewal"):
        given["renewal"] = attrs.evolve(given["renewal"], months=None)
    if given.get("replaces") == given["id"]:
        given["replaces"] = None


def for_block(given: dict[str, Any], drawn: str | None) -> None:
    level = {"contract": "contract", "line": "line"}.get(drawn or "", given.get("level", "account"))
    given["level"] = level
    given["contract"] = None if level == "account" else given.get("contract") or "C-1"
    given["line"] = (given.get("line") or "L-1") if level == "line" else None
    given["effects"] = given.get("effects") or {"change"}


def for_allowance(given: dict[str, Any], drawn: str | None) -> None:
    if given.get("rollover") is not None and drawn != "lifetime":
        given["recurrence"] = given.get("recurrence") or Cycle("month")
        given["lifetime"] = None
    elif given.get("lifetime") is not None:
        given["rollover"] = None


def for_grant(given: dict[str, Any], drawn: str | None) -> None:
    wanted = drawn in {"resets", "rollover"} and given[drawn or ""] is not None
    given["resets"] = given["effective"] + timedelta(days=1) if wanted else None
    given["rollover"] = (given.get("rollover") or Rollover(at_most=2)) if wanted else None
    if wanted and given.get("expires") is not None:
        given["expires"] += timedelta(days=2)


def for_plan(given: dict[str, Any], drawn: str | None) -> None:
    loose = {"severities": (), "channels": (), "allowance": None}
    rights = [attrs.evolve(each, **loose) for each in given["rights"]]
    if drawn == "grace" and given["grace"] is not None:
        rights = [*rights, AccessRight(id="g", group="g")]
        given["grace"] = Grace(days=given["grace"].days, rights=["g"])
    else:
        given["grace"] = None
    given["rights"] = distinct(rights)
    given["allowances"] = distinct(given.get("allowances", ()))
    if (
        given.get("may_not_open")
        or given.get("priority_matrix")
        or any(each.severities for each in given["allowances"])
    ):
        given["severities"] = ("S1", "S2")  # a plan without severities names none
    if drawn == "quantity_steps":
        amounts = {each.id: 1 for each in given["allowances"]}
        steps = {
            each.quantity: attrs.evolve(
                each, amounts=amounts, contact_limit=each.contact_limit or 3
            )
            for each in given[drawn]
        }
        given[drawn] = [*steps.values()]
    else:
        given.pop("quantity_steps", None)


def for_quantity_step(given: dict[str, Any], drawn: str | None) -> None:
    given["quantity"] += 10
    if given.get("concurrency") is None and not given.get("amounts"):
        given["contact_limit"] = given.get("contact_limit") or 3
    del drawn


def for_renewal_terms(given: dict[str, Any], drawn: str | None) -> None:
    given.pop("notice_days" if drawn == "notice_months" else "notice_months", None)


def for_commercial_terms(given: dict[str, Any], drawn: str | None) -> None:
    given["credits"] = tuple(dict.fromkeys(given.get("credits", ())))
    if not any(given.values()):
        given["rates"] = "standard"
    del drawn


def one_of(given: dict[str, Any], drawn: str | None, values: dict[str, Any]) -> None:
    """Keep one of some arguments: the one that is drawn, the first that is there, or a new one."""
    present = [name for name in (drawn, *values) if name in values and given.get(name) is not None]
    kept = present[0] if present else next(iter(values))
    given |= {name: None for name in values if name != kept}
    given[kept] = given.get(kept) or values[kept]


def for_after_hours(given: dict[str, Any], drawn: str | None) -> None:
    prices = {"multiplier": Decimal("1.5"), "surcharge": CENT, "hourly": CENT}
    one_of(given, drawn, prices)


def for_rate_card(given: dict[str, Any], drawn: str | None) -> None:
    del drawn
    rates = given["rates"] or [Rate(id="x", hourly=CENT)]
    differing = {(each.specificity, each.start): each for each in rates}
    given["rates"] = distinct(differing.values())


def for_periods(given: dict[str, Any], drawn: str | None) -> None:
    every = given.get("every")
    if every is not None and every.weeks:
        if drawn == "billing_day":
            given["every"] = Cycle("month")
        else:
            given["billing_day"] = None


def for_price_list(given: dict[str, Any], drawn: str | None) -> None:
    for_periods(given, drawn)
    given["prices"] = tuple({each.item: each for each in given["prices"]}.values())


def for_proration(given: dict[str, Any], drawn: str | None) -> None:
    if str(given.get("last_day")) == "paid" and drawn != "days":
        given["days"] = "actual"
    elif drawn == "days":
        given["last_day"] = "free"


def for_rounding(given: dict[str, Any], drawn: str | None) -> None:
    if str(given.get("direction", "up")) != "up" and given.get("increment"):
        given["minimum"] = given["increment"] if given.get("minimum") else timedelta()
    del drawn


def for_band(given: dict[str, Any], drawn: str | None) -> None:
    for names in (("at_least", "above"), ("below", "at_most")):
        if any(given.get(name) is not None for name in names):
            one_of(given, drawn, dict.fromkeys(names, Fraction(1)))
    low = next((each for each in ("at_least", "above") if given.get(each) is not None), "")
    high = next((each for each in ("below", "at_most") if given.get(each) is not None), "")
    if low and high:
        given[low], given[high] = sorted([given[low], given[high]])
        given[high] += given[low] == given[high]


def for_schedule(given: dict[str, Any], drawn: str | None) -> None:
    basis = str(given["basis"])
    if drawn in {"free_misses", "milestones"}:
        basis = "missed"
    if drawn in {"service", "exclusions"}:
        basis = "availability"
        given["service"] = given.get("service") or "db"
    if basis not in {"availability", "downtime"} or given.get("service") is None:
        given.pop("exclusions", None)
    if basis != "missed":
        given.pop("free_misses", None)
    if basis not in {"missed", "attainment"}:
        given.pop("milestones", None)
    counted = basis in {"missed", "downtime"}
    band = {"at_least": 1} if counted else {"at_least": Fraction(1, 3), "below": Fraction(999, 10)}
    more = [] if counted else [CreditBand(credit=99, below=Fraction(1, 3))]
    given["basis"], given["bands"] = basis, [CreditBand(credit=Fraction(1, 7), **band), *more]


def for_claim_window(given: dict[str, Any], drawn: str | None) -> None:
    lengths = {"days": 30, "months": 1, "month_ends": 2, "within": timedelta(hours=24)}
    one_of(given, drawn, lengths)


def for_prepaid_block(given: dict[str, Any], drawn: str | None) -> None:
    del drawn
    if given.get("end") is not None:
        given["renews"] = True


def for_billing_account(given: dict[str, Any], drawn: str | None) -> None:
    del drawn
    for name in ("blocks", "discounts", "commitments"):
        given[name] = distinct(given.get(name, ()))


def for_lead_time(given: dict[str, Any], drawn: str | None) -> None:
    if drawn in {"business_days", "calendar"} and given[drawn] is not None:
        given.pop("time", None)
        given |= {
            "business_days": given.get("business_days") or 2,
            "calendar": given.get("calendar") or "desk",
        }
    else:
        given |= {"time": given.get("time") or timedelta(hours=48)}
        given |= {"business_days": None, "calendar": None}


def for_target(given: dict[str, Any], drawn: str | None) -> None:
    if isinstance(given["within"], BusinessDays) and given.get("calendar") is None:
        given["calendar"] = "desk"
    commitment = str(given.get("commitment", "guarantee"))
    if commitment == "best_effort" or (drawn == "commitment" and given["within"] is None):
        given |= {"within": None, "warn": (), "commitment": "best_effort"}
    elif given["within"] is None:
        given.pop("commitment", None)


def for_policy(given: dict[str, Any], drawn: str | None) -> None:
    targets = given["targets"] or (Target(milestone="resolution", within=None),)
    first = targets[0]
    given["targets"] = [
        attrs.evolve(each, starts_on=first.starts_on, recurrence=first.recurrence)
        for each in targets
    ]
    used = {each.calendar: Calendar.never() for each in targets if each.calendar is not None}
    given["calendars"] = used | dict(given.get("calendars", {}))
    del drawn


def for_options(given: dict[str, Any], drawn: str | None) -> None:
    event = drawn == "start_event" or str(given.get("start")) == "event"
    given |= {"start": "event", "start_event": given.get("start_event") or "e"} if event else {}
    if not event:
        given["start_event"] = None


def for_workload(given: dict[str, Any], drawn: str | None) -> None:
    if given.get("back") is not None:
        given["away"] = True
    del drawn


def for_composite(given: dict[str, Any], drawn: str | None) -> None:
    one = str(given["operator"]) == "not"
    given["parts"] = (given["parts"] or (Calendar.always(),))[: 1 if one else None]
    del drawn


def for_coverage(given: dict[str, Any], drawn: str | None) -> None:
    if drawn == "ids" or str(given.get("level", "account")) != "account":
        level = str(given.get("level", "account"))
        given |= {
            "level": "site" if level == "account" else level,
            "ids": given.get("ids") or {"x"},
        }
    else:
        given["ids"] = ()


def for_life_cycle(given: dict[str, Any], drawn: str | None) -> None:
    del drawn
    stated = [name for name in fields_of(LifeCycle) if given.get(name) is not None]
    given |= dict(zip(stated, sorted(given[name] for name in stated), strict=True))


def for_rollover(given: dict[str, Any], drawn: str | None) -> None:
    del drawn
    given["at_most"] = max(given["at_most"], given.get("at_least", 0))


def for_product(given: dict[str, Any], drawn: str | None) -> None:
    del drawn
    given["versions"] = distinct(given.get("versions", ()))


def for_calendar(given: dict[str, Any], drawn: str | None) -> None:
    del drawn
    for name in ("dated", "changes"):
        given[name] = tuple({each.date: each for each in given.get(name, ())}.values())


def for_account(given: dict[str, Any], drawn: str | None) -> None:
    contracts = distinct(given.get("contracts", ()))
    if drawn in {"changes", "delegations"}:
        first = contracts[0] if contracts else Contract(id="C", customer="c", zone="UTC", start=DAY)
        contracts = (first, *contracts[1:])
        given["changes"] = [Cancellation(id="x", contract=first.id, effective=DAY)]
        given["delegations"] = [
            attrs.evolve(each, contract=first.id) for each in given.get("delegations", ())[:1]
        ]
    else:
        given["changes"] = given["delegations"] = ()
    given["contracts"] = contracts


def distinct(things: Any) -> tuple[Any, ...]:
    return tuple({each.id: each for each in things}.values())


def for_notice_clause(given: dict[str, Any], drawn: str | None) -> None:
    del drawn
    is_balance = str(given["kind"]) == "low_balance"
    given["period"] = None if is_balance else (given.get("period") or NoticePeriod(months=12))
    given |= {"unit": "incidents", "below": 3} if is_balance else {"unit": None, "below": None}


def for_notice_period(given: dict[str, Any], drawn: str | None) -> None:
    one_of(given, drawn, {"days": 30, "months": 1, "business_days": 10})
    given["calendar"] = Calendar.always() if given.get("business_days") else None


Rule: TypeAlias = Callable[[dict[str, Any], str | None], None]

RULES: dict[type, Rule] = {
    Renewal: for_renewal,
    Contract: for_contract,
    Amendment: lambda given, _: given.update(lines=distinct(given.get("lines", ()))),
    Block: for_block,
    Allowance: for_allowance,
    Grant: for_grant,
    Plan: for_plan,
    Target: for_target,
    QuantityStep: for_quantity_step,
    LeadTime: for_lead_time,
    CommercialTerms: for_commercial_terms,
    AfterHours: for_after_hours,
    RateCard: for_rate_card,
    PriceList: for_price_list,
    BillingSchedule: for_periods,
    Proration: for_proration,
    Rounding: for_rounding,
    CreditBand: for_band,
    CreditSchedule: for_schedule,
    ClaimWindow: for_claim_window,
    PrepaidBlock: for_prepaid_block,
    BillingAccount: for_billing_account,
    NoticeClause: for_notice_clause,
    NoticePeriod: for_notice_period,
    RenewalTerms: for_renewal_terms,
    SlaPolicy: for_policy,
    ClockOptions: for_options,
    Workload: for_workload,
    CompositeCalendar: for_composite,
    Coverage: for_coverage,
    LifeCycle: for_life_cycle,
    Rollover: for_rollover,
    Product: for_product,
    Calendar: for_calendar,
    Account: for_account,
}


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """Draw facts whose names all lead somewhere."""
    calendars = draw(st.dictionaries(ids, HOURS, max_size=3))
    groups = draw(st.lists(values(ExpertGroup), min_size=1, max_size=2, unique_by=id_of))
    products = draw(st.lists(values(Product), max_size=2, unique_by=id_of))
    services = draw(st.lists(values(ServiceProduct), max_size=2, unique_by=id_of))
    policies = draw(st.lists(values(SlaPolicy), max_size=2, unique_by=id_of))
    plans = draw(st.lists(values(Plan), max_size=3, unique_by=lambda each: each.key))
    group = groups[0].id
    named: dict[str, SlaPolicy] = {each.id: each for each in policies}
    fitted = []
    for plan in plans:
        own = plan.id if plan.version == "1" else f"{plan.id}@{plan.version}"
        if draw(st.booleans()) or not named:
            named[own] = attrs.evolve(draw(values(SlaPolicy)), id=own)
            policy = own
        else:
            policy = draw(st.sampled_from(sorted(named)))
        answer = Target(milestone="first_response", within=timedelta(hours=1))
        others = [each for each in named[policy].targets if each.milestone != answer.milestone]
        named[policy] = attrs.evolve(named[policy], targets=[*others, answer])
        free = {"group": group, "products": (), "hours": None}
        hours = draw(st.sampled_from([None, *calendars, *plan.line_calendars]))
        rights = [attrs.evolve(each, **free | {"hours": hours}) for each in plan.rights]
        allowances = [attrs.evolve(each, severities=(), groups=()) for each in plan.allowances]
        changes = {"policy": policy, "rights": rights, "allowances": allowances}
        service = services[0].id if services else None
        general = draw(st.sampled_from([None, group]))
        fitted.append(attrs.evolve(plan, service=service, general_group=general, **changes))
        if policy == own and draw(st.booleans()):
            fitted[-1], named[policy] = draw(priced(fitted[-1], named[policy], group, calendars))
    agents = draw(st.lists(values(Agent), max_size=3, unique_by=id_of))
    agents = [attrs.evolve(each, groups=[group]) for each in agents]
    roster = Roster(agents=agents)
    if agents:
        workload = attrs.evolve(
            draw(values(Workload)), held={"w": AssignedWork(Requirement(), MOMENT)}
        )
        on_call = OnCall(id="o", layers=[OnCallLayer(members=[agents[0].id], start=MOMENT)])
        roster = attrs.evolve(
            roster,
            workloads={agents[0].id: workload},
            on_call=[on_call],
            assignment_count=3,
            since=MOMENT,
        )
    book = draw(price_books())
    fitted = [
        attrs.evolve(each, commercial=draw(terms_named_in(book, each.commercial)))
        for each in fitted
    ]
    accounts = []
    if fitted:
        held = draw(st.lists(values(Account), max_size=2, unique_by=lambda each: each.customer))
        accounts = [sold(each, fitted[0], sorted(calendars)) for each in held]
    billed = [BillingAccount(customer=each.customer, currency="EUR") for each in accounts[:1]]
    order = draw(st.lists(st.sampled_from(list(Precedence)), unique=True))
    try:
        return Facts(
            catalog=Catalog(
                calendars=calendars,
                services=services,
                products=products,
                groups=groups,
                plans=fitted,
                precedence=order,
            ),
            policies=named,
            roster=roster,
            routing=draw(routing_policies() | st.just(RoutingPolicy())),
            accounts=accounts,
            prices=book,
            billing_accounts=billed,
            notice_clauses=[
                attrs.evolve(each, plans=[id for id in known if id in each.plans])
                for each in draw(st.lists(values(NoticeClause), max_size=2))
                for known in [{plan.id for plan in fitted}]
            ],
        )
    except EntitlementsError:
        return reject()


@st.composite
def price_books(draw: st.DrawFn) -> PriceBook:
    """Draw price books whose cards need no calendars."""
    cards = draw(st.lists(values(RateCard), max_size=2, unique_by=id_of))
    return PriceBook(
        rate_cards=[
            attrs.evolve(each, rates=[attrs.evolve(rate, after_hours=None) for rate in each.rates])
            for each in cards
        ],
        work_rules=draw(st.lists(values(WorkRules), max_size=2, unique_by=id_of)),
        credit_schedules=draw(st.lists(values(CreditSchedule), max_size=2, unique_by=id_of)),
    )


@st.composite
def terms_named_in(
    draw: st.DrawFn, book: PriceBook, terms: CommercialTerms | None
) -> CommercialTerms | None:
    """Draw terms that name what is in a book, and keep the uptime of `terms`."""
    found = {
        "rates": draw(st.sampled_from([None, *book.rate_cards])),
        "work": draw(st.sampled_from([None, *book.work_rules])),
        "credits": draw(st.sampled_from([(), tuple(book.credit_schedules)])),
        "uptime": None if terms is None else terms.uptime,
    }
    return CommercialTerms(**found) if any(found.values()) else None


def _has_one_zone(hours: BusinessHours) -> bool:
    try:
        return bool(hours.zone)
    except InvalidValueError:
        return False


@st.composite
def priced(
    draw: st.DrawFn,
    plan: Plan,
    policy: SlaPolicy,
    group: str,
    calendars: dict[str, BusinessHours],
) -> tuple[Plan, SlaPolicy]:
    """Draw a plan as price lists state it, with rights that follow from it, or nearly so."""
    names = sorted(calendars)
    hours = draw(st.sampled_from([None, *names]))
    days = st.builds(BusinessDays, counts, anchor=st.sampled_from(["end", "end", "start"]))
    amounts = st.sampled_from([timedelta(hours=4), timedelta(minutes=90)]) | st.none()
    cut_off = draw(st.sampled_from([None, None, "15:00"]))
    zoned = {name for name, each in calendars.items() if _has_one_zone(each)}
    targets: list[Target] = []
    for milestone in draw(st.sampled_from([("first_response",), ("first_response", "update")])):
        severities = draw(st.sampled_from([("S1", "S2"), ("S2", "S1"), ("",), ("S1", "S2", "S1")]))
        for severity in severities:
            limits = draw(st.sampled_from([((),), ((),), (("phone",), ())]))
            for channels in limits:
                calendar = draw(st.sampled_from([hours, hours, None, *names]))
                within = draw(amounts | days if calendar is not None else amounts)
                commitment = draw(st.sampled_from(["guarantee", "guarantee", "objective"]))
                target = Target(
                    milestone=milestone,
                    within=within,
                    calendar=None if within is None else calendar,
                    severities=[severity] if severity else (),
                    channels=channels,
                    commitment="guarantee" if within is None else commitment,
                    exclusive=draw(st.sampled_from([False, False, True])),
                    cut_off=cut_off
                    if within is not None and calendar in zoned and milestone != "update"
                    else None,
                )
                targets.append(target)
    reached = draw(st.sampled_from([False, False, True]))
    access = GroupAccess(
        groups=dict.fromkeys(plan.scale, group),
        hours=draw(st.sampled_from([None, *names])) if reached else hours,
        in_hours_only=reached,
        channels=plan.channels,
        channels_by_severity=draw(
            st.sampled_from([{}, {}, {each: frozenset({"web"}) for each in plan.severities[:1]}])
        ),
        queue=draw(st.sampled_from([frozenset(), frozenset({"web"})])),
        experts=draw(st.sampled_from([(), ("ada",)])),
    )
    rights = derived_rights(access, targets)
    if rights and draw(st.integers(0, 3)) == 0:
        rights = (*rights[:-1], attrs.evolve(rights[-1], immediate=not rights[-1].immediate))
    if draw(st.integers(0, 3)) == 0:
        rights += (AccessRight(id=f"{group} more", group=group, hours=hours, conditions=["x"]),)
    used = {name: calendars[name] for each in targets if (name := each.calendar) is not None}
    hours_of = {**dict(policy.calendars), **used}
    return (
        attrs.evolve(plan, rights=rights, grace=None),
        attrs.evolve(policy, targets=targets, calendars=hours_of),
    )


def sold(account: Account, plan: Plan, calendars: list[str]) -> Account:
    """Return the account with all its lines of a plan that there is."""
    bound = dict.fromkeys(("desk", *plan.line_calendars), calendars[0]) if calendars else {}
    if plan.line_calendars and not calendars:
        contracts = [attrs.evolve(each, lines=(), commercial=None) for each in account.contracts]
        return attrs.evolve(account, contracts=contracts)
    return attrs.evolve(
        account,
        contracts=[
            attrs.evolve(
                each,
                commercial=None,
                lines=[
                    attrs.evolve(line, plan=plan.id, plan_version=None, calendars=bound)
                    for line in each.lines
                ],
            )
            for each in account.contracts
        ],
    )


def id_of(thing: Any) -> str:
    return str(thing.id)
