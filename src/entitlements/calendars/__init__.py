"""When? Business hours, holidays and arithmetic over open time.

Start reading at `week` and `exceptions`, go on to `calendar`, `hours` and `compose`; what makes
them fast is in `openings`, `blocks` and `windows`, below `timeline`.
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
from entitlements.calendars.hours import BusinessHours
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
    "Holiday",
    "HolidaySet",
    "Landing",
    "Open",
    "Operator",
    "Rule",
    "Skipped",
    "State",
    "Timeline",
    "Week",
    "WeekChange",
    "tz_release",
]
