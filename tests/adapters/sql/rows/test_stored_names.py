"""Stored names of classes: what digests and rows write instead of a class name."""

from __future__ import annotations

from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs
import pytest

from entitlements.adapters.sql.rows.mapping import EditionBody
from entitlements.calendars.options import BusinessDays
from entitlements.contracts.account import OpenCase
from entitlements.contracts.allowances.allowance import Allowance, Cycle, Rollover
from entitlements.contracts.allowances.grants import Grant
from entitlements.contracts.catalog import ExpertGroup
from entitlements.contracts.ledger.entries import (
    Adjust,
    Commit,
    Entry,
    Expire,
    GiveBack,
    GrantShare,
    Issue,
    LedgerCommand,
    Reserve,
    TransferUnits,
    Void,
    Withdraw,
)
from entitlements.contracts.plan_terms.commercial_terms import CommercialTerms, UptimePromise
from entitlements.contracts.plan_terms.lead_time import LeadTime
from entitlements.contracts.plan_terms.priority_matrix import PriorityMatrix
from entitlements.contracts.plan_terms.quantity_steps import QuantityStep
from entitlements.contracts.plan_terms.renewal_terms import RenewalTerms
from entitlements.contracts.plans import AccessRight, Grace, Plan
from entitlements.contracts.products import LifeCycle, Product, ProductVersion, ServiceProduct
from entitlements.contracts.records.changes import (
    Amendment,
    Block,
    Cancellation,
    Change,
    NonRenewalNotice,
    Renewal,
    Transfer,
)
from entitlements.contracts.records.contract import Constraint, Contract, ContractLine, Coverage
from entitlements.contracts.records.parties import Asset, Delegation, NamedContact
from entitlements.kernel.data.digests import STORED_NAMES, stored_name
from entitlements.kernel.errors import InvalidValueError
from entitlements.kernel.requests import Request
from entitlements.ports.records import Case, FrozenTerms, WorkItem
from entitlements.ports.repositories import Fact
from entitlements.routing.agents.agent import Agent
from entitlements.routing.agents.assignment_override import AssignmentOverride
from entitlements.routing.agents.on_call import OnCall
from entitlements.routing.agents.workload import Workload
from entitlements.routing.offers.lifecycle import (
    Accept,
    AssigneeAction,
    Cancel,
    Decline,
    Enqueue,
    Offer,
    Park,
    ProcessTimeouts,
    Rescind,
)
from entitlements.service.commands.commands import (
    AcceptOffer,
    AdmitRequest,
    AdoptCase,
    AssignCase,
    CancelCase,
    CaseCommand,
    DeclineOffer,
    OfferCase,
    RecordEvent,
    ReopenCase,
    ResolveCase,
    SyncCase,
    TransferCase,
)
from entitlements.sla.case_history.events import Event
from entitlements.sla.options.clock_options import ClockOptions
from entitlements.sla.policy import SlaPolicy
from entitlements.sla.targets import Target

EXPECTED = {
    Accept: "accept",
    AcceptOffer: "accept_offer",
    AccessRight: "access_right",
    Adjust: "adjust",
    AdmitRequest: "admit_request",
    Allowance: "allowance",
    Amendment: "amendment",
    Asset: "asset",
    AssigneeAction: "assignee_action",
    AssignmentOverride: "assignment_override",
    Block: "block",
    BusinessDays: "business_days",
    Cancel: "cancel",
    AdoptCase: "adopt_case",
    AssignCase: "assign_case",
    SyncCase: "sync_case",
    CancelCase: "cancel_case",
    Cancellation: "cancellation",
    ClockOptions: "clock_options",
    CommercialTerms: "commercial_terms",
    Commit: "commit",
    Constraint: "constraint",
    Contract: "contract",
    ContractLine: "contract_line",
    Coverage: "coverage",
    Cycle: "cycle",
    Decline: "decline",
    DeclineOffer: "decline_offer",
    Delegation: "delegation",
    Enqueue: "enqueue",
    Entry: "entry",
    Event: "event",
    ExpertGroup: "expert_group",
    Expire: "expire",
    GiveBack: "give_back",
    Grace: "grace",
    Grant: "grant",
    GrantShare: "grant_share",
    Issue: "issue",
    LeadTime: "lead_time",
    LifeCycle: "life_cycle",
    NamedContact: "named_contact",
    NonRenewalNotice: "non_renewal_notice",
    Offer: "offer",
    OfferCase: "offer_case",
    OpenCase: "open_case",
    Park: "park",
    Plan: "plan",
    ProcessTimeouts: "process_timeouts",
    Product: "product",
    ProductVersion: "product_version",
    PriorityMatrix: "priority_matrix",
    QuantityStep: "quantity_step",
    RecordEvent: "record_event",
    Renewal: "renewal",
    RenewalTerms: "renewal_terms",
    ReopenCase: "reopen_case",
    Request: "request",
    Rescind: "rescind",
    Reserve: "reserve",
    ResolveCase: "resolve_case",
    Rollover: "rollover",
    ServiceProduct: "service_product",
    SlaPolicy: "sla_policy",
    Target: "target",
    Transfer: "transfer",
    TransferCase: "transfer_case",
    TransferUnits: "transfer_units",
    UptimePromise: "uptime_promise",
    Void: "void",
    Withdraw: "withdraw",
}
"""Every class that is stored by kind or digested; a new one needs its name here, too."""

DIGESTED = (Request, Contract, Asset, Delegation, LedgerCommand, Change, Entry, OpenCase, SlaPolicy)
CATALOG = (ServiceProduct, Product, ExpertGroup, Plan)
STORED = (EditionBody, Entry, Case, Agent, Workload, OnCall, WorkItem)


@pytest.mark.parametrize(("of", "name"), EXPECTED.items(), ids=str)
def test_a_class_is_stored_under_its_own_name(of: type, name: str) -> None:
    assert stored_name(of) == name


def test_stored_names_are_unique() -> None:
    assert len(set(STORED_NAMES.values())) == len(STORED_NAMES)
    assert len({each.__name__ for each in EXPECTED}) == len(EXPECTED)


def test_every_stored_name_belongs_to_a_class() -> None:
    assert set(STORED_NAMES) == {each.__name__ for each in EXPECTED}


def test_every_class_that_is_digested_or_stored_by_kind_has_a_name() -> None:
    # Records of service and their commands are stored under their kinds.
    digested, _ = reached(*DIGESTED, *CATALOG, AdmitRequest, CaseCommand)
    _, kinds = reached(*STORED, Fact)
    assert digested | kinds == set(EXPECTED)


def test_a_class_without_a_stored_name_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="`FrozenTerms` are never stored or digested"):
        stored_name(FrozenTerms)


def reached(*roots: Any) -> tuple[set[type], set[type]]:
    """Return the classes in fields of the roots, and those that a kind distinguishes."""
    found: set[type] = set()
    kinds: set[type] = set()
    waiting = list(roots)
    while waiting:
        of = waiting.pop()
        parts = get_args(of)
        waiting += parts
        if get_origin(of) in {Union, UnionType}:
            choices = [each for each in parts if each is not type(None)]
            kinds |= {each for each in choices if len(choices) > 1 and attrs.has(each)}
        if isinstance(of, type) and attrs.has(of) and of not in found:
            found.add(of)
            hints = get_type_hints(of)
            waiting += [hints[each.name] for each in attrs.fields(of) if each.eq]
    return found, kinds
