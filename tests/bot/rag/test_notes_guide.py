"""Small talk and overviews, answered from what the notes are called."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.rag.message_kind import read_message
from bot.rag.notes_guide import NotesGuide, example_questions
from bot.rag.smalltalk import Talk
from bot.types import AnswerState, Language, language_of
from knowledge.notebook import Notebook
from knowledge.notes import Vault
from knowledge.overview import NoteSummary, OutlinePiece, summarize
from knowledge.types import FrontMatter
from tests.bot.making import NOTES, indexed, write

BOTH = pytest.mark.parametrize("language", ["zh", "en"])
LONG = "\n\n".join(f"## 第{n}种作物\n\n第{n}种作物要在春天播种，秋天收获。" for n in "一二三四五六七八九十")


@pytest.fixture
def guide(notebook: Notebook) -> NotesGuide:
    return NotesGuide(notebook, choose=lambda questions: questions[0])


@pytest.fixture
def garden(vault: Path, data: Path) -> Iterator[NotesGuide]:
    """A vault of one note."""
    notebook = indexed(write(vault, {"garden.md": f"# 花园\n\n{LONG}\n"}), data)
    yield NotesGuide(notebook)
    notebook.close()


@BOTH
@pytest.mark.parametrize("talk", list(Talk))
async def test_talk_gets_a_short_line_in_its_language_and_an_example(guide: NotesGuide, talk: Talk, language: Language) -> None:
    answer = await guide.talk(talk, language)
    assert (answer.state, answer.citations) == (AnswerState.ABSTAINED if talk is Talk.BEYOND else AnswerState.TALK, ())
    line, example = answer.text.split("\n")
    assert len(line) < 220
    assert language_of(line.replace("notesbot", ""), language) == language
    assert any(name in example for name in ("炒饭", "粥", "米饭", "Tea", "Brewing"))


async def test_the_example_is_another_one_each_time(notebook: Notebook) -> None:
    seen: list[tuple[str, ...]] = []
    guide = NotesGuide(notebook, choose=lambda questions: seen.append(tuple(questions)) or questions[len(seen) % len(questions)])
    texts = {(await guide.talk(Talk.THANKS, "en")).text for _ in range(2)}
    assert len(seen[0]) == len(texts) or len(texts) == 2


async def test_without_notes_talk_has_no_example(vault: Path, data: Path) -> None:
    answer = await NotesGuide(Notebook(Vault(vault), data)).talk(Talk.GREETING, "en")
    assert answer.text == "Hello! What would you like to know from the notes?"


def test_examples_are_in_the_language_of_the_asker_and_no_heading_that_means_nothing_outside_its_note() -> None:
    headings = ("怎么选", "公式", "注意力机制", "Beam search", "2024-01-02 周会", "参考文献")
    pieces = [OutlinePiece(heading=(heading,), characters=9) for heading in headings]
    note: NoteSummary = summarize("a.md", "a", pieces, front=FrontMatter(aliases=("困惑度", "perplexity")))
    assert example_questions([note], "zh") == ("困惑度是什么？", "关于‘注意力机制’，笔记里怎么说？")
    assert example_questions([note], "en") == ("What is perplexity?", "What do the notes say about ‘Beam search’?")


@BOTH
async def test_an_overview_names_notes_and_headings_and_quotes_nothing(guide: NotesGuide, language: Language) -> None:
    answer = await guide.overview(language)
    assert (answer.state, answer.citations) == (AnswerState.OVERVIEW, ())
    assert all(name in answer.text for name in ("米饭", "炒饭", "粥", "Tea", "Brewing"))
    assert ">" not in answer.text
    assert answer.buttons


@BOTH
async def test_of_a_single_note_the_overview_is_its_outline(garden: NotesGuide, language: Language) -> None:
    answer = await garden.overview(language)
    assert "1. **第一种作物**" in answer.text
    assert [button.data.endswith(":1") for button in answer.buttons][-1]


@BOTH
async def test_a_note_is_summed_up_by_a_cited_sentence_of_each_part(guide: NotesGuide, language: Language) -> None:
    chosen = await guide.find("rice.md")
    assert chosen
    answer = await guide.summary(chosen, language)
    assert answer
    assert answer.state is AnswerState.OVERVIEW
    assert [citation.text for citation in answer.citations] == [
        "炒饭要用隔夜的冷饭，油要烧热。",
        "粥要用十倍的水，小火煮一小时。",
    ]
    for citation in answer.citations:
        assert citation.text == NOTES[citation.path][citation.start : citation.end]
        assert citation.passage
        assert f"> {citation.text} [{citation.n}]" in answer.text
        assert f"**{citation.heading[-1]}**" in answer.text


async def test_of_many_parts_the_largest_are_quoted_and_the_others_named(garden: NotesGuide) -> None:
    chosen = await garden.find("garden")
    assert chosen
    answer = await garden.summary(chosen, "zh")
    assert answer
    assert len(answer.citations) == 8
    assert answer.text.endswith("还有：第九种作物、第十种作物")


async def test_a_note_that_is_gone_has_no_summary(guide: NotesGuide, notes: Path) -> None:
    chosen = await guide.find("rice.md")
    assert chosen
    (notes / "cooking/rice.md").unlink()
    assert await guide.summary(chosen, "zh") is None
    assert await guide.outline(chosen, "zh") is None
    assert await guide.to_sum_up(read_message("总结一下 rice.md")) is None


async def test_to_sum_up_a_note_a_model_is_given_what_its_sections_begin_with(guide: NotesGuide) -> None:
    found = await guide.to_sum_up(read_message("总结一下 rice.md"))
    assert found
    assert [hit.passage.heading[-1] for hit in found.hits] == ["炒饭", "粥"]
    assert await guide.to_sum_up(read_message("rice.md 里有什么")) is None


@pytest.mark.parametrize(
    ("message", "state"),
    [
        ("哈喽", AnswerState.TALK),
        ("这些笔记都讲些什么呀", AnswerState.OVERVIEW),
        ("which notes do you have?", AnswerState.OVERVIEW),
        ("what is in tea.md?", AnswerState.OVERVIEW),
        ("概括一下 rice.md", AnswerState.OVERVIEW),
        ("总结一下火锅", None),
        ("炒饭用什么饭？", None),
    ],
)
async def test_what_is_no_question_about_something_in_the_notes_is_answered(
    guide: NotesGuide, message: str, state: AnswerState | None
) -> None:
    answer = await guide.answer(read_message(message), "zh")
    assert (answer.state if answer else None) is state


@BOTH
async def test_notes_about_something_are_listed_the_closest_first(guide: NotesGuide, language: Language) -> None:
    answer = await guide.answer(read_message("哪些笔记提到了炒饭？"), language)
    assert answer
    assert (answer.state, answer.citations) == (AnswerState.OVERVIEW, ())
    assert "1. **米饭**" in answer.text
    assert await guide.answer(read_message("有没有关于量子引力的笔记"), language) is None


@pytest.mark.parametrize("message", ["这篇笔记讲了什么", "总结一下那篇", "sum up this note"])
async def test_this_note_is_the_one_spoken_of_last(guide: NotesGuide, message: str) -> None:
    answer = await guide.answer(read_message(message), "zh", near="cooking/rice.md")
    assert answer
    assert "炒饭" in answer.text
    assert await guide.answer(read_message(message), "zh") is None
