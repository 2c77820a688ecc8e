from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.index import entries as limits
from knowledge.index.entries import Enrichments
from knowledge.notebook import Notebook, Query
from knowledge.passages import SplitLimits
from tests.knowledge.embedders import TopicEmbedder
from tests.knowledge.notebook.asking import HOBBIES, hits
from tests.knowledge.writing import write_notes

OpenNotebook = Callable[..., Notebook]
SAID = "怎样打发周末的下午？\n两个人可以玩的桌上游戏"


@pytest.fixture
def open_enriched(vault: Path, open_notebook: OpenNotebook) -> Callable[..., Notebook]:
    write_notes(vault, HOBBIES)

    def opened(**options: object) -> Notebook:
        notebook = open_notebook(enriched=True, **options)
        notebook.index_now()
        return notebook

    return opened


async def enrich_chess(notebook: Notebook) -> None:
    (chess,) = [passage for passage in await notebook.not_enriched() if passage.path == "chess.md"]
    await notebook.enrich(chess.digest, SAID)


async def test_what_is_written_about_a_passage_finds_it(open_enriched: Callable[..., Notebook], embedder: TopicEmbedder) -> None:
    notebook = open_enriched()
    asked = "桌上游戏怎样打发周末？"
    assert notebook.search_now(Query(question=asked)).abstained
    await enrich_chess(notebook)
    notebook.index_now()
    found = notebook.search_now(Query(question=asked))
    assert found.hits[0].passage.path == "chess.md"
    assert not found.abstained
    assert SAID.splitlines()[0] not in found.hits[0].passage.text
    assert SAID in embedder.embedded[-1]


async def test_a_passage_is_written_about_once(open_enriched: Callable[..., Notebook]) -> None:
    notebook = open_enriched()
    before = len(await notebook.not_enriched())
    await enrich_chess(notebook)
    assert len(await notebook.not_enriched()) == before - 1


async def test_it_outlasts_the_index_and_another_way_of_cutting(
    vault: Path, data: Path, open_enriched: Callable[..., Notebook]
) -> None:
    first = open_enriched()
    await enrich_chess(first)
    first.close()
    for file in data.glob("index-*"):
        file.unlink()
    again = open_enriched(limits=SplitLimits())
    assert hits(again, "桌上游戏")[0] == "chess.md"


async def test_what_was_written_before_a_kill_is_taken_up_at_the_next_start(open_enriched: Callable[..., Notebook]) -> None:
    first = open_enriched()
    await enrich_chess(first)
    first.close()
    assert hits(open_enriched(), "桌上游戏")[0] == "chess.md"


async def test_switched_off_it_counts_no_more(open_enriched: Callable[..., Notebook], open_notebook: OpenNotebook) -> None:
    enriched = open_enriched()
    await enrich_chess(enriched)
    enriched.index_now()
    enriched.close()
    plain = open_notebook()
    plain.index_now()
    assert plain.search_now(Query(question="桌上游戏怎样打发周末？")).abstained


def test_the_oldest_are_forgotten_first(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST", 3)
    kept = Enrichments(data / "enrichments.sqlite")
    for name in "abcde":
        kept.put(name, f"about {name}")
    assert kept.of("abcde") == {name: f"about {name}" for name in "cde"}


def test_a_damaged_file_is_named(data: Path) -> None:
    from knowledge.catalog import CatalogFull

    data.mkdir()
    (data / "enrichments.sqlite").write_bytes(b"no database" * 1000)
    with pytest.raises(CatalogFull, match=r"enrichments\.sqlite"):
        Enrichments(data / "enrichments.sqlite").of(["a"])
