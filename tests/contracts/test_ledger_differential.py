"""The ledger and its oracle give thousands of equal answers, and a million in the deep profile.

The table is printed with -s.
"""

from __future__ import annotations

from collections import Counter

from tests.effort import tries

from entitlements.contracts.ledger.entries import RefusalReason
from entitlements.testing.laws.ledger import compare_seed

LEAST = tries(30_000, deep=1_000_000)


def test_the_ledger_answers_as_its_oracle() -> None:
    comparisons, seed = 0, 0
    reached: Counter[tuple[str, str]] = Counter()
    while comparisons < LEAST:
        commands = compare_seed(seed)
        comparisons += commands.comparisons
        reached += commands.reached
        seed += 1
    table = [f"{kind:>10} {name:<16} {count:>8}" for (kind, name), count in sorted(reached.items())]
    title = f"{comparisons} comparisons, 0 differences, seeds 0 to {seed - 1}"
    print("", title, *table, sep="\n")  # noqa: T201 - the table is what the run is for
    posted = reached["reserve", "posted"] + reached["reserve", "overage"]
    asked = sum(count for (kind, _), count in reached.items() if kind == "reserve")
    assert 0.3 <= posted / asked <= 0.7, "too many commands are posted, or refused"
    for reason in RefusalReason:
        assert reached["reserve", reason.value] > LEAST / 500
