"""Copies of an SQLite database: made while it is written to, verified, and put back in its place.

A copy is written under another name first and moved to its own only when it is found whole, so that a kill at any moment
leaves either the old file or the new one.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, make_url

from bot.settings import Problem
from bot.storage.database import REVISION

BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database that is open, or was when its program was killed."""
WAIT_S = 30.0


class BackupProblem(Problem):
    """A copy cannot be made, or is none that can be put back; the message says why."""


def back_up(source: Path, target: Path) -> None:
    """Copy the database as it is at one moment; others go on writing.

    Raises:
        BackupProblem: the source is damaged, or the target cannot be written.
    """
    with _draft(target) as draft, _told(source):
        with closing(_open(source)) as here, closing(sqlite3.connect(draft)) as there:
            here.backup(there)
            there.execute("PRAGMA journal_mode = DELETE")  # one file, that needs nothing beside it
        verify(draft, name=source)
        _replace(draft, target)


def restore(backup: Path, target: Path) -> Path | None:
    """Put a copy in the place of the database; return where that one lies now. Nobody else may have it open.

    Raises:
        BackupProblem: the copy is damaged, is none, or is of a newer version; or the database is in use.
    """
    with _draft(target) as draft, _told(backup):
        shutil.copyfile(backup, draft)
        with suppress(FileNotFoundError):  # somebody copied a database that was open, file by file
            shutil.copyfile(_beside(backup, "-wal"), _beside(draft, "-wal"))
        with closing(_open(draft)) as copy:
            copy.execute("PRAGMA journal_mode = DELETE")
        verify(draft, name=backup)
        kept = _keep(target)
        _replace(draft, target)
    return kept


def verify(file: Path, *, name: Path) -> None:
    """Look at every page and index.

    Raises:
        BackupProblem: it is not whole, or no database of this version or an earlier one.
    """
    with _told(name), closing(_open(file)) as database:
        found = str(database.execute("PRAGMA integrity_check(1)").fetchone()[0])
        if found != "ok":
            raise BackupProblem(f"{name}: is damaged ({found.splitlines()[0]})")
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            raise BackupProblem(f"{name}: is no database of notesbot's (a copy of state.sqlite alone may be empty)")
        revision = str(database.execute("SELECT max(version_num) FROM alembic_version").fetchone()[0])
        if revision > REVISION:
            raise BackupProblem(f"{name}: was made by a newer notesbot; install that")


def dump_command(url: str, file: Path) -> str:
    """What saves a server's database."""
    return f"pg_dump --format=custom --file={file} '{_of_libpq(url)}'"


def load_command(url: str, file: Path) -> str:
    """What puts it back."""
    return f"pg_restore --clean --if-exists --dbname='{_of_libpq(url)}' {file}"


def _of_libpq(url: str) -> str:
    """The address as PostgreSQL's own programs take it; the password stays in `PGPASSWORD` or `~/.pgpass`."""
    address = make_url(url)
    plain = URL.create("postgresql", address.username, None, address.host, address.port, address.database)
    return plain.render_as_string()


def _keep(target: Path) -> Path | None:
    """Another name for the database that is there, with its log if that cannot be worked in."""
    if not target.exists():
        return None
    kept = target.with_name(f"{target.name}.before-{datetime.now():%Y%m%d-%H%M%S}")
    while kept.exists():
        kept = kept.with_name(f"{kept.name}-2")
    _settle(target)
    _link(target, kept)
    if _beside(target, "-wal").exists():
        _link(_beside(target, "-wal"), _beside(kept, "-wal"))
    for ending in BESIDE:
        _beside(target, ending).unlink(missing_ok=True)
    return kept


def _settle(target: Path) -> None:
    """Work the log of changes in, which only whoever has the database for themselves can; a damaged one is left as it is."""
    try:
        with closing(_open(target, wait=1.0)) as database:
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            mode = database.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise BackupProblem(f"{target}: another program has it open; end that first") from error
    except sqlite3.DatabaseError:
        return
    else:
        if mode != "delete":
            raise BackupProblem(f"{target}: another program has it open; end that first")


def _open(file: Path, *, wait: float = WAIT_S) -> sqlite3.Connection:
    """A file that is there; nothing is made."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=wait, isolation_level=None)


def _link(file: Path, other: Path) -> None:
    """A second name, where the file system has such; else a copy."""
    try:
        os.link(file, other)
    except OSError:
        shutil.copyfile(file, other)


def _beside(file: Path, ending: str) -> Path:
    return file.with_name(file.name + ending)


def _replace(draft: Path, target: Path) -> None:
    """On the disk before it has its name."""
    with draft.open("rb") as stream:
        os.fsync(stream.fileno())
    draft.replace(target)


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """A name beside the target; drafts of programs that were killed go too."""
    for old in target.parent.glob(f".{target.name}.*.draft*"):
        old.unlink(missing_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}.draft")
    try:
        with _told(target):
            draft.touch(mode=0o600)
        yield draft
    finally:
        for left in (draft, *(_beside(draft, ending) for ending in BESIDE)):
            left.unlink(missing_ok=True)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackupProblem(f"{error.filename or file}: {error.strerror or error}") from error
    except sqlite3.Error as error:
        raise BackupProblem(f"{file}: {error}") from error
