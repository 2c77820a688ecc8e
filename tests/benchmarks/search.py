"""Search time in process at a size, beside SQLite's FTS5 over the same terms.

`python -m tests.benchmarks.search [PASSAGES] [FOLDER]`; a folder keeps the vault and its index for the next run. Every time is
given twice: as a person waits, and as the thread's own work, which another program on the machine does not lengthen.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from knowledge import text
from knowledge.notebook import Notebook, Query
from knowledge.notes import Vault
from tests.benchmarks.made_up import Writer, percentile, questions, write_vault

PASSAGES_OF_A_NOTE = 4
QUESTIONS, FEWER = 300, 50


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds."""

    wall: float
    work: float


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[2] if len(sys.argv) > 2 else temporary)
        vault, data = folder / "notes", folder / "data"
        if not vault.exists():
            write_vault(vault, wanted // PASSAGES_OF_A_NOTE)
        notebook = Notebook(Vault(vault), data)
        started = time.perf_counter()
        report = notebook.index_now()
        print(f"{report.notes} notes, {report.passages} passages brought up to date in {time.perf_counter() - started:.1f} s")
        asked = list(questions(QUESTIONS))
        _show_starts(vault, data, asked[0])
        notebook.search_now(Query(question=asked[0]))
        ours = [timed(lambda q=q: notebook.search_now(Query(question=q))) for q in asked]
        baseline = _fts5(notebook, asked[:FEWER])
        for name, times in (("notesbot", ours), ("FTS5, ranking only", baseline)):
            _show(name, times)
        ratio = percentile([t.work for t in ours], 0.5) / percentile([t.work for t in baseline], 0.5)
        print(f"ratio of the medians: {ratio:.2f}")
        _show_change(notebook, vault)
        notebook.close()


def timed(work: Callable[[], object]) -> Took:
    wall, own = time.perf_counter(), time.thread_time()
    work()
    return Took((time.perf_counter() - wall) * 1000, (time.thread_time() - own) * 1000)


def _show(name: str, times: list[Took]) -> None:
    for kind in ("wall", "work"):
        values = [getattr(took, kind) for took in times]
        print(f"{name:20} {kind}: p50 {percentile(values, 0.5):8.2f} ms   p95 {percentile(values, 0.95):8.2f} ms")


def _show_starts(vault: Path, data: Path, question: str) -> None:
    """The first search of a program that starts: without what an earlier one left of its postings, and with it."""
    for file in data.glob("*.postings*"):
        file.unlink()
    for name in ("first search, cold", "first search, warm"):
        notebook = Notebook(Vault(vault), data)
        if name.endswith("warm"):
            notebook.index_now()
            notebook.close()
            notebook = Notebook(Vault(vault), data)
        _show(name, [timed(lambda one=notebook: one.search_now(Query(question=question)))])
        notebook.close()


def _show_change(notebook: Notebook, vault: Path) -> None:
    """One note is written anew: until it is found."""
    file = next(vault.rglob("*.md"))
    was = file.read_text(encoding="utf-8")
    for number in range(3):
        file.write_text(Writer(number + 7).note() + f"\n\n钟表匠玻璃{number}。\n", encoding="utf-8")
        parts = [timed(notebook.index_now), timed(lambda n=number: notebook.search_now(Query(question=f"钟表匠玻璃{n}")))]
        print("one changed note: " + " + ".join(f"{took.wall:.0f}" for took in parts) + " ms (index + search)")
    file.write_text(was, encoding="utf-8")
    notebook.index_now()


def _fts5(notebook: Notebook, asked: list[str]) -> list[Took]:
    """The usual way: terms joined by OR, the ten best by `bm25()`."""
    database = sqlite3.connect(":memory:")
    database.execute(
        "CREATE VIRTUAL TABLE passages USING fts5 (terms, tokenize = \"unicode61 remove_diacritics 0 tokenchars '.+#'\")"
    )
    texts = ((" ".join(text.terms(passage.text)),) for passage in notebook._shelf.to_read().all_passages())
    database.executemany("INSERT INTO passages VALUES (?)", texts)
    query = "SELECT rowid FROM passages WHERE passages MATCH ? ORDER BY rank LIMIT 10"

    def search(question: str) -> None:
        words = " OR ".join(f'"{term}"' for term in dict.fromkeys(text.terms(question)))
        database.execute(query, (words,)).fetchall()

    return [timed(lambda q=q: search(q)) for q in asked]


if __name__ == "__main__":
    main()
