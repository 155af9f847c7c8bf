"""The plans of the demo give the same answers as with every target on its own line."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import attrs
import yaml

from entitlements import Deferred, Denied, Engine, Facts, Granted, Request
from entitlements.cli.commands.demo import document
from entitlements.documents import parse_facts
from entitlements.kernel import utc

LONG = Path(__file__).with_name("plans_in_long_form.yaml")
START = utc("2026-01-05T00:00Z")
SHORT_KEYS = (
    *("hours", "reached", "group", "queue", "experts", "allowance", "anchor", "warn", "rights"),
    *("first_response", "next_response", "update", "resolution"),
)


@cache
def long_document() -> str:
    text = document()
    start, end = text.index("\nplans:\n"), text.index("\nagents:\n")
    return f"{text[:start]}\n{LONG.read_text('utf-8')}{text[end:]}"


def requests(facts: Facts, count: int) -> list[tuple[Request, datetime]]:
    """Return random requests, most of them about something that the customer has bought."""
    rng = random.Random(2026)  # noqa: S311 - the same every time
    plans = {plan.id: plan for plan in facts.catalog.plans}
    lines = [
        (account.customer, contract, line)
        for account in facts.accounts.values()
        for contract in account.contracts
        for line in contract.lines
    ]
    made = []
    for number in range(count):
        customer, contract, line = rng.choice(lines)
        plan = plans[line.plan]
        contacts = [each.contact for each in contract.contacts] or ["anybody"]
        request = Request(
            id=f"R-{number}",
            customer=customer,
            contact=rng.choice([*contacts, "nobody"]),
            product=rng.choice([*line.coverage.ids, "vault"]),
            severity=rng.choice([*plan.severities, "1"]),
            channel=rng.choice([*sorted(plan.channels), "phone"]),
            conditions=[each for each in ("dedicated-contact", "asked-24x7") if rng.random() < 0.5],
            group=rng.choice([None, None, None, plan.rights[0].group]),
        )
        made.append((request, START + timedelta(minutes=rng.randrange(400 * 24 * 60))))
    return made


def answer(engine: Engine, request: Request, at: datetime) -> tuple[object, ...]:
    """Return an assessment without the names of rights, which the two forms give differently."""
    found = engine.assess(request, at)
    decision = found.decision
    common = (
        type(decision),
        [(each.name, each.state, each.due, each.commitment) for each in found.milestones],
        found.agent,
        found.charge,
        found.obligations,
    )
    match decision:
        case Granted(entitlement=promise, group=group, immediate=now):
            return *common, attrs.evolve(promise, right=None), group, now
        case Deferred(entitlement=promise, group=group, opens_at=opens):
            return *common, attrs.evolve(promise, right=None), group, opens
        case Denied(reasons=reasons):
            return *common, reasons


def test_ten_thousand_answers_are_those_of_the_long_form() -> None:
    short, long = parse_facts(document()), parse_facts(long_document())
    one, other = Engine(short), Engine(long)
    seen: Counter[object] = Counter()
    for request, at in requests(short, 10_000):
        expected = answer(other, request, at)
        assert answer(one, request, at) == expected, (request, at)
        seen[expected[0]] += 1
    assert min(seen[each] for each in (Granted, Deferred, Denied)) > 500, seen


def test_targets_and_rights_take_less_than_a_third_of_the_long_form() -> None:
    def size(text: str, keys: tuple[str, ...]) -> int:
        plans = text[text.index("plans:\n") :].splitlines()
        kept, key = 0, ""
        for line in plans[1:]:
            if line[:4] == "    " and line[4] != " ":
                key = line.split(":")[0].strip()
            elif line[:2] != "  " and line:
                break
            counts = key in keys or line.startswith("    channels: {")  # with their severities
            kept += len(line.encode()) + 1 if counts and not line.startswith("  - ") else 0
        return kept

    long = LONG.read_text("utf-8")
    assert 3 * size(document(), SHORT_KEYS) < size(long, ("targets", "rights"))


def test_the_demo_is_read_alike_by_other_readers_of_yaml() -> None:
    plans = yaml.safe_load(document())["plans"]
    assert plans[6]["first_response"]["2"] == "4h warn at 75%"
