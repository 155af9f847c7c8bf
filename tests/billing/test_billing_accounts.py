from __future__ import annotations

from datetime import date

import attrs
import pytest

from entitlements.billing import BillingAccount, Discount, PrepaidBlock
from entitlements.contracts import Cycle
from entitlements.kernel import DuplicateIdError, InvalidValueError, Money

BLOCK = PrepaidBlock(
    id="hours",
    contract="C-1",
    line="main",
    price=Money(900, "EUR"),
    amount=600,
    lifetime=Cycle("quarter"),
    zone="UTC",
    start=date(2026, 1, 1),
)
PARTNER = Discount(id="hours", percent=10, contract="C-2", zone="UTC")


def test_an_account_says_which_contracts_and_lines_its_parts_name() -> None:
    account = BillingAccount(customer="acme", blocks=[BLOCK], discounts=[PARTNER])
    assert account.named_lines == (
        ("blocks[hours]", "C-1", "main"),
        ("discounts[hours]", "C-2", None),
    )


def test_two_blocks_of_one_id_are_refused() -> None:
    with pytest.raises(DuplicateIdError, match="another prepaid block has the id `hours`"):
        BillingAccount(customer="acme", blocks=[BLOCK, attrs.evolve(BLOCK, amount=60)])


@pytest.mark.parametrize("fields", [{"currency": "EURO"}, {"blocks": [PARTNER]}, {"customer": ""}])
def test_accounts_without_sense_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(InvalidValueError):
        BillingAccount(**{"customer": "acme", **fields})  # type: ignore[arg-type]
