from __future__ import annotations

from contextlib import suppress

from django.db import connections, transaction

from entitlements.adapters.django.desks.transactions import DjangoTransaction

WRITTEN = ("account", "t", "acme")


def test_a_note_lasts_as_long_as_what_was_written_may_be_rolled_back(alias: str) -> None:
    django = connections[alias]
    with transaction.atomic(using=alias):
        first = DjangoTransaction(django)
        assert not first.wrote(WRITTEN)
        with suppress(ValueError), transaction.atomic(using=alias):
            DjangoTransaction(django).note(WRITTEN)
            assert first.wrote(WRITTEN)
            raise ValueError
        assert not first.wrote(WRITTEN)
        first.note(WRITTEN)
        assert DjangoTransaction(django).wrote(WRITTEN)
        assert not first.wrote(("account", "t", "other"))
    assert not first.wrote(WRITTEN)
