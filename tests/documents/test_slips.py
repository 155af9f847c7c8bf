"""Slips that support managers make when they write a document, and the sentence that each gets."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.documents.examples import GOLD, facts_of, problems, slips_of

from entitlements.documents import json_schema

NOT_YAML = "this is not YAML: "
NO_COLON = f"{NOT_YAML}a `:` with a blank behind it is missing after a key"
INDENTED = f"{NOT_YAML}a second `: ` on a line, or a line that is indented too far"
COMMA = f"{NOT_YAML}a `,` or `}}` is missing"

PLAN_SLIPS = {
    "a tab": ("    group: desk", "\tgroup: desk", f"{NOT_YAML}a tab is used for indentation"),
    "no colon": ("    group: desk", "    group desk", NO_COLON),
    "no blank after a colon": ("    group: desk", "    group:desk", NO_COLON),
    "an equals sign": ("    group: desk", "    group = desk", NO_COLON),
    "indented too far": ("    group: desk", "      group: desk", INDENTED),
    "indented too little": ("    group: desk", "   group: desk", f"{NOT_YAML}this line is not"),
    "no blank after a dash": ("  - id: gold", "  -id: gold", INDENTED),
    "a colon in text": ("    group: desk", "    name: Gold: best\n    group: desk", INDENTED),
    "a percent sign first": ("group: desk", "group: %desk", "`%` cannot begin a value; put the"),
    "an at sign first": ("group: desk", "group: @desk", "`@` cannot begin a value; put the text"),
    "a quote without an end": ("group: desk", "group: 'desk", "a quote is not closed"),
    "a brace without an end": ("1 business day}", "1 business day", COMMA),
    "no comma in a table": ("always, S2", "always S2", COMMA),
    "no commas in a list": ("[S1, S2, S3]", "[S1 S2 S3]", "put commas between them: `[S1, S2"),
    "no brackets": ("[phone, web]", "phone, web", "write a list: `[phone, web]`"),
    "a key twice": ("group: desk", "group: desk\n    group: seniors", "key `group` is repeated"),
    "a severity twice": ("[S1, S2, S3]", "[S1, S2, S2, S3]", "two severities have the name `S2`"),
    "a semicolon": ("group: desk", "group: desk;", "did you mean `desk`?"),
    "a mapping for a name": ("group: desk", "group: {id: desk}", "a mapping is not the name of an"),
    "a list for a name": ("group: desk", "group: [desk]", "a list is not the name of an expert"),
    "a price": ("group: desk", "group: desk\n    price: 9", "`price` is not a key here (known"),
    "priorities": ("severities:", "priorities:", "did you mean `severities`?"),
    "a response time": ("first_response:", "response_time:", "did you mean `first_response`?"),
    "a misspelled milestone": ("first_resp", "frist_resp", "did you mean `first_response`?"),
    "a team": ("group: desk", "team: desk", "did you mean `group`?"),
    "a calendar": ("hours: business", "calendar: business", "did you mean `hours`?"),
    "a cut-off in 12 hours": (
        "anchor: end",
        "anchor: end\n    cut_off: 3pm",
        "write it as `15:00`",
    ),
    "a cutoff": ("anchor: end", "anchor: end\n    cutoff: 15:00", "did you mean `cut_off`?"),
    "no blank in a cell": ("S1: 1h", "S1:1h", "is a blank missing after `S1:`?"),
    "an empty cell": ("S2: 4h", "S2: ", "there is no value"),
    "no for nothing": ("S2: 4h", "S2: no", "write `none` if nothing is promised"),
    "a dash for nothing": ("S2: 4h", 'S2: "-"', "write `none` if nothing is promised"),
    "true for an amount": ("S2: 4h", "S2: true", "`true` is not an amount of time"),
    "a decimal comma": ("S2: 4h", "S2: 0,5h", "a decimal comma is a point here: `0.5h`"),
    "a warning without a unit": ("S2: 4h", "S2: {within: 4h, warn: 75}", "write `75%`"),
    "unlimited": (
        "anchor: end",
        "anchor: end\n    contact_limit: unlimited",
        "leave it out for no",
    ),
    "a number alone": ("S2: 4h", "S2: 4", "did you mean `4h` or `4m`?"),
    "a clock time": ("S2: 4h", "S2: 04:30", "did you mean `4h30m`?"),
    "a range": ("S2: 4h", "S2: 4-8h", "an amount is one time; write the longer one"),
    "a comparison": ("S2: 4h", 'S2: "<4h"', "did you mean `less than 4h`?"),
    "a kind of day left open": ("S2: 4h", "S2: 2 days", "write `2 business days` or `2 days alw"),
    "weeks": ("S2: 4h", "S2: 2 weeks", "write `10 business days` or `2 weeks always`"),
    "business hours": ("S2: 4h", "S2: 4 business hours", "write `4h`, and the calendar's name"),
    "working days": ("S2: 4h", "S2: 2 working days", "did you mean `2 business days`?"),
    "NBD": ("S2: 4h", "S2: NBD", "did you mean `next business day`?"),
    "within": ("S2: 4h", "S2: within 4h", "did you mean `4h`?"),
    "under": ("S2: 4h", "S2: under 4h", "did you mean `less than 4h`?"),
    "as soon as possible": ("S2: 4h", "S2: asap", "did you mean `best effort`?"),
    "a goal": ("S2: 4h", "S2: goal 4h", "did you mean `objective 4h`?"),
    "24x7 behind an amount": ("S2: 4h", "S2: 4h 24x7", "write `always`"),
    "24/7 for hours": ("hours: business", "hours: 24/7", "write `always`"),
    "a cut-off in a cell": ("S2: 4h", "S2: 4h cut-off 15:00", "write `cut_off: 15:00` as a key"),
    "a misspelled unit": ("S2: 4h", "S2: 4 hurs", "did you mean `4h`?"),
    "a misspelled calendar": ("S2: 4h", "S2: 4h busines", "did you mean `business`?"),
    "best effort below within": ("S2: 4h", "S2: {within: best efort}", "mean `best effort`?"),
    "a milestone of one's own": (
        "anchor: end",
        "anchor: end\n    rollback: {S1: 8h}",
        "a milestone of your own is listed at the top: `milestones: [rollback]`",
    ),
    "another case": ("S2: 4h", "s2: 4h", "no severity has the name `s2` (did you mean `S2`?)"),
    "no blanks behind dashes": (
        "severities: [S1, S2, S3]",
        "severities:\n      -S1\n      -S2\n      -S3",
        "`-S1 -S2 -S3` is one severity, not 3 (put a blank behind each `-`)",
    ),
    "a series": ("[S1, S2, S3]", "S1-S3", "put commas between them: `[S1, S2, S3]`"),
    "parentheses": ("[phone, web]", "(phone, web)", "write a list: `[phone, web]`"),
    "an apostrophe": (
        "group: desk",
        "name: 'Vendor's gold'\n    group: desk",
        "an apostrophe ends a text in single quotes",
    ),
    "an asterisk first": ("group: desk", "group: *desk*", "`*` cannot begin a value; put the"),
    "an ampersand first": ("group: desk", "group: &desk", '`&` cannot begin a text; write `"&d'),
    "a number sign in a name": (
        "group: desk",
        "name: Plan #1\n    group: desk",
        "the number behind `Plan` is a comment (put the text in quotes)",
    ),
    "a number sign first": (
        "group: desk",
        "name: #1 plan\n    group: desk",
        "`#` begins a comment; put the text in quotes",
    ),
    "no blank before a comment": ("S2: 4h", "S2: 4h#try", "a comment begins with a blank and `#`"),
    "curly quotes": ("S2: 4h", "S2: \u201c4h\u201d", "did you mean `4h`?"),
    "curly quotes around a name": (
        "group: desk",
        "group: \u201cdesk\u201d",
        "did you mean `desk`?",
    ),
    "capital units": ("S2: 4h", "S2: 4H", "did you mean `4h`?"),
    "four hours": ("S2: 4h", "S2: four hours", "did you mean `4 hours`?"),
    "capital words": ("S2: 4h", "S2: Next Business Day", "did you mean `next business day`?"),
    "T+1": ("S2: 4h", "S2: T+1", "did you mean `1 business day`?"),
    "the end of the day": ("S2: 4h", "S2: end of day", "did you mean `same business day`?"),
    "reasonable efforts": ("S2: 4h", "S2: reasonable efforts", "did you mean `best effort`?"),
    "no SLA": ("S2: 4h", "S2: no SLA", "did you mean `none`?"),
    "about": ("S2: 4h", "S2: approx. 4h", "did you mean `objective 4h`?"),
    "24x7 before an amount": ("S2: 4h", "S2: 24x7 4h", "did you mean `4h always`?"),
    "by phone only": ("S2: 4h", "S2: 4h via phone", "write `by phone` behind the amount"),
    "one channel only": (
        "S2: 4h",
        "S2: 4h by phone",
        "severity `S2` by `web` has no first response (add one, or",
    ),
    "one condition only": (
        "S2: 4h",
        "S2: 4h if asked",
        "severity `S2` has no first response unless `asked` holds (write a list: `[... if asked",
    ),
    "a list in place of a table": (
        "{S1: 1h always, S2: 4h, S3: 1 business day}",
        "[S1: 1h always, S2: 4h, S3: 1 business day]",
        "a list is in place of the table of severities (leave out the dashes or brackets",
    ),
    "a date in local order": (
        "group: desk",
        "effective: 1.2.2026\n    group: desk",
        "did you mean `2026-02-01`?",
    ),
    "a date in words": (
        "group: desk",
        "effective: Feb 1, 2026\n    group: desk",
        "did you mean `2026-02-01`?",
    ),
    "a warning with a blank": ("anchor: end", "anchor: end\n    warn: 75 %", "write `75%`"),
    "the end of a day": ("anchor: end", "anchor: end of day", "did you mean `end`?"),
    "five contacts": ("anchor: end", "anchor: end\n    contact_limit: five", "write `5`"),
    "up to": ("anchor: end", "anchor: end\n    contact_limit: up to 5", "write `5`"),
    "a key of one's own": (
        "anchor: end",
        "anchor: end\n    discount: 9",
        "(known here: contact_limit, ",
    ),
    "a milestone of one's own, as an amount": (
        "anchor: end",
        "anchor: end\n    rollback: 8h",
        "a milestone of your own is listed at the top: `milestones: [rollback]`",
    ),
    "a table below targets": (
        "first_response: {S1: 1h always, S2: 4h, S3: 1 business day}",
        "targets: {first_response: {S1: 1h always, S2: 4h, S3: 1 business day}}",
        "write it beside `targets`, as a key of the plan",
    ),
}


def test_a_key_like_no_other_lists_all_that_are_possible() -> None:
    (found,) = slips_of(GOLD.replace("anchor: end", "anchor: end\n    discount: 9"))
    listed = found.partition("known here: ")[2].rstrip(")").split(", ")
    possible = {*json_schema()["$defs"]["plan"]["properties"], "workaround"}  # a milestone
    assert {*listed} <= possible
    given = {"id", "severities", "channels", "hours", "anchor", "first_response", "group"}
    assert possible - {*listed} <= given | {"resolution", "update"}


@pytest.mark.parametrize("slip", PLAN_SLIPS)
def test_a_slip_in_a_plan_is_one_problem_at_its_line(slip: str) -> None:
    right, wrong, message = PLAN_SLIPS[slip]
    assert right in GOLD
    found = slips_of(GOLD.replace(right, wrong, 1))
    assert len(found) == 1, found
    assert message in found[0]
    line = GOLD[: GOLD.index(right)].count("\n") + 1
    at = int(found[0].partition(":")[0])
    assert at - line in {0, 1}, found


def test_another_number_in_place_of_a_name_is_one_problem() -> None:
    (found,) = slips_of(GOLD.replace("[S1, S2, S3]", "[1, 2, 3]"))
    assert found.startswith("7: plans[0].first_response.S1: ")
    assert found.endswith("no severity has the name `S1` (did you mean `1`?)")


def test_a_missing_dash_is_a_problem_at_its_line() -> None:
    text = GOLD.replace("[S1, S2, S3]", "\n      - S1\n      S2\n      - S3")
    assert slips_of(text) == ["6: this is not YAML: a `-` is missing before `S2`"]


@pytest.mark.parametrize(
    "cell",
    [
        "4\u00a0h",
        "4 h",
        "4hrs",
        "240min",
        "04h",
        "PT4H",
        "4.0h",
        "4 hours",
        "'4h'",
        '"4h"',
        "4h # x",
    ],
)
def test_an_amount_in_another_form_is_read_rightly(cell: str) -> None:
    facts = facts_of(GOLD.replace("S2: 4h, S3", f"S2: {cell}\n      , S3"))
    assert facts.policies["gold"].targets[1].within == timedelta(hours=4)


@pytest.mark.parametrize(
    ("week", "meant"),
    [
        ("Mo-Fr 09:00\u201317:00", "Mo-Fr 09:00-17:00"),
        ("Monday to Friday 9:00-17:00", "Mo-Fr 09:00-17:00"),
        ("Mon-Fri, 9-5", "Mo-Fr 09:00-17:00"),
        ("Mo-Fr 8am to 6pm", "Mo-Fr 08:00-18:00"),
        ("Mo-Fr 0900-1700", "Mo-Fr 09:00-17:00"),
        ("Mo-Fr 9.00-17.30", "Mo-Fr 09:00-17:30"),
        ("weekdays 09:00-17:00", "Mo-Fr 09:00-17:00"),
        ("24x5", "Mo-Fr 00:00-24:00"),
        ("Mo-Do 09:00-17:00", "Mo-Th 09:00-17:00"),
        ("Mo-Fr 09:00-12:00 and 13:00-17:00", "Mo-Fr 09:00-12:00,13:00-17:00"),
        ("Mo-Fr 09:00-17:00 Sa 10:00-12:00", "Mo-Fr 09:00-17:00; Sa 10:00-12:00"),
    ],
)
def test_hours_in_other_words_are_one_problem_with_the_hours_meant(week: str, meant: str) -> None:
    (found,) = problems(f"calendars:\n  - name: x\n    zone: UTC\n    week: {week}\n")
    assert found.startswith("4: calendars[0].week")
    assert f"did you mean `{meant}`?" in found


@pytest.mark.parametrize("week", ["Mon - Fri 09:00 - 17:00", "24/7", "Mo-Fr\u00a009:00-17:00"])
def test_hours_in_another_form_are_read_rightly(week: str) -> None:
    assert problems(f"calendars: {{name: x, zone: UTC, week: {week}}}") == []


@pytest.mark.parametrize(
    "text", ["\ufeffproducts: a", "products: a\r\ngroups: b\r\n", "products: a\n..."]
)
def test_marks_of_editors_are_no_slips(text: str) -> None:
    assert problems(text) == []


def test_yes_and_no_may_be_severities() -> None:
    facts = facts_of(GOLD.replace("S1", "yes").replace("S2", "no").replace("S3", "off"))
    assert facts.catalog.plans[0].severities == ("yes", "no", "off")


WEEK = "calendars: {name: x, zone: UTC, week: Mo-Fr 09:00-17:00}"
CONTACTS = "contacts: 'dana, bob', lines: []}}"
BOTH = "months: 12, end: 2026-12-31, lines: []}}"
SLIPS = {
    "a week with a comma": (
        WEEK.replace("-17:00", "-12:00,13:00-17:00"),
        "hours with a comma need quotes around them",
    ),
    "whole hours": (WEEK.replace("09:00-17:00", "9-17"), "did you mean `Mo-Fr 09:00-17:00`?"),
    "hours with am": (WEEK.replace("09:00-17:00", "9am-5pm"), "did you mean `Mo-Fr 09:00-17:00`?"),
    "a long dash": (WEEK.replace("Mo-Fr", "Mo\u2013Fr"), "did you mean `Mo-Fr 09:00-17:00`?"),
    "an abbreviated zone": (WEEK.replace("UTC", "CEST"), "abbreviations are no time zones"),
    "a city for a zone": (WEEK.replace("UTC", "Berlin"), "did you mean `Europe/Berlin`?"),
    "a timezone": (WEEK.replace("zone", "timezone"), "did you mean `zone`?"),
    "no for closed": (WEEK.replace("Mo-Fr 09:00-17:00", "{sun: no}"), "write `off` for none"),
    "a German date": (WEEK.replace("}", ", holidays: [24.12.2026]}"), "did you mean `2026-12-24`?"),
    "an American date": (
        WEEK.replace("}", ", holidays: 12/24/2026}"),
        "did you mean `2026-12-24`?",
    ),
    "a country": (WEEK.replace("}", ", holidays: Germany}"), "the years: `DE 2026-2028`"),
    "a country and years": (
        WEEK.replace("}", ", holidays: United States 2026-2027}"),
        "the years: `DE 2026-2027`",
    ),
    "years backwards": (WEEK.replace("}", ", holidays: DE 2028-2026}"), "write `DE 2026-2028`"),
    "a contract with months and an end": (
        "accounts: {customer: a, contracts: {id: C, zone: UTC, start: 2026-01-01, " + BOTH,
        "has both `months` and `end` (leave one out)",
    ),
    "contacts without brackets": (
        "accounts: {customer: a, contracts: {id: C, zone: UTC, start: 2026-01-01, " + CONTACTS,
        "write a list: `[dana, bob]`",
    ),
    "no years": (WEEK.replace("}", ", holidays: DE-BE}"), "write `DE-BE 2026-2028`"),
    "hours without a zone": (
        "agents: {id: a, shift: Mo-Fr 09:00-17:00}",
        "with their zone: `{zone",
    ),
    "hours with a zone": (
        "agents: {id: a, shift: Mo-Fr 09:00-17:00 Asia/Tokyo}",
        'with their zone: `{zone: Asia/Tokyo, week: "Mo-Fr 09:00-17:00"}`',
    ),
    "a plan by its name": ("plans: gold", "write its keys, such as `id:`"),
    "two documents": ("products: a\n---\nproducts: b", "use two files"),
    "a fence of Markdown": ("```yaml\nproducts: a\n```", "cannot begin a value"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_elsewhere_is_one_problem(slip: str) -> None:
    text, message = SLIPS[slip]
    found = problems(text)
    assert len(found) == 1, found
    assert message in found[0]


def test_no_and_off_and_clock_times_are_text() -> None:
    assert problems("products: [no, off, y, 12:30]") == []


def test_a_merge_key_is_one_problem_that_names_the_key_for_it() -> None:
    anchored = GOLD.replace("  - id: gold", "  - &gold\n    id: gold")
    (problem,) = slips_of(anchored, "  - <<: *gold\n    id: platinum\n")
    assert "alias `*gold` is not allowed (write `based_on: ID` for what a plan has" in problem


def test_a_group_that_a_base_lacks_is_one_problem() -> None:
    without = GOLD.replace("    group: desk\n", "")
    (problem,) = slips_of(without, "  - {id: platinum, based_on: gold}\n")
    assert problem.startswith("1: plans[0]: `group` is missing in this plan")
