"""Runs a Python program many times, but imports it once.

A launcher is a process that has imported the program. For each run it forks: the fork is a process of its own, with the
arguments, environment, folder and standard streams that it is given, and with an exit code. It starts in a few
milliseconds rather than in half a second or more. What a real start is needed for, tests start for real.
"""

import gc
import marshal
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module

HERE = os.path.dirname(__file__)  # noqa: PTH120 - pathlib takes longer to import than a run takes
CHUNK = 65_536


def start(
    address: str, args: Sequence[str], env: dict[str, str], folder: str, streams: Sequence[int | None]
) -> socket.socket:
    """Start the program of the launcher at an address; `wait` for what is returned.

    `streams` are the file descriptors of its standard input, output and error; None stands for a closed one.
    """
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(address)
    opened = [stream is not None for stream in streams]
    socket.send_fds(connection, [b"."], [stream for stream in streams if stream is not None])
    connection.sendall(marshal.dumps(([*args], env, folder, opened)))
    connection.shutdown(socket.SHUT_WR)
    return connection


def wait(connection: socket.socket, timeout: float | None = None) -> int:
    """Wait for a program to end, and return its exit code."""
    with connection:
        connection.settimeout(timeout)
        code = connection.recv(CHUNK)
        assert code, "the program was killed"
        return int(code)


def run(address: str, args: Sequence[str], env: dict[str, str], folder: str) -> tuple[int, str, str]:
    """Run the program off a terminal; return its exit code, standard output and standard error."""
    import tempfile

    with open(os.devnull) as stdin, tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:  # noqa: PTH123
        streams = [stream.fileno() for stream in (stdin, stdout, stderr)]
        code = wait(start(address, args, env, folder, streams), 30)
        stdout.seek(0)
        stderr.seek(0)
        return code, stdout.read().decode(), stderr.read().decode()


@contextmanager
def launcher(address: str, program: str, **env: str) -> Iterator[str]:
    """A launcher of `module:function`, which returns an exit code; yield its address.

    What runs on when the launcher ends is killed.
    """
    import subprocess

    # Where this process finds its modules, so does the program: `mutants.py` has sources of its own.
    paths = filter(None, (env.pop("PYTHONPATH", None), os.environ.get("PYTHONPATH")))
    env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": os.pathsep.join(paths), **env}
    with subprocess.Popen(
        [sys.executable, __file__, address, program],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        yield address
        os.killpg(process.pid, signal.SIGKILL)


def executable(address: str) -> str:
    """The text of an executable file that runs the program, as a shell may."""
    return f"""\
#!{sys.executable} -IS
import os, sys
sys.path.append({HERE!r})
from launcher import start, wait
os._exit(wait(start({address!r}, sys.argv[1:], dict(os.environ), os.getcwd(), [0, 1, 2])) & 0xFF)
"""


def _serve(address: str) -> socket.socket | None:
    """Accept connections, each in a fork. Return a fork's connection, and in the launcher None, when it is to end."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        print("ready", flush=True)
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                return connection
            connection.close()
            with suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
    return None


def _run(main: Callable[[], int], connection: socket.socket) -> int:
    """Run the program as `connection` says, and return its exit code."""
    _, streams, _, _ = socket.recv_fds(connection, 1, 3)
    args, env, folder, opened = marshal.loads(b"".join(iter(lambda: connection.recv(CHUNK), b"")))
    for descriptor, name in enumerate(["stdin", "stdout", "stderr"]):
        if opened[descriptor]:
            os.dup2(stream := streams.pop(0), descriptor)
            os.close(stream)
        else:
            os.close(descriptor)
            setattr(sys, name, None)  # as in a new process
    if sys.stdout:
        sys.stdout.reconfigure(line_buffering=sys.stdout.isatty())
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    sys.argv[1:] = args
    try:
        code = main()
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:  # noqa: BLE001 - it ends the process, as in a new one
        traceback.print_exc()
        code = 1
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except OSError:
            code = 120  # as Python ends then
    return code


if __name__ == "__main__":
    sys.path.append(sys.path.pop(0))  # this folder, whose modules may have names of the program's
    module, _, function = sys.argv[2].partition(":")
    program = getattr(import_module(module), function)
    gc.collect()
    gc.freeze()  # no fork looks through all of this
    if connection := _serve(sys.argv[1]):
        connection.sendall(b"%d" % _run(program, connection))
        os._exit(0)  # to take apart all that was imported would take longer than most programs run
