"""Presets: the clock options of Zendesk, Jira, ServiceNow and other helpdesks.

The text below each preset names the source of every option that is not the default, and what the
system does that no option covers. Pause reasons are ids of your choice; the presets use `pending`
(waiting for the customer) and `on_hold`.

>>> ZENDESK.paused_by["next_response"]
frozenset()
"""

from __future__ import annotations

from typing import Final

from entitlements.kernel.frozenmaps import FrozenMap
from entitlements.sla.options.clock_options import ClockOptions

_NEVER: Final[tuple[str, ...]] = ()

ZENDESK: Final = ClockOptions(
    paused_by={
        "first_response": _NEVER,
        "next_response": _NEVER,
        "update": _NEVER,
        "resolution": ["pending"],
    },
    update_start="first_response",
    terms_change="last",
    resolving="cancels",
)
"""Zendesk: first reply, next reply, periodic and pausable update, requester wait time.

* `paused_by`: reply metrics and the periodic update never pause; requester wait time counts in
  new, open and on-hold, so it pauses while pending. For the pausable update give the target of
  `update` `paused_by=["pending"]`, for agent work time `paused_by=["pending", "on_hold"]`. Source:
  Zendesk help, "Defining SLA policies" (4408829459866), table of metrics.
* `update_start`: a periodic update is the time between an agent's public comments. Same page.
* `terms_change`: a wait is reported under the last schedule of the ticket, while the warehouse
  model of Fivetran adds up schedule by schedule, which is `cumulative`. Source:
  fivetran/dbt_zendesk.
* `resolving`: solving is no reply; if a ticket that was solved without a comment is reopened, the
  first reply is the agent's next public comment. Source: Zendesk help, "Calculating first reply
  time" (4408821871642), third example.
* Defaults that agree: next reply runs from the oldest unanswered comment of an end user (same
  page, question of a reader answered by the staff); a new priority takes its own target.

Not covered by any option: the report on the first reply counts the time a ticket was solved;
targets are rounded to minutes, and an edit of a policy reaches a ticket only with its next event;
give that instant to the change of terms.
"""

JIRA: Final = ClockOptions(
    severity_change="carry",
    reopen="new_cycle",
    terms_change="last",
    resolving="cancels",
)
"""Jira Service Management: goals with start, pause and stop conditions, in cycles.

* `severity_change`: another goal matches, and elapsed time stays. Source: Atlassian Support,
  "Create SLAs to manage goals"; marketplace apps sell the same as "linked goals", so check yours.
* `reopen`: each pair of start and stop is a cycle, and finished cycles are frozen. Same page.
* `terms_change`: running cycles follow an edited goal or calendar, finished ones keep theirs.
  Same page.
* `resolving`: what ends a clock is its own stop condition, never another clock's.
* Defaults that agree: remaining time is counted in the goal's calendar from the start of the
  cycle ("How teams see SLAs", worked example); pausing hides nothing that is late already.

Not covered by any option: a forced reconstruction judges finished cycles by today's goals, and a
clock outside its calendar is shown as paused.
"""

SERVICENOW: Final = ClockOptions(
    severity_change="restart",
    reopen="new_cycle",
    while_paused="as_if_resumed",
    resolving="cancels",
)
"""ServiceNow: task SLAs attached by conditions, without retroactive start.

* `severity_change`: the start condition of the old definition no longer holds, so it is cancelled
  and the new one attaches from now. Source: ServiceNow documentation, "Retroactive start" (the
  case of a priority 3 that becomes 1 after three hours); with retroactive start it counts from
  the creation, which is `SERVICENOW_RETROACTIVE`.
* `reopen`: a reset condition completes the old clock and attaches a new one. Source: the same
  documentation, "SLA conditions".
* `while_paused`: the planned end is the original breach time plus the time paused so far.
* `resolving`: each definition ends by its own stop condition.

Not covered by any option: breach is declared at 99.995 percent because percentages are rounded;
relative durations cannot be paused; all matching definitions attach, so measure each as a policy.
"""

SERVICENOW_RETROACTIVE: Final = ClockOptions(
    retroactive=True,
    reopen="new_cycle",
    while_paused="as_if_resumed",
    resolving="cancels",
)
"""ServiceNow with retroactive start and pause: the clock of a new priority counts from creation.

* `retroactive`: the attached clock starts at the creation, so it may begin late. Source:
  ServiceNow documentation, "Retroactive start".
* `reopen`, `while_paused`, `resolving`: as in `SERVICENOW`.
"""

DYNAMICS: Final = ClockOptions(resolving="cancels")
"""Dynamics 365 Customer Service: SLA KPI instances.

* `resolving`: each KPI has its own success condition. Source: Microsoft Learn, "Configure SLAs".
* Defaults that agree: after a change of priority the new item is measured from the field it is
  applicable from, which is the creation; the clock continues after a reactivation; of a pause
  only business hours are excluded. Source: Microsoft support article "SLA timer doesn't pause
  when its state is changed from InProgress to OnHold on a holiday".

Not covered by any option: the same article's third scenario, in which a pause that begins in
working hours and ends outside them is not excluded at all, and warnings that passed before a pause
stay where they were because a pause makes a new instance.
"""

