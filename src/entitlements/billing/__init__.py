"""Billing: what work, fees and missed promises cost, as lines that explain themselves.

Start with `charge_work` and `StandingCharge`, which make lines, and `make_sheet`, which puts those
of a period beside what was charged before. Nothing is stored, invoiced or taxed.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.billing.billing_accounts import BillingAccount
    from entitlements.billing.credits.claim_windows import ClaimWindow
    from entitlements.billing.credits.claims import CreditState, ServiceCredit, credit_lines
    from entitlements.billing.credits.credit_schedules import (
        CreditBand,
        CreditSchedule,
    )
    from entitlements.billing.credits.measured_figures import MeasuredFigure
    from entitlements.billing.fees.billing_periods import BillingSchedule
    from entitlements.billing.fees.discounts import Discount, MinimumCommitment, discount_lines
    from entitlements.billing.fees.prepaid_blocks import PrepaidBlock
    from entitlements.billing.fees.price_lists import Price, PriceList
    from entitlements.billing.fees.proration import Proration
    from entitlements.billing.fees.standing_charges import StandingCharge
    from entitlements.billing.lines import ChargeLine, LineKind, LineReason
    from entitlements.billing.price_book import PriceBook
    from entitlements.billing.sheet import Sheet, make_sheet
    from entitlements.billing.work.rates import AfterHours, Rate, RateCard
    from entitlements.billing.work.rounding import (
        Rounding,
    )
    from entitlements.billing.work.terms import ChargedCase, WorkTerms
    from entitlements.billing.work.work_charges import charge_work
    from entitlements.billing.work.work_logs import WorkLog, overlapping_work
    from entitlements.billing.work.work_rules import WorkRules
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "fees.billing_periods": ("BillingSchedule",),
            "billing_accounts": ("BillingAccount",),
            "credits.claim_windows": ("ClaimWindow",),
            "credits.claims": ("CreditState", "ServiceCredit", "credit_lines"),
            "credits.credit_schedules": ("CreditBand", "CreditSchedule"),
            "credits.measured_figures": ("MeasuredFigure",),
            "fees.discounts": ("Discount", "MinimumCommitment", "discount_lines"),
            "lines": ("ChargeLine", "LineKind", "LineReason"),
            "fees.prepaid_blocks": ("PrepaidBlock",),
            "fees.price_lists": ("Price", "PriceList"),
            "fees.proration": ("Proration",),
            "work.rates": ("AfterHours", "Rate", "RateCard"),
            "work.rounding": ("Rounding",),
            "sheet": ("Sheet", "make_sheet"),
            "fees.standing_charges": ("StandingCharge",),
            "work.terms": ("ChargedCase", "WorkTerms"),
            "work.work_charges": ("charge_work",),
            "work.work_rules": ("WorkRules",),
            "price_book": ("PriceBook",),
            "work.work_logs": ("WorkLog", "overlapping_work"),
        },
    )

__all__ = [
    "AfterHours",
    "BillingAccount",
    "BillingSchedule",
    "ChargeLine",
    "ChargedCase",
    "ClaimWindow",
    "CreditBand",
    "CreditSchedule",
    "CreditState",
    "Discount",
    "LineKind",
    "LineReason",
    "MeasuredFigure",
    "MinimumCommitment",
    "PrepaidBlock",
    "Price",
    "PriceBook",
    "PriceList",
    "Proration",
    "Rate",
    "RateCard",
    "Rounding",
    "ServiceCredit",
    "Sheet",
    "StandingCharge",
    "WorkLog",
    "WorkRules",
    "WorkTerms",
    "charge_work",
    "credit_lines",
    "discount_lines",
    "make_sheet",
    "overlapping_work",
]
