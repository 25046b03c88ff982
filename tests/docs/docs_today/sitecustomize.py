"""Python imports this when it starts: processes that a page starts live on the same day as the page."""

import os
import time

_now, _ahead = time.time, float(os.environ.get("DOCS_AHEAD", "0"))
time.time = lambda: _now() + _ahead
