"""Outcomes: attainment, satisfaction, flow and trends, from histories, outages and answers.

Start with `report`, `stored_report` and `measure_attainment`. A figure is counts and never a
stored percentage; what is unknown is not 0, and what is still open is counted beside the figure.
"""

from typing import TYPE_CHECKING

from entitlements.kernel.on_demand.lazy import lazy_exports

if TYPE_CHECKING:
    from entitlements.outcomes.attainment import (
        Attainment,
        AttainmentBasis,
        AttainmentReport,
        Verdict,
        measure_attainment,
    )
    from entitlements.outcomes.case_file import CaseFile, read_case_file
    from entitlements.outcomes.cases import CaseRecord
    from entitlements.outcomes.figures.control_charts import (
        ControlChart,
        Signal,
        SignalKind,
        c_chart,
        p_chart,
        xmr_chart,
    )
    from entitlements.outcomes.figures.shares import Interval, Share
    from entitlements.outcomes.figures.waiting_times import Wait, WaitingTimes, waiting_times
    from entitlements.outcomes.flow import BacklogAges, Flow, measure_backlog, measure_flow
    from entitlements.outcomes.notices.due import due_notices, needed_notices
    from entitlements.outcomes.notices.sending import (
        NoticeSender,
        notice_publisher,
        send_notices,
    )
    from entitlements.outcomes.notices.sweeping import (
        NoticeSweep,
        notice_register,
        sweep_notices,
    )
    from entitlements.outcomes.pauses import OddPause, Pause, PauseAudit, audit_pauses
    from entitlements.outcomes.reports.figure import Figure, ReportSection
    from entitlements.outcomes.reports.measured_cases import KeptResults
    from entitlements.outcomes.reports.pages.formats import (
        report_to_csv,
        report_to_json,
        report_to_text,
    )
    from entitlements.outcomes.reports.pages.page import report_to_html
    from entitlements.outcomes.reports.pages.pictures import draw_counts, draw_trends
    from entitlements.outcomes.reports.pages.reviews import review_for_customer, review_for_owner
    from entitlements.outcomes.reports.records import ReportRecords
    from entitlements.outcomes.reports.report import Report, report
    from entitlements.outcomes.reports.stored_reports import stored_report
    from entitlements.outcomes.satisfaction import Ces, Csat, Nps
    from entitlements.outcomes.services.objectives import (
        ObjectiveWindow,
        ServiceObjective,
        WindowUnit,
    )
    from entitlements.outcomes.services.service_coverage import covered_services
    from entitlements.outcomes.trends import Trend, TrendKind, summarize_trends
else:
    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "attainment": (
                "Attainment",
                "AttainmentBasis",
                "AttainmentReport",
                "Verdict",
                "measure_attainment",
            ),
            "case_file": ("CaseFile", "read_case_file"),
            "cases": ("CaseRecord",),
            "figures.control_charts": (
                "ControlChart",
                "Signal",
                "SignalKind",
                "c_chart",
                "p_chart",
                "xmr_chart",
            ),
            "figures.shares": ("Interval", "Share"),
            "figures.waiting_times": ("Wait", "WaitingTimes", "waiting_times"),
            "flow": ("BacklogAges", "Flow", "measure_backlog", "measure_flow"),
            "notices.due": ("due_notices", "needed_notices"),
            "notices.sending": ("NoticeSender", "notice_publisher", "send_notices"),
            "notices.sweeping": ("NoticeSweep", "notice_register", "sweep_notices"),
            "services.objectives": ("ObjectiveWindow", "ServiceObjective", "WindowUnit"),
            "pauses": ("OddPause", "Pause", "PauseAudit", "audit_pauses"),
            "reports.figure": ("Figure", "ReportSection"),
            "reports.measured_cases": ("KeptResults",),
            "reports.pages.formats": ("report_to_csv", "report_to_json", "report_to_text"),
            "reports.pages.page": ("report_to_html",),
            "reports.pages.pictures": ("draw_counts", "draw_trends"),
            "reports.pages.reviews": ("review_for_customer", "review_for_owner"),
            "reports.records": ("ReportRecords",),
            "reports.report": ("Report", "report"),
            "services.service_coverage": ("covered_services",),
            "satisfaction": ("Ces", "Csat", "Nps"),
            "reports.stored_reports": ("stored_report",),
            "trends": ("Trend", "TrendKind", "summarize_trends"),
        },
    )

__all__ = [
    "Attainment",
    "AttainmentBasis",
    "AttainmentReport",
    "BacklogAges",
    "CaseFile",
    "CaseRecord",
    "Ces",
    "ControlChart",
    "Csat",
    "Figure",
    "Flow",
    "Interval",
    "KeptResults",
    "NoticeSender",
    "NoticeSweep",
    "Nps",
    "ObjectiveWindow",
    "OddPause",
    "Pause",
    "PauseAudit",
    "Report",
    "ReportRecords",
    "ReportSection",
    "ServiceObjective",
    "Share",
    "Signal",
    "SignalKind",
    "Trend",
    "TrendKind",
    "Verdict",
    "Wait",
    "WaitingTimes",
    "WindowUnit",
    "audit_pauses",
    "c_chart",
    "covered_services",
    "draw_counts",
    "draw_trends",
    "due_notices",
    "measure_attainment",
    "measure_backlog",
    "measure_flow",
    "needed_notices",
    "notice_publisher",
    "notice_register",
    "p_chart",
    "read_case_file",
    "report",
    "report_to_csv",
    "report_to_html",
    "report_to_json",
    "report_to_text",
    "review_for_customer",
    "review_for_owner",
    "send_notices",
    "stored_report",
    "summarize_trends",
    "sweep_notices",
    "waiting_times",
    "xmr_chart",
]
