"""May they? Whether a contract gives access to an expert group now, and why or why not.

Start reading at `reasons` and `decision`, go on to `checks` and `contacts`, then `cells`, `index`
and `decide`; end at `terms`, which answers everything that explains a decision, and `remedies`.
"""

from entitlements.access.decider import Terms, decide
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
    Proposal,
    Remedy,
    RemedyKind,
)
from entitlements.access.explained import Advisory, AdvisoryKind
from entitlements.access.findings import Candidate, Finding, Outcome, Provenance
from entitlements.access.precedence import ResponseTarget
from entitlements.access.reasons import Check, Reason, sentence

__all__ = [
    "CONSENT",
    "Advisory",
    "AdvisoryKind",
    "Candidate",
    "Charge",
    "ChargeKind",
    "Check",
    "Decision",
    "Deferred",
    "Denied",
    "Entitlement",
    "Finding",
    "Granted",
    "Obligation",
    "ObligationKind",
    "Outcome",
    "Promise",
    "Proposal",
    "Provenance",
    "Reason",
    "Remedy",
    "RemedyKind",
    "ResponseTarget",
    "Terms",
    "decide",
    "sentence",
]
