"""Python imports this when it starts: processes that a page starts live on the same day as the page."""

import os
import time

import time_machine

time_machine.travel(time.time() + float(os.environ["DOCS_AHEAD"]), tick=True).start()
