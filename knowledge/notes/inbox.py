"""Note inbox: a file that somebody sent becomes a new note in one folder. Existing files are never changed."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from knowledge.foreign_text import normalized
from knowledge.notes.charset import Undecodable, decode
from knowledge.notes.vault import Vault

SUFFIX = ".md"
LONGEST_NAME = 80
"""Characters without the suffix: with four bytes each, and a number, they still fit the 255 bytes that file systems take."""
MOST_NAMESAKES = 100
UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]+')
"""What some file system refuses, or what hides how a name reads."""
RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
"""Names that Windows keeps for devices."""


class InboxProblem(Exception):
    """The file cannot be added; the message says why."""


def safe_name(name: str) -> str:
    """A file name without folders, hidden beginnings or unsafe characters; it ends with `.md`."""
    last = normalized("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    stem = last[: -len(SUFFIX)] if last.lower().endswith(SUFFIX) else last
    stem = UNSAFE.sub(" ", stem).encode("utf-8", "ignore").decode().strip(" .")[:LONGEST_NAME].strip(" .")
    if not stem or RESERVED.fullmatch(stem):
        stem = f"note {stem}".strip()
    return stem + SUFFIX


class NoteInbox:
    """One folder of a vault, which is made when the first note comes."""

    def __init__(self, vault: Vault, folder: str) -> None:
        self._vault = vault
        self._folder = PurePosixPath(folder)

    def add(self, name: str, data: bytes) -> str:
        """Write a new note and return its path in the vault; a file that is there already with the same content is left as it is.

        Raises:
            InboxProblem: it is too large, no text, or cannot be written there.
        """
        if len(data) > self._vault.largest:
            raise InboxProblem(f"{len(data):,} bytes are over the limit of {self._vault.largest:,} (notes.largest)")
        try:
            decode(data)
        except Undecodable as error:
            raise InboxProblem(str(error)) from error
        try:
            return self._written(self._made(), safe_name(name), data)
        except OSError as error:
            raise InboxProblem(f"{self._folder}: {error.strerror or error}") from error

    def _made(self) -> Path:
        """The folder itself; a link in its place, or above it, may not lead out of the vault."""
        folder = self._vault.root / self._folder
        inside = folder.resolve().is_relative_to(self._vault.root) and not self._folder.is_absolute()
        if not inside or any(part.startswith(".") for part in self._folder.parts):
            raise InboxProblem(f"{self._folder}: not a folder of the notes (notes.inbox)")
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(self._vault.root.stat().st_mode & 0o777)
        return folder.resolve()

    def _written(self, folder: Path, name: str, data: bytes) -> str:
        for number in range(1, MOST_NAMESAKES):
            file = folder / (name if number == 1 else f"{name[: -len(SUFFIX)]} {number}{SUFFIX}")
            if _is_new(file, data) or _is_same(file, data):
                return file.relative_to(self._vault.root).as_posix()
        raise InboxProblem(f"{name}: there are {MOST_NAMESAKES} notes of that name")


def _is_new(file: Path, data: bytes) -> bool:
    """Make the file if nothing has its name; what could not be written whole does not stay."""
    try:
        with file.open("xb") as stream:  # not through a link either
            stream.write(data)
        file.chmod(file.parent.stat().st_mode & 0o666)  # for whoever may read the folder
    except FileExistsError:
        return False
    except OSError:
        file.unlink(missing_ok=True)
        raise
    return True


def _is_same(file: Path, data: bytes) -> bool:
    return file.is_file() and not file.is_symlink() and file.stat().st_size == len(data) and file.read_bytes() == data
