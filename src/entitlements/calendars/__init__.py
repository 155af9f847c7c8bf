"""When? Business hours, holidays and arithmetic over open time.

Start reading at `week` and `exceptions`, go on to `calendar`, `hours`, `compose` and `follow`;
what makes them fast is in `openings`, `blocks`, `tables` and `windows`, below `timeline`.
"""

from entitlements.calendars.calendar import Calendar
from entitlements.calendars.causes import Cause, Closed, Open, Rule, Skipped, State
from entitlements.calendars.choices import Anchor, BusinessDays, Landing, Operator
from entitlements.calendars.compose import Composite
from entitlements.calendars.exceptions import (
    Beyond,
    Closure,
    DatedHours,
    Holiday,
    HolidaySet,
    WeekChange,
)
from entitlements.calendars.explain import Explanation
from entitlements.calendars.follow import FollowTheSun, Handover, Watch
from entitlements.calendars.hours import BusinessHours
from entitlements.calendars.lint import Finding, Smell, lint
from entitlements.calendars.timeline import Timeline
from entitlements.calendars.week import Week
from entitlements.calendars.zones import tz_release

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