SALESFORCE: Final = ClockOptions(resolving="cancels", severity_change="restart")
"""Salesforce: milestones of an entitlement process.

* `resolving`: closing a case does not complete a milestone, its own criteria do. Source:
  Salesforce help, "Entitlement management limits".
* `severity_change`: a milestone whose criteria no longer hold is removed, and the one that
  matches starts by its own setting; with "milestone criteria" that is now. Source: Salesforce
  help, "Add a milestone to an entitlement process". With "entitlement process" as start take
  `recompute`.
* Recurrence belongs to the target: independent is `Recurrence.EACH`; sequential is
  `Recurrence.SEQUENTIAL`. Source: Salesforce help, "Milestone recurrence types".

Not covered by any option: one flag stops the whole process, so every milestone pauses for every
reason; no trigger fires at a violation; target times are whole minutes.
"""

ZAMMAD: Final = ClockOptions(
    landing="next_opening",
    terms_change="last",
    next_response="first_unanswered_or_opening",
    resolving="cancels",
)
"""Zammad: first response, update and close, since its calendars are made with the gem `biz`.

* `landing`: an amount that ends at closing is due at the next opening: 16:00 became 07:00 UTC of
  the next day when the engine changed. Source: zammad/zammad,
  `lib/escalation/destination_time.rb` and its specs.
* `terms_change`: an edit of the agreement or the calendar rebuilds all open tickets from their
  history. Source: Zammad admin documentation, "SLAs".
* `next_response`: the update clock starts at the first unanswered customer message, the opening
  being one. Source: zammad/zammad#2082, #3140.
* `resolving`: a closed ticket has no deadlines, and no response from being closed; once it is open
  again, the first response counts from the creation, the closed time being a pause. Source:
  zammad/zammad, `lib/escalation.rb`, `escalation_first_response`.
* Defaults that agree: all clocks stop in ignored states, are replayed from the history, and show
  no deadline while stopped (`spec/lib/escalation/destination_time_spec.rb`); time closed is a
  pause (`reopen`).

Not covered by any option: a ticket that keeps its time of closing (`close_at`) has no close
deadline after a reopening; ends of pauses are cut to whole minutes, and of two pauses that begin in
one minute one is lost.
"""

GLPI: Final = ClockOptions(
    paused_by={"first_response": _NEVER},
    landing="next_opening",
    terms_change="last",
    while_paused="as_if_resumed",
    resolving="answers_for_good",
)
"""GLPI: time to own (`first_response`) and time to resolve.

* `paused_by`: waiting moves the time to resolve only. Source: glpi-project/glpi,
  `tests/functional/SLM.php` and `src/LevelAgreement.php`.
* `landing`: an amount that ends at closing is due at the next opening. Source:
  `src/Calendar.php`.
* `terms_change`: another agreement counts again from the date of the ticket. Source: the same
  tests.
* `while_paused`: the date is shown while waiting (glpi-project/glpi#24481).
* `resolving`: a technician's solution takes the ticket into account, and that date stays. Source:
  `src/Ticket.php`, `pre_updateInDB`.
* Defaults that agree: only business time of a pause is excluded (waiting until 10:00 at a desk
  that opens at 09:00 moves 13:00 to 14:00, same tests); time closed is excluded (glpi PR #9267).

Not covered by any option: waiting is one stored number, which a change of agreement may lose
(#6902); a day is 24 hours of wall clock; a month is 30 days.
"""

OTOBO: Final = ClockOptions(
    paused_by={"first_response": _NEVER, "update": _NEVER, "resolution": _NEVER},
    reopen="continue",
    resolving="cancels",
)
"""Znuny and OTOBO: first response, update and solution, without the add-on that suspends.

* `paused_by`: nothing stops a clock. Source: RotherOSS/otobo, `Kernel/System/Ticket.pm`; the
  add-on with suspending states is the default set of reasons with `while_paused="as_if_resumed"`.
* `resolving`: a closed ticket escalates no more, and only an agent's visible article is a response.
  Source: the same file, `TicketEscalationIndexBuild` and `_TicketGetFirstResponse`.
* `reopen`: the index is built again from the creation, the closed time included. Source: the same.
* Defaults that agree: an amount that ends at closing is due at the closing
  (`Kernel/System/DateTime.pm`), and the update clock runs from the opening.

Not covered by any option: a solution time that was reached once is never due again; hours are whole
hours only; a customer's follow-up restarts the update clock as well; an impossible calendar gives
up after five seconds instead of being an error.
"""

