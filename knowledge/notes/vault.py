"""Vault: the notes of a folder in a fixed order, and what was skipped and why."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from knowledge.notes.charset import Undecodable, decode
from knowledge.notes.front_matter import parse_front_matter
from knowledge.notes.ignore_rules import IgnoreProblem, IgnoreRules
from knowledge.types import Note, Skipped

SUFFIXES = (".md", ".markdown", ".mdx", ".txt")
IGNORED = (".*", "node_modules/")
"""Entries whose name begins with a dot (`.obsidian/`, `.git/`, `.trash/` and their kin) are never notes."""
IGNORE_FILE = ".notesbotignore"
TOP_HEADING = re.compile(r"^# ", re.MULTILINE)
FIRST_HEADING = re.compile(r"[\s\ufeff]*# +([^\r\n]+)")
LARGEST = 8 * 1024 * 1024
READS = 3
"""How often a file that changes under the reader is read again before it is left for the next run."""


class VaultProblem(Exception):
    """The folder itself cannot be used; the message names it and the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteFile:
    """A file that may be a note, as the directory describes it: enough to see that it has not changed."""

    path: str
    size: int
    """Bytes."""
    modified: int
    """Nanoseconds since 1970."""


class Vault:
    """A folder of notes. It is only read here, and no link is followed out of it; `knowledge.notes.inbox` adds to it."""

    def __init__(self, root: Path, *, ignore: tuple[str, ...] = (), largest: int = LARGEST, base_url: str = "") -> None:
        """`base_url` is the address under which people can read the notes with a browser, if there is one."""
        self.root = root.expanduser().resolve()
        self.base_url = base_url.rstrip("/")
        self.largest = largest
        self._ignore = ignore

    def walk(self) -> Iterator[NoteFile | Skipped]:
        """Every file with a note's suffix, in the order of its path; what is ignored is passed over silently.

        Raises:
            VaultProblem: the folder is missing, no folder, or may not be read.
        """
        yield from self._walk_folder("", self._ignored())

    def read(self, path: str) -> Note | Skipped:
        """Read one note whole, as it was at one moment."""
        try:
            data = self._read_steadily(self.root / path)
            text = decode(data or b"")
        except OSError as error:
            return Skipped(path=path, why=f"cannot be read: {error.strerror or error}")
        except Undecodable as error:
            return Skipped(path=path, why=str(error))
        if data is None:
            return Skipped(path=path, why="changes while it is read: it is taken up by the next run", passing=True)
        front = parse_front_matter(text)
        title = front.title or _first_heading(text[front.end :]) or Path(path).stem
        return Note(path=path, title=title, front=front, text=text, digest=digest_of(data))

    def _ignored(self) -> IgnoreRules:
        if not self.root.is_dir():
            return IgnoreRules(())  # the walk says what is wrong
        own = self._ignore_file()
        try:
            return IgnoreRules([*IGNORED, *self._ignore, *own])
        except IgnoreProblem as error:
            raise VaultProblem(f"notes.ignore or {IGNORE_FILE}: {error} (patterns are those of .gitignore)") from error

    def _ignore_file(self) -> list[str]:
        try:
            return decode((self.root / IGNORE_FILE).read_bytes()).lstrip("\ufeff").splitlines()
        except FileNotFoundError:
            return []
        except (OSError, Undecodable) as error:
            raise VaultProblem(f"{self.root / IGNORE_FILE}: cannot be read ({error}): mend or remove it") from error

    def _walk_folder(self, folder: str, rules: IgnoreRules) -> Iterator[NoteFile | Skipped]:
        try:
            with os.scandir(self.root / folder) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            if not folder:
                raise VaultProblem(_unusable(self.root, error)) from error
            yield Skipped(path=folder, why=f"cannot be read: {error.strerror}")
            return
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            yield from self._walk_entry(entry, path, rules)

    def _walk_entry(self, entry: os.DirEntry[str], path: str, rules: IgnoreRules) -> Iterator[NoteFile | Skipped]:
        is_folder = entry.is_dir(follow_symlinks=False)
        if rules.ignores(path, is_folder=is_folder):
            return
        if is_folder:
            yield from self._walk_folder(path, rules)
        elif entry.name.lower().endswith(SUFFIXES):
            found = self._look_at(entry, path)
            if found:
                yield found

    def _look_at(self, entry: os.DirEntry[str], path: str) -> NoteFile | Skipped | None:
        if not _is_text(path):
            return Skipped(path=path.encode("utf-8", "replace").decode(), why="its name is not valid Unicode: rename it")
        if entry.is_symlink():
            # A link within the vault leads to a note that is walked anyway.
            inside = Path(os.path.realpath(entry.path)).is_relative_to(self.root)
            return None if inside else Skipped(path=path, why="a link that leads out of the notes folder")
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            return Skipped(path=path, why=f"cannot be read: {error.strerror}")
        if not stat.S_ISREG(status.st_mode):
            return None
        if status.st_size > self.largest:
            return Skipped(path=path, why=f"{status.st_size:,} bytes are over the limit of {self.largest:,} (notes.largest)")
        return NoteFile(path=path, size=status.st_size, modified=status.st_mtime_ns)

    def _read_steadily(self, file: Path) -> bytes | None:
        """The bytes of the file at one moment, or None while another program keeps writing it."""
        for _ in range(READS):
            with file.open("rb") as stream:
                before = os.fstat(stream.fileno())
                data = stream.read()
                after = os.fstat(stream.fileno())
            if (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, len(data)):
                return data
        return None


def _first_heading(body: str) -> str:
    """The words of a top heading at the very beginning, where notes keep their title, unless others follow."""
    match = FIRST_HEADING.match(body)
    if not match or TOP_HEADING.search(body, match.end()):
        return ""
    return match[1].strip(" #*`")


def digest_of(data: bytes) -> str:
    """32 hexadecimal digits; BLAKE2b is in the standard library and twice as fast as SHA-256."""
    return blake2b(data, digest_size=16).hexdigest()


def _is_text(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _unusable(root: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"no such folder: {root} (name your notes folder: notesbot chat PATH)"
    if isinstance(error, NotADirectoryError):
        return f"not a folder: {root} (name the folder that holds your notes)"
    return f"{root}: cannot be read: {error.strerror} (give this user the right to read it)"
