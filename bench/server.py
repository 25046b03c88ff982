"""A server with fixed responses, so quick that what is measured is the client.

It responds with the balances of ten wallets, or with 30 days of 500 assets, on a port that it prints. It ends with its
standard input, and so never outlives the benchmark.
"""

import json
import sys
import time
from contextlib import suppress
from email.utils import formatdate
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

from binance_wallet_mock import Account

BALANCES, SNAPSHOTS = b"/sapi/v1/asset/wallet/balance", b"/sapi/v1/accountSnapshot"
DAY = 86_400  # seconds
HEAD = (
    "HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=UTF-8\r\nContent-Length: {}\r\nDate: {}\r\n"
    "x-sapi-used-ip-weight-1m: 60\r\n\r\n"
)


def bodies(days: int = 30, assets: int = 500) -> dict[bytes, bytes]:
    """What the exchange would send, by path."""
    account, today = Account(assets=assets), int(time.time()) // DAY
    snapshots = [
        {"data": account.snapshot("SPOT", day), "type": "spot", "updateTime": ((day + 1) * DAY - 1) * 1000}
        for day in range(today - days, today)
    ]
    month = {"code": 200, "msg": "", "snapshotVos": snapshots}
    return {
        path: json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        for path, body in ((BALANCES, account.balances("BTC", today - 1)), (SNAPSHOTS, month))
    }


class Handler(StreamRequestHandler):
    """Serves one connection. Each request comes whole: no client sends the next one before the response."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        with suppress(ConnectionError):
            while request := self.request.recv(65_536):
                body = self.server.bodies[request.split(b" ", 2)[1].partition(b"?")[0]]
                self.request.sendall(HEAD.format(len(body), formatdate(usegmt=True)).encode() + body)


class Server(ThreadingTCPServer):
    daemon_threads, request_queue_size, bodies = True, 256, bodies()


if __name__ == "__main__":
    server = Server(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
