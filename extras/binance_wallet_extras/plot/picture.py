"""Pictures as files."""

from __future__ import annotations

import io
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import vl_convert

from .charts import chart
from .html import embed_json, library, policy

if TYPE_CHECKING:
    from collections.abc import Iterable

    import altair as alt
    from binance_wallet_client.models import AccountSnapshot

    from binance_wallet_extras.export import Prices

__all__ = ["THEME", "PictureFormat", "picture"]

# Okabe and Ito's colours, which colour-blind people can distinguish. The ramp differs only in lightness.
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

_STYLE: Final = """
body { font-family: sans-serif; }
#vg-tooltip-element {
  position: fixed; visibility: hidden; padding: .4rem .6rem; border: 1px solid #d0d7de; background: white;
}
#vg-tooltip-element.visible { visibility: visible; }
"""
_SCRIPT: Final = """
vegaEmbed("#chart", JSON.parse(document.getElementById("data").textContent), {
  actions: false,
  ast: true, // interpret expressions, since the page's policy forbids compiling them
  defaultStyle: false,
  renderer: "svg",
  tooltip: { disableDefaultStyle: true },
});
"""

_BOXES: Final = (
    "Boxes stand for characters that no font on this machine has. As SVG or HTML, the picture takes other fonts."
)
_IN_NO_FONT: Final = "\U0010fffd"  # for private use, and unused


class PictureFormat(StrEnum):
    """The formats of a picture. An HTML file contains all that it needs, and works offline."""

    PNG = "png"
    SVG = "svg"
    HTML = "html"


def picture(
    snapshots: Iterable[AccountSnapshot],
    format: PictureFormat,
    *,
    quote_asset: str | None = None,
    prices: Prices | None = None,
) -> bytes:
    """Draw an account's `chart` as a picture, and return the content of its file.

    A PNG has twice the chart's pixels each way, and uses the fonts of this machine. If none of them has a character of
    an asset's name, the picture says so. SVG and HTML are in UTF-8.

    Args:
        snapshots: As for `chart`.
        format: One of the formats.
        quote_asset: As for `chart`.
        prices: As for `chart`.

    Raises:
        ExportError: See `chart`.
        PricesError: See `chart`.
    """
    drawn = chart(snapshots, quote_asset=quote_asset, prices=prices).configure(**THEME)
    if format is PictureFormat.HTML:
        return _page(drawn).encode()
    image = _svg(drawn)
    if format is PictureFormat.SVG:
        return image.encode()
    if not all(_has_font(character) for character in {*image} if not character.isascii()):
        drawn.title.subtitle = _BOXES
        image = _svg(drawn)
    png: bytes = vl_convert.svg_to_png(image, scale=2)
    return png


def _svg(drawn: alt.VConcatChart) -> str:
    text = io.StringIO()
    drawn.save(text, "svg")
    return text.getvalue()


def _page(drawn: alt.VConcatChart) -> str:
    vega = library()
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy(scripts=(vega, _SCRIPT), style=_STYLE)}">
<meta name="referrer" content="no-referrer">
<title>{drawn.title.text}</title>
<style>{_STYLE}</style>
</head>
<body>
<div id="chart"></div>
<script type="application/json" id="data">{embed_json(drawn.to_dict())}</script>
<script>{vega}</script>
<script>{_SCRIPT}</script>
</body>
</html>
"""


@cache
def _has_font(character: str) -> bool:
    """Whether a font on this machine has a character. If none has, it looks like one that is in no font."""
    return _drawn(character) != _drawn(_IN_NO_FONT)


def _drawn(character: str) -> bytes:
    text = f'<text y="24" font-family="sans-serif" font-size="24">{character}</text>'
    png: bytes = vl_convert.svg_to_png(f'<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32">{text}</svg>')
    return png
