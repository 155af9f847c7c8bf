"""Mapping of values to rows and back: two pure functions for each type.

`entry_to_row` returns what is written, `entry_from_row` reads it. The body holds the whole value as
JSON; columns repeat what statements select and sort by. No other module builds or reads a row.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, TypeVar

import attrs

from entitlements.adapters.sql.errors import reading, whole
from entitlements.adapters.sql.rows.converter import APART, FREQUENT, TAG, converter
from entitlements.adapters.sql.rows.text_writers import TextWriters
from entitlements.adapters.sql.session.session import Row
from entitlements.aftersales.notice_clauses import NoticeClause
from entitlements.billing.billing_accounts import BillingAccount
from entitlements.billing.price_book import NO_PRICES, PriceBook
from entitlements.contracts.account import OpenCase
from entitlements.contracts.catalog import Catalog
from entitlements.contracts.dates.day_boundaries import boundary
from entitlements.contracts.ledger.entries import Entry
from entitlements.contracts.records.changes import (
    Amendment,
    Block,
    Cancellation,
    NonRenewalNotice,
    Renewal,
    Transfer,
)
from entitlements.contracts.records.contract import Contract
from entitlements.contracts.records.parties import Asset, Delegation
from entitlements.kernel.data.digests import stored_name
from entitlements.kernel.errors import UnreadableError
from entitlements.kernel.instants import from_micros, micros_or_none, to_micros
from entitlements.ports.catalog_editions import CatalogEdition
from entitlements.ports.records import (
    Case,
    FrozenTerms,
    GroupLease,
    WorkItem,
)
from entitlements.ports.repositories import Fact
from entitlements.ports.rules.append_rules import signed_term
from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.on_call import OnCall
from entitlements.routing.agents.workload import Workload
from entitlements.routing.policies.policy import DEFAULT_ROUTING, RoutingPolicy
from entitlements.routing.work.requirements import Requirement
from entitlements.sla.case_history.events import Event
from entitlements.sla.policy import SlaPolicy

T = TypeVar("T")

MAX_BIGINT: Final = 2**63 - 1
MIN_BIGINT: Final = -(2**63)
_CONVERTER: Final = converter()
_MAX_AGENTS: Final = 65_536
_SHARED: Final = {Agent: _MAX_AGENTS, FrozenTerms: 8_192, Requirement: 8_192}
_WRITERS: Final = TextWriters(_CONVERTER, TAG, FREQUENT, APART, _SHARED)
FACT_KINDS: Final[dict[str, type[Any]]] = {
    stored_name(each): each
    for each in (
        Contract,
        Renewal,
        NonRenewalNotice,
        Amendment,
        Cancellation,
        Transfer,
        Block,
        Delegation,
        Asset,
    )
}


def to_text(value: object, of: Any) -> str:
    """Return the body of a value: one text for all equal values of the type `of`."""
    return _WRITERS(of)(value)


def from_text(text: str, of: type[T], row: str) -> T:
    """Return the value whose body it is.

    Args:
        text: The body.
        of: The type of the value.
        row: The row it is in, such as "case `R-1`".

    Raises:
        UnreadableError: The text is no body of such a value.
    """
    try:
        return _CONVERTER.structure(json.loads(text), of)
    except Exception as error:
        raise UnreadableError(row, error) from error


def fingerprint_of_rows(*texts: str) -> str:
    """Return the digest that identifies the state of a row; no body has a line break."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


@attrs.frozen(kw_only=True)
class EditionBody:
    """The body of an edition."""

    catalog: Catalog
    policies: tuple[SlaPolicy, ...]
    routing: RoutingPolicy = DEFAULT_ROUTING
    prices: PriceBook = NO_PRICES
    billing_accounts: tuple[BillingAccount, ...] = ()
    notice_clauses: tuple[NoticeClause, ...] = ()


