"""Vault: the notes of a folder in a fixed order, each with what its header says, and what was skipped and why."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from knowledge.foreign_text import YamlProblem, parse_yaml
from knowledge.notes.charset import Undecodable, decode
from knowledge.notes.ignore_rules import IgnoreProblem, IgnoreRules
from knowledge.types import FrontMatter, Note, Skipped

SUFFIXES = (".md", ".markdown", ".mdx", ".txt")
IGNORED = (".*", "node_modules/")
"""Entries whose name begins with a dot (`.obsidian/`, `.git/`, `.trash/` and their kin) are never notes."""
IGNORE_FILE = ".notesbotignore"
NO_NOTES = (
    *("[Tt]emplates/", "[Tt]emplate/", "_[Tt]emplates/", "模板/", "模版/", "scaffolds/", "archetypes/"),
    *("logseq/bak/", "logseq/.recycle/", "logseq/version-files/"),
)
"""Folders of programs that notes are written with: what lies there is no note, though it looks like one."""
OTHER_KINDS = (
    ".ipynb",
    ".org",
    ".rst",
    ".tex",
    ".adoc",
    ".docx",
    ".doc",
    ".odt",
    ".rtf",
    ".epub",
    ".pdf",
    ".html",
    ".htm",
    ".typ",
)
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
HEADING = re.compile(r" {0,3}# +(\S[^\r\n]*)")
ATTRIBUTES = re.compile(r"[ \t]*\{[ \t]*[#.][^{}]{0,80}\}[ \t]*$")
CLOSING = re.compile(r"(?<=\s)#+\s*$")
UNDERLINE = re.compile(r" {0,3}=+[ \t]*$")
LARGEST = 8 * 1024 * 1024
READS = 3
"""How often a file that changes under the reader is read again before it is left for the next run."""

LONGEST = 64 * 1024
"""Characters; a longer header is a page that happens to begin with a rule."""

HEADER = re.compile(r"\A\ufeff?---[ \t]*\r?\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)

NOTHING = ("~", "null", "Null", "NULL")
KEY = re.compile(r"^[^\s:#-][^:\n]*:(?:\s|$)", re.MULTILINE)


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
        self._own = IgnoreRules(())
        """What is ignored on the owner's word."""

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
            self._own = IgnoreRules([*IGNORED, *self._ignore, *own])
            return IgnoreRules([*IGNORED, *NO_NOTES, *self._ignore, *own])
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
            if is_folder and not self._own.ignores(path, is_folder=True):
                yield Skipped(
                    path=path + "/",
                    why=f"templates and copies are no notes (a line `!{path}/` in {IGNORE_FILE} reads them)",
                    expected=True,
                )
            return
        if is_folder:
            yield from self._walk_folder(path, rules)
        elif entry.name.lower().endswith(SUFFIXES):
            found = self._look_at(entry, path)
            if found:
                yield found
        elif entry.name.lower().endswith(OTHER_KINDS):
            why = f"not read: {Path(entry.name).suffix} is none of {' '.join(SUFFIXES)}"
            yield Skipped(path=path, why=why, expected=True, other_kind=True)

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
    lines = iter(_lines_outside_code(body.lstrip("\ufeff")))
    first = next((line for line in lines if line.strip()), "")
    second = next(lines, "")
    if UNDERLINE.fullmatch(second):
        title = first
    elif heading := HEADING.fullmatch(first.rstrip()):
        title = heading[1]
        if HEADING.match(second):
            return ""
    else:
        return ""
    return "" if any(HEADING.match(line) for line in lines) else ATTRIBUTES.sub("", CLOSING.sub("", title)).strip(" *`")


def _lines_outside_code(body: str) -> Iterator[str]:
    """The lines of a note, without those of its fenced code, in which `#` begins a comment."""
    fence = ""
    for line in body.splitlines():
        mark = FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
            continue
        if mark:
            fence = mark[1]
            yield ""
        else:
            yield line


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
        return f"no such folder: {root} (name the folder that holds your notes: --notes FOLDER)"
    if isinstance(error, NotADirectoryError):
        return f"not a folder: {root} (name the folder that holds your notes)"
    return f"{root}: cannot be read: {error.strerror} (give this user the right to read it)"


def parse_front_matter(text: str) -> FrontMatter:
    """Read the header at the start of `text`. A broken one ends up in `problem`; nothing is raised."""
    match = HEADER.match(text[:LONGEST])
    if not match or (not KEY.search(match["yaml"]) and match["yaml"].strip()):
        return FrontMatter()  # two rules, and prose between them
    source = match["yaml"].replace("\0", "")
    try:
        values = parse_yaml(source, typed=False, first_line=2)
    except YamlProblem as error:
        return FrontMatter(end=match.end(), problem=f"front matter: {error}")
    if not isinstance(values, Mapping):
        return FrontMatter(end=match.end(), problem="front matter: not a list of `key: value` lines" if values else "")
    return FrontMatter(
        title=_scalar(values.get("title")),
        tags=_words(values.get("tags", values.get("tag"))),
        aliases=_entries(values.get("aliases", values.get("alias"))),
        date=_scalar(values.get("date")),
        end=match.end(),
    )


def _scalar(value: object) -> str:
    return value.strip() if isinstance(value, str) and value not in NOTHING else ""


def _entries(value: object) -> tuple[str, ...]:
    """A list of scalars; a single text is split at commas."""
    parts = value if isinstance(value, list) else re.split(r"[,，、]", _scalar(value))
    return tuple(entry for part in parts if (entry := _scalar(part)))


def _words(value: object) -> tuple[str, ...]:
    """Tags: a list, or one text with commas or (Jekyll's way) blanks between them; `#` is Obsidian's habit."""
    parts = value if isinstance(value, list) else re.split(r"[,，、\s]+", _scalar(value))
    return tuple(word for part in parts if (word := _scalar(part).lstrip("#")))
