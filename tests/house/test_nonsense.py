"""Nonsense is refused by name: no public callable lets an exception of Python's own escape.

Each parameter in turn is replaced by values of wrong types and by unknown words, beside valid
values for all others. A callable may take a value on trust; if it refuses, it does so with an
error of the library.
"""

from __future__ import annotations

import importlib
import inspect
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

import attrs
import pytest
from tests.house.house import MODULES, ROOT
from tests.house.nonsense import escapes, outcome
from tests.service import desks

from entitlements.access import Denied, Reason
from entitlements.adapters import sql
from entitlements.adapters.memory import MemoryStore
from entitlements.aftersales import (
    Availability,
    ErrorBudget,
    MaintenanceWindow,
    NoticeClause,
    NoticePeriod,
)
from entitlements.batch import scipy_pairs
from entitlements.billing import (
    AfterHours,
    BillingAccount,
    ChargeLine,
    ClaimWindow,
    CreditBand,
    CreditSchedule,
    Discount,
    MinimumCommitment,
    PrepaidBlock,
    PriceList,
    Rate,
    RateCard,
    ServiceCredit,
    Sheet,
    StandingCharge,
    WorkLog,
    WorkTerms,
)
from entitlements.calendars import BusinessHours, Calendar, Closure, FollowTheSun, Week
from entitlements.calendars.combined.composite import CompositeCalendar
from entitlements.contracts import (
    AccessRight,
    Account,
    Allowance,
    Catalog,
    Constraint,
    Contract,
    ContractLine,
    Delegation,
    ExpertGroup,
    Grant,
    Issue,
    Ledger,
    LineHistory,
    Plan,
    PriorityMatrix,
    Reserve,
    TransferUnits,
    line_histories,
)
from entitlements.engine import Assessment, Catalogue, Engine, Facts
from entitlements.engine.assessment import AssessmentSource
from entitlements.interchange import ImportedLifeCycles, ImportedObjectives
from entitlements.kernel import Money, Request, Span
from entitlements.kernel.errors import EntitlementsError
from entitlements.outcomes import (
    Attainment,
    AttainmentReport,
    BacklogAges,
    CaseRecord,
    ControlChart,
    Csat,
    Flow,
    ObjectiveWindow,
    PauseAudit,
    Report,
    Signal,
    Trend,
    WaitingTimes,
)
from entitlements.ports import Store
from entitlements.routing import (
    Agent,
    Assigned,
    AssignedWork,
    DelayRatio,
    EscalationStep,
    FixedRatio,
    GuardedDeadline,
    MarginalCost,
    OnCallLayer,
    RankPlusDelay,
    RelaxationStep,
    Requirement,
    Roster,
    Strategy,
    Unroutable,
    Waiting,
    Workload,
)
from entitlements.routing.offers.lifecycle import Offer
from entitlements.service import (
    AdmitRequest,
    AdoptCase,
    CloudEvent,
    Desk,
    DeskRules,
    IssueStatement,
    RecordEvent,
    Worker,
)
from entitlements.sla import Agreements, Event, History, PolicyVersions, SlaPolicy, Target, Tracker

NOW = datetime(2026, 3, 27, 14, tzinfo=UTC)
PACKAGES = (
    "kernel",
    "calendars",
    "contracts",
    "access",
    "sla",
    "routing",
    "billing",
    "aftersales",
    "outcomes",
    "engine",
    "documents",
    "interchange",
    "ports",
    "service",
)
PLAIN: dict[Any, Any] = {
    str: "x",
    int: 1,
    float: 0.5,
    bool: False,
    datetime: NOW,
    date: date(2026, 3, 27),
    timedelta: timedelta(hours=1),
    Decimal: Decimal("12.50"),
    Fraction: Fraction(99),
    object: "x",
    Any: "x",
}


def public() -> Iterator[tuple[str, Any]]:
    seen: set[int] = set()
    for module in MODULES:
        if module.is_package and module.name.count(".") == 1 and module.floor in PACKAGES:
            package = importlib.import_module(module.name)
            for name in package.__all__:
                thing = getattr(package, name)
                if id(thing) not in seen:
                    seen.add(id(thing))
                    yield f"{module.floor}.{name}", thing


PUBLIC = dict(public())


def is_protocol(thing: Any) -> bool:
    return getattr(thing, "_is_protocol", False)


