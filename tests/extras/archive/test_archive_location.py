"""Where an archive may be, and what is shown of that: never a password."""

import sqlite3
import traceback

import pytest
from binance_wallet_extras.archive import Archive, ArchiveError, problems

# Each has the password `hunter2secret`, whole or with a character that is not percent-encoded.
WITH_PASSWORD = [
    "postgresql://user:hunter@2secret@host/db",
    "postgresql://user:hunter/2secret@host/db",
    "postgresql://user:hunter?2secret@host/db",
    "postgresql://user:hunter#2secret@127.0.0.1:1/db",
    "postgresql://user:hunter%2secret@127.0.0.1:1/db",
    "postgresql://user:hunter%zsecret@127.0.0.1:1/db",
    "postgresql://user:hunter:2secret@127.0.0.1:1/db",
    "postgresql://user:hunter 2secret@127.0.0.1:1/db",
    "postgresql://user:hunter[2secret@127.0.0.1:1/db",
    "postgresql://user:12/hunter2secret@host/db",
    "postgresql://user:hunter2secret@[::1/db",
    "postgresql://user:hunter2secret@127.0.0.1:port/db",
    "postgresql://user:hunter2secret@127.0.0.1:1/db?nonsense=1",
    "postgresql://user:hunter2secret@127.0.0.1:1/db?sslmode=hunter2secret",
    "postgresql://user:hunter2secret@127.0.0.1:1/db?options=hunter2secret",
    "postgresql://user:hunter2secret\0@127.0.0.1:1/db",
    "postgresql://user:hunter2secret\udcff@127.0.0.1:1/db",
    "postgresql://user:hunter2secret",
    "postgresql://user:hunter2secret/db",
    "postgresql:///user:hunter2secret@host/db",
    "postgres://user:hunter@2secret@host/db",
    "postgres://user:hunter2secret@127.0.0.1:1/db",
    "POSTGRESQL://user:hunter2secret@127.0.0.1:1/db",
    "postgresql+psycopg2://user:hunter2secret@127.0.0.1:1/db",
    "postgresql://127.0.0.1:1/db?user=me&password=hunter2secret",
    "postgresql://127.0.0.1:1/db?password=hunter@2secret",
    "postgresql://127.0.0.1:1/db?sslpassword=hunter2secret",
    "postgresql://me@127.0.0.1:1/db?passfile=/hunter2secret",
    "user:hunter2secret@host/db",
    "user:hunter/2secret@host/db",
    ":hunter2secret@host/db",
    "//user:hunter2secret@host/db",
    "postgresql//user:hunter2secret@host/db",
    "postgresql:/user:hunter2secret@host/db",
    "postgresql:user:hunter2secret@host/db",
    "host=host user=me password=hunter2secret dbname=db",
    "host/db?password=hunter2secret",
    "user:p://hunter2secret@host/db",
    " postgresql://me:hunter2secret@host/db",
    "'postgresql://me:hunter2secret@host/db'",
    "jdbc:postgresql://host/db?user=me&password=hunter2secret",
    "mysql://me:hunter2secret@host/db",
    "sqlite://user:hunter2secret@host/db",
    "sqlite:///archive.sqlite?password=hunter2secret",
]


@pytest.mark.parametrize("url", WITH_PASSWORD)
def test_nothing_of_a_password_is_shown(url):
    shown = [*problems(url)]
    try:
        archive = Archive(url)
        shown += [repr(archive), archive.name]
        archive.status()
    except ArchiveError as error:
        shown += [str(error), *traceback.format_exception(error.__cause__)]
    assert not any("hunter" in text or "2secret" in text for text in shown)
    assert "archive" in shown[-2]  # nobody listens at these addresses


@pytest.mark.parametrize("url", ["postgresql://user:hunter2secret", "postgresql://user:hunter2secret/db"])
def test_what_stands_where_a_port_belongs_is_refused_at_once(url):
    """Perhaps it is a password, and the host is missing."""
    with pytest.raises(ArchiveError, match="cannot be read"):
        Archive(url)


def test_a_wrong_character_in_a_url_is_an_error_that_says_how_to_write_it():
    with pytest.raises(ArchiveError, match="%40 stands for @"):
        Archive("postgresql://user:p@ss@host/db")


@pytest.mark.parametrize("path", ["./a:b@c.sqlite", "a@b.sqlite", "a: b.sqlite"])
def test_a_path_may_look_a_little_like_a_url(tmp_path, monkeypatch, fake_wallet, path):
    monkeypatch.chdir(tmp_path)
    Archive(path).update(fake_wallet, "SPOT")
    assert (tmp_path / path).exists()


def test_an_archive_shows_its_database_and_its_host():
    archive = Archive("postgresql://me:secret@db.example/wallets")
    assert repr(archive) == "Archive('wallets at db.example')"
    assert archive.name == "wallets at db.example"


@pytest.mark.parametrize("path", ["a\udcffb", "sqlite:///a\udcffb"])
def test_a_path_that_is_no_text_is_refused(path):
    with pytest.raises(ArchiveError, match="not valid text"):
        Archive(path)


@pytest.mark.parametrize(
    "path", ['"archive.sqlite"', "'archive.sqlite'", " archive.sqlite", "archive.sqlite\r", "archive\n.sqlite", "a\0b"]
)
@pytest.mark.parametrize("scheme", ["", "sqlite:///", "postgresql://host/"])
def test_what_a_file_of_environment_variables_leaves_around_a_location_is_refused(path, scheme):
    """As `docker --env-file` keeps quotes, and editors of other systems end lines by other characters."""
    location = f"{scheme}{path}" if path[0] not in "\"' " else f"{path[0]}{scheme}{path[1:]}"
    with pytest.raises(ArchiveError, match="quotes, spaces or line breaks"):
        Archive(location)


@pytest.mark.parametrize(
    "option", ["timeout=abc", "timeout=nan", "timeout=-1", "timeout=1e99", "mode=ro", "vfs=unix-none"]
)
def test_a_sqlite_archive_takes_one_option(tmp_path, option):
    with pytest.raises(ArchiveError, match="timeout=SECONDS"):
        Archive(f"sqlite:///{tmp_path}/archive.sqlite?{option}")


def test_a_sqlite_that_is_too_old_is_an_error_before_a_call(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(ArchiveError, match=r"needs SQLite 3\.35 or later"):
        Archive(tmp_path / "archive.sqlite")