ITOP: Final = ClockOptions(
    severity_change="carry",
    terms_change="from_change",
    reopen="exclude",
    while_paused="hidden",
    resolving="cancels",
)
"""iTop: the stopwatches time to own (`first_response`) and time to resolve (`resolution`).

* `severity_change`: a new deadline is what is left from the last start of the stopwatch. Source:
  Combodo/iTop, `core/ormstopwatch.class.inc.php`.
* `terms_change`: the same. `reopen`: the stopwatch goes on where it stopped. Same file.
* `while_paused`: a stopped stopwatch has no deadline. Same file.
* `resolving`: time to own ends by assignment, not by resolution. Source: iTop documentation,
  "Priority and deadline computation", where time to resolve is what was cumulated while neither
  pending nor resolved.

Not covered by any option: the start of a coverage window is excluded and its end included, and the
overrun is a counter. A warning at three quarters (`warn=[0.75]`) is its yellow.
"""

RT: Final = ClockOptions(
    landing="next_opening",
    next_response="first_unanswered_or_opening",
    paused_by={"next_response": _NEVER},
    update_start="first_response",
    reopen="continue",
    resolving="cancels",
)
"""RT: response (`next_response`), keep in loop (`update`) and resolve, as in its test suite.

* `landing`: an amount that ends at closing is due at the next opening. Source: Business::Hours,
  as used by bestpractical/rt, `lib/RT/SLA.pm`.
* `next_response`: a requestor's creation or message starts it, a second message does not move it,
  an agent's reply clears it. Source: `t/sla/due.t`.
* `paused_by`: a status stops only the clocks that name it; name them with `Target.paused_by`, as
  with `IgnoreOnStatuses` and `ExcludeTimeOnIgnoredStatuses` together. Source:
  `t/sla/ignore-on-statuses.t`.
* `update_start`: keep in loop runs from the agent's reply. Source: `t/sla/due.t`.
* `reopen`: the old due date returns. Source: `lib/RT/Action/SLA_SetDue.pm`.
* `resolving`: only correspondence is an answer, a status is not. Source: the same file,
  `LastEffectiveAct`.
* Defaults that agree: another level counts again from the creation (`t/sla/due.t`), and no date
  is shown in an ignored status.

Not covered by any option: without `ExcludeTimeOnIgnoredStatuses` the date vanishes in an ignored
status and comes back unmoved; extra minutes out of hours; a staff member's own ticket has no
response.
"""

FRAPPE: Final = ClockOptions(
    paused_by={"first_response": _NEVER},
    while_paused="as_if_resumed",
    resolving="cancels",
)
"""Frappe Helpdesk: response and resolution.

* `paused_by`: hold extends the resolution only. Source: frappe/helpdesk,
  `hd_service_level_agreement.py`.
* `while_paused`: a date is shown while on hold. Same file.
* `resolving`: a resolved ticket without an answer still waits for its first response. Same file.
* Defaults that agree: only working time of a hold is excluded, and an amount that ends at closing
  is due at the closing; the time a ticket was resolved counts as a hold. Same file.

Not covered by any option: the response date is not moved by the time a ticket was resolved; the
date on show during a hold is the unshifted one, so a ticket turns failed on hold and recovers; a
reply outside hours is never late, because lateness is counted in working seconds; a week without a
working day hangs.
"""

ERPNEXT: Final = ClockOptions(
    paused_by={"first_response": _NEVER},
    while_paused="as_if_resumed",
    reopen="continue",
    resolving="answers_for_good",
)
"""ERPNext: response and resolution of an issue.

* `paused_by`, `while_paused`: as in `FRAPPE`. Source: frappe/erpnext,
  `service_level_agreement.py`.
* `resolving`: whatever takes an issue out of the status open is its first response, and that date
  stays. Source: the same file, `update_status`.
* `reopen`: a reopening clears what was measured, and the dates that were due return. Same place.
* Defaults that agree: working hours, holidays and an amount that ends at closing. Source:
  `erpnext/support/doctype/issue/test_issue.py`.

Not covered by any option: the hold is added as wall clock, so that 45 minutes on hold before the
opening move the deadline by 45 minutes (same tests), and only the last hold counts; targets of a
day or more are moved to the end of the day: write them as `BusinessDays` with `Anchor.END`.
"""

CLOCK_PRESETS: Final = FrozenMap(
    {
        "zendesk": ZENDESK,
        "jira": JIRA,
        "servicenow": SERVICENOW,
        "servicenow_retroactive": SERVICENOW_RETROACTIVE,
        "dynamics": DYNAMICS,
        "salesforce": SALESFORCE,
        "zammad": ZAMMAD,
        "glpi": GLPI,
        "otobo": OTOBO,
        "itop": ITOP,
        "rt": RT,
        "frappe": FRAPPE,
        "erpnext": ERPNEXT,
    }
)
"""All presets by name."""