def edition_to_row(edition: CatalogEdition) -> Row:
    """Return an edition as a row."""
    body = EditionBody(
        catalog=edition.catalog,
        policies=edition.policies,
        routing=edition.routing,
        prices=edition.prices,
        billing_accounts=edition.billing_accounts,
        notice_clauses=edition.notice_clauses,
    )
    recorded = to_micros(edition.recorded)
    return {"number": edition.number, "recorded": recorded, "body": to_text(body, EditionBody)}


def edition_from_row(row: Row) -> CatalogEdition:
    """Return the edition in a row."""
    name = f"edition `{row['number']}`"
    body = from_text(row["body"], EditionBody, name)
    with reading(name):
        return CatalogEdition(
            number=whole(row["number"]),
            recorded=from_micros(whole(row["recorded"])),
            catalog=body.catalog,
            policies=body.policies,
            routing=body.routing,
            prices=body.prices,
            billing_accounts=body.billing_accounts,
            notice_clauses=body.notice_clauses,
        )


def fact_to_row(fact: Fact, zone: str, known_to: int = MAX_BIGINT) -> Row:
    """Return a fact as a row.

    Args:
        fact: A contract, a change, a delegation or an asset.
        zone: Time zone of its contract, in which its dates are read.
        known_to: Instant, in microseconds, at which a later record replaced it.
    """
    valid_from, valid_to = _validity(fact, zone)
    recorded = None if isinstance(fact, Asset) else fact.recorded
    return {
        "kind": stored_name(type(fact)),
        "id": fact.id,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "known_from": MIN_BIGINT if recorded is None else to_micros(recorded),
        "known_to": known_to,
        "body": to_text(fact, type(fact)),
    }


def fact_from_row(row: Row) -> Fact:
    """Return the fact in a row."""
    name = f"{row['kind']} `{row['id']}`"
    if row["kind"] not in FACT_KINDS:
        raise UnreadableError(name, "no facts are of this kind")
    fact: Fact = from_text(row["body"], FACT_KINDS[row["kind"]], name)
    return fact


def _validity(fact: Fact, zone: str) -> tuple[int, int]:
    """Return from when to when a fact holds; an empty time, if it is a retraction."""
    start: date | datetime | None = None
    end: date | datetime | None = None
    match fact:
        case Contract():
            first, last = signed_term(fact)
            return first, first if fact.retracted else last
        case Asset():
            return MIN_BIGINT, MAX_BIGINT
        case Delegation(start=start, end=end) | Block(start=start, end=end):
            pass
        case Renewal(start=start, end=end):
            pass
        case Amendment(effective=start):
            pass
        case Cancellation(effective=start) | NonRenewalNotice(given=start):
            pass
        case Transfer(at=start):
            pass
    first = MIN_BIGINT if start is None else boundary(start, zone)
    last = MAX_BIGINT if end is None else boundary(end, zone, end=True)
    return first, first if fact.retracted else last


def entry_to_row(entry: Entry) -> Row:
    """Return a ledger entry as a row."""
    return {
        "number": entry.number,
        "key": entry.command.key,
        "at": to_micros(entry.at),
        "recorded": to_micros(entry.recorded),
        "body": to_text(entry, Entry),
    }


def entry_from_row(row: Row) -> Entry:
    """Return the ledger entry in a row, which may name the customer."""
    of = f" of `{row['customer']}`" if "customer" in row else ""
    return from_text(row["body"], Entry, f"entry `{row['number']}`{of}")


def counted_case_to_row(case: OpenCase) -> Row:
    """Return a counted case as a row."""
    return {"id": case.id, "body": to_text(case, OpenCase)}


def counted_case_from_row(row: Row) -> OpenCase:
    """Return the counted case in a row."""
    return from_text(row["body"], OpenCase, f"counted case `{row['id']}`")


def case_to_rows(case: Case) -> tuple[Row, list[Row]]:
    """Return a case as a row, and its events as rows, which the `state` of the case covers."""
    events = [
        {"number": number, "recorded": to_micros(recorded), "body": to_text(event, Event)}
        for number, (event, recorded) in enumerate(
            zip(case.events, case.recorded, strict=True), start=1
        )
    ]
    body, states = to_text(case, Case), (f"{each['recorded']} {each['body']}" for each in events)
    row = {
        "id": case.id,
        "customer": case.customer,
        "opened": to_micros(case.opened),
        "closed": micros_or_none(case.closed),
        "next_due_at": micros_or_none(case.next_due_at),
        "status": case.status.value,
        "severity": case.severity,
        "due": micros_or_none(case.due),
        "state": fingerprint_of_rows(body, *states),
        "body": body,
    }
    return row, events


