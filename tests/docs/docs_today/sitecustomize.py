"""Python imports this when it starts: processes that a page starts live on the same day as the page."""

import os
import time

_now = time.time
time.time = lambda: _now() + float(os.environ.get("DOCS_AHEAD", "0"))  # read anew, since launcher.py changes it
