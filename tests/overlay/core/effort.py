"""How much to try: FUZZ=1, as in `make fuzz`, tries more."""

import os

from hypothesis import settings

thoroughly = settings(max_examples=5000 if os.environ.get("FUZZ") else 250, deadline=None)  # however slow the machine
