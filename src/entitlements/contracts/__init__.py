"""What was promised? Products, plans, contracts, allowances, and what happened to them.

Start reading at `products` and `plans`, go on to `contract` and `changes`, then `account` and
`catalog`; `standing` derives from all of them whether a line is in force. Prepaid amounts are told
by `allowances`, `grants` and `entries`; `ledger` folds them. `analysis` looks at plans as a whole.
"""

from entitlements.contracts.account import Account, OpenCase, Part
from entitlements.contracts.allotment import plan_grants, pool_of, with_plan_grants
from entitlements.contracts.allowances import (
    Aligned,
    Allowance,
    Consumption,
    Cycle,
    OverUse,
    Period,
    Rollover,
    Unit,
)
from entitlements.contracts.analysis import (
    CellChange,
    Offer,
    PlanCell,
    PlanDiff,
    PlanFinding,
    PlanFindingKind,
    TermChange,
    analyse,
    offers,
    plan_diff,
)
from entitlements.contracts.balance import Balance, Meter
from entitlements.contracts.catalog import Catalog, ExpertGroup, Precedence
from entitlements.contracts.changes import (
    Amendment,
    Block,
    BlockEffect,
    BlockLevel,
    Cancellation,
    Change,
    Renewal,
    RenewalKind,
    Transfer,
)
from entitlements.contracts.contract import Constraint, ConstraintKind, Contract, ContractLine
from entitlements.contracts.coverage import Coverage, CoveredLevel
from entitlements.contracts.entries import (
    Adjust,
    Command,
    Commit,
    Entry,
    EntryKind,
    Expire,
    GiveBack,
    Issue,
    Refusal,
    Reserve,
    Share,
    TransferUnits,
    Void,
    Withdraw,
)
from entitlements.contracts.grants import Grant, grants
from entitlements.contracts.ledger import Ledger, Outcome, Posted, Refused
from entitlements.contracts.parties import Asset, Delegation, NamedContact
from entitlements.contracts.plans import AccessRight, ChargeBasis, Grace, Plan
from entitlements.contracts.products import (
    LifeCycle,
    Phase,
    Product,
    ProductVersion,
    ServiceKind,
    ServiceProduct,
)
from entitlements.contracts.quantities import rounded
from entitlements.contracts.standing import LineHistory, Standing, Status, standings
from entitlements.contracts.transfers import Transferred, transfer_units

__all__ = [
    "AccessRight",
    "Account",
    "Adjust",
    "Aligned",
    "Allowance",
    "Amendment",
    "Asset",
    "Balance",
    "Block",
    "BlockEffect",
    "BlockLevel",
    "Cancellation",
    "Catalog",
    "CellChange",
    "Change",
    "ChargeBasis",
    "Command",
    "Commit",
    "Constraint",
    "ConstraintKind",
    "Consumption",
    "Contract",
    "ContractLine",
    "Coverage",
    "CoveredLevel",
    "Cycle",
    "Delegation",
    "Entry",
    "EntryKind",
    "ExpertGroup",
    "Expire",
    "GiveBack",
    "Grace",
    "Grant",
    "Issue",
    "Ledger",
    "LifeCycle",
    "LineHistory",
    "Meter",
    "NamedContact",
    "Offer",
    "OpenCase",
    "Outcome",
    "OverUse",
    "Part",
    "Period",
    "Phase",
    "Plan",
    "PlanCell",
    "PlanDiff",
    "PlanFinding",
    "PlanFindingKind",
    "Posted",
    "Precedence",
    "Product",
    "ProductVersion",
    "Refusal",
    "Refused",
    "Renewal",
    "RenewalKind",
    "Reserve",
    "Rollover",
    "ServiceKind",
    "ServiceProduct",
    "Share",
    "Standing",
    "Status",
    "TermChange",
    "Transfer",
    "TransferUnits",
    "Transferred",
    "Unit",
    "Void",
    "Withdraw",
    "analyse",
    "grants",
    "offers",
    "plan_diff",
    "plan_grants",
    "pool_of",
    "rounded",
    "standings",
    "transfer_units",
    "with_plan_grants",
]
