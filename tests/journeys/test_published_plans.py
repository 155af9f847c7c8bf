"""Fourteen published support plans: severity, channel and hour, and what the plan then promises.

Every expected value was worked out by hand from the vendors' texts and written down here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import attrs
import pytest

from entitlements import Deferred, Denied, Engine, Facts, Granted, Request
from entitlements.access import decide
from entitlements.cli.commands.demo import document
from entitlements.contracts import Amendment, NamedContact, Reserve, Unit, ledger_with_plan_grants
from entitlements.contracts.lines.plan_grants import pool_id
from entitlements.documents import parse_facts
from entitlements.kernel import utc
from entitlements.sla import Event, History, measure


@cache
def facts() -> Facts:
    return parse_facts(document(), name="demo.yaml")


@cache
def engine() -> Engine:
    return Engine(facts())


# Who holds which plan in the document, and who asks: plan -> customer, contact, product.
HOLDERS = {
    "aws-business": ("tidewater", "anybody", "compute-cloud"),
    "aws-enterprise": ("meridian", "anybody", "compute-cloud"),
    "redhat-premium": ("juniper", "jordi", "enterprise-linux"),
    "vmware-per-incident": ("lumen", "lena", "hypervisor"),
    "elastic-dse": ("juniper", "jordi", "search"),
    "gitlab-priority": ("copperline", "cy", "code-forge"),
    "hashicorp-gold": ("orchard", "olu", "vault"),
    "hashicorp-gold in Sydney": ("southern", "syd", "vault"),
    "ubuntu-pro-24x7": ("quarry", "quinn", "ubuntu"),
    "suse-priority": ("quarry", "quinn", "suse-linux"),
    "suse-priority in Denver": ("meridian", "mia", "suse-linux"),
    "ibm-cloud-basic": ("lumen", "lena", "account-cloud"),
    "github-premium-plus": ("copperline", "cy", "code-host"),
    "atlassian-premier": ("southern", "syd", "tracker"),
    "cloudsmith-priority": ("tidewater", "theo", "package-store"),
    "hivemq-extended": ("orchard", "olu", "broker"),
}


def asked(
    plan: str, severity: str | None, channel: str, conditions: Sequence[str] = (), contact: str = ""
) -> Request:
    customer, somebody, product = HOLDERS[plan]
    return Request(
        id="R-1",
        customer=customer,
        contact=contact or somebody,
        product=product,
        severity=severity,
        channel=channel,
        conditions=conditions,
    )


@dataclass(frozen=True)
class Case:
    plan: str
    severity: str | None
    channel: str
    at: str
    access: str  # now, queue, general, until an instant, or no for a reason
    first: str | None = None
    resolution: str | None = None
    conditions: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = "+".join(self.conditions)
        return f"{self.plan} {self.severity} {self.channel} {said} {self.at}"


SATURDAY = "2026-03-28T20:00Z"  # the night in which Europe puts its clocks forward
FRIDAY = "2026-03-27T15:30Z"  # 16:30 in Berlin and Madrid, half an hour before 17:00
BOTH = ("dedicated-contact", "asked-24x7")

CASES = [
    # AWS Business: 1 hour, 4, 12 and 24 hours around the clock; critical is not in the plan.
    Case("aws-business", "critical", "phone", SATURDAY, "no: severity_not_openable"),
    Case("aws-business", "urgent", "phone", SATURDAY, "now", "2026-03-28T21:00Z"),
    Case("aws-business", "high", "chat", "2026-03-28T23:30Z", "now", "2026-03-29T03:30Z"),
    Case("aws-business", "normal", "web", SATURDAY, "queue", "2026-03-29T08:00Z"),
    Case("aws-business", "low", "web", SATURDAY, "queue", "2026-03-29T20:00Z"),
    Case("aws-business", "urgent", "portal", SATURDAY, "no: channel_not_in_plan"),
    # AWS Enterprise: the same, and critical in 15 minutes.
    Case("aws-enterprise", "critical", "phone", "2026-03-28T23:50Z", "now", "2026-03-29T00:05Z"),
    Case("aws-enterprise", "urgent", "chat", SATURDAY, "now", "2026-03-28T21:00Z"),
    Case("aws-enterprise", "high", "web", SATURDAY, "queue", "2026-03-29T00:00Z"),
    Case("aws-enterprise", "normal", "web", SATURDAY, "queue", "2026-03-29T08:00Z"),
    Case("aws-enterprise", "low", "phone", SATURDAY, "now", "2026-03-29T20:00Z"),
    # Red Hat Premium: 1 h, 2 h (24x7 only if asked for), 4 and 8 business hours.
    Case(
        "redhat-premium", "1", "phone", SATURDAY, "now", "2026-03-28T21:00Z",
        conditions=("dedicated-contact",),
    ),
    Case(
        "redhat-premium", "2", "phone", SATURDAY, "now", "2026-03-28T22:00Z", conditions=BOTH
    ),
    Case("redhat-premium", "2", "phone", FRIDAY, "now", "2026-03-30T08:30Z"),
    Case(
        "redhat-premium", "2", "phone", SATURDAY, "until 2026-03-30T07:00Z", "2026-03-30T09:00Z"
    ),
    Case("redhat-premium", "3", "web", FRIDAY, "now", "2026-03-30T10:30Z"),
    Case("redhat-premium", "3", "web", SATURDAY, "until 2026-03-30T07:00Z", "2026-03-30T11:00Z"),
    Case("redhat-premium", "4", "web", FRIDAY, "now", "2026-03-30T14:30Z"),
    # VMware per incident: no targets.
    Case("vmware-per-incident", None, "phone", "2026-03-27T15:00Z", "now"),
    Case("vmware-per-incident", None, "web", SATURDAY, "until 2026-03-30T14:00Z"),
    # Elastic: the engineer in the engineer's hours, the general team outside them.
    Case("elastic-dse", None, "portal", "2026-03-27T10:00Z", "now"),
    Case("elastic-dse", None, "portal", SATURDAY, "general"),
    # GitLab Priority: 30 minutes around the clock, 4, 8 and 24 hours by a 24x5 week.
    Case(
        "gitlab-priority", "Emergency", "emergency-contact", SATURDAY, "now", "2026-03-28T20:30Z"
    ),
    Case("gitlab-priority", "Emergency", "web", SATURDAY, "no: channel_not_in_right"),
    Case("gitlab-priority", "Highly degraded", "web", "2026-03-27T23:00Z", "now",
         "2026-03-30T01:00Z"),
    Case("gitlab-priority", "Medium impact", "web", "2026-03-27T23:00Z", "now",
         "2026-03-30T05:00Z"),
    Case("gitlab-priority", "Low impact", "web", "2026-03-27T23:00Z", "now", "2026-03-30T21:00Z"),
    Case("gitlab-priority", "Medium impact", "web", SATURDAY, "until 2026-03-29T22:00Z",
         "2026-03-30T06:00Z"),
    # HashiCorp Gold: 60 minutes, then 4, 8 and 24 business hours; 24 h, 3 and 7 days to resolve.
    Case("hashicorp-gold", "1", "phone", SATURDAY, "now", "2026-03-28T21:00Z",
         "2026-03-29T20:00Z"),
    Case("hashicorp-gold", "2", "portal", FRIDAY, "now", "2026-03-30T10:30Z", "2026-04-01T15:00Z"),
    Case("hashicorp-gold", "3", "portal", FRIDAY, "now", "2026-03-30T14:30Z", "2026-04-07T15:00Z"),
    Case("hashicorp-gold", "4", "portal", FRIDAY, "now", "2026-04-01T14:30Z"),
    Case("hashicorp-gold in Sydney", "2", "portal", "2026-04-03T05:00Z", "now",
         "2026-04-06T02:00Z", "2026-04-08T07:00Z"),
    # Ubuntu Pro 24x7: 1, 2, 6 and 12 hours.
    Case("ubuntu-pro-24x7", "1", "phone", SATURDAY, "now", "2026-03-28T21:00Z"),
    Case("ubuntu-pro-24x7", "2", "phone", SATURDAY, "now", "2026-03-28T22:00Z"),
    Case("ubuntu-pro-24x7", "3", "portal", SATURDAY, "queue", "2026-03-29T02:00Z"),
    Case("ubuntu-pro-24x7", "4", "portal", SATURDAY, "queue", "2026-03-29T08:00Z"),
    Case("ubuntu-pro-24x7", "1", "phone", "2026-04-01T12:00Z", "no: contract_expired"),
    # SUSE Priority: covered around the clock, yet 3 and 4 count business hours.
    Case("suse-priority", "1", "phone", SATURDAY, "now", "2026-03-28T21:00Z"),
    Case("suse-priority", "2", "phone", SATURDAY, "now", "2026-03-28T22:00Z"),
    Case("suse-priority", "3", "portal", SATURDAY, "now", "2026-03-30T08:00Z"),
    Case("suse-priority", "4", "portal", "2026-03-27T15:00Z", "now", "2026-03-30T16:00Z"),
    Case("suse-priority in Denver", "3", "portal", SATURDAY, "now", "2026-03-30T16:00Z"),
    Case("suse-priority in Denver", "4", "portal", "2026-03-27T15:00Z", "now",
         "2026-03-31T00:00Z"),
    # IBM Cloud Basic: only severity 4 may be opened, and nothing is promised for it.
    Case("ibm-cloud-basic", "1", "portal", FRIDAY, "no: severity_not_openable"),
    Case("ibm-cloud-basic", "2", "portal", FRIDAY, "no: severity_not_openable"),
    Case("ibm-cloud-basic", "3", "portal", FRIDAY, "no: severity_not_openable"),
    Case("ibm-cloud-basic", "4", "portal", FRIDAY, "queue"),
    # GitHub Premium Plus: no clock runs before support has set the priority.
    Case("github-premium-plus", "Urgent", "phone-callback", SATURDAY, "now"),
    Case("github-premium-plus", "High", "web", SATURDAY, "now"),
    # Atlassian Premier: 30 minutes, 2, 8 and 24 hours; seniors on weekdays, Sydney to California.
    Case("atlassian-premier", "L1", "portal", "2026-03-27T23:59Z", "now", "2026-03-28T00:29Z"),
    Case("atlassian-premier", "L1", "phone", "2026-03-28T00:00Z", "general", "2026-03-28T00:30Z"),
    Case("atlassian-premier", "L2", "portal", "2026-03-29T22:59Z", "general",
         "2026-03-30T00:59Z"),
    Case("atlassian-premier", "L2", "portal", "2026-03-29T23:00Z", "now", "2026-03-30T01:00Z"),
    Case("atlassian-premier", "L3", "portal", SATURDAY, "general", "2026-03-29T04:00Z"),
    Case("atlassian-premier", "L4", "portal", SATURDAY, "general", "2026-03-29T20:00Z"),
    # Cloudsmith Priority: 05:00 to 01:00 UTC; 2, 4 and 6 support hours, and a day of them.
    Case("cloudsmith-priority", "SEV1", "portal", "2026-03-27T23:30Z", "now",
         "2026-03-30T05:30Z"),
    Case("cloudsmith-priority", "SEV2", "chat", "2026-03-27T23:30Z", "now", "2026-03-30T07:30Z"),
    Case("cloudsmith-priority", "SEV3", "portal", "2026-03-27T23:30Z", "now",
         "2026-03-30T09:30Z"),
    Case("cloudsmith-priority", "SEV4", "portal", "2026-03-27T23:30Z", "now",
         "2026-03-30T23:30Z"),
    Case("cloudsmith-priority", "SEV5", "portal", "2026-03-28T00:59Z", "now",
         "2026-03-31T00:59Z"),
    Case("cloudsmith-priority", "SEV1", "portal", "2026-03-28T01:00Z", "until 2026-03-30T05:00Z",
         "2026-03-30T07:00Z"),
    # HiveMQ Extended: 4 h around the clock by phone only; else Bavarian office hours.
    Case("hivemq-extended", "P1", "phone", SATURDAY, "now", "2026-03-29T00:00Z"),
    Case("hivemq-extended", "P1", "web", SATURDAY, "until 2026-03-30T07:00Z",
         "2026-03-30T11:00Z"),
    Case("hivemq-extended", "P2", "phone", "2026-03-27T16:00Z", "now", "2026-03-30T10:00Z"),
    Case("hivemq-extended", "P3", "web", "2026-03-27T16:00Z", "now", "2026-03-30T15:00Z"),
    Case("hivemq-extended", "P4", "web", "2026-03-27T16:00Z", "now", "2026-03-31T15:00Z"),
    # Good Friday and Easter Monday are holidays there.
    Case("hivemq-extended", "P2", "web", "2026-04-02T15:00Z", "now", "2026-04-07T10:00Z"),
]  # fmt: skip


def test_every_plan_and_each_of_its_severities_is_tried() -> None:
    tried = {(case.plan.partition(" ")[0], case.severity) for case in CASES}
    assert {(plan.id, each) for plan in facts().catalog.plans for each in plan.scale} == tried
    assert len(facts().catalog.plans) == 14


def reached(request: Request, at: str) -> str:
    match engine().assess(request, utc(at)).decision:
        case Granted(immediate=True):
            return "now"
        case Granted(entitlement=promise):
            return "queue" if promise.right else "general"
        case Deferred(opens_at=opens):
            return f"until {opens:%Y-%m-%dT%H:%MZ}"
        case Denied(reasons=reasons):
            return f"no: {reasons[0].value}"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_published_plan_answers_as_published(case: Case) -> None:
    request = asked(case.plan, case.severity, case.channel, case.conditions)
    assert reached(request, case.at) == case.access
    due = {each.name: each.due for each in engine().assess(request, utc(case.at)).milestones}
    assert due.get("first_response") == (case.first and utc(case.first))
    assert due.get("resolution") == (case.resolution and utc(case.resolution))


# --- what a table of openings cannot say ------------------------------------------------------


def due_after(request: Request, at: str, milestone: str, events: Iterable[Event]) -> str:
    """Return when the milestone is due once the events have happened, and nothing else."""
    decision = engine().assess(request, utc(at)).decision
    assert not isinstance(decision, Denied)
    policy = engine().policy(decision.entitlement)
    opened = Event.opened(
        utc(at),
        severity=request.severity,
        channel=request.channel,
        conditions=request.conditions,
    )
    history = History([opened, *events])
    due = measure(policy, history, max(each.at for each in history.events))[milestone].due
    return "" if due is None else f"{due:%Y-%m-%dT%H:%MZ}"


@pytest.mark.parametrize(
    ("severity", "conditions", "due"),
    [
        pytest.param("1", ("dedicated-contact",), "2026-03-27T16:30Z", id="1 hour"),
        pytest.param("2", BOTH, "2026-03-27T19:30Z", id="4 hours"),
        pytest.param("3", (), "2026-03-30T14:30Z", id="8 business hours"),
        pytest.param("4", (), "2026-03-31T15:00Z", id="2 business days"),
    ],
)
def test_red_hat_answers_every_later_message_too(
    severity: str, conditions: tuple[str, ...], due: str
) -> None:
    request = asked("redhat-premium", severity, "phone", conditions)
    opening = "2026-03-27T09:00Z"
    events = [Event.responded(utc("2026-03-27T09:10Z")), Event.customer_replied(utc(FRIDAY))]
    assert due_after(request, opening, "next_response", events) == due


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        # An hour around the clock while the customer keeps a contact, otherwise an hour of the
        # desk in Madrid, which opens on Monday at 07:00 UTC after the clocks went forward.
        pytest.param([], "2026-03-28T21:15Z", id="it holds all the while"),
        pytest.param(
            [("2026-03-28T20:45Z", ())], "2026-03-30T07:30Z", id="the counted half hour is kept"
        ),
        pytest.param(
            [("2026-03-28T21:14:59.999999Z", ())], "2026-03-30T07:00Z", id="just before it is due"
        ),
        pytest.param([("2026-03-28T21:15Z", ())], "2026-03-28T21:15Z", id="what was due stays due"),
        pytest.param(
            [("2026-03-28T20:45Z", ()), ("2026-03-28T22:00Z", ("dedicated-contact",))],
            "2026-03-28T22:30Z",
            id="the contact is back, and the rest is counted around the clock again",
        ),
        pytest.param(
            [("2026-03-30T07:00Z", ())], "2026-03-28T21:15Z", id="it ends after the deadline"
        ),
    ],
)
def test_red_hat_works_around_the_clock_only_while_the_customer_keeps_a_contact(
    changes: list[tuple[str, tuple[str, ...]]], due: str
) -> None:
    request = asked("redhat-premium", "1", "phone", ("dedicated-contact",))
    events = [Event.terms_changed(utc(at), conditions=left) for at, left in changes]
    assert due_after(request, "2026-03-28T20:15Z", "first_response", events) == due


def test_red_hats_severity_2_needs_the_contact_and_stays_asked_for_around_the_clock() -> None:
    request = asked("redhat-premium", "2", "phone", ("dedicated-contact", "asked-24x7"))
    gone = Event.condition_ended(utc("2026-03-28T21:00Z"), "dedicated-contact")
    back = Event.condition_met(utc("2026-03-28T22:00Z"), "dedicated-contact")

    def due(*events: Event) -> str:
        return due_after(request, "2026-03-28T20:15Z", "first_response", [*events])

    # Two hours around the clock; 45 minutes were counted, and Madrid opens on Monday at 07:00 UTC.
    assert due() == "2026-03-28T22:15Z"
    assert due(gone) == "2026-03-30T08:15Z"
    assert due(gone, back) == "2026-03-28T23:15Z"


@pytest.mark.parametrize(
    ("severity", "due"),
    [
        pytest.param("Urgent", "2026-03-28T21:15Z", id="30 minutes"),
        pytest.param("High", "2026-03-29T00:45Z", id="4 hours"),
    ],
)
def test_the_clock_of_github_starts_when_support_sets_the_priority(severity: str, due: str) -> None:
    request = asked("github-premium-plus", severity, "web")
    assert due_after(request, SATURDAY, "first_response", []) == ""
    set_by_support = Event.severity_changed(utc("2026-03-28T20:45Z"), severity)
    assert due_after(request, SATURDAY, "first_response", [set_by_support]) == due


@pytest.mark.parametrize(
    ("closed_from", "closed_until"),
    [
        pytest.param("2026-01-17T01:00Z", "2026-01-18T23:00Z", id="winter there, summer here"),
        pytest.param("2026-03-14T00:00Z", "2026-03-15T23:00Z", id="both on summer time"),
        pytest.param("2026-04-04T00:00Z", "2026-04-06T00:00Z", id="Sydney puts its clocks back"),
        pytest.param("2026-07-18T00:00Z", "2026-07-20T00:00Z", id="summer there, winter here"),
        pytest.param("2026-10-03T00:00Z", "2026-10-04T23:00Z", id="Sydney puts them forward"),
        pytest.param("2026-10-31T00:00Z", "2026-11-01T23:00Z", id="California puts them back"),
    ],
)
def test_atlassians_weekend_lasts_from_friday_in_california_to_monday_in_sydney(
    closed_from: str, closed_until: str
) -> None:
    weekdays = facts().catalog.calendars["atlassian-weekdays"]
    friday = utc(closed_from) - timedelta(hours=12)
    assert weekdays.next_close(friday) == utc(closed_from)
    assert weekdays.next_open(utc(closed_from)) == utc(closed_until)


@pytest.mark.parametrize(
    ("plan", "limit"),
    [
        pytest.param("hashicorp-gold", 4, id="HashiCorp"),
        pytest.param("github-premium-plus", 40, id="GitHub"),
        pytest.param("atlassian-premier", 3, id="Atlassian"),
        pytest.param("redhat-premium", 20, id="Red Hat"),
        pytest.param("aws-business", None, id="AWS"),
    ],
)
def test_contact_limits_are_as_published(plan: str, limit: int | None) -> None:
    assert facts().catalog.plan_versions(plan)[0].contact_limit == limit


@pytest.mark.parametrize(
    ("plan", "quantity", "contacts"),
    [
        pytest.param("redhat-premium", 1, 20, id="one subscription"),
        pytest.param("redhat-premium", 250, 20, id="250 subscriptions"),
        pytest.param("redhat-premium", 251, 40, id="251 subscriptions"),
        pytest.param("redhat-premium", 1_000, 40, id="1,000 subscriptions"),
        pytest.param("redhat-premium", 1_999, 40, id="a further thousand is not whole"),
        pytest.param("redhat-premium", 2_000, 80, id="a further 1,000"),
        pytest.param("redhat-premium", 3_000, 120, id="two further 1,000"),
        pytest.param("atlassian-premier", 1, 3, id="one block of three"),
        pytest.param("atlassian-premier", 4, 12, id="four blocks"),
    ],
)
def test_contacts_come_with_what_is_bought(plan: str, quantity: int, contacts: int) -> None:
    assert facts().catalog.plan_versions(plan)[0].for_quantity(quantity).contact_limit == contacts


@pytest.mark.parametrize(
    ("who", "roles", "expected"),
    [
        pytest.param("the fortieth", [], "Granted", id="a granted seat"),
        pytest.param("somebody", [], "contact_over_limit", id="no seat is left"),
        pytest.param("somebody", ["owner"], "Granted", id="an owner"),
        pytest.param("somebody", ["billing-manager"], "Granted", id="a billing manager"),
    ],
)
def test_owners_and_billing_managers_of_github_need_no_seat(
    who: str, roles: list[str], expected: str
) -> None:
    account = facts().accounts["copperline"]
    seats = [NamedContact(contact=f"seat {number}") for number in range(39)]
    people = [*seats, NamedContact(contact="the fortieth"), NamedContact(contact=who, roles=roles)]
    contracts = [
        attrs.evolve(
            each, contacts=people[:-1] if who == "the fortieth" else people, any_contact=False
        )
        for each in account.contracts
    ]
    staffed = attrs.evolve(account, contracts=contracts)
    request = asked("github-premium-plus", "Urgent", "web", contact=who)
    answer = decide(request, facts().catalog, staffed, utc(SATURDAY))
    found = answer.reasons[0].value if isinstance(answer, Denied) else type(answer).__name__
    assert found == expected


@pytest.mark.parametrize(
    ("at", "access"),
    [
        # Added on Wednesday 25 March: Thursday, Friday, then Monday to Wednesday. Madrid puts its
        # clocks forward on Sunday, so that it opens at 07:00 UTC.
        pytest.param("2026-03-30T10:00Z", "contact_in_lead_time", id="the third business day"),
        pytest.param(
            "2026-04-01T06:59:59.999999Z", "contact_in_lead_time", id="before the fifth opens"
        ),
        pytest.param("2026-04-01T07:00Z", "Granted", id="at the opening of the fifth"),
    ],
)
def test_a_contact_added_to_red_hat_counts_after_five_business_days(at: str, access: str) -> None:
    account = facts().accounts["juniper"]
    (contract,) = account.contracts
    added = Amendment(
        id="A-1",
        contract=contract.id,
        effective=date(2026, 3, 25),
        contacts=[*contract.contacts, NamedContact(contact="jokin")],
    )
    changed = account.record(added, utc("2026-03-25T09:00Z"))
    request = asked("redhat-premium", "3", "web", contact="jokin")
    decision = engine().assess(request, utc(at), account=changed).decision
    found = decision.reasons[0].value if isinstance(decision, Denied) else type(decision).__name__
    assert found == access


def test_the_fifth_contact_of_hashicorp_gold_is_one_too_many() -> None:
    fourth = asked("hashicorp-gold", "1", "phone", contact="orla")
    fifth = asked("hashicorp-gold", "1", "phone", contact="oskar")
    assert reached(fourth, SATURDAY) == "now"
    assert reached(fifth, SATURDAY) == "no: contact_over_limit"


def test_where_the_general_team_takes_over_the_explanation_says_why() -> None:
    answer = engine().assess(asked("atlassian-premier", "L1", "phone"), utc(SATURDAY))
    right = "contract C-700 line tracker right tracker-seniors"
    assert f"Not {right}: the group is not reachable at this hour." in answer.explain()


def test_a_prepaid_incident_is_used_once_and_expires_a_year_after_its_purchase() -> None:
    account = facts().accounts["lumen"]
    request = asked("vmware-per-incident", None, "phone")
    before, after = utc("2026-03-19T15:00Z"), utc("2026-03-30T15:00Z")
    answer = engine().assess(request, before)
    assert isinstance(answer.decision, Granted)
    used = account.ledger.post(answer.entries[0], before).ledger
    again = attrs.evolve(request, id="R-2")
    spent = engine().assess(again, before, account=attrs.evolve(account, ledger=used))
    assert isinstance(spent.decision, Denied)
    assert [each.value for each in spent.decision.reasons] == ["allowance_spent"]
    # Of the packs bought in March nothing is known to an account as it was in February.
    old = parse_facts(document().replace("2026-03-20T", "2026-04-20T"), name="demo.yaml")
    expired = Engine(old).assess(request, after)
    assert isinstance(expired.decision, Denied)
    assert [each.value for each in expired.decision.reasons] == ["allowance_spent"]


def test_when_the_engineers_25_hours_are_used_up_the_general_team_answers() -> None:
    request, at = asked("elastic-dse", None, "portal"), utc("2026-03-27T10:00Z")
    account = facts().accounts["juniper"]
    first = engine().assess(request, at)
    assert isinstance(first.decision, Granted)
    assert (first.decision.group, first.agent) == ("search-designated", "ines")
    histories = engine().decider("juniper").histories
    ledger = ledger_with_plan_grants(account.ledger, histories, utc("2026-06-01T00:00Z"))
    month = Reserve(
        key="march",
        unit=Unit.MINUTES,
        amount=25 * 60,
        pools=(pool_id("C-300", "search", "expert-time"),),
    )
    used = attrs.evolve(account, ledger=ledger.post(month, at).ledger)
    later = engine().assess(request, at, account=used)
    assert isinstance(later.decision, Granted)
    assert later.decision.group == "search-general"
    in_april = engine().assess(request, utc("2026-04-01T10:00Z"), account=used)
    assert isinstance(in_april.decision, Granted)
    assert in_april.decision.group == "search-designated"


def test_calendars_whose_source_names_no_zone_say_so_in_their_names() -> None:
    """The plans that use them explain it in words."""
    shifts = ("lisbon-", "denver-", "singapore-")
    stated = {
        "cloudsmith-core", "hivemq-basic", "hashicorp-eu", "hashicorp-au", "gitlab-24x5",
        "atlassian-opens-in-sydney", "atlassian-closes-in-los-angeles", "atlassian-weekdays",
    }  # fmt: skip
    others = {
        name
        for name in facts().catalog.calendars
        if name not in stated and not name.startswith(shifts)
    }
    assert {name for name in others if "-assumed-" not in name} == set()
    bound = {plan.id: plan.assumptions for plan in facts().catalog.plans if plan.line_calendars}
    assert [plan for plan, words in bound.items() if "assumed" not in " ".join(words)] == []


def test_every_plan_names_its_source() -> None:
    assert [plan.id for plan in facts().catalog.plans if not plan.source] == []
