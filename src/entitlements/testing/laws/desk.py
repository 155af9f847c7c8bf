"""Laws of a desk: what holds between commands at all times.

Each function reads a store and raises `AssertionError` if something was written only in part, such
as after a crash, with many writers, or by a faulty store.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

from entitlements.contracts.ledger.entries import Reserve
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.kernel.errors import UnknownIdError
from entitlements.kernel.ids import key, key_parts
from entitlements.ports.records import Case, DecisionRecord, Message, WorkItem
from entitlements.ports.store import Store, UnitOfWork
from entitlements.routing.agents.workload import Reservation
from entitlements.routing.offers.lifecycle import WorkStatus
from entitlements.service.audit.chain import ChainIntact, verify_chain
from entitlements.service.desk import Desk
from entitlements.service.records.record_bodies import RECORD_TOPICS
from entitlements.service.records.recording import RECORD_KINDS
from entitlements.sla.case_history.events import EventKind
from entitlements.sla.case_history.history import History

_ADOPTED: Final = "case.adopted"
_ACCEPTED: Final = frozenset({"case.granted", "case.deferred", _ADOPTED})
_RECORDED: Final = frozenset(name for name, _, _ in RECORD_TOPICS)
_ADMITTED: Final = _ACCEPTED | {"case.denied", "case.consent_needed"}
_ENDED: Final = frozenset({EventKind.RESOLVED, EventKind.CLOSED, EventKind.CANCELLED})
_HOLDING: Final = frozenset(
    {WorkStatus.ACCEPTED, WorkStatus.IN_WORK, WorkStatus.PAUSED, WorkStatus.WRAPPING}
)
_SETTLING: Final = ("commit", "rest", "void", "expire")
_MANY: Final = 1_000_000


def all_or_nothing(store: Store, tenant: str, commands: Iterable[str] = ()) -> None:
    """Raise `AssertionError` unless everything in the store is consistent.

    It holds for a store on which only desks and workers have acted, and from whose outbox no
    message was taken yet.

    Args:
        store: The store to check.
        tenant: Id of the tenant whose rows are checked.
        commands: Ids of all commands that may have been given.
    """
    with store.begin(tenant) as work:
        links, messages = work.decisions.links(0, _MANY), work.outbox.pending(_MANY)
        announced = {json.loads(each.body)["case"]: each for each in messages if _accepted(each)}
        cases = {id: work.cases.case(id) for id in announced}
        work_items = _work_items(work, announced)
        _check_record(tenant, links, messages)
        _check_commands(work, commands, cases, messages)
        for case in cases.values():
            _check_case(case, work_items.get(case.id), messages)
        _check_workloads(work, work_items.values())
        for customer in {case.customer for case in cases.values()}:
            mine = [case for case in cases.values() if case.customer == customer]
            _must(
                tuple(sorted(each.id for each in mine))
                == tuple(sorted(each.id for each in work.cases.of(customer))),
                "every case has a message",
            )
            _check_units(work.ledger.ledger(customer), mine)


def _work_items(work: UnitOfWork, announced: Mapping[str, Message]) -> dict[str, WorkItem]:
    """Return the work items of the cases; an adopted case may have none."""
    found = {}
    for id, message in announced.items():
        try:
            found[id] = work.work_items.item(id)
        except UnknownIdError:
            _must(message.topic == _ADOPTED, f"case {id} has a work item")
    return found


def accepted_at_most_once(messages: Iterable[Message]) -> None:
    """Raise `AssertionError` if work was accepted twice without a return in between."""
    holder: dict[str, tuple[str, int]] = {}
    for each in messages:
        body = json.loads(each.body)
        if each.topic == "offer.accepted":
            _must(body["case"] not in holder, f"{body['case']} was accepted twice")
            holder[body["case"]] = (body["agent"], body["fence"])
        elif each.topic in {"work.transferred", "work.returned", "work.closed", "work.cancelled"}:
            holder.pop(body["case"], None)


def replays(store: Store, tenant: str) -> int:
    """Raise `AssertionError` unless every decision replays equal; return how many there are."""
    count = 0
    for each in Desk(store, tenant).replay_all():
        _must(
            each.same, f"decision {each.number} was {each.outcome_then} and is {each.outcome_now}"
        )
        _must(not each.differs, f"decision {each.number} was made from another {each.differs}")
        count += 1
    return count


def _accepted(message: Message) -> bool:
    return message.topic in _ACCEPTED


def _check_record(
    tenant: str, links: tuple[DecisionRecord, ...], messages: tuple[Message, ...]
) -> None:
    _must(isinstance(verify_chain(tenant, links), ChainIntact), "the chain of decisions is whole")
    decided = sorted(each.subject for each in links if each.kind not in RECORD_KINDS)
    announced = sorted(
        json.loads(each.body)["case"] for each in messages if each.topic in _ADMITTED
    )
    _must(decided == announced, "every decision has one message")
    about_records = sum(each.topic in _RECORDED for each in messages)
    _must(len(links) - len(decided) == about_records, "every record of service has one message")


def _check_commands(
    work: UnitOfWork,
    commands: Iterable[str],
    cases: dict[str, Case],
    messages: tuple[Message, ...],
) -> None:
    done = [each for each in map(work.commands.find, commands) if each is not None]
    replies = [json.loads(each.answer)["reply"] for each in done]
    opened = {
        each["case"] for each in replies if each["result"] in {"granted", "deferred", "adopted"}
    }
    if done:
        _must(opened == set(cases), "exactly the admitted requests have cases")
    for result, topic in (
        ("resolved", "case.resolved"),
        ("reopened", "case.reopened"),
        ("cancelled", "case.cancelled"),
        ("recorded", "case.event"),
        ("accepted", "offer.accepted"),
    ):
        answered = sum(each["result"] == result for each in replies)
        announced = sum(each.topic == topic for each in messages)
        # An event that was delivered twice has two replies and one message.
        fits = announced <= answered if result == "recorded" else announced == answered
        _must(not done or fits, f"{answered} answers `{result}`, {announced} `{topic}`")


def _check_case(case: Case, item: WorkItem | None, messages: tuple[Message, ...]) -> None:
    history = History(case.events)
    _must(not history.rejected, f"everything that happened to {case.id} can have happened")
    kinds = [event.kind for _, event, _, _ in history.entries]
    last = next((kind for kind in reversed(kinds) if kind in _ENDED | {EventKind.REOPENED}), None)
    _must((case.closed is not None) == (last in _ENDED), f"{case.id} is closed as its events say")
    if item is not None:
        ended = item.state.status in {WorkStatus.DONE, WorkStatus.CANCELLED, WorkStatus.WRAPPING}
        _must(ended == (last in _ENDED), f"the work of {case.id} has ended as the case has")
    mine = [each.topic for each in messages if json.loads(each.body).get("case") == case.id]
    if _ADOPTED in mine:
        return  # what happened before the adoption is not announced
    announced = sum(
        topic in {"case.event", "case.resolved", "case.reopened", "case.cancelled"}
        for topic in mine
    )
    _must(announced >= len(case.events) - 1, f"every event of {case.id} has a message")
    alerts = sum(topic.startswith("clock.") for topic in mine)
    _must(alerts == len(case.alerts_sent), f"every alert of {case.id} has one message")


def _check_workloads(work: UnitOfWork, work_items: Iterable[WorkItem]) -> None:
    """Raise unless workloads hold exactly the work that is offered or assigned to each agent."""
    expected: dict[str, str] = {}
    for each in work_items:
        state = each.state
        expected |= {Reservation(each.id, lease.fence).key: lease.agent for lease in state.leases}
        if state.status in _HOLDING and state.assignee is not None:
            expected[Reservation(each.id, state.assignee_fence).key] = state.assignee
    held = {
        name: agent
        for agent, workload in work.roster.roster().workloads.items()
        for name in workload.held
    }
    _must(held == expected, f"agents hold {held}, and should hold {expected}")


def _check_units(ledger: Ledger, cases: list[Case]) -> None:
    """Raise unless every counted case holds units once, and settled them when it ended."""
    counted = {case.id: case for case in cases if case.terms.consumption is not None}
    holds = [each for each in ledger.entries if isinstance(each.command, Reserve)]
    named = {each.key for each in holds if each.refusal is None}
    first = {each for each in named if len(key_parts(each)) == 1}  # others are of the desk itself
    _must(first == set(counted), f"units are held for {first}, and should be for {set(counted)}")
    for case in counted.values():
        settled = any(ledger.find(key(step, case.id)) is not None for step in _SETTLING)
        if case.closed is not None:
            _must(settled, f"{case.id} has ended, and its units are still held")


def _must(holds: bool, what: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise AssertionError(what)
