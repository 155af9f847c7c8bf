"""A surprise is told with words that a shell can read."""

from __future__ import annotations

from entitlements.kernel.requests import Request
from entitlements.testing.surprises import Surprise


def test_names_with_blanks_are_quoted_for_a_shell() -> None:
    request = Request(
        id="R-1", customer="acme", contact="d", product="db", severity="Low impact", channel="web"
    )
    found = Surprise("no_way_out", "gold", request, "2026-03-02T09:00Z", "denied", ["Low impact"])
    assert "--severity 'Low impact' --channel web --at 2026-03-02T09:00:00Z" in found.explain()
    assert "also" not in found.explain()
