"""Business calendars: opening hours, holidays, and arithmetic over open time.

Start with `Calendar`: a `Week` in a time zone, with `HolidaySet`, `DatedHours` and `Closure`.
Calendars combine with `|`, `&`, `-` and `~`; `BusinessHours` has the methods of all of them.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.calendars.business_hours import BusinessHours
    from entitlements.calendars.calendar import Calendar
    from entitlements.calendars.combined.follow_the_sun import FollowTheSun, Handover, OnDutyTeam
    from entitlements.calendars.exceptions import (
        Closure,
        DatedHours,
        Holiday,
        HolidaySet,
        OutsideCoverage,
        WeekChange,
    )
    from entitlements.calendars.explanation import AddExplanation
    from entitlements.calendars.lint import CalendarFinding, lint_calendar
    from entitlements.calendars.options import Anchor, BusinessDays, Landing
    from entitlements.calendars.state import Closed, HoursCause, Open, SkippedDay
    from entitlements.calendars.timeline.zones import tz_release
    from entitlements.calendars.week import Week
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "business_hours": ("BusinessHours",),
            "calendar": ("Calendar",),
            "exceptions": (
                "Closure",
                "DatedHours",
                "Holiday",
                "HolidaySet",
                "OutsideCoverage",
                "WeekChange",
            ),
            "explanation": ("AddExplanation",),
            "combined.follow_the_sun": ("FollowTheSun", "Handover", "OnDutyTeam"),
            "lint": ("CalendarFinding", "lint_calendar"),
            "options": ("Anchor", "BusinessDays", "Landing"),
            "state": ("Closed", "HoursCause", "Open", "SkippedDay"),
            "timeline.zones": ("tz_release",),
            "week": ("Week",),
        },
    )

__all__ = [
    "AddExplanation",
    "Anchor",
    "BusinessDays",
    "BusinessHours",
    "Calendar",
    "CalendarFinding",
    "Closed",
    "Closure",
    "DatedHours",
    "FollowTheSun",
    "Handover",
    "Holiday",
    "HolidaySet",
    "HoursCause",
    "Landing",
    "OnDutyTeam",
    "Open",
    "OutsideCoverage",
    "SkippedDay",
    "Week",
    "WeekChange",
    "lint_calendar",
    "tz_release",
]
