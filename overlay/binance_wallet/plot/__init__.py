"""Pictures of snapshots: `sketch` for a terminal, `picture` for a file, `chart` and `panels` for a notebook or a page.

Takes the extra `plot`.

They show what snapshots tell, and no more. Of a spot or margin account that is its value as a whole, in BTC, and the
quantity of each asset, but no prices: so how much of the value is BTC itself is known, and how the rest divides is not.
Of a futures account it is the quantity of each asset, and size and price of each position, but no value of the whole.
"""

from binance_wallet.export.extras import extra

with extra("plot"):
    from .charts import Panel, chart, over_time, panels
    from .picture import THEME, PictureFormat, picture
    from .series import Series
    from .sketch import sketch

__all__ = ["THEME", "Panel", "PictureFormat", "Series", "chart", "over_time", "panels", "picture", "sketch"]
