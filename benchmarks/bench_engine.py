"""One whole answer: decision, four milestones, one of 1,000 agents.

    python benchmarks/bench_engine.py [--quick] [--json FILE]

Prints microseconds for one `Engine.assess` and for its parts, the naive transcription of the same
job in the same run, and how the cost grows with customers, agents, contract age and ledger length.
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import random
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter_ns

from entitlements.access import AccountDecider, Granted
from entitlements.calendars import Calendar
from entitlements.contracts import (
    AccessRight,
    Account,
    Allowance,
    Block,
    Catalog,
    Contract,
    ContractLine,
    ExpertGroup,
    Grant,
    Issue,
    Ledger,
    NamedContact,
    Plan,
    Product,
    Reserve,
)
from entitlements.engine import Engine, Facts
from entitlements.kernel.instants import to_micros
from entitlements.kernel.requests import Request
from entitlements.routing import Agent, Roster
from entitlements.routing.live.fixed_roster import FixedRoster
from entitlements.sla import SlaPolicy, Target

START = datetime(2026, 1, 5, tzinfo=UTC)
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Singapore")
GROUPS = tuple(f"group-{n}" for n in range(8))
SKILLS = tuple(f"skill-{n}" for n in range(32))


def calendars() -> dict[str, Calendar]:
    return {
        zone: Calendar(zone=zone, week="Mo-Fr 09:00-12:00,13:00-17:00", name=zone) for zone in ZONES
    }


def roster(agents: int, hours: dict[str, Calendar]) -> Roster:
    draw = random.Random(7)  # noqa: S311 - reproducible, not secret
    return Roster(
        agents=[
            Agent(
                id=f"agent-{n}",
                groups=[GROUPS[n % len(GROUPS)]],
                skills=dict.fromkeys(draw.sample(SKILLS[: 4 + n % 4], 3), 2),
                capacity=8,
                shift=hours[ZONES[n % 3]] if n % 4 else None,
            )
            for n in range(agents)
        ]
    )


def plan(index: int) -> Plan:
    return Plan(
        id=f"plan-{index}",
        policy=f"plan-{index}",
        severities=["S1", "S2", "S3"],
        channels=["phone", "web"],
        rights=[
            AccessRight(
                id="expert", group=GROUPS[index], hours=ZONES[index % 3], severities=["S1"]
            ),
            AccessRight(id="general", group=GROUPS[(index + 1) % 8]),
        ],
        allowances=[Allowance(id="cases", unit="incidents", amount=1_000_000)],
    )


def policy(index: int, hours: dict[str, Calendar]) -> SlaPolicy:
    zone = ZONES[index % 3]
    within = {"first_response": 1, "update": 4, "workaround": 8, "resolution": 40}
    return SlaPolicy(
        id=f"plan-{index}",
        calendars={zone: hours[zone]},
        targets=[
            Target(milestone=name, within=timedelta(hours=amount), calendar=zone)
            for name, amount in within.items()
        ],
    )


def contract(customer: str, index: int) -> Contract:
    return Contract(
        id=f"C-{customer}",
        customer=customer,
        zone="Europe/Berlin",
        start=date(2020, 1, 1),
        end=date(2029, 12, 31),
        lines=[ContractLine(id="1", plan=f"plan-{index % 8}")],
        contacts=[NamedContact(contact="dana"), NamedContact(contact="bob")],
    )


def world(customers: int, agents: int) -> Facts:
    hours = calendars()
    return Facts(
        catalog=Catalog(
            calendars=hours,
            products=[Product(id="db")],
            groups=[ExpertGroup(id=group) for group in GROUPS],
            plans=[plan(index) for index in range(8)],
        ),
        policies=[policy(index, hours) for index in range(8)],
        roster=roster(agents, hours),
        accounts=[
            Account(customer=f"c{n}", contracts=[contract(f"c{n}", n)]) for n in range(customers)
        ],
    )


def questions(customers: int, count: int, seed: int = 11) -> list[tuple[Request, datetime]]:
    """Return requests of which a tenth come from strangers."""
    draw = random.Random(seed)  # noqa: S311 - reproducible, not secret
    asked = []
    for n in range(count):
        number = draw.randrange(customers)
        customer = f"c{number}" if draw.random() < 0.9 else f"x{number}"
        request = Request(
            id=f"R-{n}",
            customer=customer,
            contact="dana",
            product="db",
            severity=draw.choice(["S1", "S2", "S3"]),
            channel=draw.choice(["phone", "web"]),
            skills={SKILLS[draw.randrange(4)]: 1},
        )
        asked.append((request, START + timedelta(minutes=draw.randrange(60 * 24 * 200))))
    return asked


def measured(
    ask: Callable[[Request, datetime], object], asked: list[tuple[Request, datetime]], rounds: int
) -> tuple[float, float]:
    """Return the least and the median microseconds a question, over warm rounds."""
    gc.collect()
    for request, at in asked:
        ask(request, at)
    times = []
    for _ in range(rounds):
        start = perf_counter_ns()
        for request, at in asked:
            ask(request, at)
        times.append((perf_counter_ns() - start) / len(asked) / 1_000)
    return min(times), median(times)


def naive(facts: Facts) -> Callable[[Request, datetime], object]:
    """Return the same job, transcribed: four adds by the public method, a scan of all agents."""
    terms = {id: AccountDecider(account, facts.catalog) for id, account in facts.accounts.items()}
    unknown = AccountDecider(None, facts.catalog)

    def ask(request: Request, at: datetime) -> object:
        decision = terms.get(request.customer, unknown).decide(request, at)
        if not isinstance(decision, Granted):
            return decision
        agreed = facts.policies[decision.entitlement.policy]
        dues = [
            agreed.calendars[str(each.calendar)].add(at, each.within)  # type: ignore[arg-type]
            for each in agreed.targets
        ]
        now = to_micros(at)
        able = [
            agent
            for agent in facts.roster.agents.values()
            if decision.group in agent.groups
            and all(agent.skills.get(skill, 0) >= level for skill, level in request.skills.items())
            and (agent.shift is None or agent.shift.timeline.is_open(now))
        ]
        return decision, dues, min(able, key=lambda agent: agent.id, default=None)

    return ask


def parts(facts: Facts, asked: list[tuple[Request, datetime]], rounds: int) -> dict[str, float]:
    """Return the microseconds of the parts of one granted answer."""
    engine = Engine(facts)
    granted = [
        (request, at)
        for request, at in asked
        if isinstance(engine.assess(request, at).decision, Granted)
    ]

    def decide(request: Request, at: datetime) -> object:
        return engine.decider(request.customer).decide_at(request, to_micros(at))

    answers = {request.id: engine.assess(request, at) for request, at in granted}
    works = {id: engine.work(answer) for id, answer in answers.items()}
    roster = FixedRoster(facts.roster)
    choices = {id: roster.choice(work.requires) for id, work in works.items()}

    targets = {id: answer.deadlines.source for id, answer in answers.items() if answer.deadlines}

    def due(request: Request, at: datetime) -> object:
        return targets[request.id].due_instants(to_micros(at))

    def who(request: Request, at: datetime) -> object:
        return choices[request.id].first(to_micros(at))

    return {
        "assess, granted": measured(engine.assess, granted, rounds)[0],
        "decision": measured(decide, granted, rounds)[0],
        "four deadlines": measured(due, granted, rounds)[0],
        "one of the agents": measured(who, granted, rounds)[0],
    }


def aged(facts: Facts, blocks: int) -> Facts:
    """Return the same world in which every contract was blocked and unblocked many times."""
    start = datetime(2020, 1, 2, tzinfo=UTC)
    accounts = [
        Account(
            customer=id,
            contracts=account.contracts,
            changes=[
                Block(
                    id=f"B-{n}",
                    start=start + timedelta(hours=2 * n),
                    end=start + timedelta(hours=2 * n + 1),
                )
                for n in range(blocks)
            ],
        )
        for id, account in list(facts.accounts.items())[:50]
    ]
    return Facts(
        catalog=facts.catalog, policies=facts.policies, roster=facts.roster, accounts=accounts
    )


def used(facts: Facts, entries: int) -> Facts:
    """Return the same world in which every account has a long ledger."""
    ledger = Ledger()
    begin = datetime(2020, 1, 2, tzinfo=UTC)
    grant = Grant(id="g", unit="incidents", amount=10**9, effective=begin)
    ledger = ledger.post(Issue(grant=grant), begin).ledger
    for n in range(entries):
        ledger = ledger.post(Reserve(key=f"k{n}", unit="incidents", amount=1), begin).ledger
    accounts = [
        Account(customer=id, contracts=account.contracts, ledger=ledger)
        for id, account in list(facts.accounts.items())[:50]
    ]
    return Facts(
        catalog=facts.catalog, policies=facts.policies, roster=facts.roster, accounts=accounts
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, few rounds")
    parser.add_argument("--json", metavar="FILE", help="write the record there")
    options = parser.parse_args(arguments)
    customers, count, rounds = (200, 500, 9) if options.quick else (5_000, 5_000, 11)
    record: dict[str, object] = {
        "machine": platform.processor() or platform.machine(),
        "python": platform.python_version(),
        "unit": "us, least of rounds",
    }
    facts = world(customers, 1_000)
    asked = questions(customers, count)
    whole, middle = measured(Engine(facts).assess, asked, rounds)
    slow, _ = measured(naive(facts), asked[: count // 5], rounds=3)
    record["assess"] = {"min": whole, "median": middle}
    record["naive"] = {"min": slow, "times as long": slow / whole}
    record["parts"] = parts(facts, asked, rounds)
    growth: dict[str, float] = {}
    few, many = (20, 2_000) if options.quick else (500, 50_000)
    base = measured(Engine(world(few, 1_000)).assess, questions(few, count), rounds)[0]
    growth[f"customers {few} to {many}"] = (
        measured(Engine(world(many, 1_000)).assess, questions(many, count), rounds)[0] / base
    )
    growth["agents 1,000 to 10,000"] = (
        measured(Engine(world(few, 10_000)).assess, questions(few, count), rounds)[0] / base
    )
    short = measured(Engine(aged(facts, 0)).assess, questions(50, count), rounds)[0]
    growth["blocks in a contract 0 to 500"] = (
        measured(Engine(aged(facts, 500)).assess, questions(50, count), rounds)[0] / short
    )
    growth["ledger entries 0 to 2,000"] = (
        measured(Engine(used(facts, 2_000)).assess, questions(50, count), rounds)[0] / short
    )
    record["growth"] = growth
    text = json.dumps(record, indent=2)
    sys.stdout.write(text + "\n")
    if options.json:
        Path(options.json).write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
