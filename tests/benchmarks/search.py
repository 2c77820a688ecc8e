"""Search time in process at a size, beside SQLite's FTS5 over the same terms: `python -m tests.benchmarks.search [PASSAGES]`."""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from knowledge import lexicon
from knowledge.notebook import Notebook, Search
from knowledge.notes import Vault
from tests.benchmarks.made_up import percentile, questions, write_vault

PASSAGES_OF_A_NOTE = 4


def main() -> None:
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        vault, data = Path(folder, "notes"), Path(folder, "data")
        write_vault(vault, wanted // PASSAGES_OF_A_NOTE)
        notebook = Notebook(Vault(vault), data)
        started = time.perf_counter()
        report = notebook.index_now()
        print(f"{report.notes} notes, {report.passages} passages indexed in {time.perf_counter() - started:.1f} s")
        asked = list(questions(300))
        started = time.perf_counter()
        notebook.search_now(Search(question=asked[0]))
        print(f"first search, which loads the index: {time.perf_counter() - started:.2f} s")
        ours = [timed(lambda q=q: notebook.search_now(Search(question=q))) for q in asked]
        baseline = _fts5(notebook, asked)
        for name, times in (("notesbot", ours), ("FTS5, ranking only", baseline)):
            print(f"{name:20} p50 {percentile(times, 0.5):7.2f} ms   p95 {percentile(times, 0.95):7.2f} ms")
        print(f"ratio of the medians: {percentile(ours, 0.5) / percentile(baseline, 0.5):.2f}")
        notebook.close()


def timed(work) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _fts5(notebook: Notebook, asked: list[str]) -> list[float]:
    """The usual way: terms joined by OR, the ten best by `bm25()`."""
    database = sqlite3.connect(":memory:")
    database.execute(
        "CREATE VIRTUAL TABLE passages USING fts5 (terms, tokenize = \"unicode61 remove_diacritics 0 tokenchars '.+#'\")"
    )
    texts = ((" ".join(lexicon.terms(passage.text)),) for passage in notebook._shelf.to_read().all_passages())
    database.executemany("INSERT INTO passages VALUES (?)", texts)
    query = "SELECT rowid FROM passages WHERE passages MATCH ? ORDER BY rank LIMIT 10"

    def search(question: str) -> None:
        words = " OR ".join(f'"{term}"' for term in dict.fromkeys(lexicon.terms(question)))
        database.execute(query, (words,)).fetchall()

    return [timed(lambda q=q: search(q)) for q in asked]


if __name__ == "__main__":
    main()
