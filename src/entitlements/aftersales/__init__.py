"""After-sales: surveys, complaints, outages and notices, as dated facts and the rules for them.

Start with `decide_survey`, `measure_availability` and `NoticePeriod`. What follows from these facts
for a period is in `entitlements.outcomes`.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.aftersales.availability import (
        Availability,
        ErrorBudget,
        measure_availability,
    )
    from entitlements.aftersales.complaints import Complaint
    from entitlements.aftersales.notice_clauses import NoticeClause
    from entitlements.aftersales.notice_periods import NoticePeriod, WeekendShift
    from entitlements.aftersales.notices import Notice, NoticeKind, NoticeRegister, SentNotice
    from entitlements.aftersales.outages import MaintenanceWindow, Outage
    from entitlements.aftersales.surveys import (
        Survey,
        SurveyDecision,
        SurveyKind,
        SurveyReason,
        SurveyRules,
        SurveyWithheld,
        decide_survey,
    )
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "availability": (
                "Availability",
                "ErrorBudget",
                "measure_availability",
            ),
            "complaints": ("Complaint",),
            "notice_clauses": ("NoticeClause",),
            "notice_periods": ("NoticePeriod", "WeekendShift"),
            "notices": ("Notice", "NoticeKind", "NoticeRegister", "SentNotice"),
            "outages": ("MaintenanceWindow", "Outage"),
            "surveys": (
                "Survey",
                "SurveyDecision",
                "SurveyKind",
                "SurveyReason",
                "SurveyRules",
                "SurveyWithheld",
                "decide_survey",
            ),
        },
    )

__all__ = [
    "Availability",
    "Complaint",
    "ErrorBudget",
    "MaintenanceWindow",
    "Notice",
    "NoticeClause",
    "NoticeKind",
    "NoticePeriod",
    "NoticeRegister",
    "Outage",
    "SentNotice",
    "Survey",
    "SurveyDecision",
    "SurveyKind",
    "SurveyReason",
    "SurveyRules",
    "SurveyWithheld",
    "WeekendShift",
    "decide_survey",
    "measure_availability",
]
