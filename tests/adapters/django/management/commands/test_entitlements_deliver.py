from __future__ import annotations

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


def test_a_mistake_is_an_error_of_the_command(alias: str, tmp_path: Path) -> None:
    del alias
    with pytest.raises(CommandError, match="cannot be read"):
        call_command(
            "entitlements_deliver", to="https://x.example/", secret_file=str(tmp_path / "none")
        )
