"""Access decisions: whether a contract gives access to an expert group, with reasons and remedies.

Start with `decide`, or with `AccountDecider` for several requests; a decision is `Granted`,
`Deferred` or `Denied`.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.access.decider import AccountDecider, decide
    from entitlements.access.decision import Decision, Deferred, Denied, Granted
    from entitlements.access.explanation import Advisory, AdvisoryKind
    from entitlements.access.findings import (
        Candidate,
        CheckOutcome,
        CheckResult,
        DecisionProvenance,
    )
    from entitlements.access.promise import (
        OVERAGE_CONSENT,
        Charge,
        ChargeKind,
        Entitlement,
        Obligation,
        ObligationKind,
        Promise,
    )
    from entitlements.access.reasons import Check, Reason, reason_sentence
    from entitlements.access.remedies.remedy import Remedy, RemedyKind
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "decider": ("AccountDecider", "decide"),
            "decision": ("Decision", "Deferred", "Denied", "Granted"),
            "explanation": ("Advisory", "AdvisoryKind"),
            "findings": ("Candidate", "CheckOutcome", "CheckResult", "DecisionProvenance"),
            "promise": (
                "OVERAGE_CONSENT",
                "Charge",
                "ChargeKind",
                "Entitlement",
                "Obligation",
                "ObligationKind",
                "Promise",
            ),
            "remedies.remedy": ("Remedy", "RemedyKind"),
            "reasons": ("Check", "Reason", "reason_sentence"),
        },
    )

__all__ = [
    "OVERAGE_CONSENT",
    "AccountDecider",
    "Advisory",
    "AdvisoryKind",
    "Candidate",
    "Charge",
    "ChargeKind",
    "Check",
    "CheckOutcome",
    "CheckResult",
    "Decision",
    "DecisionProvenance",
    "Deferred",
    "Denied",
    "Entitlement",
    "Granted",
    "Obligation",
    "ObligationKind",
    "Promise",
    "Reason",
    "Remedy",
    "RemedyKind",
    "decide",
    "reason_sentence",
]
