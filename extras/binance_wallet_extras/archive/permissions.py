"""Permissions of an archive's files and folders, checked as ssh checks its own.

Who can write a file, replace it, or put another file of SQLite beside it, can change what an archive returns. So the
file, what SQLite keeps beside it, and all folders above it must belong to this user or to root, and nobody else may
write them. All may write a folder with the sticky bit, such as /tmp: there, nobody else can replace the file.
"""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING, Final

from binance_wallet_extras.files import WRITABLE_BY_OTHERS, stat_of

from .errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["access_problems", "check_safe", "make_file", "safety_problems"]

_BESIDE: Final = ("-wal", "-shm", "-journal")  # what SQLite puts beside a file, and reads
_OTHERS_READ: Final = stat.S_IRGRP | stat.S_IROTH


def safety_problems(file: Path) -> Iterator[str]:
    """Why a file is not safe to use as an archive, each with its remedy. A missing file has no problem."""
    at_path = stat_of(file)
    if at_path and not stat.S_ISREG(at_path.st_mode):
        yield f"{file} is {_kind(at_path.st_mode)}: an archive is a regular file"
        return
    if sys.platform == "win32":  # Windows has other permissions
        return
    if file.is_symlink():
        if not at_path:
            yield f"{file} is a link to a file that is not there"
        yield from _owner_problem(file, file.lstat())
    for each in (file, *(file.with_name(f"{file.name}{ending}") for ending in _BESIDE)):
        if found := stat_of(each):
            yield from _owner_problem(each, found)
            if found.st_mode & WRITABLE_BY_OTHERS:
                yield f"other users may write {each}: run chmod go-w"
    folders = {folder for place in (file.parent.resolve(), file.resolve().parent) for folder in (place, *place.parents)}
    for folder in sorted(folders):
        if found := stat_of(folder):
            yield from _folder_problems(folder, found)


def access_problems(file: Path, *, is_default: bool) -> Iterator[str]:
    """Who else may read a file, and why an update could not write it."""
    if sys.platform != "win32" and file.is_file() and file.stat().st_mode & _OTHERS_READ:
        yield f"other users may read {file}: run chmod go-r"
    if file.is_file() and not os.access(file, os.W_OK):
        yield f"{file} cannot be written: an update would fail"
    if not file.parent.is_dir():
        if not is_default:  # whose folder an update makes
            yield f"there is no folder {file.parent}: make it"
    elif not os.access(file.parent, os.W_OK):
        yield f"the folder {file.parent} cannot be written: an update would fail"


def make_file(file: Path) -> None:
    """Make an empty file for this user only, whatever the umask. Raises FileExistsError, also for a link."""
    descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    if sys.platform != "win32":
        os.fchmod(descriptor, 0o600)
    os.close(descriptor)


def check_safe(file: Path) -> None:
    """Raise ArchiveError if a file is not safe to use as an archive."""
    if problem := next(safety_problems(file), None):
        raise ArchiveError(f"the archive {file} is not safe to use: {problem}")


def _folder_problems(folder: Path, found: os.stat_result) -> Iterator[str]:
    yield from _owner_problem(folder, found)
    if found.st_mode & WRITABLE_BY_OTHERS and not found.st_mode & stat.S_ISVTX:
        yield f"other users may write the folder {folder}: run chmod go-w on it, or give the archive another folder"


def _owner_problem(path: Path, found: os.stat_result) -> Iterator[str]:
    if found.st_uid not in {0, os.geteuid()}:
        yield f"{path} belongs to {_user(found.st_uid)}, who could change it: copy the archive to a place of yours"


def _user(number: int) -> str:
    import pwd  # not on Windows

    try:
        return f"the user {pwd.getpwuid(number).pw_name}"
    except KeyError:
        return f"the user with the number {number}"


def _kind(mode: int) -> str:
    kinds = {
        stat.S_IFDIR: "a folder",
        stat.S_IFIFO: "a named pipe",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
    }
    return kinds.get(stat.S_IFMT(mode), "not a file")
