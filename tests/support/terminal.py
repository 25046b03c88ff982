"""A terminal that tests can look at."""

import fcntl
import os
import pty
import struct
import termios
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def on_terminal(run: Callable[[int], int], columns: int) -> tuple[int, str]:
    """Call `run` with the descriptor of a terminal; return what it returns, and all that the terminal was sent."""
    terminal, process_side = pty.openpty()
    fcntl.ioctl(process_side, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(_read_all, terminal)
        try:
            code = run(process_side)
        finally:
            os.close(process_side)
    return code, sent.result().decode().replace("\r\n", "\n")


def _read_all(terminal: int) -> bytes:
    read = b""
    try:
        while chunk := os.read(terminal, 65536):
            read += chunk
    except OSError:
        pass  # how Linux says that the other side is closed
    finally:
        os.close(terminal)
    return read
