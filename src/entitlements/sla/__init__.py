"""By when? The clocks of a case, as folds over its events.

Start reading at `milestones` and `events`, go on to `transitions` and `history`, then `targets`,
`options` and `policy`, then `count`, `clock` and `fold`; `measure`, `measurements` and `readings`
are what is asked and answered. `tracker`, `agreements`, `presets` and `pictures` stand upon them.
"""

from entitlements.sla.agreements import Agreements, Together
from entitlements.sla.case_history.events import Event, Kind
from entitlements.sla.case_history.history import History, Refusal
from entitlements.sla.case_history.lifecycle import CASE_TRANSITIONS, CaseState, Status, advance
from entitlements.sla.clock.compiled_policy import CompiledPolicy, Deadlines
from entitlements.sla.clock.trace import Spent, Stretch
from entitlements.sla.measurement import (
    Measurement,
    due_if_resumed_at,
    due_if_severity,
    measure,
    next_change,
)
from entitlements.sla.milestones import Milestone, MilestoneState, Recurrence
from entitlements.sla.options import (
    Acknowledgement,
    Expiry,
    NextResponse,
    Options,
    Reopen,
    Resolving,
    SeverityChange,
    Start,
    TermsChange,
    UpdateStart,
    WhilePaused,
)
from entitlements.sla.policy import PolicyVersions, SlaPolicy
from entitlements.sla.presets import CLOCK_PRESETS
from entitlements.sla.readings import Reading, WarningAt
from entitlements.sla.targets import Target
from entitlements.sla.tracker import Tracker

__all__ = [
    "CASE_TRANSITIONS",
    "CLOCK_PRESETS",
    "Acknowledgement",
    "Agreements",
    "CaseState",
    "CompiledPolicy",
    "Deadlines",
    "Event",
    "Expiry",
    "History",
    "Kind",
    "Measurement",
    "Milestone",
    "MilestoneState",
    "NextResponse",
    "Options",
    "PolicyVersions",
    "Reading",
    "Recurrence",
    "Refusal",
    "Reopen",
    "Resolving",
    "SeverityChange",
    "SlaPolicy",
    "Spent",
    "Start",
    "Status",
    "Stretch",
    "Target",
    "TermsChange",
    "Together",
    "Tracker",
    "UpdateStart",
    "WarningAt",
    "WhilePaused",
    "advance",
    "due_if_resumed_at",
    "due_if_severity",
    "measure",
    "next_change",
]
