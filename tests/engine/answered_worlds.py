"""Answers and messages of generated worlds, each checked by its schema, and read back.

python -m tests.engine.answered_worlds 10000 1
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from enum import Enum
from random import Random
from time import process_time
from typing import Any, Final

import attrs
from jsonschema import Draft202012Validator

from entitlements.adapters.memory import MemoryStore
from entitlements.billing import PriceBook, WorkRules
from entitlements.calendars import BusinessDays, BusinessHours
from entitlements.contracts import Catalog, Ledger
from entitlements.contracts.plan_terms.commercial_terms import CommercialTerms
from entitlements.contracts.plan_terms.priority_matrix import PriorityMatrix
from entitlements.engine import Assessment, Engine, Facts
from entitlements.engine.assessment_data import ANSWER_DATA
from entitlements.engine.explanation.explanation import EXPLANATION_DATA, Audience, Explanation
from entitlements.kernel import FrozenMap, Request
from entitlements.kernel.data.records import Record
from entitlements.kernel.errors import (
    EntitlementsError,
    InvalidValueError,
    LimitExceededError,
    NeverReachedError,
    NotCoveredError,
    UnknownIdError,
)
from entitlements.kernel.instants import EARLIEST, from_micros
from entitlements.kernel.money.money import Money
from entitlements.routing import Agent, Roster
from entitlements.service import (
    MESSAGE_DATA,
    AdmitRequest,
    AdoptCase,
    AssignCase,
    CancelCase,
    CloudEvent,
    Desk,
    DeskRules,
    OfferCase,
    RecordEvent,
    ReopenCase,
    ResolveCase,
    SyncCase,
    cloud_event,
)
from entitlements.service.commands.commands import DeskCommand
from entitlements.sla import Event, SlaPolicy, Target
from entitlements.sla.case_history.ticket_states import TicketState
from entitlements.testing.strategies.worlds.access import World, world
from entitlements.testing.strategies.worlds.billing import rate_card, work_rounding
from entitlements.testing.strategies.worlds.dice import Dice

EXPLANATION_SCHEMA: Final = Draft202012Validator(EXPLANATION_DATA.schema())
ANSWER_SCHEMA: Final = Draft202012Validator(ANSWER_DATA.schema())
MILESTONES: Final = frozenset({"first_response", "resolution", "update"})
_BODIES: Final = {
    topic: Draft202012Validator(each.body_schema()) for topic, each in MESSAGE_DATA.items()
}
UNMARKED: Final = frozenset({"zone", "anchor", "currency"})
REFUSED: Final = (LimitExceededError, NeverReachedError, NotCoveredError)
QUESTIONS: Final = 4


def answers(seed: int, questions: int = QUESTIONS) -> Iterator[Assessment]:
    """Yield the answers in the world of a seed, with milestones and agents."""
    random = Random(seed)  # noqa: S311 - a seed has to replay it
    drawn, dice = world(random, questions), Dice(random)
    engine = Engine(facts_of(dice, drawn))
    for asked, at in drawn.questions:
        try:
            yield engine.assess(stated(dice, asked), from_micros(at), account=drawn.account)
        except REFUSED:
            continue
        except InvalidValueError as error:
            if error.path not in {"impact", "contract"}:
                raise


def stated(dice: Dice, asked: Request) -> Request:
    """Return a request that may state impact and urgency in place of its severity."""
    if dice.often(70):
        return asked
    impact, urgency = dice.one(["site", "person"]), dice.one(["now", "soon"])
    return attrs.evolve(asked, severity=None, impact=impact, urgency=urgency)


def marked_answers(random: Random, questions: int) -> Iterator[tuple[Assessment, Request]]:
    """Yield answers in a world in which every id and name is between marks, with the requests."""
    drawn = world(random, questions)
    known = facts_of(Dice(random), drawn)
    engine = Engine(
        attrs.evolve(
            known,
            catalog=marked(known.catalog),
            policies={mark(id): marked(each) for id, each in known.policies.items()},
            prices=PriceBook(
                rate_cards=[marked(each) for each in known.prices.rate_cards.values()],
                work_rules=[marked(each) for each in known.prices.work_rules.values()],
            ),
            roster=Roster(agents=[marked(each) for each in known.roster.agents.values()]),
        )
    )
    account = marked(attrs.evolve(drawn.account, ledger=Ledger()))
    for asked, at in drawn.questions:
        try:
            yield engine.assess(marked(asked), from_micros(at), account=account), marked(asked)
        except REFUSED:
            continue


def mark(text: str) -> str:
    """Return a text between marks."""
    return f"«{text}»"


def marked(value: Any) -> Any:
    """Return a value with marks around every text in it but milestones, zones and currencies."""
    if isinstance(value, BusinessHours | Enum | Ledger | Money):
        return value
    if isinstance(value, str):
        return value if value in MILESTONES else mark(value)
    if isinstance(value, FrozenMap):
        return FrozenMap({marked(key): marked(each) for key, each in value.items()})
    if isinstance(value, tuple | frozenset):
        return type(value)(marked(each) for each in value)
    if not attrs.has(type(value)):
        return value
    fields = [each for each in attrs.fields(type(value)) if each.init]
    inside = {each.alias or each.name: getattr(value, each.name) for each in fields}
    return type(value)(
        **{name: each if name in UNMARKED else marked(each) for name, each in inside.items()}
    )


def facts_of(dice: Dice, drawn: World) -> Facts:
    """Return the catalog of a world with policies and agents."""
    hours = drawn.catalog.calendars
    policies = [
        SlaPolicy(id=name, calendars=hours, targets=_targets(dice, [*hours]))
        for name in sorted({plan.policy for plan in drawn.catalog.plans})
    ]
    groups = [each.id for each in drawn.catalog.groups]
    agents = [
        Agent(
            id=f"agent {number}",
            groups=dice.some(groups, 60),
            skills=dict.fromkeys(dice.some(["sql", "linux"], 50), dice.number(1, 3)),
            shift=_shift(dice, [hours[name] for name in ("desk", "night")]),
            capacity=dice.number(0, 2),
        )
        for number in range(dice.number(0, 4))
    ]
    catalog, prices = _priced(dice, drawn.catalog)
    roster = Roster(agents=agents)
    return Facts(catalog=catalog, policies=policies, roster=roster, prices=prices)


def _priced(dice: Dice, catalog: Catalog) -> tuple[Catalog, PriceBook]:
    """Return the catalog with rates and rules of work in most plans, and these."""
    cards = [attrs.evolve(rate_card(dice), id=f"card {number}") for number in range(2)]
    rules = WorkRules(id="rules", rounding=work_rounding(dice), overage_hourly=Money(60, "EUR"))
    plans = [
        attrs.evolve(
            each,
            commercial=CommercialTerms(rates=dice.one(cards).id, work=dice.maybe(60, [rules.id])),
        )
        if dice.often(60)
        else each
        for each in catalog.plans
    ]
    plans = [
        attrs.evolve(each, priority_matrix=matrix(dice, each.severities))
        if each.severities
        else each
        for each in plans
    ]
    prices = PriceBook(rate_cards=cards, work_rules=[rules])
    return attrs.evolve(catalog, plans=plans), prices


def matrix(dice: Dice, severities: Sequence[str]) -> PriorityMatrix:
    """Return the severity for two impacts and two urgencies."""
    rows = ("site", "person")
    return PriorityMatrix(
        {row: {each: dice.one(severities) for each in ("now", "soon")} for row in rows}
    )


def _shift(dice: Dice, hours: list[BusinessHours]) -> BusinessHours | None:
    return dice.maybe(70, hours)


def _targets(dice: Dice, calendars: list[str]) -> list[Target]:
    open_ones = [name for name in calendars if name != "never"]
    late = [timedelta(hours=dice.number(1, 40)), BusinessDays(dice.number(0, 3), anchor="end")]  # type: ignore[arg-type]
    return [
        Target(
            milestone="first_response",
            within=timedelta(microseconds=dice.number(1, 10**11)),
            calendar=dice.maybe(50, open_ones),
            exclusive=dice.often(20),
            warn=[0.5] if dice.often(50) else [],
        ),
        Target(
            milestone="resolution",
            within=dice.one(late),
            calendar=dice.one(open_ones),
            commitment="objective" if dice.often(30) else "guarantee",
        ),
        Target(milestone="update", within=None, commitment=dice.one(["best_effort", "guarantee"])),
    ]


def check(answer: Assessment) -> None:
    """Check that the data of an answer fits its schema and gives an equal answer."""
    text = json.dumps(answer.to_dict())
    data = json.loads(text)
    ANSWER_SCHEMA.validate(data)
    again = Assessment.from_dict(data)
    assert again == answer
    assert json.dumps(again.to_dict()) == text
    assert again.explain() == answer.explain()
    for reader in Audience:
        found = answer.explanation(audience=reader, zone="Europe/Berlin")
        plain = json.loads(json.dumps(found.to_dict()))
        EXPLANATION_SCHEMA.validate(plain)
        assert Explanation.from_dict(plain) == found


def check_messages(seed: int) -> Counter[str]:
    """Carry a world's requests out, and check every message; return how many had which topic."""
    random = Random(seed)  # noqa: S311 - a seed has to replay it
    drawn = world(random, QUESTIONS)
    dice = Dice(random)
    facts = facts_of(dice, drawn)
    store, tenant = MemoryStore(), "t"
    with store.begin(tenant) as work:
        work.catalog.save(facts.catalog, facts.policies.values(), EARLIEST, prices=facts.prices)
        work.accounts.open(drawn.account)
        work.roster.change(Roster(), facts.roster)
        work.commit()
    desk = Desk(store, tenant, rules=DeskRules(holds=dice.maybe(40, [timedelta(days=1)])))
    for number, (asked, micros) in enumerate(sorted(drawn.questions, key=lambda each: each[1])):
        at = from_micros(micros)
        request = attrs.evolve(stated(dice, asked), id=f"R-{number}")
        _tried(desk, AdmitRequest(id=f"k{number}", request=request), at)
        _adopt(dice, desk, drawn, request, at)
        for case in (request.id, f"OLD-{request.id}"):
            _work(dice, desk, case, at)
            _check_case(dice, desk, case, at)
    with store.begin(tenant) as work:
        sent = work.outbox.pending(10_000)
    seen: Counter[str] = Counter()
    for message in sent:
        data = MESSAGE_DATA[message.topic]
        plain = json.loads(message.body)
        _BODIES[message.topic].validate(plain)
        body = Record(data.record)
        again = json.loads(json.dumps(body.write(body.read(plain, ""))))
        assert plain.items() <= again.items()
        assert body.read(again, "") == body.read(plain, "")
        event = cloud_event(tenant, message)
        assert CloudEvent.from_dict(json.loads(event.to_json())) == event
        seen[message.topic] += 1
    return seen


