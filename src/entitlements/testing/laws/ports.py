"""Laws of a store, each a function of `make`, which returns a new and empty store.

    @pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
    def test_the_store_obeys_the_laws(law): law(make)

A broken law raises `AssertionError`. Two units of work at the same time are not covered, because
not every store allows them.
"""

from __future__ import annotations

from typing import Final

from entitlements.testing.laws.stores.accounts import FACT_LAWS
from entitlements.testing.laws.stores.admissions import ADMISSION_LAWS
from entitlements.testing.laws.stores.case_changes import CHANGE_LAWS
from entitlements.testing.laws.stores.deliveries import DELIVERY_LAWS
from entitlements.testing.laws.stores.service_records import SERVICE_RECORD_LAWS
from entitlements.testing.laws.stores.transactions import RECORD_LAWS, UNIT_LAWS, Law, Make
from entitlements.testing.laws.stores.work import WORK_LAWS

__all__ = [
    "ADMISSION_LAWS",
    "CHANGE_LAWS",
    "FACT_LAWS",
    "LAWS",
    "SERVICE_RECORD_LAWS",
    "TRAIL_LAWS",
    "UNIT_LAWS",
    "WORK_LAWS",
    "Law",
    "Make",
]

TRAIL_LAWS: Final = (*RECORD_LAWS, *DELIVERY_LAWS)
LAWS: Final = (
    *UNIT_LAWS,
    *FACT_LAWS,
    *WORK_LAWS,
    *CHANGE_LAWS,
    *SERVICE_RECORD_LAWS,
    *TRAIL_LAWS,
    *ADMISSION_LAWS,
)
