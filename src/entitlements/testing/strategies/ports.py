"""Hypothesis strategies for stored records.

Few names, so that they coincide; instants around one day, so that they overlap.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

import attrs
from hypothesis import strategies as st

from entitlements.contracts.account import Account, OpenCase
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.ledger.entries import Entry, Issue, Reserve
from entitlements.contracts.ledger.ledger import Ledger
from entitlements.contracts.records.changes import Cancellation
from entitlements.contracts.records.contract import Contract, ContractLine
from entitlements.contracts.records.parties import Asset, Delegation
from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.kernel.instants import utc
from entitlements.kernel.requests import Request
from entitlements.ports.admissions import Admission, AdmissionFacts
from entitlements.ports.records import Case, ExecutedCommand, FrozenTerms, WorkItem
from entitlements.routing.offers.lifecycle import Enqueue, WorkStatus
from entitlements.routing.offers.work_state import OfferLease, OfferRefusal, WorkState
from entitlements.routing.work.work import Work
from entitlements.sla.case_history.events import Event
from entitlements.testing.strategies import routing, sla
from entitlements.testing.strategies.ledger import ledgers

START: Final = utc("2026-03-02T09:00Z")
SPITEFUL: Final = (
    "acme",
    "O'Brien",
    '"; DROP TABLE cases; --',
    "%_\\",
    "ünïcödé 名前",
    "x" * 200,
    "NULL",
    ":tenant",
)
"""Names that a careless statement would stumble over."""


def names() -> st.SearchStrategy[str]:
    """Ids, often nasty ones."""
    return st.sampled_from(SPITEFUL)


def instants() -> st.SearchStrategy[datetime]:
    """Instants from a day before to four days after `START`, to the microsecond."""
    return st.integers(-86_400_000_000, 4 * 86_400_000_000).map(
        lambda micros: START + timedelta(microseconds=micros)
    )


def contract(id: str = "C-1", customer: str = "acme") -> Contract:
    """Return a plain contract for the year 2026."""
    return Contract(
        id=id,
        customer=customer,
        zone="Europe/Berlin",
        start=date(2026, 1, 1),
        end=date(2026, 12, 31),
        lines=[ContractLine(id="L-1", plan="gold")],
        any_contact=True,
        recorded=START - timedelta(days=60),
    )


def account(customer: str = "acme", amount: int = 3) -> Account:
    """Return an account with one contract and `amount` incidents to use."""
    day = utc("2026-01-01T00:00Z")
    grant = Grant(id="cases@2026", unit="incidents", amount=amount, effective=day)
    ledger = Ledger().post(Issue(grant=grant), day).ledger
    return Account(customer=customer, contracts=[contract(customer=customer)], ledger=ledger)


def reservation(ledger: Ledger, key: str, amount: int = 1) -> Entry:
    """Return the entry that a reservation makes."""
    return ledger.post(Reserve(key=key, unit="incidents", amount=amount), START).entry


def case(id: str = "R-1", customer: str = "acme") -> Case:
    """Return a case that was just admitted."""
    request = Request(
        id=id, customer=customer, contact="dana", product="db", severity="S1", channel="phone"
    )
    return Case(
        request=request,
        opened=START,
        terms=FrozenTerms(edition=1, contract="C-1", line="L-1", policy="gold"),
        events=[Event.opened(START, severity="S1", channel="phone")],
        next_due_at=START + timedelta(hours=1),
    )


def work_item(id: str = "R-1", group: str = "db", rank: int = 0) -> WorkItem:
    """Return work that waits for an offer."""
    work = Work(id=id, opened=START, rank=rank)
    state = WorkState(work=id, status=WorkStatus.QUEUED, queued_at=START)
    return WorkItem(work=work, group=group, state=state)


def admission(
    facts: AdmissionFacts, id: str = "R-1", customer: str = "acme", *, opens: bool = True
) -> Admission:
    """Return an admission by the command `k-<id>`; if it opens a case, it reserves a unit."""
    ledger = Ledger() if facts.account is None else facts.account.ledger
    return Admission(
        facts=facts,
        customer=customer,
        kind="admit",
        subject=id,
        body='{"ü": "\\u0000"}',
        done=ExecutedCommand(id=f"k-{id}", digest="d", at=START, answer="{}"),
        entries=(reservation(ledger, id),) if opens else (),
        case=attrs.evolve(case(id, customer), next_due_at=None) if opens else None,
        item=work_item(id) if opens else None,
        messages=(("case.opened", f'{{"case": "{id}"}}', id),),
    )


@st.composite
def accounts(draw: st.DrawFn, customer: str = "acme") -> Account:
    """Accounts with contracts and what happened to them, a ledger and cases."""
    ids = draw(st.lists(st.sampled_from(["C-1", "C-2", "C'3"]), min_size=1, unique=True))
    stamps = st.none() | instants()
    contracts = [attrs.evolve(contract(id, customer), recorded=draw(stamps)) for id in ids]
    changes = [
        Cancellation(id=f"X-{id}", contract=id, effective=START, recorded=draw(stamps))
        for id in draw(st.sets(st.sampled_from(ids)))
    ]
    delegations = [
        Delegation(id="D-1", contract=ids[0], giver="dana", receiver="eve", start=START)
    ] * draw(st.integers(0, 1))
    cases = [
        OpenCase(id=name, contract=ids[0], line="L-1", opened=START)
        for name in draw(st.lists(names(), unique=True, max_size=3))
    ]
    assets = [Asset(id=name, product="db") for name in draw(st.lists(names(), unique=True))]
    return Account(
        customer=customer,
        contracts=contracts,
        changes=changes,
        delegations=delegations,
        assets=assets,
        ledger=draw(ledgers()),
        cases=cases,
        unknown=draw(st.sampled_from([{}, {"assets": "the inventory did not answer"}])),
    )


@st.composite
def requests(draw: st.DrawFn, id: str = "R-1", customer: str = "acme") -> Request:
    """Requests in which every field may be set."""
    optional = st.none() | names()
    return Request(
        id=id,
        customer=customer,
        contact=draw(names()),
        product="db",
        severity="S1",
        channel="phone",
        group=draw(optional),
        contract=draw(optional),
        version=draw(optional),
        asset=draw(optional),
        site=draw(optional),
        party=draw(optional),
        kind=draw(optional),
        language=draw(optional),
        skills=draw(st.dictionaries(names(), st.integers(1, 5), max_size=2)),
        follows=draw(optional),
        conditions=draw(st.frozensets(names(), max_size=2)),
    )


@st.composite
def cases(draw: st.DrawFn, id: str = "R-1", customer: str = "acme") -> Case:
    """Cases in any state, with any events."""
    terms = FrozenTerms(
        edition=draw(st.integers(0, 3)),
        contract="C-1",
        line=draw(names()),
        policy="gold",
        calendars=draw(st.dictionaries(names(), names(), max_size=2)),
    )
    events = draw(st.lists(sla.events(), max_size=5))
    return Case(
        request=draw(requests(id, customer)),
        opened=START,
        terms=terms,
        events=events,
        recorded=[draw(instants()) for _ in events],
        closed=draw(st.none() | instants().map(lambda at: max(at, START))),
        next_due_at=draw(st.none() | instants()),
    )


@st.composite
def offerings(draw: st.DrawFn, work: str = "R-1") -> WorkState:
    """States of work, possible or not: a store does not judge."""
    lease = st.builds(OfferLease, names(), instants(), st.integers(1, 9), instants())
    refusal = st.builds(OfferRefusal, names(), instants(), st.text(max_size=4))
    return WorkState(
        work=work,
        status=draw(st.sampled_from(WorkStatus)),
        fence=draw(st.integers(0, 9)),
        leases=tuple(draw(st.lists(lease, max_size=2))),
        assignee=draw(st.none() | names()),
        assignee_fence=draw(st.integers(0, 9)),
        refusals=tuple(draw(st.lists(refusal, max_size=2))),
        refusal_count=draw(st.integers(0, 3)),
        queued_at=draw(st.none() | instants()),
        declined_at=draw(st.none() | instants()),
        transferred_at=draw(st.none() | instants()),
        heartbeat_at=draw(st.none() | instants()),
        wrap_until=draw(st.none() | instants()),
        executed_commands=FrozenMap(
            {id: Enqueue(id) for id in draw(st.lists(names(), max_size=2))}
        ),
    )


@st.composite
def work_items(draw: st.DrawFn, id: str | None = None) -> WorkItem:
    """Work in any state."""
    work = draw(routing.works(id))
    return WorkItem(
        work=work,
        group=draw(names()),
        state=draw(offerings(work.id)),
        next_due_at=draw(st.none() | instants()),
    )
