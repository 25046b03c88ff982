"""The mock exchange in the foreground, for people."""

from __future__ import annotations

import random
import string
import sys
import threading
from collections import deque

from .account import Account
from .exchange import MockExchange


def serve(port: int = 0, *, weight_limit: int = 12_000, minute: float = 60.0, seed: int = 0, accounts: int = 1) -> None:
    """Serve a mock exchange until interrupted, and print what a shell needs to use it on standard output.

    Its keys are made up. It neither reads nor shows a key in the environment, which may be a real one.

    Args:
        port: Where to listen on 127.0.0.1; 0 for any free port.
        weight_limit: The weight that one address may use on one endpoint in one minute.
        minute: The length of that minute in seconds.
        seed: The same seed makes the same accounts and keys.
        accounts: The number of accounts, each with a key. The printed variables have the key of the first.
    """
    keys = [_key_and_secret(seed + number) for number in range(accounts)]
    key, secret = keys[0]
    with MockExchange(
        port=port, weight_limit=weight_limit, minute=minute, seed=seed, api_key=key, api_secret=secret
    ) as exchange:
        exchange.requests = deque(maxlen=0)  # unused here, and it may serve for months
        for number, (other, its_secret) in enumerate(keys[1:], 1):
            exchange.add_key(other, api_secret=its_secret, account=Account(seed + number))
        lines = [
            f"export BINANCE_BASE_URL={exchange.base_url}",
            f"export BINANCE_API_KEY={key}",
            f"export BINANCE_API_SECRET={secret}",
        ]
        if accounts > 1:
            lines += [
                f"printf '%s\\n' {each} {its_secret} | binance-wallet keys add mock-{number} --no-keyring"
                for number, (each, its_secret) in enumerate(keys, 1)
            ]
        # On standard error, and not as a comment: interactive zsh takes a line that begins with # for a command.
        print("The mock exchange is up; Ctrl-C stops it. Paste these lines into another shell:\n", file=sys.stderr)
        print(*lines, sep="\n", flush=True)
        threading.Event().wait()


def _key_and_secret(seed: int) -> tuple[str, str]:
    """The key of a seed. It is the same each time, so that a kept key works after a restart."""
    letters = random.Random(f"key {seed}").choices(string.ascii_letters + string.digits, k=128)  # noqa: S311 - no secret
    return "".join(letters[:64]), "".join(letters[64:])
