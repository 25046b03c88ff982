"""`--output` and `--plot FILE`: which files are written, how, and for whom."""

import os
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("binance-wallet")
ANOTHER = 12345  # the number of a user

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files to another user")


def can_mount():
    if os.geteuid() != 0 or not shutil.which("unshare"):
        return False
    trial = ["unshare", "-m", "mount", "-t", "tmpfs", "x", "/mnt"]
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


with_mounts = pytest.mark.skipif(not can_mount(), reason="no mounts are allowed here")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def commands(*lines):
    """A shell that may mount, in which `binance-wallet` is the command."""
    return ["unshare", "-m", "sh", "-ec", "; ".join(lines).replace("binance-wallet", shlex.quote(str(COMMAND)))]


def test_a_file_is_replaced_whole_and_keeps_its_permissions(run, tmp_path):
    file = tmp_path / "out.csv"
    file.write_text("old")
    file.chmod(0o640)

    assert run("balances", "--output", file) == (0, "", "")

    assert file.read_text().startswith("activate,")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [*tmp_path.iterdir()] == [file]


def test_who_reads_a_file_reads_on_what_it_was(run, tmp_path):
    file = tmp_path / "out.csv"
    file.write_text("old")
    with file.open() as reading:
        run("balances", "--output", file)

        assert reading.read() == "old"


def test_a_symbolic_link_stays_one(run, tmp_path):
    (tmp_path / "link.csv").symlink_to("real.csv")

    run("balances", "--output", "link.csv")

    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text().startswith("activate,")


