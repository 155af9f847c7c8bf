"""A ticket's life in a browser: as a person would, with a server that is killed after each step."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.examples.helpdesk import Helpdesk
from tests.house.house import ROOT

pytestmark = pytest.mark.browser

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        place = shutil.which("chromium") or shutil.which("chromium-browser")
        opened = playwright.chromium.launch(executable_path=place, args=FLAGS.split())
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1100, "height": 1000})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def picture(page: Page, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], None]:
    """Takes a picture of the page; `ENTITLEMENTS_PICTURES=1` puts it into the documentation."""
    into = ROOT / "docs" / "_static" if os.environ.get("ENTITLEMENTS_PICTURES") == "1" else tmp_path

    def take(name: str) -> None:
        if "sqlite" in request.node.name:
            page.screenshot(path=into / f"helpdesk-{name}.png")

    return take


def submit(page: Page, helpdesk: Helpdesk, title: str, priority: str, queue: str) -> None:
    """Open a ticket, as a customer does who has not signed in."""
    page.goto(f"{helpdesk.address}/tickets/submit/")
    page.select_option("[name=queue]", label=queue)
    page.fill("[name=title]", title)
    page.fill("[name=body]", "It does not start.")
    page.select_option("[name=priority]", priority)
    page.fill("[name=submitter_email]", "dana@acme.example")
    page.get_by_role("button", name="Submit").click()
    page.wait_for_load_state()


def sign_in(page: Page, helpdesk: Helpdesk) -> None:
    page.goto(f"{helpdesk.address}/login/?next=/tickets/1/")
    page.fill("[name=username]", "ada")
    page.fill("[name=password]", "ada")
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/tickets/1/")


def hold(page: Page) -> None:
    page.get_by_role("button", name="Actions").click()
    page.locator("form.ticket-hold button").click()
    page.wait_for_load_state()


def reply(page: Page, comment: str, status: str | None = None) -> None:
    """Answer the customer, and give the ticket another status."""
    page.get_by_text("Respond", exact=True).first.click()
    page.fill("#commentBox", comment)
    page.check("#id_public")
    if status is not None:
        page.locator(f"#st_{status}").check()
    page.get_by_role("button", name="Save").last.click()
    page.wait_for_load_state()


def states(page: Page) -> dict[str, str]:
    """Return the state of each milestone on the page."""
    rows = page.locator(".entitlement tbody tr")
    return {
        str(each.get_attribute("data-milestone")): each.locator(".state").inner_text()
        for each in rows.all()
    }


def test_a_ticket_is_opened_held_answered_resolved_and_reopened(
    helpdesk: Helpdesk, page: Page, picture: Callable[[str], None]
) -> None:
    def cut(tickets: list[int], cases: list[str]) -> None:
        """Kill the server, check what it left, start it, and show the ticket again."""
        helpdesk.kill()
        assert helpdesk.check() == (tickets, cases)
        helpdesk.start()
        page.goto(f"{helpdesk.address}/tickets/1/")

    submit(page, helpdesk, "The database is down", "2", "Support")
    cut([1], ["ticket-1"])
    sign_in(page, helpdesk)
    expect(page.locator("[data-field=outcome]")).to_have_text("granted")
    expect(page.locator("[data-field=agent]")).to_have_text("ada")
    expect(page.locator("[data-field=work]")).to_have_text("accepted")
    expect(page.locator("[data-field=explanation]")).to_contain_text("plan gold")
    assert states(page) == {"first_response": "running", "resolution": "running"}
    picture("open")
    hold(page)
    cut([1], ["ticket-1"])
    assert states(page) == {"first_response": "paused", "resolution": "paused"}
    picture("hold")
    hold(page)
    assert states(page) == {"first_response": "running", "resolution": "running"}
    reply(page, "Please try again.")
    cut([1], ["ticket-1"])
    assert states(page) == {"first_response": "met", "resolution": "running"}
    reply(page, "It works now.", "resolved")
    cut([1], ["ticket-1"])
    assert states(page) == {"first_response": "met", "resolution": "met"}
    picture("resolved")
    reply(page, "It stopped again.", "reopened")
    cut([1], ["ticket-1"])
    assert states(page)["resolution"] == "running"
    assert helpdesk.manage("entitlements_reconcile").startswith("0 given")


def test_a_late_answer_and_a_denial_are_shown_on_the_ticket(
    helpdesk: Helpdesk, page: Page, picture: Callable[[str], None]
) -> None:
    """The first response is due after four seconds; billing is not covered by the contract."""
    submit(page, helpdesk, "Everything is down", "1", "Support")
    time.sleep(4.1)
    helpdesk.manage("entitlements_sweep")
    sign_in(page, helpdesk)
    assert states(page)["first_response"] == "missed"
    expect(page.locator("body")).to_contain_text("Deadline is near: first_response")
    expect(page.locator("body")).to_contain_text("Deadline is missed: first_response")
    picture("late")
    submit(page, helpdesk, "My invoice", "3", "Billing")
    page.goto(f"{helpdesk.address}/tickets/2/")
    expect(page.locator("[data-field=outcome]")).to_have_text("denied")
    expect(page.locator("[data-field=explanation]")).to_contain_text("billing")
    picture("denied")
    page.goto(f"{helpdesk.address}/admin/entitlements/decision/ticket-2/change/")
    expect(page.locator("body")).to_contain_text("the same")
    assert helpdesk.check() == ([1, 2], ["ticket-1"])
