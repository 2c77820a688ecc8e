"""Indexer: brings a catalog up to date with the vault and reports what it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

import numpy as np

from knowledge import text
from knowledge.catalog import Catalog, Entry, Indexed, NoteRecord, NoteRow
from knowledge.index.enrichments import Enrichments
from knowledge.notes import NoteFile, Vault
from knowledge.passages import SplitLimits, SplitPassage, digest_of, passages_of, plain, sentences, unread
from knowledge.text import aliases
from knowledge.text.everyday_questions import EVERYDAY
from knowledge.types import ALIAS_FILE, Note, Skipped
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
    vault: Vault, catalog: Catalog, limits: SplitLimits, progress: Progress, enrichments: Enrichments | None = None
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
    stale = [file for file in found if file.path in fresh or _may_have_changed(file, known.get(file.path))]
    making = _Making(limits=limits, enrichments=enrichments, fresh=fresh)
    for done, file in enumerate(stale, 1):
        _take_up(vault, catalog, file, known.get(file.path), making, report)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Making:
    """What a note's passages are made with."""

    limits: SplitLimits
    enrichments: Enrichments | None
    fresh: Collection[str]
    """Paths of notes that are taken up though they have not changed."""

    def entries(self, note: Note) -> list[Entry]:
        cuts = passages_of(note, self.limits)
        said = self.enrichments.of(cut.passage.digest for cut in cuts) if self.enrichments else {}
        return [entry_of(cut, said.get(cut.passage.digest, "")) for cut in cuts]


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


def _take_up(
    vault: Vault, catalog: Catalog, file: NoteFile, known: NoteRecord | None, making: _Making, report: IndexReport
) -> None:
    read = time.time_ns()
    note = vault.read(file.path)
    if isinstance(note, Skipped):
        report.skipped.append(note)
        return
    if note.front.problem:
        report.problems.append(Skipped(path=note.path, why=note.front.problem))
    fresh = NoteRecord(digest=note.digest, size=file.size, modified=file.modified, read=read)
    if known and known.digest == note.digest and file.path not in making.fresh:
        catalog.touch(file.path, fresh)
        return
    row = NoteRow(path=note.path, known=fresh, title=note.title, front=note.front)
    catalog.put(row, making.entries(note), aliases.aliases_in(note))
    if known:
        report.changed += 1
    else:
        report.added += 1


def entry_of(cut: SplitPassage, said: str = "") -> Entry:
    """What is indexed of a passage: its sentences, the words above them, and what is `said` about it."""
    passage = cut.passage
    above = " › ".join([passage.title, *(words for words in passage.heading if words != passage.title), *passage.parents])
    words = f"{above}\n{cut.words}\n{said}".rstrip("\n") if said else f"{above}\n{cut.words}"
    latin = frozenset(word.lower() for word in text.chunks(words))
    return Entry(passage=passage, words=words, words_digest=digest_of(words), indexed=_indexed(cut, above, said), latin=latin)


def _indexed(cut: SplitPassage, above: str, said: str) -> Indexed:
    keys = text.keys(above)
    before = len(keys)
    table = []
    for start, end, words in sentences_of(cut):
        found = text.keys(words)
        keys += found
        table.append((start, end, len(found)))
    # Once each, and only what the passage itself does not say: its own words must go on telling it from others.
    own = set(keys)
    keys += dict.fromkeys(key for key in text.keys(said) if key not in own)
    return Indexed(keys=np.array(keys, np.int64), above=before, sentences=np.array(table, np.int32).reshape(-1, 3))


def sentences_of(cut: SplitPassage) -> Iterator[tuple[int, int, str]]:
    """Start, end and words of each sentence; a passage cut out of markup is taken as one, for its words lie apart in it."""
    text = cut.passage.text
    if cut.markup:
        yield 0, len(text), cut.words
        return
    hidden = unread(text)
    for start, end in sentences(text):
        if not any(first <= start and end <= last for first, last in hidden):
            yield start, end, plain(text[start:end])


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