def test_what_is_no_regular_file_is_written_to_and_not_replaced(run, start_command, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    reader = start_command(pipe, command=["cat"])

    assert run("balances", "--format", "csv", "--output", pipe) == (0, "", "")

    assert reader.communicate()[0].startswith(b"activate,")
    assert pipe.is_fifo()


@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
def test_standard_output_has_a_name_too(run, tmp_path, name):
    code, shown, errors = run("balances", "--format", "csv", "--output", name)

    assert (code, errors, [*tmp_path.iterdir()]) == (0, "", [])
    assert shown.startswith("activate,")


@pytest.mark.parametrize("command", [["snapshots", "spot", "--plot", "out.svg"], ["balances"], ["history"]])
def test_a_call_that_fails_leaves_the_old_file_and_no_other(run, exchange, tmp_path, command):
    file = tmp_path / "out.csv"
    file.write_text("old")
    exchange.fail(401, -2015, "Invalid API-key, IP, or permissions for action.")

    code, shown, _ = run(*command, "--output", file)

    assert (code, shown) == (1, "")
    assert [*tmp_path.iterdir()] == [file]
    assert file.read_text() == "old"


@pytest.mark.parametrize(
    ("option", "name", "problem"),
    [
        ("--output", "missing/out.csv", "No such file or directory"),
        ("--plot", "missing/out.svg", "No such file or directory"),
        ("--output", f"{'x' * 300}.csv", "File name too long"),
        ("--plot", f"{'x' * 300}.svg", "File name too long"),
    ],
    ids=["data", "picture", "data with a long name", "picture with a long name"],
)
def test_a_file_that_cannot_be_written_is_known_before_a_call_is_spent(run, exchange, option, name, problem):
    code, shown, errors = run("snapshots", "spot", option, name)

    assert (code, shown) == (1, "")
    assert errors == f"binance-wallet: {name}: {problem}\n"
    assert exchange.requests == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_may_not_be_written_is_not_replaced(run, tmp_path):
    file = tmp_path / "out.csv"
    file.write_text("old")
    file.chmod(0o400)

    assert run("balances", "--output", file)[0] == 1
    assert file.read_text() == "old"


@pytest.mark.parametrize(
    "args",
    [
        ["balances", "--output", "out.csv"],
        ["history", "--days", "1", "--output", "out.json"],
        ["snapshots", "spot", "--plot", "out.svg"],
        ["report", "--output", "out.html"],
    ],
    ids=lambda args: args[-1],
)
def test_a_new_file_is_for_its_owner_alone_whatever_the_umask(run, tmp_path, args):
    before = os.umask(0)
    try:
        code, _, _ = run(*args)
    finally:
        os.umask(before)

    assert (code, mode(tmp_path / args[-1])) == (0, 0o600)


@pytest.mark.parametrize("kept", [0o600, 0o640, 0o644, 0o666, 0o400 | 0o200])
def test_an_existing_file_keeps_the_mode_that_its_owner_gave_it(run, tmp_path, kept):
    file = tmp_path / "out.csv"
    file.touch()
    file.chmod(kept)

    run("balances", "--output", file)

    assert mode(file) == kept


def test_special_bits_of_a_mode_are_not_kept(run, tmp_path):
    file = tmp_path / "out.csv"
    file.touch()
    file.chmod(0o4755)

    run("balances", "--output", file)

    assert mode(file) == 0o755


@as_root
def test_root_keeps_owner_and_group(run, tmp_path):
    file = tmp_path / "out.csv"
    file.touch()
    file.chmod(0o640)
    os.chown(file, ANOTHER, ANOTHER + 1)

    assert run("balances", "--output", file)[0] == 0

    found = file.stat()
    assert (found.st_uid, found.st_gid, mode(file)) == (ANOTHER, ANOTHER + 1, 0o640)


@as_root
@pytest.mark.parametrize("folder_mode", [0o1777, 0o777, 0o1775, 0o775])
@pytest.mark.parametrize(
    "args",
    [["balances", "--output"], ["snapshots", "spot", "--format", "csv", "--plot"], ["report", "--output"]],
    ids=" ".join,
)
def test_a_file_of_another_user_in_a_folder_for_all_is_refused(run, exchange, tmp_path, args, folder_mode):
    folder = tmp_path / "all"
    folder.mkdir()
    folder.chmod(folder_mode)
    name = folder / ("out.svg" if "--plot" in args else "out.html" if "report" in args else "out.csv")
    name.write_text("his")
    os.chown(name, ANOTHER, ANOTHER)

    code, shown, errors = run(*args, name)

    assert (code, shown, exchange.requests) == (1, "", [])
    assert errors.startswith(f"binance-wallet: {name}: it belongs to another user")
    assert name.read_text() == "his"
    assert [*folder.iterdir()] == [name]


@as_root
def test_a_pipe_of_another_user_in_a_folder_for_all_is_refused(run, exchange, tmp_path):
    tmp_path.chmod(0o1777)
    os.mkfifo(tmp_path / "out.csv")
    os.chown(tmp_path / "out.csv", ANOTHER, ANOTHER)

    code, _, errors = run("balances", "--output", "out.csv")

    assert (code, exchange.requests) == (1, [])
    assert "it belongs to another user" in errors


# Where a link called `out` leads to, and what is written to.
LINKS = {
    "to a file of mine": ("private/target.csv", "out"),
    "to a file of his": ("private/his.csv", "out"),
    "to nothing": ("private/none.csv", "out"),
    "in the middle": ("private", "out/target.csv"),
    "over another link": ("private/link.csv", "out"),
}


@as_root
@pytest.mark.parametrize("folder", ["sticky", "his"])
@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
def test_a_link_that_another_user_may_have_put_there_is_not_followed(run, exchange, tmp_path, folder, link):
    target, output = link
    private = tmp_path / "private"
    private.mkdir()
    for name in ("target.csv", "his.csv"):
        (private / name).write_text("old")
    os.chown(private / "his.csv", ANOTHER, ANOTHER)
    (private / "link.csv").symlink_to("target.csv")
    place = tmp_path / folder
    place.mkdir()
    place.chmod(0o1777 if folder == "sticky" else 0o755)
    if folder == "his":
        os.chown(place, ANOTHER, ANOTHER)
    (place / "out").symlink_to(tmp_path / target)
    os.chown(place / "out", ANOTHER, ANOTHER, follow_symlinks=False)

    code, shown, errors = run("balances", "--format", "csv", "--output", place / output)

    assert (code, shown, exchange.requests) == (1, "", [])
    assert "belongs to another user" in errors
    assert (private / "target.csv").read_text() == "old"
    assert not (private / "none.csv").exists()


@as_root
def test_a_link_of_mine_to_a_file_of_another_user_is_not_followed_in_a_folder_for_all(run, exchange, tmp_path):
    tmp_path.chmod(0o1777)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "his.csv").write_text("his")
    os.chown(tmp_path / "home" / "his.csv", ANOTHER, ANOTHER)
    (tmp_path / "out.csv").symlink_to("home/his.csv")

    assert run("balances", "--output", "out.csv")[0] == 1
    assert exchange.requests == []


