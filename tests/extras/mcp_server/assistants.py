"""The SDK's own client, in code without await."""

import json
import sys
from pathlib import Path

COMMAND = Path(sys.executable).parent / "binance-wallet"


class Assistant:
    """A client of a server, in code without await."""

    def __init__(self, portal, client):
        self._portal = portal
        self.client = client

    def __getattr__(self, name):
        """A method of the client."""
        return lambda *args, **options: self._portal.call(lambda: getattr(self.client, name)(*args, **options))

    def ask(self, tool, **arguments):
        """The structured result of a tool."""
        result = self.call_tool(tool, arguments)
        assert not result.is_error, result.content
        return result.structured_content

    def fail(self, tool, **arguments):
        """The words and the facts of an error."""
        result = self.call_tool(tool, arguments)
        assert result.is_error
        assert result.structured_content is None  # clients would hold it to the schema of results
        words, facts = (part.text for part in result.content)
        return words, json.loads(facts)
