"""May they? Whether a contract gives access to an expert group now, and why or why not.

Start reading at `reasons` and `decision`, go on to `checks` and `contacts`, then `cells`, `index`
and `decide`; end at `terms`, which answers everything that explains a decision, and `remedies`.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.access.decider import AccountDecider, decide
    from entitlements.access.decision import (
        CONSENT,
        Charge,
        ChargeKind,
        Decision,
        Deferred,
        Denied,
        Entitlement,
        Granted,
        Obligation,
        ObligationKind,
        Promise,
        ProposedFact,
        Remedy,
        RemedyKind,
    )
    from entitlements.access.explained import Advisory, AdvisoryKind
    from entitlements.access.findings import (
        Candidate,
        CheckOutcome,
        CheckResult,
        DecisionProvenance,
    )
    from entitlements.access.precedence import FirstResponseTarget
    from entitlements.access.reasons import Check, Reason, reason_sentence
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "decider": ("AccountDecider", "decide"),
            "decision": (
                "CONSENT",
                "Charge",
                "ChargeKind",
                "Decision",
                "Deferred",
                "Denied",
                "Entitlement",
                "Granted",
                "Obligation",
                "ObligationKind",
                "Promise",
                "ProposedFact",
                "Remedy",
                "RemedyKind",
            ),
            "explained": ("Advisory", "AdvisoryKind"),
            "findings": ("Candidate", "CheckOutcome", "CheckResult", "DecisionProvenance"),
            "precedence": ("FirstResponseTarget",),
            "reasons": ("Check", "Reason", "reason_sentence"),
        },
    )

__all__ = [
    "CONSENT",
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
    "FirstResponseTarget",
    "Granted",
    "Obligation",
    "ObligationKind",
    "Promise",
    "ProposedFact",
    "Reason",
    "Remedy",
    "RemedyKind",
    "decide",
    "reason_sentence",
]
