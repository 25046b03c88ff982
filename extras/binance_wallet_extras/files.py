"""Files that are written: which may be, who may use them, and how they are made and replaced."""

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
    "Replacement",
    "check_owner",
    "descriptor",
    "exposure",
    "followed",
    "is_device_for_text",
    "make_folder",
    "stat_of",
]

_MOST_LINKS: Final = 40  # as Linux has it
_WRITABLE_BY_OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH
# A folder in which no file can be made may still hold one that can be written, as containers have them.
_CLOSED_FOLDER: Final = {errno.EACCES, errno.EPERM, errno.EROFS}
# A file that is mounted by itself cannot be replaced.
_MOUNTED: Final = {errno.EBUSY, errno.EXDEV}
_DEVICES: Final = re.compile(r"/dev/(null|full|console|tty.*|pts/\d+)")


def followed(path: Path) -> Path:
    """Where a path leads to, over all symbolic links; up to the number of one of this process's open files.

    Raises PermissionError for a link that another user may have put there.
    """
    first, *parts = path.absolute().parts
    place, ahead, links = Path(first), parts[::-1], 0
    while ahead:
        name = ahead.pop()
        step = place.parent if name == ".." else place / name
        if descriptor(step) is not None or not step.is_symlink():
            place = step
            continue
        _check_link(step)
        links += 1
        if links > _MOST_LINKS:
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
    except (FileNotFoundError, NotADirectoryError):
        return None


def descriptor(place: Path) -> int | None:
    """The number of an open file of this process that a path names, such as 63 for `/dev/fd/63`."""
    named = re.fullmatch(rf"/(?:dev|proc/{os.getpid()}(?:/task/\d+)?)/fd/(\d{{1,9}})", str(place))
    return int(named[1]) if named else None


def is_device_for_text(place: Path) -> bool:
    """Whether it is a terminal or the like. It is told by its name: to open a device may already do something."""
    return bool(_DEVICES.fullmatch(str(place)))


def _check_link(link: Path) -> None:
    """Refuse a link that may have been put there by another user: as root, also by the owner of its folder."""
    owners = {link.lstat().st_uid}
    with suppress(FileNotFoundError):
        owners.add(link.stat().st_uid)
    folder = link.parent.stat()
    if not owners <= _trusted() and (folder.st_uid not in _trusted() or folder.st_mode & _WRITABLE_BY_OTHERS):
        raise PermissionError(
            errno.EPERM, "it, or what it links to, belongs to another user, and others may write the folder", str(link)
        )


def check_owner(place: Path, found: os.stat_result) -> None:
    """Refuse a file of another user in a folder that others may write: he may have put it there to read it."""
    if found.st_uid not in _trusted() and place.parent.stat().st_mode & _WRITABLE_BY_OTHERS:
        raise PermissionError(
            errno.EPERM, "it belongs to another user, and others may write the folder: name another file", str(place)
        )


def exposure(path: Path, forbidden: int) -> str | None:
    """What is wrong with who may use a file or a folder, if something is. `forbidden` are bits of its mode."""
    try:
        found = path.stat()
    except OSError:
        return None
    if not hasattr(os, "geteuid"):  # Windows has other permissions
        return None
    if found.st_uid not in _trusted():
        return f"{path} belongs to another user"
    if found.st_mode & forbidden:
        deed = "read" if forbidden & stat.S_IRGRP else "change"
        return f"others may {deed} {path} (mode {stat.S_IMODE(found.st_mode):04o})"
    return None


def _trusted() -> set[int]:
    """The users whose files we take for our own. Windows knows no numbers of users: there, all are 0."""
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
    """A file that is going to have new content. It is written atomically: the old content stays until then.

    A new file is of mode 0600; an existing one of this user's keeps its mode and group, and for root any keeps its
    owner, too. A file that cannot be replaced, because it is mounted by itself, is written in place.
    """

    def __init__(self, target: Path) -> None:
        self._target, self._part = target, target.with_name(f".binance-wallet-{secrets.token_hex(8)}")
        self._old: os.stat_result | None = None
        self._descriptor: int | None = None

    def open(self) -> None:
        """Raise OSError if the file cannot be written."""
        self._old = stat_of(self._target)
        if self._old:
            self._target.open("ab").close()  # replacing a file takes no permission to write it; we do
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
        """Remove what is left of a file that was not replaced."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        with suppress(OSError):
            self._part.unlink()


def _keep_owner_and_mode(part: int, old: os.stat_result) -> None:
    """Give the new file the mode of the old one, for the same people."""
    mode, is_root = stat.S_IMODE(old.st_mode) & 0o777, os.geteuid() == 0
    if old.st_uid != os.geteuid() and not is_root:
        return
    try:
        os.fchown(part, old.st_uid if is_root else -1, old.st_gid)
    except OSError:
        mode &= ~stat.S_IRWXG  # another group is not the one that was allowed to read it
    os.fchmod(part, mode)
