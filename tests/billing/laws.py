"""The laws of billing by their names, each with the test that proves it.

Tests have sentences as names; these are the short names that design and reviews use.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

_CHARGES = "billing/work/test_work_charges.py::"
_ROUNDING = "billing/work/test_rounding.py::"
_PRORATION = "billing/fees/test_proration.py::"
_CHARGED = "billing/fees/test_standing_charges.py::"
_SCHEDULES = "billing/credits/test_credit_schedules.py::"
_CLAIMS = "billing/credits/test_claims.py::"
_SHEET = "billing/test_sheet.py::"
_MONEY = "kernel/money/test_money.py::"
_FOLD = "billing/work/charging/test_consumption.py::"

LAWS: Final = MappingProxyType(
    {
        "rounding_never_below_actual": (
            f"{_ROUNDING}test_rounding_up_is_never_below_the_actual_time"
        ),
        "rounding_idempotent": f"{_ROUNDING}test_rounding_again_changes_nothing",
        "rounding_monotone": f"{_ROUNDING}test_more_work_is_never_billed_as_less",
        "per_case_at_most_per_entry": (
            f"{_ROUNDING}test_rounding_up_a_case_bills_at_most_what_its_entries_would"
        ),
        "split_conserves_time": f"{_CHARGES}test_a_split_conserves_the_time_that_was_worked",
        "lines_partition_consumption": (
            f"{_CHARGES}test_lines_partition_the_billed_time_of_each_case"
        ),
        "sheet_ignores_order_of_input": f"{_CHARGES}test_the_order_of_input_does_not_matter",
        "sheet_of_parts_is_sheet_of_whole": (
            f"{_SHEET}test_the_sheets_of_parts_sum_to_the_sheet_of_the_whole"
        ),
        "late_entry_equals_in_order": f"{_CHARGES}test_a_late_entry_equals_one_in_order",
        "voided_entry_leaves_no_trace_in_totals": (
            f"{_CHARGES}test_a_retracted_log_leaves_no_trace"
        ),
        "grants_never_negative": f"{_CHARGES}test_grants_never_give_more_than_they_have",
        "first_to_expire_wastes_least": (
            f"{_FOLD}test_the_first_to_expire_wastes_least_of_all_orders"
        ),
        "overage_plus_grants_is_use": (
            f"{_CHARGES}test_units_are_the_billed_time_in_minutes_times_their_factor"
        ),
        "follow_up_is_free": f"{_CHARGES}test_a_follow_up_is_free",
        "prorated_whole_is_price": (
            f"{_PRORATION}test_parts_that_follow_one_another_sum_to_the_whole"
        ),
        "prorated_parts_sum_to_price": (
            f"{_PRORATION}test_parts_that_follow_one_another_sum_to_the_whole"
        ),
        "prorating_is_monotone": f"{_PRORATION}test_a_longer_part_never_costs_less",
        "billing_day_returns": f"{_CHARGED}test_the_billing_day_returns_after_a_short_month",
        "change_and_back_is_nothing": (
            f"{_CHARGED}test_what_one_plan_loses_at_a_change_the_same_plan_gains"
        ),
        "allocate_conserves": f"{_MONEY}test_allocate_conserves_and_is_fair_to_a_minor_unit",
        "allocate_is_fair_to_a_minor_unit": (
            f"{_MONEY}test_allocate_conserves_and_is_fair_to_a_minor_unit"
        ),
        "currencies_never_mix": f"{_MONEY}test_currencies_never_mix",
        "credit_monotone_in_downtime": (
            f"{_SCHEDULES}test_a_worse_figure_never_gives_a_smaller_credit"
        ),
        "credit_within_cap": f"{_SCHEDULES}test_a_credit_is_within_its_cap",
        "bands_are_total": f"{_SCHEDULES}test_each_figure_is_in_one_band_at_most",
        "claim_lapses_once": f"{_CLAIMS}test_a_credit_is_claimable_until_it_lapses_once",
        "credit_never_twice": f"{_CLAIMS}test_a_credit_is_never_given_twice",
        "money_is_conserved": (
            "engine/statements/test_money_law.py::"
            "test_money_never_appears_or_disappears_in_whatever_order_things_become_known"
        ),
        "ledger_takes_what_is_charged": (
            "service/cases/units/test_settlement.py::"
            "test_what_the_ledger_took_is_what_the_statement_says_was_prepaid"
        ),
        "sheet_replays_byte_equal": f"{_SHEET}test_a_sheet_is_the_same_after_it_was_kept_as_json",
    }
)
