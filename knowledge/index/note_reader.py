"""Reads notes for the index: here, or in a process that is ended when a note takes it too long, or takes it down.

No test knows every text that somebody may write. A regular expression keeps the interpreter's lock while it runs, so that a note
on which one never ends would stop all who talk with the bot; and nothing but ending its process ends it.
"""

from __future__ import annotations

import gc
import math
import os
import pickle
import re
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from subprocess import PIPE, Popen
from tempfile import TemporaryFile
from typing import IO, Protocol, cast

from knowledge.catalog import Entry
from knowledge.index.entries import Enrichments, entry_of
from knowledge.notes import Vault, VaultProblem
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
READY, END = "ready", "end"
COMMAND = (sys.executable, "-P", "-c", f"from {__name__} import serve; serve()")
"""`-P`: a file in the working folder is not taken for a module."""
MOST_MEMORY = 1 << 30
"""Bytes for one note, besides what the process takes anyway."""
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


class ReaderProblem(VaultProblem):
    """The process that reads the notes does not start, for no note's fault; the message says why."""


class ProcessReader:
    """Reads in a process of its own, started when there is something to read."""

    def __init__(self, source: NoteSource, limit_s: float) -> None:
        self._source = source
        self._limit_s = limit_s
        self.process: ReaderProcess | None = None
        """The one that runs at this moment."""

    def read_all(self, wanted: Sequence[WantedNote], still_wanted: Callable[[], None]) -> ReadNotes:
        todo, asked = deque(wanted), deque[WantedNote]()
        try:
            while todo or asked:
                self.process = self.process or ReaderProcess(self._source)
                while todo and len(asked) < AHEAD:
                    asked.append(todo.popleft())
                    self.process.ask(asked[-1], self.limit_of(asked[-1]))
                note = asked.popleft()
                read = self.process.answer(note, self.limit_of(note), still_wanted)
                if isinstance(read, Skipped) and read.refused:
                    self._end()
                    todo.extendleft(reversed(asked))
                    asked.clear()
                yield read
        finally:
            self._end()

    def limit_of(self, note: WantedNote) -> float:
        """Seconds for one note."""
        return self._limit_s + SECONDS_FOR_MEGABYTE * note.size / 1_000_000

    def _end(self) -> None:
        if self.process:
            self.process.end()
            self.process = None


class ReaderProcess:
    """A plain Python that imports this module and nothing of the program that it reads for; it ends when its input does.

    (`multiprocessing` would run the main script of that program once more, which few scripts are written for.)
    """

    def __init__(self, source: NoteSource) -> None:
        self._errors = TemporaryFile()  # noqa: SIM115 - closed by `end`
        self._process = Popen(COMMAND, stdin=PIPE, stdout=PIPE, stderr=self._errors, env=_environment())  # noqa: S603
        self._said: SimpleQueue[object] = SimpleQueue()
        threading.Thread(target=_listen, args=(self._process.stdout, self._said), name="note-reader", daemon=True).start()
        self._is_ready = False
        """A loaded machine takes seconds to start a process, which are no note's fault."""
        self._send(source)

    def ask(self, wanted: WantedNote, limit_s: float) -> None:
        self._send((wanted, limit_s))

    def answer(self, wanted: WantedNote, limit_s: float, still_wanted: Callable[[], None]) -> ReadNote | Skipped:
        """What it read, in the order in which it was asked.

        Raises:
            ReaderProblem: it never began.
        """
        if not self._is_ready and (said := self._next(START_S, still_wanted)) != READY:
            why = self._last_words() if said == END else f"nothing was heard from it in {START_S:.0f} s"
            raise ReaderProblem(f"the process that reads notes does not start: {why}")
        self._is_ready = True
        entries: list[Entry] = []
        ends = time.monotonic() + limit_s
        while True:
            said = self._next(ends - time.monotonic(), still_wanted)
            if isinstance(said, ReadNote):
                return replace(said, entries=tuple(entries))
            if isinstance(said, Skipped):
                return said
            if said is None:
                return refused(wanted, f"takes longer than {limit_s:.0f} s to read (notes.limit_s)")
            if said == END:
                return refused(wanted, f"ends the process that reads it ({_how_ended(self._process.wait())})")
            entries += cast("tuple[Entry, ...]", said)

    def _send(self, message: object) -> None:
        stream = cast("IO[bytes]", self._process.stdin)
        try:
            pickle.dump(message, stream)
            stream.flush()
        except OSError:
            return  # it has ended: `answer` hears of it, and says so

    def _next(self, patience_s: float, still_wanted: Callable[[], None]) -> object:
        """What it says next; None when it says nothing for so long."""
        ends = time.monotonic() + patience_s
        while True:
            try:
                return self._said.get(timeout=LOOK_S)
            except Empty:
                still_wanted()
                if time.monotonic() > ends:
                    return None

    def _last_words(self) -> str:
        ended = _how_ended(self._process.wait())
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), ended)

    def end(self) -> None:
        """At once: it writes nothing."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            with suppress(OSError):  # what was not sent any more
                cast("IO[bytes]", stream).close()


def _environment() -> dict[str, str]:
    """The package is found there as it was here; arrays are only packed, for which one thread will do."""
    found = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, found)), "OPENBLAS_NUM_THREADS": "1"}


def _listen(stream: IO[bytes], said: SimpleQueue[object]) -> None:
    """The thread that takes what the process says."""
    with suppress(EOFError, OSError, ValueError, pickle.UnpicklingError):  # it has ended, maybe in the middle of a word
        while True:
            said.put(pickle.load(stream))  # noqa: S301 - from a process of ours
    said.put(END)


def refused(wanted: WantedNote, why: str) -> Skipped:
    return Skipped(path=wanted.path, why=f"{why}; tried again when it has changed, or tomorrow", refused=True)


def _how_ended(code: int | None) -> str:
    return f"signal {-code}" if code and code < 0 else f"exit code {code}"


def serve() -> None:
    """The process: read what is asked for, one note after the other, until there is nobody to ask."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who waits
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    with suppress(EOFError, BrokenPipeError):
        reader = DirectReader(pickle.load(sys.stdin.buffer))  # noqa: S301 - from the process that started this one
        _limit_memory()
        gc.freeze()  # what is loaded now is never garbage
        _answer(answers, READY)
        while True:
            wanted, limit_s = pickle.load(sys.stdin.buffer)  # noqa: S301
            _end_after(limit_s)
            for message in _messages(_read(reader, wanted)):
                _answer(answers, message)


def _answer(stream: IO[bytes], message: object) -> None:
    pickle.dump(message, stream)
    stream.flush()


def _read(reader: DirectReader, wanted: WantedNote) -> ReadNote | Skipped:
    try:
        return reader.read(wanted)
    except MemoryError:
        return refused(wanted, f"takes more than {MOST_MEMORY // 2**20:,} MB of memory to read")


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


def _limit_memory() -> None:
    """Have the system refuse this process more than a note may take, where it says how much it has."""
    status = Path("/proc/self/status")
    found = re.search(r"VmData:\s*(\d+) kB", status.read_text()) if status.exists() else None
    if found:
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        wanted = int(found[1]) * 1024 + MOST_MEMORY
        resource.setrlimit(resource.RLIMIT_DATA, (wanted if most == resource.RLIM_INFINITY else min(wanted, most), most))
