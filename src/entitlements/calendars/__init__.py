"""When? Business hours, holidays and arithmetic over open time.

Start reading at `week` and `exceptions`, go on to `calendar` and `hours`, end at `timeline`.
"""

from entitlements.calendars.calendar import Calendar
from entitlements.calendars.exceptions import Beyond, Closure, DatedHours, Holiday, HolidaySet
from entitlements.calendars.hours import Anchor, BusinessDays, BusinessHours, Landing
from entitlements.calendars.timeline import Timeline
from entitlements.calendars.week import Week
from entitlements.calendars.zones import tz_release

__all__ = [
    "Anchor",
    "Beyond",
    "BusinessDays",
    "BusinessHours",
    "Calendar",
    "Closure",
    "DatedHours",
    "Holiday",
    "HolidaySet",
    "Landing",
    "Timeline",
    "Week",
    "tz_release",
]
