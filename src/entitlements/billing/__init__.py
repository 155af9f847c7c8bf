"""Billing: what work, fees and missed promises cost, as lines that explain themselves.

Start with `charge_work` and `StandingCharge`, which make lines, and `make_sheet`, which puts those
of a period beside what was charged before. Nothing is stored, invoiced or taxed.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.billing.claims import (
        ClaimStart,
        ClaimWindow,
        CreditState,
        ServiceCredit,
        credit_lines,
    )
    from entitlements.billing.credit_schedules import CreditBand, CreditBasis, CreditSchedule
    from entitlements.billing.lines import ChargeLine, LineKind, LineReason
    from entitlements.billing.proration import DayCount, LastDay, Proration
    from entitlements.billing.rates import AfterHours, Rate, RateCard
    from entitlements.billing.rounding import (
        Rounding,
        RoundingDirection,
        RoundingScope,
        RoundingTie,
    )
    from entitlements.billing.sheet import Sheet, make_sheet
    from entitlements.billing.standing_charges import ChargeTiming, StandingCharge
    from entitlements.billing.terms import ChargedCase, OveragePayment, WorkTerms
    from entitlements.billing.work_charges import charge_work
    from entitlements.billing.work_logs import WorkLog, overlapping_work, valid_work
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "claims": (
                "ClaimStart",
                "ClaimWindow",
                "CreditState",
                "ServiceCredit",
                "credit_lines",
            ),
            "credit_schedules": ("CreditBand", "CreditBasis", "CreditSchedule"),
            "lines": ("ChargeLine", "LineKind", "LineReason"),
            "proration": ("DayCount", "LastDay", "Proration"),
            "rates": ("AfterHours", "Rate", "RateCard"),
            "rounding": ("Rounding", "RoundingDirection", "RoundingScope", "RoundingTie"),
            "sheet": ("Sheet", "make_sheet"),
            "standing_charges": ("ChargeTiming", "StandingCharge"),
            "terms": ("ChargedCase", "OveragePayment", "WorkTerms"),
            "work_charges": ("charge_work",),
            "work_logs": ("WorkLog", "overlapping_work", "valid_work"),
        },
    )

__all__ = [
    "AfterHours",
    "ChargeLine",
    "ChargeTiming",
    "ChargedCase",
    "ClaimStart",
    "ClaimWindow",
    "CreditBand",
    "CreditBasis",
    "CreditSchedule",
    "CreditState",
    "DayCount",
    "LastDay",
    "LineKind",
    "LineReason",
    "OveragePayment",
    "Proration",
    "Rate",
    "RateCard",
    "Rounding",
    "RoundingDirection",
    "RoundingScope",
    "RoundingTie",
    "ServiceCredit",
    "Sheet",
    "StandingCharge",
    "WorkLog",
    "WorkTerms",
    "charge_work",
    "credit_lines",
    "make_sheet",
    "overlapping_work",
    "valid_work",
]
