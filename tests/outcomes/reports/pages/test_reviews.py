from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from tests.outcomes.test_attainment import at, case

from entitlements.aftersales import Complaint, Notice, NoticeKind, Outage, SentNotice, Survey
from entitlements.kernel import utc
from entitlements.outcomes import (
    ObjectiveWindow,
    Report,
    ReportRecords,
    ServiceObjective,
    report,
    review_for_customer,
    review_for_owner,
)
from entitlements.sla import Event, SlaPolicy, Target

MARCH = utc("2026-03-01T00:00Z"), utc("2026-04-01T00:00Z")
WINDOW = ObjectiveWindow(unit="days", count=28)  # type: ignore[arg-type]
LONG = "a milestone, a service, a cause or a group with as long a name as somebody may write " * 2


def crowded(names: int = 30) -> Report:
    """A report with more of everything than a page has room for, and names as long as they get."""
    dice = Random(7)  # noqa: S311 - a seed has to replay it
    policy = SlaPolicy(
        id="many",
        targets=[
            Target(milestone=name, within=timedelta(hours=4))
            for name in ("first_response", *(f"{LONG}{n}" for n in range(names)))
        ],
    )
    cases = []
    for number in range(120):
        opened = dice.randrange(-12 * 168, 30 * 24)
        events = [
            Event.opened(at(opened), severity="S1"),
            Event.responded(at(opened + 1 + 6 * (number % 2))),
            Event.paused(at(opened + 8), f"{LONG}{number % names}", by=f"{LONG}{number % names}"),
        ]
        cases.append(case(f"R-{number}", events, policy=policy, severity=f"{LONG}{number % names}"))
    kinds = list(NoticeKind)
    records = ReportRecords(
        surveys=[
            Survey(case=f"R-{n}", kind=kind, asked=at(1), answered=at(2), score=n % 5 + 1)  # type: ignore[arg-type]
            for n, kind in enumerate(["csat", "nps", "ces"] * 4)
        ],
        outages=[Outage(id=f"{n}", service=f"{LONG}{n}", start=at(n)) for n in range(names)],
        objectives=[
            ServiceObjective(id=f"{LONG}{n}", service=f"{LONG}{n}", percent=99, window=WINDOW)
            for n in range(names)
        ],
        complaints=[
            Complaint(id=f"B-{n}", customer="acme", received=at(n), cause=f"{LONG}{n}")
            for n in range(names)
        ],
        notices=[
            SentNotice(
                notice=Notice(
                    kind=kinds[n % len(kinds)],
                    customer="acme",
                    subject=f"C-{n}",
                    effective=date(2026, 12, 31),
                    send_by=date(2026, 6, 30),
                ),
                sent=at(n),
            )
            for n in range(names)
        ],
    )
    return report(cases, *MARCH, records=records)


@pytest.mark.parametrize(("review", "pages"), [(review_for_customer, 2), (review_for_owner, 4)])
def test_a_review_has_its_pages_and_says_what_it_leaves_out(
    review: Callable[[Report], str], pages: int
) -> None:
    page = review(crowded())
    assert page.count('<section class="page">') == pages
    assert "and 26 more in the report" in page
    assert "and 27 more in the report" in page  # error budgets
    assert "Error budgets: used up by " in page
    assert "Too few weeks to judge" in page or "Within the usual variation" in page
    assert "<script" not in page
    assert not re.findall(r"(?:src|href)=", page)


def test_the_least_group_comes_first_and_a_share_has_its_interval() -> None:
    events = [Event.opened(at(1)), Event.responded(at(2))]
    late = [Event.opened(at(1)), Event.responded(at(9))]
    cases = [
        case("R-1", events, severity="S1"),
        case("R-2", late, severity="S2"),
        case("R-3", [Event.opened(at(30 * 24 + 22))], severity="S0"),
    ]
    page = review_for_owner(report(cases, *MARCH))
    rows = re.findall(r'<th scope="row">(S\d)', page)
    assert rows[:3] == ["S2", "S1", "S0"]
    assert "first_response: 1 of 2 kept (95 % interval 9.5 to 90.5)" in page


def test_what_matters_most_comes_first_and_what_is_unknown_last() -> None:
    outages = [
        Outage(id=f"{n}", service=service, start=at(n), end=at(n + hours), is_unknown=is_unknown)
        for n, (service, hours, is_unknown) in enumerate(
            [("db", 1, False), ("mail", 5, False), ("web", 31 * 24, True), ("zip", 3, False)]
        )
    ]
    objectives = [
        ServiceObjective(id=f"up {each}", service=each, percent=99, window=WINDOW)  # type: ignore[arg-type]
        for each in ("db", "mail")
    ]
    causes = ["a late answer", "wrong part", "wrong part"]
    complaints = [
        Complaint(id=f"B-{n}", customer="acme", received=at(n), cause=cause)
        for n, cause in enumerate(causes)
    ]
    held = [
        case(
            f"R-{n}", [Event.opened(at(1)), Event.paused(at(2), why), Event.resumed(at(until), why)]
        )
        for n, (why, until) in enumerate([("a vendor", 3), ("customer", 9)])
    ]
    records = ReportRecords(outages=outages, objectives=objectives, complaints=complaints)
    found = report(held, at(0), at(28 * 24), records=records)
    page = review_for_owner(found)
    names = re.findall(r'<th scope="row">([^<]+)</th>', page)
    shown = [each for each in names if each in {"db", "mail", "web", "zip"}]
    assert shown == ["mail", "zip", "db", "web"]
    for worse, better in (
        ("up mail", "up db"),
        ("wrong part", "a late answer"),
        ("customer", "a vendor"),
    ):
        assert names.index(worse) < names.index(better)


def test_text_of_others_stays_text() -> None:
    evil = case("R-1", [Event.opened(at(1))], severity="<b>S1</b>")
    assert "<b>S1" not in review_for_owner(report([evil], *MARCH))


def test_an_empty_report_has_a_review_too() -> None:
    page = review_for_customer(report([], *MARCH))
    assert "There are no trends." in page
    assert page.count('<section class="page">') == 2


@pytest.mark.browser
@pytest.mark.parametrize("names", [1, 30])
def test_printed_reviews_have_two_and_four_pages(tmp_path: Path, names: int) -> None:
    found = crowded(names)
    for review, pages in ((review_for_customer, 2), (review_for_owner, 4)):
        (tmp_path / "review.html").write_text(review(found), encoding="utf-8")
        assert printed_pages(tmp_path) == pages


def printed_pages(folder: Path) -> int:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or "chromium"
    words = "--headless --no-sandbox --disable-gpu --no-pdf-header-footer --print-to-pdf=out.pdf"
    subprocess.run(
        [chromium, *words.split(), "review.html"], cwd=folder, check=True, capture_output=True
    )
    return len(re.findall(rb"/Type\s*/Page\b", (folder / "out.pdf").read_bytes()))
