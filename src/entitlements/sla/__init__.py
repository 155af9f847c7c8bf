"""By when? The clocks of a case, as folds over its events.

Start reading at `milestones` and `events`, go on to `transitions` and `history`, then `targets`,
`options` and `policy`, then `count`, `clock` and `fold`; `measure`, `measurements` and `readings`
are what is asked and answered. `tracker`, `agreements`, `presets` and `pictures` stand upon them.
"""

from entitlements.sla.agreements import Agreements, Together
from entitlements.sla.compiled import CompiledPolicy, Deadlines
from entitlements.sla.events import Event, Kind
from entitlements.sla.history import History, Refusal
from entitlements.sla.measure import due_if_resumed_at, due_if_severity, measure, next_change
from entitlements.sla.measurements import Measurement
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
from entitlements.sla.trace import Spent, Stretch
from entitlements.sla.tracker import Tracker
from entitlements.sla.transitions import CASE_TRANSITIONS, CaseState, Status, advance

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
