"""SLA clocks: milestones, deadlines, warnings and breaches, measured from the events of a case.

Start with `SlaPolicy` and `Target` for what is promised, `Event` and `History` for what happened,
and `measure` for the state of each milestone. `Tracker` measures a live case.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.sla.agreements import AgreementChoice, Agreements
    from entitlements.sla.case_history.events import Event, EventKind
    from entitlements.sla.case_history.history import History, RejectedEvent
    from entitlements.sla.case_history.lifecycle import CaseStatus
    from entitlements.sla.case_history.ticket_states import TicketState
    from entitlements.sla.clock.trace import TimeUse, TraceSegment
    from entitlements.sla.deadlines import PendingDeadline
    from entitlements.sla.measurement import (
        Measurement,
        measure,
        measure_with_severity,
        next_change,
    )
    from entitlements.sla.milestones import Milestone, MilestoneState, Recurrence
    from entitlements.sla.options.clock_options import ClockOptions
    from entitlements.sla.options.presets import CLOCK_PRESETS
    from entitlements.sla.policy import PolicyVersions, SlaPolicy
    from entitlements.sla.readings.data import WarningTime
    from entitlements.sla.readings.reading import Reading
    from entitlements.sla.targets import Commitment, Target
    from entitlements.sla.tracker import Tracker
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "agreements": ("AgreementChoice", "Agreements"),
            "case_history.events": ("Event", "EventKind"),
            "case_history.history": ("History", "RejectedEvent"),
            "case_history.lifecycle": ("CaseStatus",),
            "case_history.ticket_states": ("TicketState",),
            "clock.trace": ("TimeUse", "TraceSegment"),
            "deadlines": ("PendingDeadline",),
            "measurement": (
                "Measurement",
                "measure",
                "measure_with_severity",
                "next_change",
            ),
            "milestones": ("Milestone", "MilestoneState", "Recurrence"),
            "options.clock_options": ("ClockOptions",),
            "policy": ("PolicyVersions", "SlaPolicy"),
            "options.presets": ("CLOCK_PRESETS",),
            "readings.data": ("WarningTime",),
            "readings.reading": ("Reading",),
            "targets": ("Commitment", "Target"),
            "tracker": ("Tracker",),
        },
    )

__all__ = [
    "CLOCK_PRESETS",
    "AgreementChoice",
    "Agreements",
    "CaseStatus",
    "ClockOptions",
    "Commitment",
    "Event",
    "EventKind",
    "History",
    "Measurement",
    "Milestone",
    "MilestoneState",
    "PendingDeadline",
    "PolicyVersions",
    "Reading",
    "Recurrence",
    "RejectedEvent",
    "SlaPolicy",
    "Target",
    "TicketState",
    "TimeUse",
    "TraceSegment",
    "Tracker",
    "WarningTime",
    "measure",
    "measure_with_severity",
    "next_change",
]
