"""Which files may be an archive: nobody else could have changed it, and nothing but an archive is touched."""

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
def path(tmp_path):
    return tmp_path / "archive.sqlite"


def refused(path, wallet):
    """Why an update and a reader refuse the archive at a path. No call is spent."""
    said = set()
    for use in (lambda: Archive(path).update(wallet, "SPOT"), Archive(path).status, Archive(path).check):
        with pytest.raises(ArchiveError) as caught:
            use()
        said.add(str(caught.value))
    assert wallet.calls == []
    [message] = said
    assert message.split(": ", 1)[1] in problems(path)
    return message


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


@pytest.mark.parametrize(
    ("make", "kind"), [(os.mkfifo, "a named pipe"), (os.mkdir, "a folder"), (make_socket, "a socket")]
)
def test_what_is_no_regular_file_is_refused_and_stays_as_it_is(path, fake_wallet, make, kind):
    make(path)
    mode = path.stat().st_mode
    assert f"is {kind}: an archive is a regular file" in refused(path, fake_wallet)
    assert path.stat().st_mode == mode


@pytest.mark.parametrize("device", ["/dev/null", "/dev/zero", "/dev/full"])
def test_a_device_is_refused_and_stays_as_it_is(fake_wallet, device):
    mode = Path(device).stat().st_mode
    assert "is a device" in refused(device, fake_wallet)
    assert Path(device).stat().st_mode == mode


def test_a_link_to_a_device_is_refused(path, fake_wallet):
    path.symlink_to("/dev/null")
    assert "is a device" in refused(path, fake_wallet)


def test_a_pipe_of_the_shell_is_refused(fake_wallet):
    """As `--archive <(…)` would name it."""
    reader, writer = os.pipe()
    try:
        assert "is a named pipe" in refused(f"/dev/fd/{reader}", fake_wallet)
    finally:
        os.close(reader)
        os.close(writer)


def test_a_link_that_leads_nowhere_is_refused(path, fake_wallet):
    """The disk that it leads to may be missing."""
    path.symlink_to(path.parent / "gone" / "archive.sqlite")
    assert "is a link to a file that is not there" in refused(path, fake_wallet)


@pytest.mark.parametrize("mode", [0o666, 0o620, 0o602, 0o777])
def test_a_file_that_others_may_write_is_refused(path, fake_wallet, mode):
    path.touch()
    path.chmod(mode)
    assert f"other users may write {path}: run chmod go-w" in refused(path, fake_wallet)
    assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal"])
def test_a_file_beside_it_that_others_may_write_is_refused(path, fake_wallet, ending):
    """SQLite reads it as a part of the archive."""
    path.touch(0o600)
    beside = Path(f"{path}{ending}")
    beside.touch()
    beside.chmod(0o666)
    assert f"other users may write {beside}" in refused(path, fake_wallet)


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o757])
def test_a_folder_that_others_may_write_is_refused_unless_it_is_sticky(tmp_path, fake_wallet, mode):
    folder = tmp_path / "shared"
    (folder / "mine").mkdir(parents=True)
    folder.chmod(mode)
    for path in (folder / "archive.sqlite", folder / "mine" / "archive.sqlite"):
        assert f"other users may write the folder {folder}: run chmod go-w" in refused(path, fake_wallet)
        folder.chmod(mode | stat.S_ISVTX)
        assert len(Archive(path).update(fake_wallet, "SPOT")) == 30
        folder.chmod(mode)
        fake_wallet.calls.clear()


def test_the_folder_that_a_link_leads_to_is_checked_too(tmp_path, fake_wallet):
    shared, link = tmp_path / "shared", tmp_path / "archive.sqlite"
    shared.mkdir()
    (shared / "target").touch(0o600)
    shared.chmod(0o777)
    link.symlink_to(shared / "target")
    assert f"other users may write the folder {shared}" in refused(link, fake_wallet)


def give_away(path):
    os.chown(path, STRANGER, STRANGER, follow_symlinks=False)


@needs_root
@pytest.mark.parametrize("ending", ["", "-wal"])
def test_a_file_of_another_user_is_refused(path, fake_wallet, ending):
    Archive(path).update(fake_wallet, "SPOT")
    fake_wallet.calls.clear()
    theirs = Path(f"{path}{ending}")
    theirs.touch()
    give_away(theirs)
    assert f"{theirs} belongs to the user with the number {STRANGER}" in refused(path, fake_wallet)


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


def test_no_file_is_made_where_a_link_was_put_meanwhile(path, tmp_path):
    """Between the check of a place and the making of a file, another user has put a link there."""
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        make_file(path)
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


def test_an_archive_that_is_well_has_no_problem(path, fake_wallet):
    Archive(path).update(fake_wallet, "SPOT")
    assert problems(path) == []


def test_the_default_archive_has_no_problem_before_it_is_made(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    assert problems() == []


def test_an_archive_that_others_may_read_is_a_problem_but_usable(path, fake_wallet):
    path.touch()
    path.chmod(0o644)
    assert problems(path) == [f"other users may read {path}: run chmod go-r"]
    Archive(path).update(fake_wallet, "SPOT")


def test_a_folder_that_is_missing_is_a_problem(tmp_path):
    assert problems(tmp_path / "typo" / "archive.sqlite") == [f"there is no folder {tmp_path / 'typo'}: make it"]


def test_a_folder_that_cannot_be_written_is_a_problem(path, fake_wallet, monkeypatch):
    Archive(path).update(fake_wallet, "SPOT")
    monkeypatch.setattr(os, "access", lambda place, _: Path(place) == path)  # who is root may write everything
    assert problems(path) == [f"the folder {path.parent} cannot be written: an update would fail"]


def test_a_copy_of_sqlites_own_backup_is_an_archive(tmp_path, path, fake_wallet):
    """As the page says to make one; the umask gives it its mode."""
    Archive(path).update(fake_wallet, "SPOT")
    copy = tmp_path / "copy.sqlite"
    subprocess.run(["sqlite3", path, f".backup {copy}"], check=True)
    assert Archive(copy).snapshots("SPOT") == Archive(path).snapshots("SPOT")
