"""A real Secret Service, GNOME's, on a new D-Bus session."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

PROGRAMS = ("dbus-daemon", "gnome-keyring-daemon")
PASSWORD = "opens the key store"


def missing() -> list[str]:
    """The programs that are not installed."""
    return [program for program in PROGRAMS if shutil.which(program) is None]


@contextmanager
def running() -> Iterator[str]:
    """Start a session with an unlocked key store; yield its address on D-Bus. Both end with the block."""
    with tempfile.TemporaryDirectory(prefix="binance-wallet-keyring-") as folder, ExitStack() as entered:
        hidden = ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS")  # where it could ask for a password
        env = {name: value for name, value in os.environ.items() if name not in hidden}
        env |= {"HOME": folder, **{f"XDG_{name}_HOME": folder for name in ("CACHE", "CONFIG", "DATA")}}
        env["XDG_RUNTIME_DIR"] = folder

        def start(*command: str, **options: object) -> subprocess.Popen[bytes]:
            log = entered.enter_context(Path(folder, f"{command[0]}.log").open("wb"))
            process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=log, **options)
            entered.callback(end, process)
            return process

        bus = start("dbus-daemon", "--session", "--nofork", "--print-address")
        env["DBUS_SESSION_BUS_ADDRESS"] = address = bus.stdout.readline().decode().strip()
        store = start("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets", stdin=subprocess.PIPE)
        store.stdin.write(PASSWORD.encode())
        store.stdin.close()
        store.stdout.readline()  # the variables that it prints when it is ready
        yield address


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(10)
    process.stdout.close()
