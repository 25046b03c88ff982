"""Pictures as files."""

from __future__ import annotations

import io
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import vl_convert

from .charts import chart

if TYPE_CHECKING:
    from collections.abc import Sequence

    import altair as alt
    from binance_wallet_client.models import AccountSnapshot

__all__ = ["THEME", "PictureFormat", "picture"]

# Okabe and Ito's colours, which the colour-blind can tell apart; the ramp differs in lightness alone.
_COLOURS: Final = ["#0072b2", "#e69f00", "#cc79a7", "#009e73", "#56b4e9", "#d55e00", "#f0e442"]
_RAMP: Final = ["#e3eef7", "#08306b"]
THEME: Final[dict[str, Any]] = {
    "background": "white",
    "mark": {"color": _COLOURS[0]},
    "point": {"size": 20, "filled": True},
    "range": {"category": _COLOURS, "heatmap": _RAMP, "ramp": _RAMP},
    "title": {"fontSize": 13, "subtitleColor": "#555555"},
}
"""The Vega-Lite configuration of the pictures: `chart(snapshots).configure(**THEME)`."""

_BOXES: Final = (
    "Boxes stand for characters that no font on this machine has. As SVG or HTML, the picture takes other fonts."
)
_IN_NO_FONT: Final = "\U0010fffd"  # for private use, and used by nobody


class PictureFormat(StrEnum):
    """The formats of a picture. An HTML file contains all that it needs, and works offline."""

    PNG = "png"
    SVG = "svg"
    HTML = "html"


def picture(snapshots: Sequence[AccountSnapshot], format: PictureFormat) -> bytes:
    """Draw an account's `chart` as the content of a file.

    A PNG uses the fonts of this machine. If none has a character of an asset's name, the picture says so.
    """
    drawn = chart(snapshots).configure(**THEME)
    if format is not PictureFormat.PNG:
        return _text(drawn, format)
    image = _text(drawn, PictureFormat.SVG)
    if not all(_has_font(character) for character in {*image.decode()} if not character.isascii()):
        drawn.title.subtitle = _BOXES
        image = _text(drawn, PictureFormat.SVG)
    png: bytes = vl_convert.svg_to_png(image.decode(), scale=2)
    return png


def _text(drawn: alt.VConcatChart, format: PictureFormat) -> bytes:
    text = io.StringIO()
    if format is PictureFormat.SVG:
        drawn.save(text, "svg")
    else:
        drawn.save(text, "html", inline=True)
    return text.getvalue().encode()


@cache
def _has_font(character: str) -> bool:
    """Whether a font on this machine has a character: else, it looks like one that no font has."""
    return _drawn(character) != _drawn(_IN_NO_FONT)


def _drawn(character: str) -> bytes:
    text = f'<text y="24" font-family="sans-serif" font-size="24">{character}</text>'
    png: bytes = vl_convert.svg_to_png(f'<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32">{text}</svg>')
    return png
