"""The notes as a retriever of LangChain."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.notes_retriever import NotesRetriever

NOTE = "# 米饭\n\n米饭要先洗两遍，再煮二十分钟。\n\n# 茶\n\n绿茶用八十度的水泡两分钟。\n"


@pytest.fixture
def retriever(tmp_path: Path) -> NotesRetriever:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "kitchen.md").write_text(NOTE, encoding="utf-8")
    return NotesRetriever.of(tmp_path / "notes", tmp_path / "data")


async def test_a_document_is_an_exact_slice_of_its_note_with_its_place(retriever: NotesRetriever) -> None:
    for found in (retriever.invoke("米饭要煮多久？"), await retriever.ainvoke("米饭要煮多久？")):
        first = found[0]
        where = first.metadata
        assert first.page_content == NOTE[where["start"] : where["end"]]
        assert (where["path"], where["heading"], where["lines"]) == ("kitchen.md", ["米饭"], [1, 3])
        assert "二十分钟" in NOTE[slice(*where["sentences"][0])]


def test_what_the_notes_do_not_answer_has_no_documents(retriever: NotesRetriever) -> None:
    assert retriever.invoke("Who won the World Cup in 2010?") == []


def test_no_more_documents_come_than_are_wanted(retriever: NotesRetriever) -> None:
    assert len(NotesRetriever(notebook=retriever.notebook, k=1).invoke("米饭 绿茶")) == 1
