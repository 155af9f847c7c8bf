"""When? Business hours, holidays and arithmetic over open time.

Start reading at `week` and `exceptions`, go on to `calendar`, `hours`, `compose` and `follow`;
what makes them fast is in `openings`, `blocks`, `tables` and `windows`, below `timeline`.
"""

from entitlements.calendars.business_hours import BusinessHours
from entitlements.calendars.calendar import Calendar
from entitlements.calendars.composite import Composite
from entitlements.calendars.exceptions import (
    Beyond,
    Closure,
    DatedHours,
    Holiday,
    HolidaySet,
    WeekChange,
)
from entitlements.calendars.explanation import Explanation
from entitlements.calendars.follow_the_sun import FollowTheSun, Handover, Watch
from entitlements.calendars.lint import Finding, Smell, lint
from entitlements.calendars.options import Anchor, BusinessDays, Landing, Operator
from entitlements.calendars.state import Cause, Closed, Open, Rule, Skipped, State
from entitlements.calendars.timeline.timeline import Timeline
from entitlements.calendars.timeline.zones import tz_release
from entitlements.calendars.week import Week

__all__ = [
    "Anchor",
    "Beyond",
    "BusinessDays",
    "BusinessHours",
    "Calendar",
    "Cause",
    "Closed",
    "Closure",
    "Composite",
    "DatedHours",
    "Explanation",
    "Finding",
    "FollowTheSun",
    "Handover",
    "Holiday",
    "HolidaySet",
    "Landing",
    "Open",
    "Operator",
    "Rule",
    "Skipped",
    "Smell",
    "State",
    "Timeline",
    "Watch",
    "Week",
    "WeekChange",
    "lint",
    "tz_release",
]