def _adopt(dice: Dice, desk: Desk, drawn: World, request: Request, at: datetime) -> None:
    """Take a case over under a line of the account, with a history that may be over."""
    lines = [(each.id, line.id) for each in drawn.account.contracts for line in each.lines]
    if not lines:
        return
    contract, line = dice.one(lines)
    opened, severity = at - timedelta(days=dice.number(0, 9)), dice.maybe(80, ["S1", "S2"])
    events = [Event.opened(opened, severity=severity, channel=request.channel)]
    if dice.often(50):
        events.append(Event.responded(opened + timedelta(hours=dice.number(1, 30))))
    if dice.often(30):
        events.append(Event.closed(opened + timedelta(days=2)))
    adopted = AdoptCase(
        id=f"adopt {request.id}",
        request=attrs.evolve(request, id=f"OLD-{request.id}", customer=drawn.account.customer),
        events=events,
        contract=contract,
        line=line,
        group=dice.maybe(50, [each.id for each in drawn.catalog.groups]),
        by=dice.maybe(50, ["lee"]),
        origin=dice.one(["", "zendesk 4711"]),
    )
    _tried(desk, adopted, at + timedelta(days=3))


def _check_case(dice: Dice, desk: Desk, case: str, at: datetime) -> None:
    """Check what explains a case, for one reader in one language, and its replay."""
    later, reader = at + timedelta(days=dice.number(0, 5)), dice.one(list(Audience))
    with suppress(UnknownIdError):
        assert all(each.same for each in desk.replay(case))
        language = dice.one(["en", "de", "es"]) if reader is Audience.CUSTOMER else "en"
        found = desk.explain_case(
            case, later, zone="Asia/Kolkata", audience=reader, language=language
        )
        plain = json.loads(json.dumps(found.to_dict()))
        EXPLANATION_SCHEMA.validate(plain)
        assert Explanation.from_dict(plain) == found