@pytest.mark.parametrize("target", ["real.csv", "../{name}/real.csv", "folder/../real.csv", "{path}/real.csv"])
def test_links_of_mine_are_followed_even_in_a_folder_for_all(run, tmp_path, target):
    tmp_path.chmod(0o1777)
    (tmp_path / "folder").mkdir()
    (tmp_path / "again").symlink_to(target.format(name=tmp_path.name, path=tmp_path))
    (tmp_path / "link.csv").symlink_to("again")

    assert run("balances", "--output", "link.csv") == (0, "", "")

    assert (tmp_path / "real.csv").read_text().startswith("activate,")
    assert not (tmp_path / "real.csv").is_symlink()


def test_links_in_a_circle_are_refused(run, exchange, tmp_path):
    (tmp_path / "a.csv").symlink_to("b.csv")
    (tmp_path / "b.csv").symlink_to("a.csv")

    code, _, errors = run("balances", "--output", "a.csv")

    assert (code, exchange.requests) == (1, [])
    assert errors == "binance-wallet: a.csv: Too many levels of symbolic links\n"


def test_a_tilde_that_the_shell_has_left_is_the_home_directory(run, tmp_path):
    assert run("balances", "--output=~/out.csv", HOME=str(tmp_path))[0] == 0
    assert run("snapshots", "spot", "--plot=~/out.svg", HOME=str(tmp_path))[0] == 0
    assert run("report", "--output=~/out.html", HOME=str(tmp_path))[0] == 0

    assert {path.name for path in tmp_path.iterdir()} == {"out.csv", "out.svg", "out.html"}


@pytest.mark.parametrize(
    ("name", "number"), [("/dev/stderr", 2), ("/dev/fd/2", 2), ("/dev/fd/1", 1), ("/proc/self/fd/1", 1), ("link", 1)]
)
def test_a_standard_stream_may_be_named(run_in, tmp_path, name, number):
    (tmp_path / "link").symlink_to("/dev/stdout")
    with (tmp_path / "out").open("wb") as out, (tmp_path / "other").open("w+b") as other:
        streams = [out if number == each else other for each in range(3)]
        code = run_in("balances", "--format", "csv", "--output", name, streams=streams)

    assert (code, (tmp_path / "other").read_bytes()) == (0, b"")
    assert (tmp_path / "out").read_text().startswith("activate,")


@pytest.mark.parametrize("args", [["balances"], ["snapshots", "spot", "--plot", "x.svg"]], ids=["data", "a picture"])
def test_another_open_file_may_be_named(run, tmp_path, args):
    with (tmp_path / "out").open("wb") as out:
        code, shown, errors = run(*args, "--format", "csv", "--output", f"/dev/fd/{out.fileno()}")

    assert (code, shown, errors) == (0, "", "")
    assert re.match("activate,|type,", (tmp_path / "out").read_text())


DESCRIPTORS = {
    "a pipe": "binance-wallet balances --format csv --output /dev/fd/7 7>&1 >/dev/null | cat >out",
    "after other output": "{ echo before; binance-wallet balances --format csv --output /dev/fd/3; } 3>out >&3",
    "a substitution": "binance-wallet balances --format csv --output >(cat >out); wait $!",
}


@pytest.mark.parametrize("line", DESCRIPTORS.values(), ids=DESCRIPTORS)
@pytest.mark.usefixtures("exchange")
def test_what_a_shell_has_opened_may_be_named(run, tmp_path, line):
    code, shown, errors = run("-ec", line.replace("binance-wallet", str(COMMAND)), command=["bash"])

    assert (code, shown, errors) == (0, "", "")
    written = (tmp_path / "out").read_text().removeprefix("before\n")
    assert written.startswith("activate,")
    assert written.endswith("\n")


