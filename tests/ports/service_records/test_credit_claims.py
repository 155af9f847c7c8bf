from __future__ import annotations

import pytest

from entitlements.kernel import InvalidValueError
from entitlements.ports.service_records.credit_claims import CreditClaim


def test_a_claim_names_the_credit_and_the_instant() -> None:
    with pytest.raises(InvalidValueError):
        CreditClaim(id="", customer="acme", claimed="2026-03-02T09:00Z")
    with pytest.raises(InvalidValueError):
        CreditClaim(id="uptime", customer="acme", claimed="2026-03-02T09:00")
