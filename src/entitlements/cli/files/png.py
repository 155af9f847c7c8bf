"""SVG pictures as PNG, with a font of this system."""

from __future__ import annotations

from typing import Final

from entitlements.kernel.errors import InvalidValueError

FONTS: Final = (
    "DejaVu Sans", "Liberation Sans", "Noto Sans", "Arial", "Helvetica", "Segoe UI", "Verdana",
)  # fmt: skip
_PROBE: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">'
    '<text x="2" y="16" style="font: 16px sans-serif">{}</text></svg>'
)


def png_of(svg: str) -> bytes:
    """Return an SVG picture as PNG.

    Raises:
        InvalidValueError: The extra `png` is not installed, or no known font is.
    """
    try:
        from resvg_py import svg_to_bytes  # noqa: PLC0415 - an extra
    except ImportError:
        raise InvalidValueError(
            "PNG needs resvg_py, which is not installed",
            hint="install `entitlements[png]`, or use `--format svg`",
        ) from None
    # A family that is not installed draws no letters, without an error.
    empty = bytes(svg_to_bytes(svg_string=_PROBE.format("")))
    for font in FONTS:
        if bytes(svg_to_bytes(svg_string=_PROBE.format("A"), sans_serif_family=font)) != empty:
            return bytes(svg_to_bytes(svg_string=svg, sans_serif_family=font, zoom=2))
    raise InvalidValueError(
        "no font for the picture is installed",
        hint=f"install one of {', '.join(FONTS)}, or use `--format svg`",
    )
