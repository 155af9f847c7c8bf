"""Plant faults in outcomes and after-sales: `python -m tests.outcomes.planted_faults`.

A test has to find each of them. The sources are copied, changed and tested in the copy. Beside the
faults stand the laws of the package, each with the test that proves it.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Final, NamedTuple

from tests.planted import ROOT, planted

SOURCE: Final = "src/entitlements"


class Fault(NamedTuple):
    """One mistake: what it is, where, the right text, the wrong one, and the test that finds it."""

    what: str
    where: str
    right: str
    wrong: str
    found_by: str


_ATTAINMENT = "outcomes/test_attainment.py::"
_AVAILABILITY = "aftersales/test_availability.py::"
_CHARTS = "outcomes/figures/test_control_charts.py::"
_FLOW = "outcomes/test_flow.py::"
_NOTICES = "outcomes/notices/test_due.py::"
_PERIODS = "aftersales/test_notice_periods.py::"
_REPORT = "outcomes/reports/test_report.py::"
_SATISFACTION = "outcomes/test_satisfaction.py::"
_SHARES = "outcomes/figures/test_shares.py::"
_SURVEYS = "aftersales/test_surveys.py::"
_KEPT = (
    "outcomes/reports/test_kept_sums.py::"
    "test_a_report_of_kept_sums_is_the_report_that_reads_everything"
)
_STORED = "outcomes/reports/test_stored_reports.py::"
_WAITS = "outcomes/figures/test_waiting_times.py::"
_WAIT_COUNTS = "outcomes/figures/test_wait_counts.py::"

LAWS: Final = {
    "counts_partition": f"{_ATTAINMENT}"
    "test_the_verdicts_of_all_created_cases_partition_their_promises",
    "shares_add_over_periods": f"{_ATTAINMENT}"
    "test_shares_add_over_periods_where_nothing_is_reopened",
    "verdict_is_stable": f"{_ATTAINMENT}test_a_verdict_is_stable_as_time_goes_on",
    "undefined_for_nobody": f"{_SATISFACTION}test_nobody_is_unknown_and_not_0",
    "interval_contains_share": f"{_SHARES}"
    "test_the_interval_contains_the_share_and_lies_in_the_unit",
    "interval_in_unit": f"{_SHARES}test_the_interval_contains_the_share_and_lies_in_the_unit",
    "interval_narrows": f"{_SHARES}test_the_interval_narrows_as_more_is_counted",
    "interval_mirrors": f"{_SHARES}test_the_interval_of_the_rest_is_the_mirror",
    "availability_partitions_period": f"{_AVAILABILITY}test_the_four_times_are_the_whole_period",
    "outages_merge": f"{_AVAILABILITY}test_availability_is_what_is_found_minute_by_minute",
    "counts_as_up_is_best": f"{_AVAILABILITY}test_maintenance_that_counts_as_up_is_best",
    "budget_spent_at_rate_one": f"{_AVAILABILITY}test_at_a_burn_rate_of_one_the_budget_is_spent",
    "nps_is_mean_of_tickets": f"{_SATISFACTION}"
    "test_nps_is_the_mean_of_a_point_for_each_promoter_and_one_off_for_each_detractor",
    "nps_in_range": f"{_SATISFACTION}"
    "test_nps_is_the_mean_of_a_point_for_each_promoter_and_one_off_for_each_detractor",
    "csat_ignores_unanswered": f"{_SATISFACTION}"
    "test_who_did_not_answer_counts_only_in_the_response_rate",
    "xmr_shifts_and_scales": f"{_CHARTS}test_a_chart_of_values_shifts_and_scales_with_them",
    "flat_series_never_signals": f"{_CHARTS}test_a_flat_series_never_signals",
    "survival_falls": f"{_WAITS}test_the_share_that_waits_longer_falls",
    "survival_is_empirical_without_censoring": f"{_WAITS}"
    "test_without_open_waits_it_is_what_is_counted",
    "censoring_earlier_changes_nothing_before": f"{_WAITS}"
    "test_a_wait_that_is_censored_later_changes_nothing_before",
    "flow_balances_backlog": f"{_FLOW}test_the_flow_balances_the_backlog",
    "notice_is_latest": f"{_PERIODS}test_the_latest_day_is_in_time_and_the_next_is_not",
    "notice_sent_once": f"{_NOTICES}test_each_notice_is_sent_once_and_in_time",
    "phases_in_order": "contracts/test_products.py::test_phases_never_go_back",
    "last_day_is_supported": "interchange/test_life_cycles.py::"
    "test_the_last_day_is_supported_and_the_next_one_is_not",
    "report_hides_no_customer": f"{_REPORT}test_drill_downs_sum_to_the_total_and_hide_no_case",
}
"""The laws by name, each with the test that proves it."""

FAULTS: Final = (
    Fault("paused counts as met", "outcomes/attainment.py",
          "MilestoneState.PAUSED: Verdict.PAUSED", "MilestoneState.PAUSED: Verdict.MET",
          f"{_ATTAINMENT}test_each_promise_has_one_verdict_at_the_end_of_the_period"),
    Fault("cancelled in the denominator", "outcomes/attainment.py",
          "return Share(met, met + self.counts.get(Verdict.MISSED, 0))",
          "return Share(met, met + self.counts.get(Verdict.MISSED, 0)"
          " + self.counts.get(Verdict.CANCELLED, 0))",
          f"{_ATTAINMENT}test_a_share_is_of_what_was_met_or_missed_and_of_nothing_else"),
    Fault("a case in two periods", "outcomes/attainment.py",
          "last = end - MICROSECOND  # what", "last = end  # what",
          f"{_ATTAINMENT}test_what_is_decided_at_the_end_belongs_to_the_next_period"),
    Fault("a survey twice", "aftersales/surveys.py",
          "any(each.case == id for each in known)",
          "any(each.case == id and done is not None and each.asked > done for each in known)",
          f"{_SURVEYS}test_a_case_is_asked_once_and_a_person_left_in_peace"),
    Fault("a quiet period that ends an instant late", "aftersales/surveys.py",
          "each.asked + rule.quiet > now", "each.asked + rule.quiet >= now",
          f"{_SURVEYS}test_the_quiet_period_ends_with_its_last_instant"),
    Fault("an eight is a promoter", "outcomes/satisfaction.py",
          "_PROMOTER, _PASSIVE, _BEST_NPS = 9, 7, 10", "_PROMOTER, _PASSIVE, _BEST_NPS = 8, 7, 10",
          f"{_SATISFACTION}test_an_eight_is_no_promoter_and_a_six_is_a_detractor"),
    Fault("0 for no share", "outcomes/figures/shares.py",
          "return Fraction(self.n, self.of) if self.of else None",
          "return Fraction(self.n, self.of or 1)",
          f"{_SHARES}test_nothing_has_no_share"),
    Fault("unknown counts as down", "aftersales/availability.py",
          "unknown = _spans((each for each in counted if each.is_unknown), last)",
          "unknown = _spans((), last)",
          f"{_AVAILABILITY}test_availability_is_what_is_found_minute_by_minute"),
    Fault("maintenance counts twice", "aftersales/availability.py",
          "excluded = union([*excluded, *planned])",
          "excluded = [*excluded, *((to_micros(e.start), to_micros(e.end)) for e in windows)]",
          f"{_AVAILABILITY}test_availability_is_what_is_found_minute_by_minute"),
    Fault("maintenance announced too late is excluded",
          "contracts/plan_terms/availability_rules.py",
          "at + self.announced <= begins", "at <= begins",
          f"{_AVAILABILITY}test_availability_is_what_is_found_minute_by_minute"),
    Fault("an excluded outage hides another one", "aftersales/availability.py",
          "excluded = difference(difference(excluded, down), unknown)",
          "down, unknown = difference(down, excluded), difference(unknown, excluded)",
          f"{_AVAILABILITY}test_an_exclusion_is_by_cause_and_maintenance_by_its_announcement"),
    Fault("all schedules count by the same rules", "engine/statements/outage_figures.py",
          "rules=schedule.exclusions,", "rules=None,",
          "engine/statements/test_outage_figures.py::"
          "test_each_schedule_gives_the_credit_that_its_exclusions_leave"),
    Fault("censored before ended", "outcomes/figures/waiting_times.py",
          "        if ended[time]:\n",
          "        at_risk -= censored[time]\n        censored[time] = 0\n"
          "        if ended[time]:\n",
          f"{_WAITS}test_what_ends_when_another_is_censored_ended_first"),
    Fault("limits from the points that they judge", "outcomes/figures/control_charts.py",
          "known = points[: _checked(baseline, len(points))]\n",
          "known = points[: _checked(baseline, len(points))] and points\n",
          f"{_CHARTS}test_limits_do_not_come_from_the_point_that_they_judge"),
    Fault("notice one day late", "contracts/dates/day_boundaries.py",
          "while add_months(add_days(day, 1), months) <= last:",
          "while add_months(day, months) <= last:",
          f"{_PERIODS}test_the_latest_day_is_in_time_and_the_next_is_not"),
    Fault("support ends on its last day", "contracts/products.py",
          "if last is not None and day > last:",
          "if last is not None and day >= last:",
          "contracts/test_products.py"),
    Fault("a notice is sent on each day", "outcomes/notices/due.py",
          "if each not in sent and is_near(", "if is_near(",
          f"{_NOTICES}test_each_notice_is_sent_once_and_in_time"),
    Fault("a follow-up makes the warranty longer", "outcomes/reports/sections/after_sections.py",
          "        if end is not None and (later.opened or 0) >= end:\n",
          "        if end is not None:\n",
          "outcomes/reports/sections/test_after_sections.py::"
          "test_a_follow_up_of_a_follow_up_does_not_make_the_warranty_longer"),
    Fault("an open case is not measured again", "outcomes/reports/measured_cases.py",
          "is_settled=is_settled and since is None and", "is_settled=",
          f"{_REPORT}test_results_that_were_kept_change_nothing"),
    Fault("weekdays in UTC", "outcomes/reports/sections/case_trends.py",
          "wall = load_zone(zone).wall(case.opened)", "wall = case.opened",
          "outcomes/reports/sections/test_case_trends.py::test_weekdays_and_hours_are_those_of_the_zone"),
    Fault("a baseline with weeks of the period", "outcomes/reports/sections/case_trends.py",
          "sum(each + _WEEK <= start for each in starts)", "sum(each <= start for each in starts)",
          "outcomes/reports/sections/test_case_trends.py::"
          "test_the_baseline_lies_before_the_period_and_the_weeks_end_with_it"),
    Fault("in time by the day in UTC", "aftersales/notices.py",
          "day_end(self.notice.send_by, self.notice.zone)", 'day_end(self.notice.send_by, "UTC")',
          "outcomes/reports/sections/test_record_sections.py::"
          "test_a_notice_is_in_time_by_the_zone_of_its_contract"),
    Fault("the second survey of a case counts", "outcomes/reports/records.py",
          "if _since(each) < _since(known):", "if _since(each) > _since(known):",
          "outcomes/reports/test_collector.py::test_of_two_surveys_of_a_case_the_first_one_counts"),
    Fault("a changed case is not read again", "outcomes/reports/stored_cases.py",
          "(listed.id, listed.mark, listed.group", "(listed.id, listed.group",
          f"{_STORED}test_a_day_more_reads_and_folds_what_changed_or_was_open"),
    Fault("an event is known from when it happened", "ports/records.py",
          "zip(self.events, self.recorded, strict=True) if pair[1] <= at]",
          "zip(self.events, self.recorded, strict=True) if pair[0].at <= at]",
          "outcomes/reports/test_as_known_at.py::test_an_event_counts_from_when_it_was_recorded"),
    Fault("an adopted case is known from its opening", "service/cases/adoption.py",
          "recorded=[transaction.at for _ in history.events]",
          "recorded=[each.at for each in history.events]",
          "outcomes/reports/test_as_known_at.py::test_an_adopted_case_is_known_from_its_adoption"),
    Fault("a statement counts what was recorded after it", "service/records/statements.py",
          "stored if known_at is None else stored.as_known(known_at)", "stored",
          "outcomes/reports/test_as_known_at.py::"
          "test_a_statement_as_it_was_known_has_the_credits_of_then"),
    Fault("a result under other terms is taken", "outcomes/reports/stored_cases.py",
          "return found if edition.digest == digest else None", "return found",
          f"{_STORED}test_a_result_is_measured_again_where_its_terms_are_others"),
    Fault("a censored wait ends before one of its length", "outcomes/figures/wait_counts.py",
          "+ (not is_over))", "+ is_over)",
          f"{_WAIT_COUNTS}test_sums_of_parts_have_the_quantiles_of_all_waits"),
    Fault("a quantile by floats", "outcomes/figures/wait_counts.py",
          "_product([*factors, (at_risk, since)]) <= limit", "about <= near",
          f"{_WAIT_COUNTS}test_a_quantile_is_exact_where_floats_are_not"),
    Fault("cases are kept without ids", "outcomes/reports/collector.py",
          "            if not self.has_ids and self._kept_links is None:\n"
          "                self._settle_links()\n", "",
          "outcomes/reports/test_collector.py::"
          "test_a_report_without_ids_keeps_the_same_for_any_number_of_cases"),
    Fault("what was written since is not read", "outcomes/reports/kept_sums.py",
          "again = {*changed, *self._unread}", "again = {*self._unread}", _KEPT),
    Fault("a later answer is not counted", "outcomes/reports/kept_sums.py",
          " and all(at < end for at in instants)", "",
          "outcomes/reports/test_kept_sums.py::"
          "test_an_answer_counts_from_when_it_came_though_nothing_is_written_since"),
    Fault("links with what was taken away stay", "outcomes/reports/collector.py",
          "            links.add_to(lambda group: self._sums(group).taking_away(), self._period)\n",
          "", _KEPT),
    Fault("a first case that is reopened later takes back its warranty",
          "service/cases/units/follow_ups.py",
          "stored.resolved_at(at)", "stored.counted.resolved",
          "service/cases/units/test_follow_ups.py"),
    Fault("a case that was reopened has its warranty",
          "outcomes/reports/sections/after_sections.py",
          "return None if reopened is not None and reopened <= at else resolved + case.warranty",
          "return resolved + case.warranty",
          "service/cases/units/test_follow_ups.py"),
    Fault("outages in documents are left out", "cli/commands/periods/case_files.py",
          "outages=[each for each in found if isinstance(each, Outage)],", "outages=[],",
          "cli/commands/periods/test_report.py::"
          "test_what_documents_say_of_outages_surveys_and_complaints_counts"),
    Fault("a contract that is over covers", "outcomes/services/service_coverage.py",
          "status in IN_FORCE and since < end and until > start", "status in IN_FORCE",
          "outcomes/services/test_service_coverage.py"),
)  # fmt: skip


def is_found(fault: Fault) -> bool:
    """Return whether the test fails where the fault is planted."""
    test = f"tests/{fault.found_by}"
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n0", "-p", "no:cacheprovider", test]
    with planted(f"{SOURCE}/{fault.where}", fault.right, fault.wrong) as environment:
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
        return done.returncode == 1


def main() -> None:
    """Plant each fault, and print what finds it."""
    for fault in FAULTS:
        verdict = "found by" if is_found(fault) else "NOT FOUND by"
        sys.stdout.write(f"{fault.what}: {verdict} {fault.found_by}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
