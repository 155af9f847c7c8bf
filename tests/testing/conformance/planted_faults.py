"""Plant faults in the engine, one by one: `python -m tests.testing.conformance.planted_faults`.

The corpus has to find each of them: `entitlements conformance` ends with 1 on the broken sources.
"""

from __future__ import annotations

import subprocess
import sys
from typing import NamedTuple

from tests.planted import ROOT, planted

_PLAN = "access/checks/plan.py"
_SUPPORT = "access/checks/support.py"
_CLOCK = "sla/clock/milestone_clock.py"
_STATE = "sla/clock/clock_state.py"
_COUNTER = "sla/clock/counter.py"
_MODES = "sla/clock/change_modes.py"
_NAMED = "routing/strategies/named.py"
_PRESETS = "sla/options/presets.py"


class Fault(NamedTuple):
    """One mistake: what it is, where, the right text, and the wrong one."""

    what: str
    where: str
    right: str
    wrong: str


FAULTS = (
    Fault("any channel is taken", _PLAN, "if request.channel not in plan.channels:", "if False:"),
    Fault("any severity is known", _PLAN,
          "elif plan.severities and request.severity not in plan.severities:", "elif False:"),
    Fault("any severity may be opened", _PLAN,
          "elif request.severity in plan.may_not_open:", "elif False:"),
    Fault("a right is reached unnamed", _PLAN,
          "if right.only_when_named and request.group is None:", "if False:"),
    Fault("a right is for every product", _PLAN,
          "if right.products and request.product not in right.products:", "if False:"),
    Fault("conditions need not be met", _PLAN,
          "if not right.conditions <= request.conditions:", "if False:"),
    Fault("every language is spoken", _PLAN,
          "if not right.languages or request.language in right.languages:", "if True:"),
    Fault("grace keeps every right", _PLAN,
          "if state.status is LineStatus.GRACE and grace and grace.rights", "if False and grace"),
    Fault("blocked consumption is ignored", _PLAN,
          "if counted and BlockEffect.CONSUMPTION in state.blocked:", "if False:"),
    Fault("support never ends", _SUPPORT,
          "    if end is not None and at >= end:", "    if False and end:"),
    Fault("a product is supported before its release", _SUPPORT,
          "    if start is not None and at < start:\n        failures",
          "    if False:\n        failures"),
    Fault("one contact more than the limit", "access/checks/contact_limits.py",
          "if limit is None or len(periods) <= limit:",
          "if limit is None or len(periods) <= limit + 1:"),
    Fault("a general group takes over nothing", "access/compiled/selection.py",
          "if right.general is not None:", "if right.general is None and False:"),
    Fault("a closed window is open", "access/compiled/selection.py",
          "if right.timeline is not None and not right.timeline.is_open(at):", "if False:"),
    Fault("a reopened clock always continues", _CLOCK,
          "elif self._options.reopen in {ReopenRule.EXCLUDE, ReopenRule.CONTINUE}:", "elif True:"),
    Fault("a restarted clock keeps its cycle", _CLOCK,
          "if self._options.reopen is ReopenRule.RESTART:", "if False:"),
    Fault("no start is retroactive", _CLOCK,
          "retroactive = self._options.retroactive and not self.cycles", "retroactive = False"),
    Fault("a resolution always answers", _CLOCK,
          "answers and self._options.resolving is not ResolutionEffect.CANCELS", "answers"),
    Fault("the last message starts nothing again", _CLOCK,
          "if choice is _LAST_UNANSWERED and self.running is not None:", "if False:"),
    Fault("an acknowledgement is an answer", _STATE,
          "if options.acknowledgement is AcknowledgementRule.ANSWERS:", "if True:"),
    Fault("an expired agreement stops nothing", _STATE,
          "elif kind is _CANCELLED or options.expiry is ExpiryRule.STOP:",
          "elif kind is _CANCELLED:"),
    Fault("updates always begin with the case", "sla/clock/compiled_policy.py",
          "if name == Milestone.UPDATE and options.update_start is UpdateStart.FIRST_RESPONSE:",
          "if False:"),
    Fault("a new severity restarts nothing", _COUNTER,
          "if rule is SeverityChangeRule.RESTART:", "if False:"),
    Fault("new terms always keep the amount", _COUNTER,
          "keep_amount=rule is TermsChangeRule.CUMULATIVE", "keep_amount=True"),
    Fault("the time resolved always counts", _MODES,
          "options.reopen is ReopenRule.CONTINUE", "True"),
    Fault("every reason pauses every milestone", _MODES,
          "options.paused_by.get(milestone)", "None"),
    Fault("deadlines land at the opening", "sla/clock/compiled_policy.py",
          "options.landing is Landing.NEXT_OPENING", "True"),
    Fault("a paused deadline is shown", "sla/measurement.py",
          "state.policy.options.while_paused is PausedDueDisplay.HIDDEN", "False"),
    Fault("GLPI pauses the time to own", _PRESETS,
          'paused_by={"first_response": _NEVER},\n    landing="next_opening"',
          'landing="next_opening"'),
    Fault("RT lands at closing", _PRESETS,
          'RT: Final = ClockOptions(\n    landing="next_opening",',
          "RT: Final = ClockOptions("),
    Fault("the most loaded agent", _NAMED,
          "        return load.get(drawn[0][0], 0)", "        return -load.get(drawn[0][0], 0)"),
    Fault("the highest position first", _NAMED,
          "return state.agent.position\n", "return -state.agent.position\n"),
    Fault("the last tier first", _NAMED, "return min((agent.tiers", "return -min((agent.tiers"),
    Fault("weights count twice", _NAMED,
          "(state.assigned + 1) / state.agent.weight", "(state.assigned + 1) * state.agent.weight"),
    Fault("the least proficient agent", _NAMED,
          "return -sum(state.agent.skills.get(name, 0) for name in _wanted",
          "return sum(state.agent.skills.get(name, 0) for name in _wanted"),
    Fault("another hash", "routing/strategies/strategy.py", "digest_size=8", "digest_size=16"),
)  # fmt: skip


def is_found(fault: Fault) -> bool:
    """Return whether the corpus differs from the engine with the fault."""
    command = [sys.executable, "-m", "entitlements", "conformance"]
    with planted(f"src/entitlements/{fault.where}", fault.right, fault.wrong) as environment:
        done = subprocess.run(command, env=environment, capture_output=True, check=False, cwd="/")
        return done.returncode == 1 and b"answers are as expected" in done.stdout


def can_be_planted(fault: Fault) -> bool:
    """Return whether the right text is there, once."""
    text = (ROOT / "src" / "entitlements" / fault.where).read_text("utf-8")
    return text.count(fault.right) == 1


def main() -> None:
    """Plant each fault, and print whether the corpus finds it."""
    for fault in FAULTS:
        verdict = "found" if can_be_planted(fault) and is_found(fault) else "NOT FOUND"
        sys.stdout.write(f"{fault.what}: {verdict}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
