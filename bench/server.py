"""A server with fixed answers, so quick that what is measured is the client.

It looks just far enough into a request to find its path. One thread, a selector and blocking writes, because asyncio
alone would take as long for an answer as the quickest client takes for the whole call.

Each argument `DAYSxASSETS` is served on a port of its own. The ports are printed in a line of JSON. It ends with its
standard input, and so never outlives the benchmark.
"""

import json
import selectors
import socket
import sys
from collections.abc import Callable
from email.utils import formatdate

import answers

_HEAD = (
    "HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=UTF-8\r\nContent-Length: {}\r\nDate: {}\r\n"
    "x-sapi-used-ip-weight-1m: 60\r\n\r\n"
)


def main() -> None:
    """Serve."""
    selector = selectors.DefaultSelector()
    selector.register(sys.stdin, selectors.EVENT_READ, sys.exit)
    print(json.dumps({size: _listen(selector, *map(int, size.split("x"))) for size in sys.argv[1:]}), flush=True)
    while True:
        for key, _ in selector.select():
            key.data()


def _listen(selector: selectors.BaseSelector, days: int, assets: int) -> int:
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    for path in (answers.BALANCES, answers.SNAPSHOTS):
        answers.body(path, days, assets)  # before anyone waits for it

    def accept() -> None:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection, selectors.EVENT_READ, lambda: answer(connection))

    def answer(connection: socket.socket) -> None:
        if not _answered(connection, lambda path: answers.body(path, days, assets)):
            selector.unregister(connection)
            connection.close()

    selector.register(listener, selectors.EVENT_READ, accept)
    return listener.getsockname()[1]


def _answered(connection: socket.socket, body_of: Callable[[str], bytes]) -> bool:
    """Answer the request that has arrived, unless it was the end of the connection.

    A request here fits into one packet, and no client sends the next one before its answer.
    """
    try:
        if not (request := connection.recv(65536)):
            return False
        body = body_of(request.split(b" ", 2)[1].partition(b"?")[0].decode())
        connection.sendall(_HEAD.format(len(body), formatdate(usegmt=True)).encode() + body)
    except ConnectionError:
        return False
    return True


if __name__ == "__main__":
    main()
