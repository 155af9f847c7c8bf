from __future__ import annotations

import pytest
from tests.service.desks import MONDAY

from entitlements.adapters.memory import MemoryStore
from entitlements.adapters.named_tenants import (
    check_tenants,
    chosen_tenants,
    loaded_tenant,
    only_tenant,
    stored_tenant,
)
from entitlements.kernel.errors import InvalidValueError, UnknownIdError


def store_of(*tenants: str) -> MemoryStore:
    store = MemoryStore()
    for each in tenants:
        with store.begin(each) as work:
            work.outbox.put("case.event", "{}", MONDAY)
            work.commit()
    return store


def test_of_many_tenants_some_are_named() -> None:
    with pytest.raises(InvalidValueError, match="none yet"):
        only_tenant(store_of())
    assert only_tenant(store_of("t0")) == "t0"
    with pytest.raises(InvalidValueError, match="`t4`, and 2 more"):
        only_tenant(store_of(*(f"t{number}" for number in range(7))))


def test_a_tenant_that_is_not_stored_is_refused_with_those_that_are() -> None:
    store = store_of("acme support")
    assert stored_tenant(store, None) == stored_tenant(store, "acme support") == "acme support"
    with pytest.raises(UnknownIdError, match=r"--tenant: .*did you mean `acme support`"):
        stored_tenant(store, "acme suport")
    with pytest.raises(UnknownIdError, match=r"the database has `acme support`\)"):
        check_tenants(store, ["acme support", "x"])
    with pytest.raises(UnknownIdError, match="none yet"):
        chosen_tenants(store_of(), ["x"])
    assert chosen_tenants(store, None) == ("acme support",)


def test_the_first_tenant_is_loaded_as_named_and_another_one_only_if_it_may_be_new() -> None:
    assert loaded_tenant(store_of(), "acme support", new=False) == "acme support"
    store = store_of("acme support")
    assert loaded_tenant(store, None, new=False) == "acme support"
    assert loaded_tenant(store, "acme support", new=False) == "acme support"
    assert loaded_tenant(store, "elsewhere", new=True) == "elsewhere"
    for name, hint in (
        ("acme suport", "did you mean `acme support`? `--new-tenant` adds another one"),
        ("elsewhere", "the database has `acme support`; `--new-tenant` adds another one"),
    ):
        with pytest.raises(UnknownIdError) as refused:
            loaded_tenant(store, name, new=False)
        assert refused.value.hint == hint
