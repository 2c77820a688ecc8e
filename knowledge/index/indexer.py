"""Indexer: keeps the catalogs of a vault, brings one up to date with the vault, and reports what it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from pathlib import Path

from knowledge import catalog, passages, text
from knowledge.catalog import Catalog, CatalogBroken, NoteRecord, NoteRow, RefusedNote
from knowledge.index.entries import Enrichments
from knowledge.index.note_reader import NoteReader, ReadNote, WantedNote
from knowledge.notes import NoteFile, Vault
from knowledge.passages import SplitLimits, digest_of
from knowledge.search import postings_file
from knowledge.text import aliases
from knowledge.text.query_terms import EVERYDAY
from knowledge.types import ALIAS_FILE, Skipped
from knowledge.vectors import Embedder

BATCH = 32
"""Passages embedded at a time: small enough to stop soon and to show progress."""
RACY_NS = 2_000_000_000
"""A file that changed less than this before it was read may have changed again within its clock's tick."""

Progress = Callable[[str, int, int], None]
"""Called with the stage (`notes` or `vectors`), how many are done, and how many there are."""


@dataclass(slots=True, kw_only=True)
class IndexReport:
    """What one run did."""

    notes: int = 0
    passages: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    problems: list[Skipped] = field(default_factory=list)
    """Notes that were kept though something in them could not be read (their front matter)."""
    seconds: float = 0.0


def bring_up_to_date(
    vault: Vault, catalog: Catalog, reader: NoteReader, progress: Progress, enrichments: Enrichments | None = None
) -> IndexReport:
    """Read what is new or changed and forget what is gone, note by note; a kill at any moment loses the note at hand.

    Raises:
        VaultProblem: the folder cannot be used; the catalog stays as it is.
        CatalogBroken, CatalogFull: see there.
    """
    started = time.perf_counter()
    report = IndexReport()
    found = _looked_through(vault, report)
    known = catalog.notes()
    newest, fresh = _freshly_enriched(catalog, enrichments)
    changed = [file for file in found if file.path in fresh or _may_have_changed(file, known.get(file.path))]
    stale = _not_refused(catalog, changed, report)
    wanted = [_wanted(file, known.get(file.path), fresh) for file in stale]
    done = 0
    with closing(reader.read_all(wanted, lambda: progress("notes", done, len(stale)))) as notes:
        for done, (file, read) in enumerate(zip(stale, notes, strict=True), 1):
            _take_up(catalog, file, read, known.get(file.path), report)
            progress("notes", done, len(stale))
    seen, unread = {file.path for file in found}, {skip.path for skip in report.skipped if not skip.passing}
    gone = [path for path in known if path not in seen or path in unread]
    if gone:
        catalog.remove(gone)
    report.removed = len(gone)
    _take_up_own_aliases(vault, catalog, report)
    if fresh:
        catalog.set_enriched(newest)
    if not catalog.is_complete():
        catalog.set_complete()
    report.notes, report.passages = catalog.counts()
    report.seconds = time.perf_counter() - started
    return report


def _freshly_enriched(catalog: Catalog, enrichments: Enrichments | None) -> tuple[int, set[str]]:
    """The newest entry, and the paths of notes about whose passages something was written since the last run."""
    if enrichments is None:
        return 0, set()
    newest, digests = enrichments.since(catalog.enriched())
    return newest, {passage.path for passage in catalog.all_passages() if passage.digest in digests} if digests else set()


def _take_up_own_aliases(vault: Vault, catalog: Catalog, report: IndexReport) -> None:
    """Those that the owner wrote; while their file is broken, the ones of before stay in force."""
    there = (vault.root / ALIAS_FILE).is_file()
    file = vault.read(ALIAS_FILE) if there else None
    if isinstance(file, Skipped):
        report.problems.append(file)
        return
    digest = int(file.digest[:15], 16) if file else 0
    if catalog.own_aliases_are(digest):
        return
    try:
        catalog.put_own_aliases(digest, aliases.parse_alias_file(file.text) if file else ())
    except aliases.AliasFileBroken as error:
        report.problems.append(Skipped(path=ALIAS_FILE, why=str(error)))


def _looked_through(vault: Vault, report: IndexReport) -> list[NoteFile]:
    found = []
    for file in vault.walk():
        if isinstance(file, Skipped):
            report.skipped.append(file)
        else:
            found.append(file)
    return found


def _may_have_changed(file: NoteFile, known: NoteRecord | None) -> bool:
    if known is None or (file.size, file.modified) != (known.size, known.modified):
        return True
    return known.read - known.modified < RACY_NS


def _not_refused(catalog: Catalog, files: list[NoteFile], report: IndexReport) -> list[NoteFile]:
    """Without those that could not be read as they are now: they would only cost the same time again."""
    today = date.today().toordinal()
    still = {note.path: note for note in catalog.refused()}
    kept = []
    for file in files:
        note = still.get(file.path)
        if note and (note.size, note.modified, note.day) == (file.size, file.modified, today):
            report.skipped.append(Skipped(path=note.path, why=note.why))
        else:
            kept.append(file)
    catalog.forget_refused(set(still) - ({file.path for file in files} - {file.path for file in kept}))
    return kept


