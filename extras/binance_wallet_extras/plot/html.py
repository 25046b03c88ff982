"""The parts of a page in one HTML file: Vega, JSON for a script element, and a content security policy."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from typing import Final

import altair as alt
import vl_convert

__all__ = ["embed_json", "library", "policy"]

_ESCAPES: Final = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def embed_json(data: object) -> str:
    """JSON for a script element: no text in it can end the element or begin another."""
    return json.dumps(data, separators=(",", ":")).translate(_ESCAPES)


def policy(*, scripts: tuple[str, ...], style: str) -> str:
    """A content security policy that allows these scripts and this style, and nothing else."""
    allowed = " ".join(_hash(script) for script in scripts)
    return f"default-src 'none'; script-src {allowed}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"


@cache
def library() -> str:
    """Vega, Vega-Lite and Vega-Embed, as a script that defines `vegaEmbed`."""
    edition = ".".join(alt.SCHEMA_VERSION.split(".")[:2])  # the Vega-Lite that Altair writes for
    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=edition)


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
