"""Access decisions a second, beside policy engines with the same rule.

    python benchmarks/bench_access.py [--quick] [--json FILE]

The rule is one that all of them can express: plan x severity x channel x hours, with suspension.
Peers get "open" and "suspended" as ready facts and answer yes or no; ours works both out from a
calendar and a dated block, and gives group, promise, charge and reasons. All are first checked
equal on every cell. Rounds are interleaved, and short, since a busy machine disturbs long ones;
figures are microseconds a decision, minimum and median over the rounds. Missing peers are named.
"""

from __future__ import annotations

import argparse
import importlib
import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import attrs

from entitlements.access import AccountDecider, Denied, Granted
from entitlements.calendars import Calendar
from entitlements.contracts import (
    AccessRight,
    Account,
    Block,
    Catalog,
    Contract,
    ContractLine,
    ExpertGroup,
    Plan,
    Product,
)
from entitlements.kernel.instants import to_micros, utc
from entitlements.kernel.requests import Request

MONDAY, SUNDAY = utc("2026-03-02T10:00Z"), utc("2026-03-01T10:00Z")
SEVERITIES, CHANNELS = ("S1", "S2", "S3"), ("phone", "web", "chat")
Row: TypeAlias = tuple[str, tuple[str, ...], tuple[str, ...], bool]
Cell: TypeAlias = tuple[str, str, str, bool, bool]
Ask: TypeAlias = Callable[[Any], bool]
RULES: list[Row] = [
    ("gold", ("S1",), ("phone",), True),
    ("gold", ("S2", "S3"), ("phone", "web"), False),
    ("silver", ("S1", "S2"), ("phone",), False),
    ("silver", ("S3",), ("web",), False),
    ("bronze", ("S1", "S2", "S3"), ("web",), False),
]
CELLS: list[Cell] = list(
    itertools.product(
        ("gold", "silver", "bronze"), SEVERITIES, CHANNELS, (False, True), (False, True)
    )
)


def more_rules(count: int) -> list[Row]:
    """Return `count` rules: the five, and others for plans that no request names."""
    others = [(f"plan-{n}", ("S1", "S2"), ("web",), False) for n in range(count - len(RULES))]
    return [*RULES, *others]


def expected(cell: Cell) -> bool:
    """Return the answer, from the rows as they stand."""
    plan, severity, channel, is_open, suspended = cell
    return not suspended and any(
        plan == row[0] and severity in row[1] and channel in row[2] and (row[3] or is_open)
        for row in RULES
    )


def catalog(rules: Sequence[Row]) -> Catalog:
    """Return the plans that the rows make."""
    plans = []
    for id in dict.fromkeys(row[0] for row in rules):
        rights = [
            AccessRight(
                id=f"r{n}",
                group="dba",
                severities=row[1],
                channels=row[2],
                hours=None if row[3] else "desk",
            )
            for n, row in enumerate(row for row in rules if row[0] == id)
        ]
        plans.append(
            Plan(id=id, policy=id, severities=SEVERITIES, channels=CHANNELS, rights=rights)
        )
    return Catalog(
        calendars={"desk": Calendar(zone="Europe/Berlin", week="Mo-Fr 08:00-18:00")},
        products=[Product(id="db")],
        groups=[ExpertGroup(id="dba")],
        plans=plans,
    )


def account(customer: str, plan: str, *, suspended: bool) -> Account:
    """Return a customer of a plan."""
    contract = Contract(
        id="C",
        customer=customer,
        zone="Europe/Berlin",
        start=date(2026, 1, 1),
        months=12,
        lines=[ContractLine(id="1", plan=plan)],
        any_contact=True,
    )
    blocks = [Block(id="B", start=MONDAY - timedelta(days=9))] if suspended else []
    return Account(customer=customer, contracts=[contract], changes=blocks)


class Ours:
    """All customers of a catalog, each with its terms."""

    def __init__(self, rules: Sequence[Row], customers: int = 6) -> None:
        offered = catalog(rules)
        plans = ("gold", "silver", "bronze")
        self.terms: dict[str, AccountDecider] = {}
        for n, (plan, suspended) in zip(
            range(customers), itertools.cycle(itertools.product(plans, (False, True))), strict=False
        ):
            name = f"{plan}-{suspended}" + (f"-{n}" if n >= 6 else "")
            self.terms[name] = AccountDecider(account(name, plan, suspended=suspended), offered)

    def asked(self, cell: Cell) -> tuple[Request, datetime]:
        """Return the question of a cell."""
        plan, severity, channel, is_open, suspended = cell
        request = Request(
            id="R",
            customer=f"{plan}-{suspended}",
            contact="dana",
            product="db",
            severity=severity,
            channel=channel,
        )
        return request, MONDAY if is_open else SUNDAY

    def ask(self, asked: tuple[Request, datetime]) -> bool:
        """Return whether access is granted now, by the public call."""
        request, at = asked
        return isinstance(self.terms[request.customer].decide(request, at), Granted)


