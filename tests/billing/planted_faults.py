"""Plant faults in billing, one by one: `python -m tests.billing.planted_faults`.

A test has to find each of them. The sources are copied, changed and tested in the copy.
"""

from __future__ import annotations

import subprocess
import sys
from typing import NamedTuple

from tests.planted import ROOT, planted

BILLING = "src/entitlements/billing"


class Fault(NamedTuple):
    """One mistake: what it is, where, the right text, the wrong one, and the test that finds it."""

    what: str
    where: str
    right: str
    wrong: str
    found_by: str


_GUIDE = "test_by_the_guide.py::test_lines_are_those_of_the_guide_minute_by_minute"
_DAYS = "test_fees_by_days.py::test_fees_and_credits_are_those_that_are_counted_day_by_day"
_HALF = (
    "work/charging/test_rate_steps.py::"
    "test_half_a_minor_unit_goes_up_from_an_even_and_from_an_odd_one"
)
_CHARGES = "work/test_work_charges.py::"
_SCHEDULES = "credits/test_published_schedules.py::"
_STEPS = "work/charging/rate_steps.py"
_FOLD = "work/charging/consumption.py"

FAULTS = (
    Fault("half down for half up", _STEPS, "micros + self.denominator)",
          "micros + self.denominator - 1)",
          _HALF),
    Fault("half even for half up", _STEPS,
          "return (2 * self.numerator * micros + self.denominator) // (2 * self.denominator)",
          "from fractions import Fraction\n"
          "        return round(Fraction(self.numerator * micros, self.denominator))",
          _HALF),
    Fault("unit factor after the rounding to minutes", _FOLD,
          "self._whole = piece.billed * factor.numerator",
          "self._whole = -(-piece.billed // MINUTE) * MINUTE * factor.numerator", _GUIDE),
    Fault("a fee that is not rounded before it is taxed", "fees/proration.py",
          "return price.scaled(passed) - price.scaled(begun)",
          "return price.multiplied(round(float(passed - begun), 6))", _DAYS),
    Fault("the part of a period rounded by itself", "fees/proration.py",
          "return price.scaled(passed) - price.scaled(begun)",
          "return price.scaled(passed - begun)", _DAYS),
    Fault("float hours, rounded before the rate", _STEPS,
          "        return (2 * self.numerator * micros",
          "        micros = int(round(micros / 3.6e9, 2) * 3_600_000_000)\n"
          "        return (2 * self.numerator * micros", _GUIDE),
    Fault("rate rounded before it is multiplied by the time", _STEPS,
          "rate.after_hours.applied(rate.hourly)",
          "rate.after_hours.applied(rate.hourly).rounded()",
          f"{_CHARGES}test_an_hourly_price_after_hours_is_not_rounded"),
    Fault("minimum per entry and not per case", "work/charging/pieces.py",
          "log.id if per is RoundingScope.ENTRY else day", "log.id",
          f"{_CHARGES}test_three_entries_are_rounded_by_entry_case_or_day"),
    Fault("after hours by the start of the entry", _STEPS,
          "stop = end if change is None else min(end, change)", "stop = end",
          f"{_CHARGES}test_an_entry_is_split_where_its_hours_change"),
    Fault("days of 86,400 seconds", "work/charging/pieces.py",
          "day_start(date_of_day_number(day) + timedelta(days=1), zone.name)",
          "day_start(date_of_day_number(day), zone.name) + DAY",
          f"{_CHARGES}test_a_day_with_a_clock_change_ends_at_midnight"),
    Fault("the closing minute counts as open", _STEPS,
          "stop = end if change is None else min(end, change)",
          "stop = end if change is None else min(end, change + is_open * 60_000_000)",
          f"{_CHARGES}test_an_entry_is_split_where_its_hours_change"),
    Fault("a grant is used at its expiry", _FOLD, "if at < each.expires]", "if at <= each.expires]",
          f"{_CHARGES}test_grants_pay_for_what_starts_while_they_are_in_force"),
    Fault("a grant begins an instant late", _FOLD,
          "        while self._coming and self._coming[-1].effective <= at:",
          "        while self._coming and self._coming[-1].effective < at:",
          f"{_CHARGES}test_grants_pay_for_what_starts_while_they_are_in_force"),
    Fault("overage is paid twice", _FOLD,
          "                each.grant, each.is_overage = balance.grant.id, False",
          "                each.grant, each.is_overage = balance.grant.id, False\n"
          "                owed.append(each)",
          f"{_CHARGES}test_overage_is_paid_by_one_later_grant_and_not_again_by_the_next"),
    Fault("a retracted entry is billed", "work/work_logs.py", "if not each.retracted]", "]",
          f"{_CHARGES}test_a_retracted_log_leaves_no_trace"),
    Fault("proration by 30 days", "fees/proration.py", "default=DayCount.ACTUAL,",
          "default=DayCount.FIXED_30,", "fees/test_proration.py"),
    Fault("billing day 31 stays at 28", "fees/billing_periods.py",
          "day = self.billing_day or self.anchor.day", "day = min(self.anchor.day, 28)",
          "fees/test_billing_periods.py"),
    Fault("a credit from a rounded percentage", "credits/credit_schedules.py",
          'exact = exact_number(figure, "figure")\n        if exact',
          'exact = round(exact_number(figure, "figure"), 2)\n        if exact',
          f"{_SCHEDULES}test_a_credit_does_not_come_from_a_rounded_percentage"),
    Fault("a band that begins after its lowest figure", "credits/credit_schedules.py",
          "low <= (figure, False)", "low < (figure, False)",
          f"{_SCHEDULES}test_published_schedules_are_right_at_each_boundary"
          "_of_each_month_and_quarter"),
    Fault("a month in UTC for a contract in Tokyo", "credits/claim_windows.py",
          "instant_of(missed).astimezone(local.tzinfo).date()", "instant_of(missed).date()",
          "credits/test_claim_windows.py"),
    Fault("thirty days for a month", "credits/claim_windows.py",
          "return add_months(day, self.months)", "return add_days(day, 30 * self.months)",
          "credits/test_claim_windows.py"),
    Fault("a piece after midnight is paid before a log of the evening", _FOLD,
          'sorted(pieces, key=attrgetter("start"))', "pieces",
          "test_by_the_guide.py::"
          "test_nothing_is_lost_where_a_grant_or_another_rate_ends_within_a_piece"),
    Fault("the grant that expires last is used first", _FOLD,
          "insort(self._begun, balance, key=lambda each: each.key)",
          "insort(self._begun, balance, key=lambda each: (each.key[0], -each.key[1]))",
          "work/charging/test_consumption.py::"
          "test_the_first_to_expire_wastes_least_of_all_orders"),
)  # fmt: skip


def is_found(fault: Fault) -> bool:
    """Return whether the test fails where the fault is planted."""
    test = f"tests/billing/{fault.found_by}"
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n0", "-p", "no:cacheprovider", test]
    with planted(f"{BILLING}/{fault.where}", fault.right, fault.wrong) as environment:
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
