from __future__ import annotations

from entitlements.calendars.options import Landing
from entitlements.sla import ClockOptions
from entitlements.sla.clock.change_modes import ChangeModes
from entitlements.sla.options.clock_options import ReopenRule, SeverityChangeRule, TermsChangeRule


def test_by_default_a_severity_and_the_terms_change_as_the_options_say() -> None:
    options = ClockOptions()
    modes = ChangeModes(options, "resolution")
    assert (modes.severity, modes.terms) == (options.severity_change, options.terms_change)
    assert modes.by_severity == (options.severity_change is SeverityChangeRule.RECOMPUTE)
    assert modes.by_terms == (options.terms_change is TermsChangeRule.LAST)


def test_each_option_is_one_mode() -> None:
    options = ClockOptions(
        severity_change=SeverityChangeRule.RECOMPUTE,
        terms_change=TermsChangeRule.LAST,
        reopen=ReopenRule.CONTINUE,
        landing=Landing.NEXT_OPENING,
    )
    modes = ChangeModes(options, "update")
    assert modes.by_severity
    assert modes.by_terms
    assert modes.counts_resolved
    assert modes.late_landing
    frozen = ChangeModes(ClockOptions(severity_change=SeverityChangeRule.FREEZE), "update")
    assert not frozen.by_severity
