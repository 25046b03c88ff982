"""`--output` and `--plot FILE`: written whole or not at all."""

import os
import stat

import pytest


def test_a_file_is_replaced_whole_and_keeps_its_permissions(run, tmp_path):
    file = tmp_path / "out.csv"
    file.write_text("old")
    file.chmod(0o640)

    assert run("balances", "--output", file) == (0, "", "")

    assert file.read_text().startswith("activate,")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert [*tmp_path.iterdir()] == [file]


def test_a_symbolic_link_stays_one(run, tmp_path):
    (tmp_path / "link.csv").symlink_to("real.csv")

    run("balances", "--output", "link.csv")

    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text().startswith("activate,")


def test_what_is_no_regular_file_is_written_to_and_not_replaced(run, start, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    reader = start(pipe, command=["cat"])

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


@pytest.mark.parametrize(("option", "name"), [("--output", "missing/out.csv"), ("--plot", "missing/out.svg")])
def test_a_file_that_cannot_be_written_is_known_before_a_call_is_spent(run, exchange, option, name):
    code, shown, errors = run("snapshots", "spot", option, name)

    assert (code, shown) == (1, "")
    assert errors == f"binance-wallet: {name}: No such file or directory\n"
    assert exchange.requests == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_that_may_not_be_written_is_not_replaced(run, tmp_path):
    file = tmp_path / "out.csv"
    file.write_text("old")
    file.chmod(0o400)

    assert run("balances", "--output", file)[0] == 1
    assert file.read_text() == "old"
