"""Reads notes for the index: here, or in a process that is ended when a note takes it too long, or takes it down.

No test knows every text that somebody may write. A regular expression keeps the interpreter's lock while it runs, so that a note
on which one never ends would stop all who talk with the bot; and nothing but ending its process ends it.
"""

from __future__ import annotations

import math
import multiprocessing
import signal
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Protocol

from knowledge.catalog import Entry
from knowledge.index.entries import Enrichments, entry_of
from knowledge.notes import Vault
from knowledge.passages import SplitLimits, passages_of
from knowledge.text.aliases import aliases_in
from knowledge.types import Alias, FrontMatter, Skipped

AHEAD = 8
"""Notes that are asked for at once, so that the process need not wait while the catalog is written."""
PIECE = 100
"""Passages in one message: reading it holds the interpreter for some milliseconds."""
LOOK_S = 0.1
"""How often the one who waits looks up."""
START_S = 120.0
SECONDS_FOR_MEGABYTE = 20.0
"""Added to the limit: some ten times what ordinary notes take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedNote:
    """A note to be read; `digest` is that of its last reading, if it need not be cut again when it is still the same."""

    path: str
    size: int
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadNote:
    """A note as the index takes it in."""

    digest: str
    read_ns: int
    """When the reading began, in nanoseconds since 1970."""
    title: str
    front: FrontMatter
    unchanged: bool = False
    entries: tuple[Entry, ...] = ()
    aliases: tuple[Alias, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSource:
    """Where notes are read from, and how they are cut."""

    vault: Vault
    limits: SplitLimits
    enrichments: Path | None = None
    """The file of what is written about passages."""


ReadNotes = Generator[ReadNote | Skipped, None, None]


class NoteReader(Protocol):
    def read_all(self, wanted: Sequence[WantedNote], still_wanted: Callable[[], None]) -> ReadNotes:
        """Each note in order, or why it was not read; `still_wanted` raises when nobody waits for them any more."""
        ...


class DirectReader:
    """Reads in this process."""

    def __init__(self, source: NoteSource) -> None:
        self._source = source
        self._enrichments = Enrichments(source.enrichments) if source.enrichments else None

    def read_all(self, wanted: Sequence[WantedNote], still_wanted: Callable[[], None]) -> ReadNotes:
        yield from map(self.read, wanted)

    def read(self, wanted: WantedNote) -> ReadNote | Skipped:
        began = time.time_ns()
        note = self._source.vault.read(wanted.path)
        if isinstance(note, Skipped):
            return note
        same = note.digest == wanted.digest
        read = ReadNote(digest=note.digest, read_ns=began, title=note.title, front=note.front, unchanged=same)
        if same:
            return read
        cuts = passages_of(note, self._source.limits)
        said = self._enrichments.of(cut.passage.digest for cut in cuts) if self._enrichments else {}
        entries = tuple(entry_of(cut, said.get(cut.passage.digest, ""), note) for cut in cuts)
        return replace(read, entries=entries, aliases=tuple(aliases_in(note)))


class ProcessReader:
    """Reads in a process of its own, started when there is something to read."""

    def __init__(self, source: NoteSource, limit_s: float) -> None:
        self._source = source
        self._limit_s = limit_s

    def read_all(self, wanted: Sequence[WantedNote], still_wanted: Callable[[], None]) -> ReadNotes:
        todo, asked = deque(wanted), deque[WantedNote]()
        process: _Process | None = None
        try:
            while todo or asked:
                process = process or _Process(self._source)
                while todo and len(asked) < AHEAD:
                    asked.append(todo.popleft())
                    process.ask(asked[-1], self.limit_of(asked[-1]))
                note = asked.popleft()
                read = process.answer(note, self.limit_of(note), still_wanted)
                if isinstance(read, Skipped) and read.refused:
                    process.end()
                    process = None
                    todo.extendleft(reversed(asked))
                    asked.clear()
                yield read
        finally:
            if process:
                process.end()

    def limit_of(self, note: WantedNote) -> float:
        """Seconds for one note."""
        return self._limit_s + SECONDS_FOR_MEGABYTE * note.size / 1_000_000


class _Process:
    def __init__(self, source: NoteSource) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, source), name="notesbot-reader", daemon=True)
        self._process.start()
        theirs.close()
        self._is_ready = False
        """A loaded machine takes seconds to start a process, which are no note's fault."""

    def ask(self, wanted: WantedNote, limit_s: float) -> None:
        try:
            self._pipe.send((wanted, limit_s))
        except OSError:
            return  # it has ended: `answer` sees it, and says so

    def answer(self, wanted: WantedNote, limit_s: float, still_wanted: Callable[[], None]) -> ReadNote | Skipped:
        entries: list[Entry] = []
        try:
            if not self._is_ready:
                self._is_ready = self._hears(START_S, still_wanted) and self._pipe.recv()
            ends = time.monotonic() + limit_s
            while True:
                if not self._hears(ends - time.monotonic(), still_wanted):
                    return refused(wanted, f"takes longer than {limit_s:.0f} s to read (notes.limit_s)")
                said = self._pipe.recv()
                if isinstance(said, ReadNote):
                    return replace(said, entries=tuple(entries))
                if isinstance(said, Skipped):
                    return said
                entries += said
        except (EOFError, OSError):
            self._process.join(LOOK_S)
            return refused(wanted, f"ends the process that reads it ({_how_ended(self._process.exitcode)})")

    def _hears(self, patience_s: float, still_wanted: Callable[[], None]) -> bool:
        ends = time.monotonic() + patience_s
        while not self._pipe.poll(LOOK_S):
            still_wanted()
            if time.monotonic() > ends:
                return False
        return True

    def end(self) -> None:
        """At once: it writes nothing."""
        self._pipe.close()
        self._process.kill()
        self._process.join()
        self._process.close()


def refused(wanted: WantedNote, why: str) -> Skipped:
    return Skipped(path=wanted.path, why=f"{why}; tried again when it has changed, or tomorrow", refused=True)


def _how_ended(code: int | None) -> str:
    return f"signal {-code}" if code and code < 0 else f"exit code {code}"


def serve(pipe: Connection, source: NoteSource) -> None:
    """The process: read what is asked for, one note after the other, until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who waits; the closed pipe says when to end
    reader = DirectReader(source)
    try:
        pipe.send(True)
        while True:
            wanted, limit_s = pipe.recv()
            _end_after(limit_s)
            for message in _messages(reader.read(wanted)):
                pipe.send(message)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _messages(read: ReadNote | Skipped) -> Iterable[object]:
    if isinstance(read, ReadNote):
        yield from (read.entries[at : at + PIECE] for at in range(0, len(read.entries), PIECE))
        read = replace(read, entries=())
    yield read


def _end_after(seconds: float) -> None:
    """Have the system end this process once it has worked for so long, though the one who waits may be gone by then."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = math.ceil(time.process_time() + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (wanted if most == resource.RLIM_INFINITY else min(wanted, most), most))
