"""The admin shows what is stored, to those who may view it, and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from tests.adapters.django.host import admission, empty
from tests.service.desks import MONDAY, settle

from entitlements.adapters.django import DjangoStore, desk
from entitlements.aftersales import Outage
from entitlements.service import RecordOutage


def users() -> Any:
    return apps.get_model("auth", "User").objects


@pytest.fixture
def client(project: dict[str, str]) -> Client:
    """A member of staff who may view everything."""
    empty("default")
    settle(DjangoStore("default"))
    assert project
    users().all().delete()
    user = users().create_user("grace", is_staff=True)
    permissions = apps.get_model("auth", "Permission").objects
    user.user_permissions.set(permissions.filter(content_type__app_label="entitlements"))
    made = Client()
    made.force_login(user)
    desk().execute(admission(1), MONDAY)
    for number, unknown in enumerate((False, True)):
        down = Outage(id="O-1", service="db", start=MONDAY, is_unknown=unknown)
        desk().execute(RecordOutage(id=f"k-{number}", outage=down), MONDAY)
    return made


@pytest.mark.parametrize(
    ("page", "record", "words"),
    [
        ("case", "R-1", ["first_response", "granted", "opened", "queued"]),
        ("decision", "R-1", ["granted", "the same", "2026-03-02"]),
        ("agent", "ada", ["experts"]),
        ("ledger", "opening", ["Reserve", "Commit"]),
        ("servicerecord", "outage:O-1", ["2026-03-02", "is_unknown", "revision"]),
    ],
)
def test_each_page_lists_and_shows_its_records(
    client: Client, page: str, record: str, words: list[str]
) -> None:
    listed = client.get(f"/admin/entitlements/{page}/")
    assert listed.status_code == 200
    assert f"/admin/entitlements/{page}/{record}/change/" in listed.content.decode()
    shown = client.get(f"/admin/entitlements/{page}/{record}/change/").content.decode()
    assert [each for each in words if each not in shown] == []
    assert client.get(f"/admin/entitlements/{page}/nobody/change/").status_code in {200, 404}
    for change in ("add", f"{record}/delete", f"{record}/history"):
        assert client.post(f"/admin/entitlements/{page}/{change}/").status_code == 404


def test_a_record_that_is_not_there_has_no_page(client: Client) -> None:
    for wrong in ("outage:O-9", "outage", "mood:O-1"):
        page = client.get(f"/admin/entitlements/servicerecord/{wrong}/change/")
        assert page.status_code == 404
    shown = client.get("/admin/entitlements/servicerecord/outage:O-1/change/").content.decode()
    # What is known last comes first.
    assert shown.index("&quot;is_unknown&quot;: true") > shown.index(">2<")
    assert shown.index(">2<") < shown.index(">1<")


def test_whoever_may_not_view_a_page_does_not_see_it(client: Client) -> None:
    client.force_login(users().create_user("eve", is_staff=True))
    assert client.get("/admin/entitlements/case/").status_code == 403
    assert client.get("/admin/entitlements/case/R-1/change/").status_code == 403