def _wanted(file: NoteFile, known: NoteRecord | None, fresh: Collection[str]) -> WantedNote:
    digest = known.digest if known and file.path not in fresh else ""
    return WantedNote(path=file.path, size=file.size, digest=digest)


def _take_up(catalog: Catalog, file: NoteFile, read: ReadNote | Skipped, known: NoteRecord | None, report: IndexReport) -> None:
    if isinstance(read, Skipped):
        report.skipped.append(read)
        if read.refused:
            today = date.today().toordinal()
            catalog.refuse(RefusedNote(path=file.path, size=file.size, modified=file.modified, why=read.why, day=today))
        return
    if read.front.problem:
        report.problems.append(Skipped(path=file.path, why=read.front.problem))
    fresh = NoteRecord(digest=read.digest, size=file.size, modified=file.modified, read=read.read_ns)
    if read.unchanged:
        catalog.touch(file.path, fresh)
        return
    catalog.put(NoteRow(path=file.path, known=fresh, title=read.title, front=read.front), read.entries, read.aliases)
    if known:
        report.changed += 1
    else:
        report.added += 1


def embed_what_lacks(catalog: Catalog, embedder: Embedder, progress: Progress) -> int:
    """Embed every passage that `embedder` has not seen yet, batch by batch; what was done stays done.

    Raises:
        EmbeddingFailed: the model cannot be used now.
    """
    total = catalog.count_without_vector(embedder.name)
    done = 0
    while batch := catalog.words_without_vector(embedder.name, BATCH):
        vectors = embedder.embed([words for _, words in batch])
        catalog.put_vectors(embedder.name, zip((digest for digest, _ in batch), vectors, strict=True))
        done += len(batch)
        progress("vectors", done, max(done, total))
    if embedder.finds_meaning:
        _embed_everyday_questions(catalog, embedder)
    return done


def _embed_everyday_questions(catalog: Catalog, embedder: Embedder) -> None:
    """What the floor of similarity is measured with: see `floor`."""
    there = catalog.question_vectors(embedder.name, map(digest_of, EVERYDAY))
    for question in EVERYDAY:
        if digest_of(question) not in there:
            catalog.put_question_vector(embedder.name, digest_of(question), embedder.embed_question(question))


class IndexGenerations:
    """The generations of one vault's index: files named after what made them.

    A generation is complete once the whole vault has been through it. Readers get the wanted generation if it is complete,
    else another complete one that this program can read, else the wanted one as far as it has come.
    """

    def __init__(self, folder: Path, limits: SplitLimits, *, enriched: bool = False) -> None:
        self.folder = folder
        self._readable = f"index-{catalog.FORMAT}-{text.VERSION}"
        made_by = f"{passages.VERSION} {limits}" + (" enriched" if enriched else "")
        self.generation = f"{self._readable}-{blake2b(made_by.encode(), digest_size=4).hexdigest()}"
        self._open: dict[Path, Catalog] = {}

    def to_write(self) -> Catalog:
        """The wanted generation; a file that SQLite cannot read is replaced by an empty one."""
        return self._opened(self.folder / f"{self.generation}.sqlite")

    def to_read(self) -> Catalog:
        """The best generation there is at this moment."""
        wanted = self.to_write()
        if wanted.is_complete():
            return wanted
        others = (self._opened(file) for file in self._others() if file.name.startswith(f"{self._readable}-"))
        return next((other for other in others if other.is_complete()), wanted)

    def begin_anew(self) -> Catalog:
        """Throw the wanted generation away (it was found broken) and start it again."""
        file = self.folder / f"{self.generation}.sqlite"
        self._forget(file)
        return self._opened(file)

    def drop_others(self) -> None:
        """Delete every generation but the wanted one; one that another process still reads may stay until next time."""
        for file in self._others():
            self._forget(file)

    def close(self) -> None:
        for opened in self._open.values():
            opened.close()
        self._open.clear()

    def _others(self) -> list[Path]:
        files = self.folder.glob("index-*.sqlite")
        return sorted(file for file in files if file.stem != self.generation)

    def _opened(self, file: Path) -> Catalog:
        if file not in self._open:
            try:
                self._open[file] = Catalog(file)
            except CatalogBroken:
                self._forget(file)
                self._open[file] = Catalog(file)
        return self._open[file]

    def _forget(self, file: Path) -> None:
        opened = self._open.pop(file, None)
        if opened:
            opened.close()
        for suffix in ("", "-wal", "-shm"):
            try:
                file.with_name(file.name + suffix).unlink(missing_ok=True)
            except PermissionError:
                return  # Windows keeps a file that somebody reads
        postings_file.delete_all(file)