def cedar(rules: Sequence[Row]) -> tuple[Ask, Callable[[Cell], Any]]:
    """Return cedarpy with parsed policies."""
    cedarpy = importlib.import_module("cedarpy")
    lines = ["forbid(principal, action, resource) when { context.suspended };"]
    for plan, severities, channels, always in rules:
        one_of = " || ".join(f'context.severity == "{each}"' for each in severities)
        by = " || ".join(f'context.channel == "{each}"' for each in channels)
        now = "true" if always else "context.open"
        lines.append(
            f'permit(principal == Plan::"{plan}", action, resource) '
            f"when {{ ({one_of}) && ({by}) && {now} }};"
        )
    policies = cedarpy.PolicySet.from_str("\n".join(lines))
    entities = cedarpy.Entities.from_json_str("[]")

    def asked(cell: Cell) -> dict[str, Any]:
        plan, severity, channel, is_open, suspended = cell
        context = {
            "severity": severity, "channel": channel, "open": is_open, "suspended": suspended,
        }  # fmt: skip
        principal, resource = f'Plan::"{plan}"', 'Group::"dba"'
        return {
            "principal": principal, "action": 'Action::"reach"', "resource": resource,
            "context": json.dumps(context),
        }  # fmt: skip

    return lambda request: bool(cedarpy.is_authorized(request, policies, entities).allowed), asked


MODEL = """
[request_definition]
r = plan, severity, channel, open, suspended
[policy_definition]
p = plan, severity, channel, open
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.suspended == "no" && r.plan == p.plan && r.severity == p.severity && r.channel == p.channel \
&& (p.open == "always" || r.open == "yes")
"""


def casbin(rules: Sequence[Row]) -> tuple[Ask, Callable[[Cell], Any]]:
    """Return pycasbin's fast enforcer, indexed by plan, severity and channel."""
    casbin = importlib.import_module("casbin")
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.conf"
        model.write_text(MODEL, encoding="utf-8")
        enforcer = casbin.FastEnforcer(str(model), cache_key_order=[0, 1, 2])
    for plan, severities, channels, always in rules:
        for severity, channel in itertools.product(severities, channels):
            enforcer.add_policy(plan, severity, channel, "always" if always else "hours")

    def asked(cell: Cell) -> tuple[str, ...]:
        plan, severity, channel, is_open, suspended = cell
        return plan, severity, channel, "yes" if is_open else "no", "yes" if suspended else "no"

    return lambda request: bool(enforcer.enforce(*request)), asked


def zen(rules: Sequence[Row]) -> tuple[Ask, Callable[[Cell], Any]]:
    """Return zen-engine with one compiled expression."""
    zen = importlib.import_module("zen")
    rows = [
        f"(plan == '{plan}' and severity in {list(severities)} and channel in {list(channels)}"
        f"{'' if always else ' and open'})"
        for plan, severities, channels, always in rules
    ]
    expression = zen.compile_expression(f"not suspended and ({' or '.join(rows)})")
    names = ("plan", "severity", "channel", "open", "suspended")
    return lambda request: bool(expression.evaluate(request)), lambda cell: dict(
        zip(names, cell, strict=True)
    )


def vakt(rules: Sequence[Row]) -> tuple[Ask, Callable[[Cell], Any]]:
    """Return vakt with rules in memory."""
    vakt = importlib.import_module("vakt")
    given = importlib.import_module("vakt.rules")
    storage = vakt.MemoryStorage()
    storage.add(
        vakt.Policy(
            "suspended", subjects=[given.Any()], resources=[given.Any()], actions=[given.Any()],
            effect=vakt.DENY_ACCESS, context={"suspended": given.Truthy()},
        )
    )  # fmt: skip
    for number, (plan, severities, channels, always) in enumerate(rules):
        storage.add(
            vakt.Policy(
                str(number),
                subjects=[given.Eq(plan)],
                resources=[given.In(*severities)],
                actions=[given.In(*channels)],
                effect=vakt.ALLOW_ACCESS,
                context={"open": given.Any() if always else given.Truthy()},
            )
        )
    guard = vakt.Guard(storage, vakt.RulesChecker())

    def asked(cell: Cell) -> Any:
        plan, severity, channel, is_open, suspended = cell
        context = {"open": is_open, "suspended": suspended}
        return vakt.Inquiry(subject=plan, resource=severity, action=channel, context=context)

    return lambda request: bool(guard.is_allowed(request)), asked


