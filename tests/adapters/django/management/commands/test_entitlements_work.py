from __future__ import annotations

import os
import signal
import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from tests.adapters.django.host import admission
from tests.service.desks import TENANT

from entitlements.adapters.django import desk
from entitlements.adapters.django.panels import case_panel


def test_a_worker_offers_waiting_work(alias: str) -> None:
    desk().execute(admission())
    out = StringIO()
    call_command("entitlements_work", once=True, tenant=[TENANT], stdout=out)
    assert out.getvalue().startswith("1 offered")
    assert case_panel(desk(), "R-1").agent in {"ada", "bob"}
    assert connections[alias].get_autocommit()


def test_a_tenant_that_is_not_stored_is_refused(alias: str) -> None:
    del alias
    with pytest.raises(CommandError, match=f"--tenant: .*did you mean `{TENANT}`"):
        call_command("entitlements_work", once=True, tenant=[TENANT, f"{TENANT}s"])


def test_a_worker_ends_after_a_signal(alias: str) -> None:
    del alias
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    ends = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGTERM))
    ends.start()
    call_command("entitlements_work", poll=0.1, stdout=StringIO())
    ends.join()
    for each, handler in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
        signal.signal(each, handler)
