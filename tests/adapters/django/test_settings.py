from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test.utils import override_settings

from entitlements.adapters.django.settings import AdapterSettings, adapter_settings
from entitlements.service import DeskRules


def test_every_setting_has_a_default(project: object) -> None:
    del project
    with override_settings(ENTITLEMENTS={}):
        assert adapter_settings() == AdapterSettings()
    rules = DeskRules(holds=timedelta(days=1))
    with override_settings(ENTITLEMENTS={"TENANT": "t", "DATABASE": "other", "RULES": rules}):
        assert adapter_settings() == AdapterSettings(tenant="t", database="other", rules=rules)


@pytest.mark.parametrize("given", [{"TENNANT": "t"}, ["TENANT"], {1: 2}])
def test_what_cannot_be_a_setting_is_refused(project: object, given: Any) -> None:
    del project
    with (
        override_settings(ENTITLEMENTS=given),
        pytest.raises(ImproperlyConfigured, match="ENTITLEMENTS"),
    ):
        adapter_settings()
