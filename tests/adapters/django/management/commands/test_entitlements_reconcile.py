from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test.utils import override_settings
from tests.adapters.django.host import admission, cases
from tests.service.desks import TENANT

from entitlements.service import DeskCommand, ResolveCase


def commands() -> Iterator[DeskCommand]:
    """Return the commands that the tickets of a host ask for."""
    yield admission(1)
    yield admission(2)
    yield ResolveCase(id="S", case="unknown")


def test_commands_are_given_once(alias: str) -> None:
    asked = {"TENANT": TENANT, "DATABASE": alias, "RECONCILE": f"{__name__}.commands"}
    with override_settings(ENTITLEMENTS=asked):
        for expected in ("2 given, 0 given before", "0 given, 2 given before"):
            out, err = StringIO(), StringIO()
            call_command("entitlements_reconcile", stdout=out, stderr=err)
            assert out.getvalue() == f"{expected}, 1 refused\n"
            assert err.getvalue().startswith("S: no case has the id")
    assert cases(alias) == ["R-1", "R-2"]


def test_a_project_without_a_function_is_told(alias: str) -> None:
    del alias
    with pytest.raises(CommandError, match="RECONCILE"):
        call_command("entitlements_reconcile")
