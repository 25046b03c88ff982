"""The files that may be an archive: nobody else could have changed them, and they hold nothing else."""

import os
import socket
import stat
import subprocess
from pathlib import Path

import pytest
from binance_wallet_extras.archive import Archive, ArchiveError, problems
from binance_wallet_extras.archive.permissions import make_file

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can give files to another user")
STRANGER = 12_345  # no user of this machine


@pytest.fixture
def archive_path(tmp_path):
    return tmp_path / "archive.sqlite"


def refused(archive_path, wallet):
    """Why an update and a reader refuse the archive at a path. No call is spent."""
    said = set()
    archive = Archive(archive_path)
    for use in (lambda: archive.update(wallet, "SPOT"), archive.status, archive.check):
        with pytest.raises(ArchiveError) as caught:
            use()
        said.add(str(caught.value))
    assert wallet.calls == []
    [message] = said
    assert message.split(": ", 1)[1] in problems(archive_path)
    return message


def make_socket(archive_path):
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(archive_path))


@pytest.mark.parametrize(
    ("make", "kind"), [(os.mkfifo, "a named pipe"), (os.mkdir, "a folder"), (make_socket, "a socket")]
)
def test_what_is_no_regular_file_is_refused_and_stays_as_it_is(archive_path, fake_wallet, make, kind):
    make(archive_path)
    mode = archive_path.stat().st_mode
    assert f"is {kind}: an archive is a regular file" in refused(archive_path, fake_wallet)
    assert archive_path.stat().st_mode == mode


@pytest.mark.parametrize("device", ["/dev/null", "/dev/zero", "/dev/full"])
def test_a_device_is_refused_and_stays_as_it_is(fake_wallet, device):
    mode = Path(device).stat().st_mode
    assert "is a device" in refused(device, fake_wallet)
    assert Path(device).stat().st_mode == mode


def test_a_link_to_a_device_is_refused(archive_path, fake_wallet):
    archive_path.symlink_to("/dev/null")
    assert "is a device" in refused(archive_path, fake_wallet)


def test_a_pipe_of_the_shell_is_refused(fake_wallet):
    """As `--archive <(…)` would name it."""
    reader, writer = os.pipe()
    try:
        assert "is a named pipe" in refused(f"/dev/fd/{reader}", fake_wallet)
    finally:
        os.close(reader)
        os.close(writer)


def test_a_link_that_leads_nowhere_is_refused(archive_path, fake_wallet):
    """The disk that it leads to may be missing."""
    archive_path.symlink_to(archive_path.parent / "gone" / "archive.sqlite")
    assert "is a link to a file that is not there" in refused(archive_path, fake_wallet)


@pytest.mark.parametrize("mode", [0o666, 0o620, 0o602, 0o777])
def test_a_file_that_others_may_write_is_refused(archive_path, fake_wallet, mode):
    archive_path.touch()
    archive_path.chmod(mode)
    assert f"other users may write {archive_path}: run chmod go-w" in refused(archive_path, fake_wallet)
    assert stat.S_IMODE(archive_path.stat().st_mode) == mode


@pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal"])
def test_a_file_beside_it_that_others_may_write_is_refused(archive_path, fake_wallet, ending):
    """SQLite reads it as a part of the archive."""
    archive_path.touch(0o600)
    beside = Path(f"{archive_path}{ending}")
    beside.touch()
    beside.chmod(0o666)
    assert f"other users may write {beside}" in refused(archive_path, fake_wallet)


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o757])
def test_a_folder_that_others_may_write_is_refused_unless_it_is_sticky(tmp_path, fake_wallet, mode):
    folder = tmp_path / "shared"
    (folder / "mine").mkdir(parents=True)
    folder.chmod(mode)
    for archive_path in (folder / "archive.sqlite", folder / "mine" / "archive.sqlite"):
        assert f"other users may write the folder {folder}: run chmod go-w" in refused(archive_path, fake_wallet)
        folder.chmod(mode | stat.S_ISVTX)
        assert len(Archive(archive_path).update(fake_wallet, "SPOT")) == 30
        folder.chmod(mode)
        fake_wallet.calls.clear()