def _work(dice: Dice, desk: Desk, case: str, at: datetime) -> None:
    """Give commands about a case, of which many are refused."""
    number = case
    later = at + timedelta(minutes=dice.number(0, 600))
    agent = f"agent {dice.number(0, 3)}"
    commands: list[DeskCommand] = [
        OfferCase(id=f"o{number}", case=case),
        AssignCase(id=f"a{number}", case=case, agent=agent),
        SyncCase(id=f"s{number}", case=case, state=dice.one(list(TicketState))),
        RecordEvent(id=f"e{number}", case=case, event=Event.responded(later)),
        ResolveCase(id=f"r{number}", case=case, by=dice.maybe(50, [agent])),
        ReopenCase(id=f"n{number}", case=case),
        CancelCase(id=f"c{number}", case=case),
    ]
    for command in commands:
        if dice.often(50):
            _tried(desk, command, later)
    desk.process_due(later + timedelta(hours=dice.number(0, 400)), 1_000)


def _tried(desk: Desk, command: DeskCommand, at: datetime) -> None:
    with suppress(EntitlementsError):
        desk.execute(command, at)


def main(worlds: int, first: int) -> None:
    """Check so many worlds and print what was reached."""
    began = process_time()
    seen: Counter[str] = Counter()
    for seed in range(first, first + worlds):
        for answer in answers(seed, 1):
            try:
                check(answer)
            except Exception as error:
                raise AssertionError(f"seed {seed}") from error
            seen["priced"] += answer.price is not None
            seen[type(answer.decision).__name__] += 1
            seen[type(answer.route).__name__] += 1
            remedies = getattr(answer.decision, "remedies", ())
            seen.update(f"remedy {each.kind}" for each in remedies)
        try:
            seen += check_messages(seed)
        except Exception as error:
            raise AssertionError(f"messages of seed {seed}") from error
    sys.stdout.write(f"{worlds} worlds in {process_time() - began:.0f} s of processor time\n")
    for name, count in sorted(seen.items()):
        sys.stdout.write(f"{count:9} {name}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
