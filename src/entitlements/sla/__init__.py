"""By when? The clocks of a case, as folds over its events.

Start reading at `milestones` and `events`, go on to `transitions` and `history`, then `targets`,
`options` and `policy`, then `count`, `clock` and `fold`; `measure`, `measurements` and `readings`
are what is asked and answered. `tracker`, `agreements`, `presets` and `pictures` stand upon them.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.sla.agreements import AgreementChoice, Agreements
    from entitlements.sla.case_history.events import Event, EventKind
    from entitlements.sla.case_history.history import History, RejectedEvent
    from entitlements.sla.case_history.lifecycle import (
        CASE_TRANSITIONS,
        CaseState,
        CaseStatus,
        next_case_state,
    )
    from entitlements.sla.clock.compiled_policy import CompiledPolicy, OpeningDeadlines
    from entitlements.sla.clock.trace import TimeUse, TraceSegment
    from entitlements.sla.measurement import (
        Measurement,
        due_if_resumed,
        measure,
        measure_with_severity,
        next_change,
    )
    from entitlements.sla.milestones import Milestone, MilestoneState, Recurrence
    from entitlements.sla.options import (
        AcknowledgementRule,
        ClockOptions,
        ClockStart,
        ExpiryRule,
        NextResponseStart,
        PausedDueDisplay,
        ReopenRule,
        ResolutionEffect,
        SeverityChangeRule,
        TermsChangeRule,
        UpdateStart,
    )
    from entitlements.sla.policy import PolicyVersions, SlaPolicy
    from entitlements.sla.presets import CLOCK_PRESETS
    from entitlements.sla.readings import Reading, WarningTime
    from entitlements.sla.targets import Target
    from entitlements.sla.tracker import Tracker
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "agreements": ("AgreementChoice", "Agreements"),
            "case_history.events": ("Event", "EventKind"),
            "case_history.history": ("History", "RejectedEvent"),
            "case_history.lifecycle": (
                "CASE_TRANSITIONS",
                "CaseState",
                "CaseStatus",
                "next_case_state",
            ),
            "clock.compiled_policy": ("CompiledPolicy", "OpeningDeadlines"),
            "clock.trace": ("TimeUse", "TraceSegment"),
            "measurement": (
                "Measurement",
                "due_if_resumed",
                "measure",
                "measure_with_severity",
                "next_change",
            ),
            "milestones": ("Milestone", "MilestoneState", "Recurrence"),
            "options": (
                "AcknowledgementRule",
                "ClockOptions",
                "ClockStart",
                "ExpiryRule",
                "NextResponseStart",
                "PausedDueDisplay",
                "ReopenRule",
                "ResolutionEffect",
                "SeverityChangeRule",
                "TermsChangeRule",
                "UpdateStart",
            ),
            "policy": ("PolicyVersions", "SlaPolicy"),
            "presets": ("CLOCK_PRESETS",),
            "readings": ("Reading", "WarningTime"),
            "targets": ("Target",),
            "tracker": ("Tracker",),
        },
    )

__all__ = [
    "CASE_TRANSITIONS",
    "CLOCK_PRESETS",
    "AcknowledgementRule",
    "AgreementChoice",
    "Agreements",
    "CaseState",
    "CaseStatus",
    "ClockOptions",
    "ClockStart",
    "CompiledPolicy",
    "Event",
    "EventKind",
    "ExpiryRule",
    "History",
    "Measurement",
    "Milestone",
    "MilestoneState",
    "NextResponseStart",
    "OpeningDeadlines",
    "PausedDueDisplay",
    "PolicyVersions",
    "Reading",
    "Recurrence",
    "RejectedEvent",
    "ReopenRule",
    "ResolutionEffect",
    "SeverityChangeRule",
    "SlaPolicy",
    "Target",
    "TermsChangeRule",
    "TimeUse",
    "TraceSegment",
    "Tracker",
    "UpdateStart",
    "WarningTime",
    "due_if_resumed",
    "measure",
    "measure_with_severity",
    "next_case_state",
    "next_change",
]