def test_the_folder_that_a_link_leads_to_is_checked_too(tmp_path, fake_wallet):
    shared, link = tmp_path / "shared", tmp_path / "archive.sqlite"
    shared.mkdir()
    (shared / "target").touch(0o600)
    shared.chmod(0o777)
    link.symlink_to(shared / "target")
    assert f"other users may write the folder {shared}" in refused(link, fake_wallet)


def give_away(archive_path):
    os.chown(archive_path, STRANGER, STRANGER, follow_symlinks=False)


@needs_root
@pytest.mark.parametrize("ending", ["", "-wal"])
def test_a_file_of_another_user_is_refused(archive_path, fake_wallet, ending):
    Archive(archive_path).update(fake_wallet, "SPOT")
    fake_wallet.calls.clear()
    theirs = Path(f"{archive_path}{ending}")
    theirs.touch()
    give_away(theirs)
    assert f"{theirs} belongs to the user with the number {STRANGER}" in refused(archive_path, fake_wallet)


@needs_root
def test_a_folder_of_another_user_is_refused(tmp_path, fake_wallet):
    folder = tmp_path / "theirs"
    folder.mkdir()
    give_away(folder)
    assert f"{folder} belongs to" in refused(folder / "archive.sqlite", fake_wallet)


@needs_root
def test_a_link_of_another_user_is_refused(tmp_path, fake_wallet):
    """In a sticky folder, he could lead an update into another file of this user."""
    target, link = tmp_path / "target", tmp_path / "archive.sqlite"
    target.touch(0o600)
    link.symlink_to(target)
    give_away(link)
    assert f"{link} belongs to" in refused(link, fake_wallet)


def test_no_file_is_made_where_a_link_was_put_meanwhile(archive_path, tmp_path):
    """Between the check of a place and the making of a file, another user has put a link there."""
    archive_path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        make_file(archive_path)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_what_is_made_is_for_this_user_only_whatever_the_umask(tmp_path, monkeypatch, fake_wallet, umask):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home" / "share"))
    previous = os.umask(umask)
    try:
        Archive().update(fake_wallet, "SPOT")
        Archive().remove_account("main")
    finally:
        os.umask(previous)
    made = [tmp_path / "home", *(tmp_path / "home").rglob("*")]
    assert {stat.S_IMODE(each.stat().st_mode) for each in made if each.is_dir()} == {0o700}
    assert {stat.S_IMODE(each.stat().st_mode) for each in made if each.is_file()} == {0o600}
    assert len(made) == 5  # three folders, the archive and its copy


def test_an_archive_that_is_well_has_no_problem(archive_path, fake_wallet):
    Archive(archive_path).update(fake_wallet, "SPOT")
    assert problems(archive_path) == []


def test_the_default_archive_has_no_problem_before_it_is_made(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    assert problems() == []


def test_an_archive_that_others_may_read_is_a_problem_but_usable(archive_path, fake_wallet):
    archive_path.touch()
    archive_path.chmod(0o644)
    assert problems(archive_path) == [f"other users may read {archive_path}: run chmod go-r"]
    Archive(archive_path).update(fake_wallet, "SPOT")


def test_a_folder_that_is_missing_is_a_problem(tmp_path):
    assert problems(tmp_path / "typo" / "archive.sqlite") == [f"there is no folder {tmp_path / 'typo'}: make it"]


def test_a_folder_that_cannot_be_written_is_a_problem(archive_path, fake_wallet, monkeypatch):
    Archive(archive_path).update(fake_wallet, "SPOT")
    monkeypatch.setattr(os, "access", lambda place, _: Path(place) == archive_path)  # who is root may write everything
    assert problems(archive_path) == [f"the folder {archive_path.parent} cannot be written: an update would fail"]


def test_a_copy_of_sqlites_own_backup_is_an_archive(tmp_path, archive_path, fake_wallet):
    """As the page says to make one; the umask gives it its mode."""
    Archive(archive_path).update(fake_wallet, "SPOT")
    copy = tmp_path / "copy.sqlite"
    subprocess.run(["sqlite3", archive_path, f".backup {copy}"], check=True)
    assert Archive(copy).snapshots("SPOT") == Archive(archive_path).snapshots("SPOT")
