"""Pictures of snapshots: `sketch` for a terminal, `picture` for a file, `chart` and `panels` for a notebook or a page.

Takes the extra `plot`.

They show what snapshots contain, and no more. A spot or margin snapshot has the total value in BTC and the quantity of
each asset, but no prices: so how much of the value is BTC is known, and how the rest divides is not. A futures snapshot
has the balance of each asset, and size and price of each position, but no total value.
"""

from binance_wallet_extras.extra import extra

with extra("plot"):
    from .charts import Panel, chart, over_time, panels
    from .picture import THEME, PictureFormat, picture
    from .series import Series
    from .sketch import sketch

__all__ = ["THEME", "Panel", "PictureFormat", "Series", "chart", "over_time", "panels", "picture", "sketch"]
