"""Run something on a terminal, and see what it shows."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
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
        while chunk := _read(terminal):
            read += chunk
    finally:
        os.close(terminal)
    return read


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""  # how Linux says that the other side is closed


def conversation(
    command: list[str], env: dict[str, str], folder: str, answers: list[tuple[str, str]]
) -> tuple[int, str]:
    """Run a process on a new terminal, and answer its questions; return its exit code, and what it has shown.

    `answers` are pairs of the end of a question and what to type then. A password is read from the process's
    controlling terminal, and text that is typed too early is lost.
    """
    terminal, process_side = pty.openpty()
    take = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
    line = [sys.executable, "-c", take, *command]
    with subprocess.Popen(
        line, env=env, cwd=folder, stdin=process_side, stdout=process_side, stderr=process_side, start_new_session=True
    ) as process:
        os.close(process_side)
        shown = b""
        try:
            for question, answer in answers:
                asked = b""
                while not asked.decode(errors="ignore").rstrip().endswith(question):
                    if not (chunk := _read(terminal)):
                        break
                    asked += chunk
                shown += asked
                os.write(terminal, f"{answer}\n".encode())
            shown += _read_all(terminal)
            process.wait(10)
        finally:
            process.kill()
    return process.returncode, shown.decode().replace("\r\n", "\n")