PEERS = {"cedarpy": cedar, "pycasbin": casbin, "zen-engine": zen, "vakt": vakt}


def once(ask: Ask, requests: Sequence[Any], repeat: int) -> float:
    """Return the microseconds of one decision."""
    began = time.perf_counter()
    for _ in range(repeat):
        for request in requests:
            ask(request)
    return (time.perf_counter() - began) / (repeat * len(requests)) * 1e6


def interleaved(
    contests: dict[str, tuple[Ask, Sequence[Any], int]], rounds: int
) -> dict[str, dict[str, float]]:
    """Return least and median of each, every round asking all of them once."""
    taken: dict[str, list[float]] = {name: [] for name in contests}
    for _ in range(rounds):
        for name, (ask, requests, repeat) in contests.items():
            taken[name].append(once(ask, requests, repeat))
    return {
        name: {"min": round(min(each), 3), "median": round(statistics.median(each), 3)}
        for name, each in taken.items()
    }


def checked(ask: Ask, asked: Callable[[Cell], Any], name: str) -> list[Any]:
    """Return the questions of all cells; stop if an answer is not what the rows say."""
    requests = [asked(cell) for cell in CELLS]
    wrong = [
        cell
        for cell, request in zip(CELLS, requests, strict=True)
        if ask(request) != expected(cell)
    ]
    if wrong:
        sys.exit(f"{name} differs in {len(wrong)} cells, such as {wrong[0]}")
    return requests


def versus_peers(rounds: int, count: int) -> tuple[dict[str, dict[str, float]], list[str]]:
    """Return the figures of all that are here, and the names of those that are not."""
    rules = more_rules(count)
    ours = Ours(rules)
    contests = {"entitlements": (ours.ask, checked(ours.ask, ours.asked, "ours"), 4)}
    missing = []
    for name, make in PEERS.items():
        try:
            ask, asked = make(rules)
        except ImportError:
            missing.append(name)
            continue
        contests[name] = (ask, checked(ask, asked, name), 1)
    return interleaved(contests, rounds), missing


def growth(rounds: int, customers: int) -> dict[str, dict[str, float]]:
    """Return what more rules and more contracts cost, by the public call and inside."""
    small, rules = Ours(RULES), Ours(more_rules(500))
    many = Ours(RULES, customers)
    granted = [cell for cell in CELLS if expected(cell)]
    asked = [small.asked(cell) for cell in granted]
    inside = [(request, to_micros(at)) for request, at in asked]
    # Every question to another of the many customers, each asked before.
    names = [name for name in many.terms if name.startswith("gold-False")][:2000]
    request, at = asked[0]
    spread = [(attrs.evolve(request, customer=name), at) for name in names]
    contests: dict[str, tuple[Ask, Sequence[Any], int]] = {
        "5 rules, 6 contracts": (small.ask, asked, 10),
        "500 rules": (rules.ask, asked, 10),
        f"{customers} contracts": (many.ask, asked, 10),
        f"{customers} contracts, 2000 of them in turn": (many.ask, spread, 1),
        "inside, integers": (
            lambda each: not isinstance(small.terms[each[0].customer].decide_at(*each), Denied),
            inside,
            10,
        ),
    }
    for ask, requests, _ in contests.values():
        once(ask, requests, 1)
    return interleaved(contests, rounds)


def main(arguments: list[str] | None = None) -> int:
    """Run, print and perhaps write the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and contracts")
    parser.add_argument("--json", metavar="FILE", help="write the record there")
    options = parser.parse_args(arguments)
    rounds, customers = (15, 5_000) if options.quick else (90, 100_000)
    few, missing = versus_peers(rounds, 5)
    many, _ = versus_peers(max(9, rounds // 6), 500)
    grown = growth(rounds, customers)
    record: dict[str, Any] = {"5 rules": few, "500 rules": many, "growth": grown}
    for title, table in record.items():
        base = next(iter(table.values()))["min"]
        sys.stdout.write(f"\n{title:45} {'least':>9} {'median':>9} {'ratio':>8}\n")
        for name, row in table.items():
            ratio = row["min"] / base
            sys.stdout.write(f"  {name:43} {row['min']:9.2f} {row['median']:9.2f} {ratio:7.2f}x\n")
    record["missing"] = missing
    sys.stdout.write(f"\nnot installed: {', '.join(missing) or 'none'}\n")
    if options.json:
        Path(options.json).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
