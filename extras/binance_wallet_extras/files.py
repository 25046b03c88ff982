"""Files that we write: links, permissions, and atomic replacement."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

__all__ = [
    "WRITABLE_BY_OTHERS",
    "Replacement",
    "check_owner",
    "descriptor",
    "exposure",
    "follow_links",
    "is_device_for_text",
    "make_folder",
    "stat_of",
]

WRITABLE_BY_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH
"""The bits of a mode that let other users write."""

_MAX_LINKS: Final = 40  # as in Linux
# In a container, a read-only folder may hold a writable file.
_CLOSED_FOLDER: Final = {errno.EACCES, errno.EPERM, errno.EROFS}
# A file that is mounted by itself cannot be replaced.
_MOUNTED: Final = {errno.EBUSY, errno.EXDEV}
_DEVICES: Final = re.compile(r"/dev/(null|full|console|tty.*|pts/\d+)")


def follow_links(path: Path) -> Path:
    """Resolve all symbolic links of a path, but not `/dev/fd/63` and the like: see `descriptor`.

    Raises PermissionError for a link that another user may have put there.
    """
    first, *parts = path.absolute().parts
    place = Path(first)
    ahead = parts[::-1]
    links = 0
    while ahead:
        name = ahead.pop()
        step = place.parent if name == ".." else place / name
        if descriptor(step) is not None or not step.is_symlink():
            place = step
            continue
        _check_link(step)
        links += 1
        if links > _MAX_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
        target = step.readlink()
        if target.is_absolute():
            place = Path(target.anchor)
        ahead += target.relative_to(target.anchor).parts[::-1]
    return place


def stat_of(path: Path) -> os.stat_result | None:
    """What is at a path, or None if nothing is. Raises OSError if this cannot be found out.

    `Path.exists` and the like no longer raise it: since Python 3.14 they return False.
    """
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: no path has a NUL
        return None


def descriptor(place: Path) -> int | None:
    """The file descriptor of this process that a path names, such as 63 for `/dev/fd/63`."""
    named = re.fullmatch(rf"/(?:dev|proc/{os.getpid()}(?:/task/\d+)?)/fd/(\d{{1,9}})", str(place))
    return int(named[1]) if named else None


def is_device_for_text(place: Path) -> bool:
    """Whether it is a terminal or the like. Decided by its name: opening a device can have side effects."""
    return bool(_DEVICES.fullmatch(str(place)))


def _check_link(link: Path) -> None:
    """Refuse a link that may have been put there by another user: as root, also by the owner of its folder."""
    owners = {link.lstat().st_uid}
    with suppress(FileNotFoundError):
        owners.add(link.stat().st_uid)
    folder = link.parent.stat()
    if not owners <= _trusted() and (folder.st_uid not in _trusted() or folder.st_mode & WRITABLE_BY_OTHERS):
        raise PermissionError(
            errno.EPERM, "it, or what it links to, belongs to another user, and others may write the folder", str(link)
        )


def check_owner(place: Path, found: os.stat_result) -> None:
    """Refuse a file of another user in a folder that others may write: that user could read what we write."""
    if found.st_uid not in _trusted() and place.parent.stat().st_mode & WRITABLE_BY_OTHERS:
        raise PermissionError(
            errno.EPERM, "it belongs to another user, and others may write the folder: name another file", str(place)
        )


def exposure(path: Path, forbidden: int) -> str | None:
    """Why the owner or the mode of a path is unsafe; None if it is safe. `forbidden` are bits of the mode."""
    try:
        found = path.stat()
    except OSError:
        return None
    if not hasattr(os, "geteuid"):  # on Windows
        return None
    if found.st_uid not in _trusted():
        return f"{path} belongs to another user"
    if found.st_mode & forbidden:
        action = "read" if forbidden & stat.S_IRGRP else "change"
        return f"others may {action} {path} (mode {stat.S_IMODE(found.st_mode):04o})"
    return None


def _trusted() -> set[int]:
    """The ids of users that we trust. On Windows, the id of every user is 0."""
    return {0, os.geteuid()} if hasattr(os, "geteuid") else {0}


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, for this user only, whatever the umask."""
    if not folder.is_dir():
        make_folder(folder.parent)
        try:
            folder.mkdir(0o700)
        except FileExistsError:
            return  # another process was faster
        folder.chmod(0o700)  # the umask may take rights from their owner


class Replacement:
    """The new content of a file, which is written atomically.

    A new file has the mode 0600. A file of this user keeps its mode and group. Root keeps these of any file, and its
    owner. A file that is mounted by itself cannot be replaced, so it is written in place.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        self._part = target.with_name(f".binance-wallet-{secrets.token_hex(8)}")
        self._old: os.stat_result | None = None
        self._descriptor: int | None = None

    def open(self) -> None:
        """Raise OSError if the file cannot be written."""
        self._old = stat_of(self._target)
        if self._old:
            self._target.open("ab").close()  # replacing needs no write permission on the file, but we require it
        try:
            self._descriptor = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            if not self._old or error.errno not in _CLOSED_FOLDER:
                error.filename = str(self._target)  # the name that the user knows
                raise
        else:
            if hasattr(os, "fchmod"):
                os.fchmod(self._descriptor, 0o600)  # the umask may take rights from their owner

    def write(self, content: bytes) -> None:
        """Give the file its new content."""
        if self._descriptor is None:
            self._write_in_place(content)
            return
        with os.fdopen(self._descriptor, "wb") as part:
            self._descriptor = None
            if self._old and hasattr(os, "fchown"):
                _keep_owner_and_mode(part.fileno(), self._old)
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
        try:
            self._part.replace(self._target)
        except OSError as error:
            if error.errno not in _MOUNTED:
                raise
            self._write_in_place(content)

    def _write_in_place(self, content: bytes) -> None:
        with self._target.open("r+b", buffering=0) as file:
            old = file.read()

            def fill(content: bytes) -> None:
                file.seek(0)
                rest = memoryview(content)
                while rest:
                    rest = rest[file.write(rest) :]
                file.truncate()
                os.fsync(file.fileno())

            try:
                fill(content)
            except BaseException:
                fill(old)
                raise

    def close(self) -> None:
        """Remove the temporary file, if there is one."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        with suppress(OSError):
            self._part.unlink()


def _keep_owner_and_mode(part: int, old: os.stat_result) -> None:
    """Give the new file the owner, the group and the mode of the old one."""
    mode = stat.S_IMODE(old.st_mode) & 0o777
    is_root = os.geteuid() == 0
    if old.st_uid != os.geteuid() and not is_root:
        return
    try:
        os.fchown(part, old.st_uid if is_root else -1, old.st_gid)
    except OSError:
        mode &= ~stat.S_IRWXG  # the new file has another group, which must not read it
    os.fchmod(part, mode)
