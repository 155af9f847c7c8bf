"""When? Business hours, holidays and arithmetic over open time.

Start reading at `week` and `exceptions`, go on to `calendar`, `hours`, `compose` and `follow`;
what makes them fast is in `openings`, `blocks`, `tables` and `windows`, below `timeline`.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.calendars.business_hours import BusinessHours
    from entitlements.calendars.calendar import Calendar
    from entitlements.calendars.composite import CompositeCalendar
    from entitlements.calendars.exceptions import (
        Closure,
        DatedHours,
        Holiday,
        HolidaySet,
        OutsideCoverage,
        WeekChange,
    )
    from entitlements.calendars.explanation import AddExplanation
    from entitlements.calendars.follow_the_sun import FollowTheSun, Handover, OnDutyTeam
    from entitlements.calendars.lint import CalendarFinding, CalendarFindingKind, lint_calendar
    from entitlements.calendars.options import Anchor, BusinessDays, Landing, SetOperator
    from entitlements.calendars.state import Closed, HoursCause, HoursRule, Open, SkippedDay, State
    from entitlements.calendars.timeline.timeline import Timeline
    from entitlements.calendars.timeline.zones import tz_release
    from entitlements.calendars.week import Week
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "business_hours": ("BusinessHours",),
            "calendar": ("Calendar",),
            "composite": ("CompositeCalendar",),
            "exceptions": (
                "Closure",
                "DatedHours",
                "Holiday",
                "HolidaySet",
                "OutsideCoverage",
                "WeekChange",
            ),
            "explanation": ("AddExplanation",),
            "follow_the_sun": ("FollowTheSun", "Handover", "OnDutyTeam"),
            "lint": ("CalendarFinding", "CalendarFindingKind", "lint_calendar"),
            "options": ("Anchor", "BusinessDays", "Landing", "SetOperator"),
            "state": ("Closed", "HoursCause", "HoursRule", "Open", "SkippedDay", "State"),
            "timeline.timeline": ("Timeline",),
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
    "CalendarFindingKind",
    "Closed",
    "Closure",
    "CompositeCalendar",
    "DatedHours",
    "FollowTheSun",
    "Handover",
    "Holiday",
    "HolidaySet",
    "HoursCause",
    "HoursRule",
    "Landing",
    "OnDutyTeam",
    "Open",
    "OutsideCoverage",
    "SetOperator",
    "SkippedDay",
    "State",
    "Timeline",
    "Week",
    "WeekChange",
    "lint_calendar",
    "tz_release",
]