def case_from_row(row: Row, events: Sequence[Row]) -> Case:
    """Return the case in a row and the rows of its events."""
    case = from_text(row["body"], Case, f"case `{row['id']}`")
    return attrs.evolve(
        case,
        events=[event_from_row(each, row["id"]) for each in events],
        recorded=[from_micros(each["recorded"]) for each in events],
    )


def event_from_row(row: Row, case: str) -> Event:
    """Return the event in a row of a case."""
    return from_text(row["body"], Event, f"event of case `{case}`")


def agent_to_row(agent: Agent, workload: Workload) -> Row:
    """Return an agent and their workload as a row."""
    body, assigned = to_text(agent, Agent), to_text(workload, Workload)
    return {
        "id": agent.id,
        "state": fingerprint_of_rows(body, assigned),
        "body": body,
        "workload": assigned,
    }


def agent_from_row(row: Row) -> tuple[Agent, Workload]:
    """Return the agent in a row, and their workload."""
    return _agent(row["body"], row["id"]), from_text(
        row["workload"], Workload, f"workload of agent `{row['id']}`"
    )


@lru_cache(maxsize=_MAX_AGENTS)
def _agent(text: str, id: str) -> Agent:
    return from_text(text, Agent, f"agent `{id}`")


def schedule_to_row(schedule: OnCall) -> Row:
    """Return an on-call schedule as a row."""
    return {"id": schedule.id, "body": to_text(schedule, OnCall)}


def schedule_from_row(row: Row) -> OnCall:
    """Return the on-call schedule in a row."""
    return from_text(row["body"], OnCall, f"on-call schedule `{row['id']}`")


def work_item_to_row(item: WorkItem) -> Row:
    """Return a work item as a row, with the columns by which a queue is ordered."""
    body = to_text(item, WorkItem)
    return {
        "id": item.id,
        "expert_group": item.group,
        "queued": item.queued,
        "agent": item.state.assignee or "",
        **_order_columns(item),
        "state": fingerprint_of_rows(body),
        "body": body,
    }


def work_item_from_row(row: Row) -> WorkItem:
    """Return the work item in a row, after comparing the columns that order the queue.

    Raises:
        UnreadableError: The body cannot be read, or a column differs from it; `work` names it.
    """
    name = f"work `{row['id']}`"
    try:
        item = from_text(row["body"], WorkItem, name)
        _check_columns(row, _order_columns(item), name)
    except UnreadableError as error:
        error.work = row["id"]
        raise
    return item


def _check_columns(row: Row, expected: Row, name: str) -> None:
    for column, value in expected.items():
        if row[column] != value or type(row[column]) is not type(value):
            why = f"column `{column}` holds `{row[column]!r}` where its body has `{value}`"
            raise UnreadableError(name, why)


def _order_columns(item: WorkItem) -> Row:
    rank, due, opened, _ = item.queue_key
    queued_at = item.state.queued_at
    return {
        "rank": rank,
        "due": due,
        "opened": opened,
        "since": opened if queued_at is None else to_micros(queued_at),
        "next_due_at": micros_or_none(item.next_due_at),
    }


def lease_to_row(lease: GroupLease) -> Row:
    """Return the lease of a group as a row."""
    return {
        "expert_group": lease.group,
        "owner": lease.owner,
        "term": lease.term,
        "until": to_micros(lease.until),
    }


def lease_from_row(row: Row) -> GroupLease:
    """Return the lease of a group in a row."""
    with reading(f"lease of group `{row['expert_group']}`"):
        return GroupLease(
            group=row["expert_group"],
            owner=row["owner"],
            term=whole(row["term"]),
            until=from_micros(whole(row["until"])),
        )
