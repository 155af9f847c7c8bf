"""Contracts: products, plans, contracts and their changes, allowances and their ledger.

Start with `Plan` and `Contract`. A `Catalog` holds what all customers share, an `Account` the
records of one customer; `line_histories` derives from both whether a line is in force. An
`Allowance` is what a plan includes, a `Grant` its units with dates, and a `Ledger` what was taken
of them. `analyse_plan` and `plan_diff` examine plans.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.contracts.account import Account, OpenCase
    from entitlements.contracts.allowances.allowance import Allowance, Cycle, Rollover, Unit
    from entitlements.contracts.allowances.grants import Grant, grants_of_term
    from entitlements.contracts.allowances.quantities import round_up_to_increment
    from entitlements.contracts.analysis import (
        PlanDiff,
        PlanFinding,
        PlanFindingKind,
        analyse_plan,
        plan_diff,
    )
    from entitlements.contracts.catalog import Catalog, ExpertGroup, Precedence
    from entitlements.contracts.ledger.balance import Balance
    from entitlements.contracts.ledger.entries import (
        Adjust,
        Commit,
        Entry,
        EntryKind,
        Expire,
        GiveBack,
        GrantShare,
        Issue,
        RefusalReason,
        Reserve,
        TransferUnits,
        Void,
        Withdraw,
    )
    from entitlements.contracts.ledger.ledger import Ledger, Posted, PostRefused
    from entitlements.contracts.ledger.transfers import UnitsTransferred, transfer_units
    from entitlements.contracts.lines.line_history import LineHistory, LineStatus
    from entitlements.contracts.lines.line_status import line_histories
    from entitlements.contracts.lines.plan_grants import ledger_with_plan_grants
    from entitlements.contracts.plan_terms.availability_rules import (
        AvailabilityRules,
    )
    from entitlements.contracts.plan_terms.priority_matrix import ITIL_PRIORITIES, PriorityMatrix
    from entitlements.contracts.plans import AccessRight, Grace, Plan
    from entitlements.contracts.products import LifeCycle, Product, ProductVersion, ServiceProduct
    from entitlements.contracts.records.changes import (
        Amendment,
        Block,
        Cancellation,
        Renewal,
        Transfer,
    )
    from entitlements.contracts.records.contract import Constraint, Contract, ContractLine, Coverage
    from entitlements.contracts.records.parties import Asset, Delegation, NamedContact
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "account": ("Account", "OpenCase"),
            "allowances.allowance": ("Allowance", "Cycle", "Rollover", "Unit"),
            "allowances.grants": ("Grant", "grants_of_term"),
            "allowances.quantities": ("round_up_to_increment",),
            "analysis": ("PlanDiff", "PlanFinding", "PlanFindingKind", "analyse_plan", "plan_diff"),
            "catalog": ("Catalog", "ExpertGroup", "Precedence"),
            "records.changes": ("Amendment", "Block", "Cancellation", "Renewal", "Transfer"),
            "records.contract": ("Constraint", "Contract", "ContractLine", "Coverage"),
            "ledger.balance": ("Balance",),
            "ledger.entries": (
                "Adjust",
                "Commit",
                "Entry",
                "EntryKind",
                "Expire",
                "GiveBack",
                "GrantShare",
                "Issue",
                "RefusalReason",
                "Reserve",
                "TransferUnits",
                "Void",
                "Withdraw",
            ),
            "ledger.ledger": ("Ledger", "PostRefused", "Posted"),
            "ledger.transfers": ("UnitsTransferred", "transfer_units"),
            "lines.line_history": ("LineHistory", "LineStatus"),
            "lines.line_status": ("line_histories",),
            "lines.plan_grants": ("ledger_with_plan_grants",),
            "records.parties": ("Asset", "Delegation", "NamedContact"),
            "plan_terms.availability_rules": ("AvailabilityRules",),
            "plan_terms.priority_matrix": ("ITIL_PRIORITIES", "PriorityMatrix"),
            "plans": ("AccessRight", "Grace", "Plan"),
            "products": ("LifeCycle", "Product", "ProductVersion", "ServiceProduct"),
        },
    )

__all__ = [
    "ITIL_PRIORITIES",
    "AccessRight",
    "Account",
    "Adjust",
    "Allowance",
    "Amendment",
    "Asset",
    "AvailabilityRules",
    "Balance",
    "Block",
    "Cancellation",
    "Catalog",
    "Commit",
    "Constraint",
    "Contract",
    "ContractLine",
    "Coverage",
    "Cycle",
    "Delegation",
    "Entry",
    "EntryKind",
    "ExpertGroup",
    "Expire",
    "GiveBack",
    "Grace",
    "Grant",
    "GrantShare",
    "Issue",
    "Ledger",
    "LifeCycle",
    "LineHistory",
    "LineStatus",
    "NamedContact",
    "OpenCase",
    "Plan",
    "PlanDiff",
    "PlanFinding",
    "PlanFindingKind",
    "PostRefused",
    "Posted",
    "Precedence",
    "PriorityMatrix",
    "Product",
    "ProductVersion",
    "RefusalReason",
    "Renewal",
    "Reserve",
    "Rollover",
    "ServiceProduct",
    "Transfer",
    "TransferUnits",
    "Unit",
    "UnitsTransferred",
    "Void",
    "Withdraw",
    "analyse_plan",
    "grants_of_term",
    "ledger_with_plan_grants",
    "line_histories",
    "plan_diff",
    "round_up_to_increment",
    "transfer_units",
]