def valid(hint: Any) -> Any:
    """Return a valid value of the type `hint`."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        return None if type(None) in args else valid(args[0])
    if hint in SAMPLES:
        return SAMPLES[hint]()
    if hint in PLAIN:
        return PLAIN[hint]
    if isinstance(origin, type):
        return {} if issubclass(origin, Mapping) else ()
    return next(iter(hint)) if issubclass(hint, Enum) else build(hint)


SAMPLES: dict[Any, Callable[[], Any]] = {}


def fields(kind: type) -> dict[str, Any]:
    attrs.resolve_types(kind)
    return {each.alias or each.name: each for each in attrs.fields(kind) if each.init}


def arguments(kind: type) -> dict[str, Any]:
    chosen = CHOSEN.get(kind, {})
    needed = {name: each for name, each in fields(kind).items() if each.default is attrs.NOTHING}
    return {name: valid(each.type) for name, each in needed.items() if name not in chosen} | chosen


def build(kind: type) -> Any:
    return kind(**arguments(kind))


NEVER_UP = Availability(
    up=timedelta(), down=timedelta(hours=1), unknown=timedelta(), excluded=timedelta()
)
RATE = Rate(id="x", hourly=Money(1, "EUR"))
WEEK = Week("Mo-Fr 09:00-17:00")
CALENDAR = Calendar(zone="Europe/Berlin", week=WEEK)
GRANT = Grant(id="x", unit="minutes", amount=5, effective=NOW)
PLAN = Plan(
    id="x",
    policy="x",
    severities=["x"],
    channels=["x"],
    rights=[AccessRight(id="x", group="x", allowance="x")],
    allowances=[Allowance(id="x", unit="minutes", amount=5)],
)
CATALOG = Catalog(calendars={"x": CALENDAR}, groups=[ExpertGroup(id="x")], plans=[PLAN])
SIGNED = Contract(
    id="x",
    customer="x",
    zone="UTC",
    start=date(2026, 1, 1),
    lines=[ContractLine(id="x", plan="x")],
)
ROSTER = Roster(
    agents=[Agent(id="x"), Agent(id="y")],
    workloads={"y": Workload(held={"R-1": AssignedWork(Requirement(), NOW)})},
    since=NOW - timedelta(days=1),
)
SAMPLES |= {
    Ledger: lambda: Ledger().post(Issue(grant=GRANT), NOW).ledger,
    Catalog: lambda: CATALOG,
    Plan: lambda: PLAN,
    LineHistory: lambda: line_histories(Account(customer="x", contracts=[SIGNED]), CATALOG)[0],
    Week: lambda: WEEK,
    Calendar: lambda: CALENDAR,
    BusinessHours: lambda: CALENDAR,
    Engine: lambda: Engine(Facts()),
    AssessmentSource: lambda: Engine(Facts()),
    Assessment: lambda: Engine(Facts()).assess(build(Request), NOW),
    Roster: lambda: ROSTER,
    Event: lambda: Event.opened(NOW),
    Facts: Facts,
    Store: MemoryStore,
    History: History,
    Tracker: lambda: Tracker(SlaPolicy(id="x", targets=[POLICY_TARGET])),
}
# Words of which not every one will do.
WORDS = {"time": "09:00", "zone": "Europe/Berlin", "text": "1h", "milestone": "x"}
WORDS_OF: dict[str, dict[str, Any]] = {
    "post": {"command": Reserve(key="k", unit="minutes", amount=1)},
    "grants_of_term": {"end": NOW + timedelta(days=1)},
    "complete": {"work": "R-1"},
    "add": {"agent": Agent(id="z")},
    "parse_facts": {"text": "products: [db]"},
    "schema_of": {"name": "request"},
    "catalogue_of": {"language": "en"},
    "explain": {"language": "en", "audience": "agent"},
    "explanation": {"language": "en", "audience": "agent"},
    "explain_case": {"language": "en", "audience": "agent"},
    "read_facts": {"paths": str(ROOT / "src" / "entitlements" / "cli" / "shipped" / "demo.yaml")},
}
# Values that hold what only the library makes.
MADE_BY_THE_LIBRARY = {
    *(LineHistory, Assigned, Waiting, Unroutable, ChargeLine),
    *(Attainment, AttainmentReport, Availability, BacklogAges, ControlChart, Flow, PauseAudit),
    *(Report, Signal, WaitingTimes, ImportedLifeCycles, ImportedObjectives),
}
POLICY_TARGET = Target(milestone="x", within=timedelta(hours=1))
CHOSEN: dict[type, dict[str, Any]] = {
    Money: {"currency": "EUR"},
    Catalogue: {"sentences": {"words.hours.other": "{count}"}},
    AfterHours: {"multiplier": Decimal("1.5")},
    CreditBand: {"credit": 10},
    ClaimWindow: {"days": 30},
    ServiceCredit: {"zone": "Europe/Berlin", "end": NOW + timedelta(hours=1)},
    BillingAccount: {"currency": "EUR"},
    Discount: {"percent": 10, "zone": "UTC"},
    MinimumCommitment: {"zone": "UTC", "amount": Money(1, "EUR")},
    PrepaidBlock: {"zone": "UTC"},
    PriceList: {"currency": "EUR"},
    CaseRecord: {"policy": SlaPolicy(id="x", targets=[POLICY_TARGET])},
    Csat: {"asked": 3},
    ErrorBudget: {
        "availability": Availability(
            **dict.fromkeys(("up", "down", "unknown", "excluded"), timedelta())
        )
    },
    NoticePeriod: {"days": 30},
    NoticeClause: {"period": NoticePeriod(days=30)},
    ObjectiveWindow: {"unit": "days"},
    Trend: {"baseline": 0},
    CreditSchedule: {"bands": [CreditBand(credit=10, below=99)]},
    RateCard: {"currency": "EUR", "zone": "UTC", "rates": [RATE]},
    Sheet: {"currency": "EUR", "end": NOW + timedelta(hours=1)},
    StandingCharge: {"zone": "Europe/Berlin"},
    IssueStatement: {"end": date(2026, 4, 1)},
    MaintenanceWindow: {"end": NOW + timedelta(hours=1)},
    WorkLog: {"end": NOW + timedelta(hours=1)},
    WorkTerms: {"zone": "Europe/Berlin"},
    Denied: {"reasons": (Reason.NO_CONTRACT,)},
    Week: {"stated": "Mo-Fr 09:00-17:00"},
    Calendar: {"zone": "Europe/Berlin", "week": "Mo-Fr 09:00-17:00"},
    Closure: {"end": NOW + timedelta(hours=1)},
    CompositeCalendar: {"parts": [CALENDAR]},
    FollowTheSun: {"teams": {"x": CALENDAR}},
    Constraint: {"values": ["x"]},
    TransferUnits: {"key": "a transfer"},
    Contract: {"zone": "Europe/Berlin", "lines": ()},
    Delegation: {"receiver": "y"},
    Plan: {"severities": ["x"], "channels": ["x"]},
    Span: {"end": NOW + timedelta(hours=1)},
    FixedRatio: {"shares": {1: 1}},
    OnCallLayer: {"members": ["x"]},
    Offer: {"agents": ["x"]},
    EscalationStep: {"fraction": "1/2"},
    CloudEvent: {"body": "{}"},
    AdoptCase: {"events": [Event.opened(NOW)]},
    PriorityMatrix: {"rows": {"x": {"x": "1"}}},
    RecordEvent: {"event": Event.paused(NOW, "x")},
    SlaPolicy: {"targets": [POLICY_TARGET]},
    PolicyVersions: {"versions": [(NOW, SlaPolicy(id="x", targets=[POLICY_TARGET]))]},
    Agreements: {"policies": [SlaPolicy(id="x", targets=[POLICY_TARGET])]},
}
CONSTRUCTORS = [
    pytest.param(thing, id=name)
    for name, thing in PUBLIC.items()
    if isinstance(thing, type) and attrs.has(thing) and thing not in MADE_BY_THE_LIBRARY
]
# The library calls the methods of these for every comparison, with values that it has checked.
CALLED_BY_THE_LIBRARY = {
    DelayRatio, FixedRatio, GuardedDeadline, MarginalCost, RankPlusDelay, RelaxationStep, Strategy,
}  # fmt: skip
# What counts in whole microseconds, or with grants that were derived, takes them on trust: it is
# called in the innermost loops.
COUNTING = (
    "available_at",
    "deriving",
    "ends",
    "grace_end",
    "until",
    "next_event",
    "causes",
    "day_bounds",
    "skipped",
    "warnings",
    "combined",
)


@pytest.mark.parametrize("kind", CONSTRUCTORS)
def test_a_constructor_refuses_nonsense_by_name(kind: type) -> None:
    base = arguments(kind)
    kind(**base)
    assert escapes(kind, base, fields(kind)) == []


@pytest.mark.parametrize("kind", CONSTRUCTORS)
def test_a_choice_refuses_an_unknown_word(kind: type) -> None:
    base = arguments(kind)
    for name, field in fields(kind).items():
        members = choice(field.type)
        if members is not None:
            with pytest.raises(EntitlementsError):
                kind(**base | {name: "no such word"})


def choice(hint: Any) -> type[Enum] | None:
    """Return the choice that a field of this type takes, if it takes one."""
    if isinstance(hint, type):
        return hint if issubclass(hint, Enum) else None
    found = [choice(each) for each in typing.get_args(hint) if each is not type(None)]
    is_optional = typing.get_origin(hint) in {typing.Union, types.UnionType}
    return found[0] if is_optional and len(found) == 1 else None


def methods(kind: type) -> list[str]:
    """Return the public methods of a value, or all that a class of ours gives its subclasses."""
    found = sorted(vars(kind) if attrs.has(kind) else dir(kind))
    return [
        name
        for name in found
        if not name.startswith("_")
        and name not in COUNTING
        and inspect.isfunction(inspect.getattr_static(kind, name))
    ]


def callables() -> Iterator[tuple[str, Callable[..., object]]]:
    """Yield the functions, and methods of values, of the packages that users call most."""
    for name, thing in PUBLIC.items():
        if name.startswith(
            (
                "kernel.",
                "calendars.",
                "contracts.",
                "access.",
                "sla.",
                "routing.",
                "engine.",
                "documents.",
                "service.",
            )
        ):
            if inspect.isfunction(thing):
                yield name, thing
            elif thing in CALLED_BY_THE_LIBRARY | (MADE_BY_THE_LIBRARY - SAMPLES.keys()):
                continue
            elif thing in SAMPLES or (isinstance(thing, type) and attrs.has(thing)):
                for method in methods(thing):
                    yield f"{name}.{method}", getattr(valid(thing), method)


@pytest.mark.parametrize(
    "function", [pytest.param(function, id=name) for name, function in callables()]
)
def test_a_function_refuses_nonsense_by_name(function: Callable[..., object]) -> None:
    hints = typing.get_type_hints(function)
    parameters = [
        each
        for each in inspect.signature(function).parameters.values()
        if each.kind is not each.VAR_POSITIONAL
    ]
    words = WORDS | WORDS_OF.get(function.__name__, {})
    base = {
        each.name: words.get(each.name) or valid(hints[each.name])
        for each in parameters
        if each.default is each.empty
    }
    assert outcome(lambda: function(**base)) is None
    assert escapes(function, base, [each.name for each in parameters]) == []


def desk() -> Desk:
    """Return a desk of a store with an agent and an admitted case."""
    store = MemoryStore(lambda: desks.MONDAY)
    desks.settle(store)
    paid = BillingAccount(customer="flat", currency="EUR")
    with store.begin(desks.TENANT) as work:
        work.catalog.save(desks.CATALOG, [desks.POLICY], NOW, billing_accounts=[paid])
        work.commit()
    made = desks.desk(store)
    desks.admitted(made, desks.request())
    return made


DESK_METHODS: dict[str, dict[str, Any]] = {
    "do_all": {},
    "execute": {},
    "process_due": {},
    "remove_agent": {"agent": "ada"},
    "clocks": {"case": "R-1"},
    "list_cases": {},
    "statement": {"customer": "flat", "start": NOW.date(), "end": date(2026, 4, 1)},
    "issued_statements": {"customer": "flat"},
    "explain": {"case": "R-1"},
    "explain_case": {"case": "R-1"},
    "replay": {"case": "R-1"},
    "replay_all": {},
    "verify": {},
}


@pytest.mark.parametrize(("name", "words"), DESK_METHODS.items(), ids=DESK_METHODS)
def test_a_desk_refuses_nonsense_by_name(name: str, words: dict[str, Any]) -> None:
    hints = typing.get_type_hints(getattr(Desk, name))
    parameters = inspect.signature(getattr(desk(), name)).parameters.values()
    base = words | {
        each.name: valid(hints[each.name])
        for each in parameters
        if each.default is each.empty and each.name not in words
    }
    getattr(desk(), name)(**base)

    def call(**given: Any) -> object:
        return getattr(desk(), name)(**given)

    assert escapes(call, base, [each.name for each in parameters]) == []


def test_every_public_method_of_a_desk_is_called_with_nonsense() -> None:
    found = {name for name in vars(Desk) if inspect.isfunction(getattr(Desk, name))}
    # `on` takes the connection of a store, of which the store in memory has none.
    assert {name for name in found if name[0] != "_"} == {*DESK_METHODS, "on"}


@pytest.mark.parametrize("name", ["store", "tenant", "observer", "rules"])
def test_a_desk_is_built_from_nonsense_by_no_exception_of_python(name: str) -> None:
    def admit(**given: Any) -> None:
        store = MemoryStore(lambda: desks.MONDAY)
        desks.settle(store)
        made = Desk(**{"store": store, "tenant": desks.TENANT} | given)
        made.execute(build(AdmitRequest))

    assert escapes(admit, {}, [name]) == []


@pytest.mark.parametrize(
    "name", ["store", "owner", "observer", "rules", "tenants", "lease", "batch"]
)
def test_a_worker_does_rounds_or_refuses_nonsense_by_name(name: str) -> None:
    def work(**given: Any) -> None:
        Worker(**given).round()

    base = {"store": MemoryStore(), "owner": "x", "rules": DeskRules()}
    assert escapes(work, base, [name]) == []


@pytest.mark.parametrize("name", ["stopped"])
def test_a_worker_runs_until_a_function_says_so(name: str) -> None:
    run = Worker(MemoryStore(), "x").run
    assert escapes(run, {"stopped": lambda: True}, [name]) == []


@pytest.mark.parametrize(
    ("method", "name"),
    [("take", "context"), ("take", "group"), ("batch", "context"), ("batch", "lease")],
)
def test_a_worker_takes_and_offers_a_group_or_refuses_nonsense_by_name(
    method: str, name: str
) -> None:
    context = desk().context
    worker = Worker(context.store, "x")
    base: dict[str, Any] = {"context": context, "group": "experts"}
    if method == "batch":
        base["lease"] = worker.take(**base)
        del base["group"]
    assert escapes(getattr(worker, method), base, [name]) == []
    assert outcome(lambda: getattr(worker, method)(**base)) is None


@pytest.mark.parametrize("name", ["clock", "lock_timeout"])
def test_a_store_in_memory_refuses_nonsense_by_name(name: str) -> None:
    def use(**given: Any) -> None:
        with MemoryStore(**given).begin("x") as work:
            work.now()

    assert escapes(use, {}, [name]) == []


@pytest.mark.parametrize("seconds", [-1, "5", None, float("nan"), 1e300, True, object()])
def test_nobody_waits_for_nonsense(seconds: Any) -> None:
    store = sql.SqlStore.open("sqlite://", check=False)
    answers = iter([False, True])
    for wait in (
        MemoryStore().wait,
        store.wait,
        lambda given: Worker(MemoryStore(), "x").run(lambda: next(answers), poll=given),
    ):
        with pytest.raises(EntitlementsError):
            wait(seconds)
    store.close()


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda: sql.migrate(5), id="migrate"),
        pytest.param(lambda: sql.schema_revision(5), id="schema_revision"),
        pytest.param(lambda: sql.schema_differences(5), id="schema_differences"),
        pytest.param(lambda: sql.open_engine(5), id="open_engine"),
        pytest.param(lambda: sql.configure_engine(5), id="configure_engine"),
        pytest.param(lambda: sql.define_tables(5), id="define_tables"),
        pytest.param(lambda: sql.SqlStore(5), id="SqlStore"),
        pytest.param(lambda: sql.SqlStore.open("sqlite://", keep="x"), id="SqlStore.open"),
        pytest.param(lambda: sql.SqlStore.open("sqlite://", clock=5), id="SqlStore.open, clock"),
        pytest.param(lambda: sql.SqlStore.open("sqlite://", own=5), id="SqlStore.open, tables"),
        pytest.param(lambda: scipy_pairs(5), id="scipy_pairs"),
    ],
)
def test_adapters_refuse_nonsense_by_name(call: Callable[[], object]) -> None:
    with pytest.raises(EntitlementsError):
        call()