REFUSED = {
    "a file that is not open": ("/dev/fd/77", "Bad file descriptor"),
    "what is read only": ("/dev/stdin", "it is open for reading only"),
    "a folder": ("folder", "not the name of a file"),
    "a device": ("/dev/urandom", "not a file"),
    "a folder of devices": ("/dev/fd", "not the name of a file"),
    "a full device": ("/dev/full", "No space left on device"),
}


@pytest.mark.parametrize(("name", "problem"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_written_is_named(run, exchange, tmp_path, name, problem):
    (tmp_path / "folder").mkdir()

    code, shown, errors = run("balances", "--format", "csv", "--output", name)

    assert (code in {1, 2}, shown) == (True, "")
    assert problem in errors
    assert name in errors
    assert exchange.requests == [] or name == "/dev/full"


@pytest.mark.parametrize("args", [["snapshots", "spot", "--plot=folder.svg"], ["report", "--output", "folder.html"]])
def test_a_folder_with_the_name_of_a_file_is_refused(run, exchange, tmp_path, args):
    (tmp_path / "folder.svg").mkdir()
    (tmp_path / "folder.html").mkdir()

    code, _, errors = run(*args)

    assert (code in {1, 2}, errors.count("\n"), exchange.requests) == (True, 1, [])


def test_nothing_is_a_device_too(run):
    assert run("balances", "--format", "csv", "--output", "/dev/null") == (0, "", "")


def test_a_terminal_is_a_device_too(run_on_terminal):
    code, shown = run_on_terminal("balances", "--format", "csv", "--output", "/dev/stderr")

    assert code == 0
    assert shown.startswith("activate,")


@with_mounts
@pytest.mark.usefixtures("exchange")
@pytest.mark.parametrize("args", ["balances --output out.csv", "balances --format csv --output link.csv"])
def test_a_file_that_is_mounted_by_itself_is_written_in_place(run, tmp_path, args):
    outside = tmp_path / "outside.csv"
    outside.write_text("old and much longer than the new text " * 200)
    (tmp_path / "out.csv").touch()
    (tmp_path / "link.csv").symlink_to("out.csv")

    code, _, errors = run(command=commands("mount --bind outside.csv out.csv", f"binance-wallet {args}"))

    assert (code, errors) == (0, "")
    assert outside.read_text().startswith("activate,")
    assert "old" not in outside.read_text()
    assert {path.name for path in tmp_path.iterdir()} == {"outside.csv", "out.csv", "link.csv"}


@with_mounts
@pytest.mark.usefixtures("exchange")
def test_a_file_in_a_folder_that_is_read_only_is_written_in_place(run, tmp_path):
    (tmp_path / "outside.csv").write_text("old")
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "out.csv").touch()

    code, _, errors = run(
        command=commands(
            "mount --bind inside inside",
            "mount --bind outside.csv inside/out.csv",
            "mount -o remount,ro,bind inside",
            "binance-wallet balances --output inside/out.csv",
        )
    )

    assert (code, errors) == (0, "")
    assert (tmp_path / "outside.csv").read_text().startswith("activate,")


@with_mounts
@pytest.mark.usefixtures("exchange")
def test_a_full_disk_names_the_file_and_leaves_the_old_one(run, tmp_path):
    (tmp_path / "disk").mkdir()
    lines = [
        "mount -t tmpfs -o size=8k x disk",
        "echo old >disk/out.csv",
        "binance-wallet history --output disk/out.csv || echo failed with $?",
        "cat disk/out.csv",
        "ls -A disk",
    ]

    code, shown, errors = run(command=commands(*lines))

    assert (code, shown) == (0, "failed with 1\nold\nout.csv\n")
    assert errors == "binance-wallet: disk/out.csv: No space left on device\n"


@with_mounts
@pytest.mark.usefixtures("exchange")
def test_a_full_disk_leaves_the_old_content_of_a_mounted_file_as_well(run, tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "out.csv").touch()
    lines = [
        "mount -t tmpfs -o size=8k x disk",
        "echo old >disk/file",
        "mount --bind disk/file out.csv",
        "binance-wallet history --output out.csv || echo failed with $?",
        "cat out.csv",
    ]

    code, shown, errors = run(command=commands(*lines))

    assert (code, shown) == (0, "failed with 1\nold\n")
    assert errors == "binance-wallet: out.csv: No space left on device\n"


def test_a_limit_of_the_size_of_files_leaves_the_old_one(run, tmp_path):
    (tmp_path / "out.csv").write_text("old")

    code, _, errors = run("-c", f"ulimit -f 8; exec {COMMAND} history --output out.csv", command=["bash"])

    assert (code, errors) == (1, "binance-wallet: out.csv: File too large\n")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("out.csv", "old")]


