from __future__ import annotations

import sys

import pytest

from entitlements.cli.files import png
from entitlements.cli.files.png import png_of
from entitlements.kernel.errors import InvalidValueError

BLANK = '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20">{}</svg>'
TEXT = '<text x="2" y="16" style="font: 16px sans-serif">text</text>'


def test_letters_are_drawn_with_a_font_of_the_system() -> None:
    assert png_of(BLANK.format(TEXT)) != png_of(BLANK.format(""))


def test_a_system_without_a_font_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png, "FONTS", ())  # an unknown one may be drawn with another font
    with pytest.raises(InvalidValueError, match="no font for the picture"):
        png_of(BLANK.format(TEXT))


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(InvalidValueError, match=r"install `entitlements\[png\]`"):
        png_of(BLANK.format(TEXT))
