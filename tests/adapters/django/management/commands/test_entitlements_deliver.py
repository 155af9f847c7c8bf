from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from tests.adapters.django.host import admission
from tests.adapters.webhooks.test_sender import receiver, status

from entitlements.adapters.django import desk

SECRET = "whsec_" + "A" * 32


def test_messages_are_delivered_to_a_url(alias: str, tmp_path: Path) -> None:
    del alias
    desk().execute(admission())
    file, out = tmp_path / "secret", StringIO()
    file.write_text(SECRET, encoding="utf-8")
    with receiver(status(200)) as (port, seen):
        options = {"secret_file": str(file), "allow": ["localhost"], "once": True, "stdout": out}
        call_command("entitlements_deliver", to=f"http://localhost:{port}/", **options)
    assert out.getvalue().startswith("1 delivered, 0 failed")
    assert b"entitlements.case.granted" in seen[0]


def test_an_endpoint_has_its_own_progress_until_it_is_removed(alias: str, tmp_path: Path) -> None:
    del alias
    desk().execute(admission())
    file, out, listed = tmp_path / "secret", StringIO(), StringIO()
    file.write_text(SECRET, encoding="utf-8")
    options = {"secret_file": str(file), "allow": ["localhost"], "once": True, "stdout": out}
    mine = {"endpoint": "one", "topic": ["case.*"]}
    with receiver(status(410)) as (gone, _), receiver(status(200)) as (up, seen):
        url = f"http://localhost:{up}/"
        call_command("entitlements_deliver", to=f"http://localhost:{gone}/", **mine, **options)
        call_command("entitlements_deliver", to=url, **mine, **options)
        call_command("entitlements_deliver", dead=True, stdout=listed)
        call_command("entitlements_deliver", to=url, again=True, **mine, **options)
        with pytest.raises(CommandError, match="name one of `one`"):
            call_command("entitlements_deliver", to=url, **options)
    assert len(seen) == 1
    (letter,) = map(json.loads, listed.getvalue().splitlines())
    assert (letter["endpoint"], letter["case"], letter["attempts"]) == ("one", "R-1", 1)
    call_command("entitlements_deliver", endpoint="one", remove=True, stdout=out)
    dead, nothing, second, removed, _ = out.getvalue().split("\n")
    assert (dead[-6:], nothing[:11], second[:11]) == ("1 dead", "0 delivered", "1 delivered")
    assert removed == "removed from tenant"
    with pytest.raises(CommandError, match="no endpoint"):
        call_command("entitlements_deliver", endpoint="one", remove=True)


def test_a_mistake_is_an_error_of_the_command(alias: str, tmp_path: Path) -> None:
    del alias
    with pytest.raises(CommandError, match="cannot be read"):
        call_command(
            "entitlements_deliver", to="https://x.example/", secret_file=str(tmp_path / "none")
        )
    with pytest.raises(CommandError, match="no tenant has the id `none`"):
        call_command("entitlements_deliver", tenant=["none"])
    with pytest.raises(CommandError, match="--to: is needed"):
        call_command("entitlements_deliver")
