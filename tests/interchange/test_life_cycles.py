from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.contracts import LifeCycle, Product
from entitlements.interchange import read_distro_info, read_endoflife
from entitlements.kernel import InvalidValueError

# Rows of distro-info-data 0.58+deb12u7, and the cycle that endoflife.date had for the same release.
UBUNTU = """version,codename,series,created,release,eol,eol-server,eol-esm,eol-legacy
24.04 LTS,Noble Numbat,noble,2023-10-12,2024-04-25,2029-05-31,2029-05-31,2034-04-25,2036-04-29
25.04,Plucky Puffin,plucky,2024-10-10,2025-04-17,2026-01-15
"""
PLUCKY: dict[str, Any] = {
    "cycle": "25.04",
    "codename": "Plucky Puffin",
    "lts": False,
    "releaseDate": "2025-04-17",
    "support": "2026-01-17",
    "eol": "2026-01-17",
    "extendedSupport": False,
    "latest": "25.04",
    "latestReleaseDate": "2025-04-17",
    "link": "https://example.com",
}


def test_distro_info_has_days_of_support_and_the_last_tier() -> None:
    found = read_distro_info(UBUNTU, "ubuntu", source="distro-info-data 0.58")
    assert found.cycles["24.04"] == LifeCycle(
        general_availability=date(2024, 4, 25),
        end_of_support=date(2029, 5, 31),
        end_of_life=date(2036, 4, 29),
    )
    assert found.cycles["25.04"].end_of_support == date(2026, 1, 15)
    assert [str(each) for each in found.lost] == [
        "column created: it has no place",
        "line 2, eol-esm: `2034-04-25` is between the tiers that are kept",
    ]
    sold = found.as_product(), found.as_product(extended=True)
    ends = [[each.end_of_support for each in product.versions] for product in sold]
    assert ends == [
        [date(2029, 5, 31), date(2026, 1, 15)],
        [date(2036, 4, 29), date(2026, 1, 15)],
    ]


def test_two_sources_disagree_and_each_keeps_its_own() -> None:
    one, other = read_distro_info(UBUNTU, "ubuntu"), read_endoflife([PLUCKY], "ubuntu")
    assert one.cycles["25.04"].end_of_support == date(2026, 1, 15)
    assert other.cycles["25.04"].end_of_support == date(2026, 1, 17)
    assert (one.source, other.source) == ("distro-info", "endoflife.date")
    assert [each.path for each in other.lost] == ["[0].support"]


def test_the_present_api_of_endoflife_is_read_too() -> None:
    release = {
        "name": "16",
        "releaseDate": "2023-09-14",
        "isLts": False,
        "ltsFrom": None,
        "isEol": False,
        "eolFrom": "2028-11-09",
        "isMaintained": True,
    }
    data = {"schema_version": "1.2.0", "result": {"name": "postgresql", "releases": [release]}}
    found = read_endoflife(data, "postgresql")
    assert found.cycles["16"].end_of_support == date(2028, 11, 9)
    assert found.lost == ()


@pytest.mark.parametrize(
    ("change", "lost"),
    [
        ({"eol": True}, "[0].eol: it is over since a day that is not stated"),
        ({"eol": "soon"}, "[0].eol: `'soon'` is no day"),
        ({"lts": True}, "[0].lts: `True`: whether support is long has no place"),
        ({"price": 7}, "[0].price: this key is not known"),
        ({"discontinued": "2030-01-01"}, "[0]: the cycle is left out: the phases of a life cycle"),
        ({"lts": [False]}, "[0].lts: `[False]`: "),
        ({"cycle": ""}, "[0]: the cycle is left out: "),
        ({"cycle": None}, "[0]: the cycle is left out: "),
    ],
)
def test_what_does_not_fit_is_reported_and_stops_nothing(change: dict[str, Any], lost: str) -> None:
    found = read_endoflife([PLUCKY | {"support": False} | change, "25.10", PLUCKY], "ubuntu")
    assert any(str(each).startswith(lost) for each in found.lost)
    assert "[1]: this is no object" in map(str, found.lost)
    assert "25.04" in found.cycles


days = st.dates(date(2000, 1, 1), date(2050, 1, 1))


@given(st.lists(st.tuples(days, days, days), max_size=5))
def test_the_last_day_is_supported_and_the_next_one_is_not(drawn: list[Any]) -> None:
    cycles = [
        {"cycle": f"v{number}", "releaseDate": one, "eol": two, "eoes": three}
        for number, each in enumerate(drawn)
        for one, two, three in [[day.isoformat() for day in sorted(each)]]
    ]
    found = read_endoflife(cycles, "x")
    assert found.lost == ()
    for each, days in zip(found.cycles.values(), drawn, strict=True):
        _, last, _ = sorted(days)
        assert each.last_supported == last
    assert isinstance(found.as_product(), Product)


@pytest.mark.parametrize("data", [None, {}, {"result": []}, "25.04", 7])
def test_what_is_no_list_of_cycles_is_refused(data: object) -> None:
    with pytest.raises(InvalidValueError, match="a list of cycles"):
        read_endoflife(data, "x")


def test_a_table_without_a_header_is_refused_and_a_broken_row_is_lost() -> None:
    with pytest.raises(InvalidValueError, match="no table of distro-info"):
        read_distro_info("13,Trixie\n", "debian")
    head = "version,codename,series,created,release,eol"
    rows = [
        head,
        "13,Trixie,trixie,,2025-08-09,sometime",
        ",Sid,sid,1993-08-16",
        "13,X,x,,,",
        ",,,,,",
    ]
    found = read_distro_info("\n".join(rows), "debian")
    assert list(found.cycles) == ["13", "sid"]
    assert [each.path for each in found.lost] == [
        "column created",
        "line 2, eol",
        "line 4",
        "line 5",
    ]
