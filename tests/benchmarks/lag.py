"""How long the event loop is held up while notes are indexed, fed to Chroma and searched: `python -m tests.benchmarks.lag`.

One note among them never ends, in a call that keeps the interpreter's lock; the others must be indexed all the same.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from knowledge.notebook import Notebook, Query
from knowledge.notes import Vault
from tests.benchmarks.made_up import percentile, questions, write_vault
from tests.knowledge.notebook.test_note_reader import HostileVault
from tests.knowledge.writing import write_notes

NOTES = 2000
TICK_S = 0.005
LIMIT_S = 3


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        vault = Path(folder, "notes")
        write_vault(vault, NOTES, sections=2)
        idle = await lag_while(asyncio.sleep(2))
        notebook = Notebook(Vault(vault), Path(folder, "data"))
        await notebook.index()  # the modules are there, and Chroma has something to be fed
        await notebook.use_chroma()
        rewritten = Path(folder, "again")
        write_vault(rewritten, NOTES, seed=2, sections=2)
        write_notes(rewritten, {"endless.md": "x"})
        other = Notebook(HostileVault(rewritten), Path(folder, "other"), limit_s=LIMIT_S)
        busy = await lag_while(index_and_answer(other, notebook))
        for name, lags in (("idle", idle), ("indexing, feeding and answering", busy)):
            print(f"{name:32} p50 {percentile(lags, 0.5):6.1f} ms  p99 {percentile(lags, 0.99):6.1f} ms  max {max(lags):6.1f} ms")
        print(f"ratio of the p99: {percentile(busy, 0.99) / max(0.1, percentile(idle, 0.99)):.1f}")


async def index_and_answer(indexed: Notebook, asked: Notebook) -> None:
    work = asyncio.create_task(indexed.index())
    answered = 0
    for question in questions(10_000):
        await asked.search(Query(question=question))
        answered += 1
        await asyncio.sleep(0.02)
        if work.done():
            break
    report = await work
    indexed = f"{report.notes} notes indexed and {len(report.skipped)} skipped in {report.seconds:.1f} s"
    print(f"{indexed} while {answered} questions were answered")


async def lag_while(work) -> list[float]:
    """Milliseconds that a timer of `TICK_S` came late, again and again until `work` is done."""
    task = asyncio.ensure_future(work)
    lags = []
    while not task.done():
        started = time.perf_counter()
        await asyncio.sleep(TICK_S)
        lags.append((time.perf_counter() - started - TICK_S) * 1000)
    await task
    return lags


if __name__ == "__main__":
    asyncio.run(main())