@pytest.mark.parametrize(
    "args", [["balances"], ["doctor"], ["--help"], ["keys", "list", "--help"], ["--version"], ["mock"]]
)
def test_a_full_standard_output_is_named(run_in, tmp_path, args):
    with Path("/dev/full").open("r+b", buffering=0) as full, (tmp_path / "errors").open("w+b") as errors:
        assert run_in(*args, streams=[full, full, errors]) == 1

    *_, last = (tmp_path / "errors").read_text().splitlines()
    assert last == "binance-wallet: standard output: No space left on device"


@pytest.fixture
def heard_hangups():
    """Started processes get SIGHUP, also if the tests themselves run under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("heard_hangups")
@pytest.mark.parametrize(
    ("args", "number"),
    [
        (["balances", "--output", "out.csv"], signal.SIGTERM),
        (["balances", "--output", "out.csv"], signal.SIGHUP),
        (["balances", "--output", "out.csv"], signal.SIGINT),
        (["snapshots", "spot", "--plot", "out.svg"], signal.SIGTERM),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else value.name,
)
def test_a_signal_leaves_the_old_file_and_no_other(start_command, exchange, tmp_path, args, number):
    (tmp_path / args[-1]).write_text("old")
    exchange.delay(20)
    process = start_command(*args)
    while len(found := [*tmp_path.iterdir()]) == 1 and process.poll() is None:
        time.sleep(0.01)
    assert {mode(path) for path in found if path.name != args[-1]} == {0o600}

    process.send_signal(number)

    assert process.wait(timeout=10) == (130 if number == signal.SIGINT else -number)
    assert b"Traceback" not in process.stderr.read()
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [(args[-1], "old")]


def test_a_signal_that_is_ignored_stays_ignored(start_command, exchange, tmp_path):
    process = start_command("-c", f"trap '' HUP; exec {COMMAND} balances --output out.csv", command=["sh"])
    exchange.delay(1)
    while not [*tmp_path.iterdir()]:
        time.sleep(0.01)

    process.send_signal(signal.SIGHUP)

    assert process.wait(timeout=10) == 0
    assert (tmp_path / "out.csv").exists()


def test_the_longest_name_that_a_folder_takes_is_written(run, tmp_path):
    name = "x" * 251 + ".csv"

    assert run("balances", "--output", name) == (0, "", "")
    assert (tmp_path / name).exists()


@as_root
def test_a_file_of_another_group_is_not_opened_to_mine(tmp_path):
    """Where the group cannot be kept, its rights go."""
    file = tmp_path / "out.csv"
    file.touch()
    file.chmod(0o640)
    os.chown(file, ANOTHER, 1)
    os.chown(tmp_path, ANOTHER, ANOTHER)
    program = f"""
import os
from pathlib import Path
from binance_wallet_extras.files import Replacement
os.setgroups([])
os.setresgid({ANOTHER}, {ANOTHER}, {ANOTHER})
os.setresuid({ANOTHER}, {ANOTHER}, {ANOTHER})
replacement = Replacement(Path("out.csv"))
replacement.open()
replacement.write(b"new")
"""

    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)

    assert (file.read_text(), mode(file)) == ("new", 0o600)
