"""Every page in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

import prompts
from bot.commands.sources import Shown
from bot.commands.views import LISTED, SHOWN_OF_PASSAGE, CommandViews, lines_of, page_of, page_of_hits
from bot.storage import TurnStore
from bot.types import Language, Place
from knowledge.notebook import Notebook
from knowledge.notes import Vault
from tests.bot.making import HOME, NOTES, answer, citation, hit, indexed, question, write

BOTH = pytest.mark.parametrize("language", ["zh", "en"])


def say(name: str, language: Language, **values: object) -> str:
    return prompts.load("texts").say(name, language, **values)


@pytest.fixture
async def answered(state: TurnStore) -> str:
    """The id of an answer with two sources."""
    second = citation(2, path="tea.md", heading=("Brewing",), lines=(7, 9), start=25, end=76, text=NOTES["tea.md"][25:76])
    return (await state.record(question("问"), answer("答 [1][2]", citation(), second))).id


# /source


@BOTH
async def test_sources_of_the_last_answer_are_listed(commands: CommandViews, answered: str, language: Language) -> None:
    title, first, second = (await commands.source(HOME, "", language)).splitlines()
    lines = {"zh": ("第 3 行", "第 7–9 行"), "en": ("line 3", "lines 7–9")}[language]
    assert title == f"**{say('sources', language)}**"
    assert first == f"[1] `cooking/rice.md` 米饭 ({lines[0]})"
    assert second == f"[2] `tea.md` Brewing ({lines[1]})"


@BOTH
async def test_one_source_is_shown_word_for_word_with_what_is_around_it(
    commands: CommandViews, answered: str, language: Language
) -> None:
    where, before, quoted, after = (await commands.source(HOME, "1", language)).split("\n\n")
    assert where == f"[1] `cooking/rice.md` 米饭 ({say('line', language, first=3)})"
    assert (before, quoted, after) == ("… # 米饭 …", "> 米饭要先洗两遍，再煮二十分钟。", "… 水和米的比例是一比一点二。 …")


@BOTH
async def test_a_source_of_several_lines_is_quoted_line_by_line(
    commands: CommandViews, answered: str, language: Language
) -> None:
    page = await commands.source(HOME, "2", language)
    assert "\n".join(f"> {line}" for line in NOTES["tea.md"][25:76].splitlines()) in page


@BOTH
async def test_a_number_that_is_no_source_is_said_with_the_number_of_sources(
    commands: CommandViews, answered: str, language: Language
) -> None:
    for number in ("0", "3", "99999999999999999999"):
        assert await commands.source(HOME, number, language) == say("no_such_source", language, n=number, count=2)


@BOTH
@pytest.mark.parametrize("words", ["", "1"])
async def test_without_an_answer_there_are_no_sources(commands: CommandViews, words: str, language: Language) -> None:
    assert await commands.source(HOME, words, language) == say("no_sources", language)


async def test_sources_of_another_place_are_not_shown(commands: CommandViews, answered: str) -> None:
    elsewhere = Place(platform="terminal", chat="elsewhere")
    assert await commands.source(elsewhere, "", "zh") == say("no_sources", "zh")


async def test_sources_of_a_certain_answer_can_be_asked_for(commands: CommandViews, answered: str, state: TurnStore) -> None:
    await state.record(question("又问"), answer("答", citation(path="tea.md")))
    assert "rice.md" in await commands.source(HOME, "1", "zh", answer_id=answered)
    assert "tea.md" in await commands.source(HOME, "1", "zh")


@BOTH
async def test_words_find_the_original(commands: CommandViews, language: Language) -> None:
    page = await commands.source(HOME, "隔夜的冷饭", language)
    assert page.startswith("[1] `cooking/rice.md` 米饭 › 炒饭 (")
    assert "> 炒饭要用隔夜的冷饭，油要烧热。" in page


@BOTH
async def test_words_in_an_empty_vault_find_nothing(vault: Path, data: Path, state: TurnStore, language: Language) -> None:
    empty = CommandViews(notebook=Notebook(Vault(vault), data), state=state)
    assert await empty.source(HOME, "米饭", language) == say("nothing_found", language, words="米饭")
    assert await empty.search("米饭", language) == say("nothing_found", language, words="米饭")
    assert (await empty.topics(language)).text == say("no_notes", language, folder=vault)


@BOTH
async def test_a_source_in_a_note_that_changed_says_so(
    commands: CommandViews, answered: str, notes: Path, language: Language
) -> None:
    (notes / "cooking/rice.md").write_text("# 全变了\n", encoding="utf-8")
    page = await commands.source(HOME, "1", language)
    assert say("note_changed", language) in page
    assert page.endswith("> 米饭要先洗两遍，再煮二十分钟。")


@BOTH
async def test_a_source_in_a_note_that_is_gone_says_so(
    commands: CommandViews, answered: str, notes: Path, language: Language
) -> None:
    (notes / "cooking/rice.md").unlink()
    page = await commands.source(HOME, "1", language)
    assert say("note_gone", language, why="").split("（")[0].split(" (")[0] in page
    assert page.endswith("> 米饭要先洗两遍，再煮二十分钟。")


# /search


@BOTH
async def test_found_passages_are_numbered_with_their_places(commands: CommandViews, language: Language) -> None:
    page = await commands.search("炒饭 隔夜", language)
    assert page.startswith("1. `cooking/rice.md` 米饭 › 炒饭 (")
    assert "> 炒饭要用隔夜的冷饭，油要烧热。" in page
    assert "\n\n2. `" in page
    assert say("lines", language, first=5, last=9) in page


@BOTH
async def test_a_search_needs_words(commands: CommandViews, language: Language) -> None:
    assert await commands.search("", language) == say("needs_words", language, example="/search RAG")


@BOTH
def test_no_hits_are_said_with_the_words(language: Language) -> None:
    assert page_of_hits([], "量子", language) == say("nothing_found", language, words="量子")


async def test_no_more_passages_are_listed_than_a_person_looks_at(vault: Path, data: Path, state: TurnStore) -> None:
    for number in range(10):
        (vault / f"{number}.md").write_text(
            f"# 米饭 {number}\n\n第 {number} 种米饭：{'甲乙丙丁戊己庚辛壬癸'[number] * 30}。\n", "utf-8"
        )
    notebook = Notebook(Vault(vault), data)
    await notebook.index()
    page = await CommandViews(notebook=notebook, state=state).search("米饭", "zh")
    notebook.close()
    assert page.count(".md` ") == LISTED


@BOTH
def test_of_a_long_passage_the_beginning_is_shown(language: Language) -> None:
    page = page_of_hits([hit("长" * 500)], "长", language)
    assert page.endswith("> " + "长" * SHOWN_OF_PASSAGE + "…")


# /topics and /help


@BOTH
async def test_topics_are_an_overview_whose_buttons_open_notes(commands: CommandViews, language: Language) -> None:
    page = await commands.topics(language)
    assert all(words in page.text for words in ("**米饭**", "炒饭、粥" if language == "zh" else "炒饭; 粥", "**Tea**"))
    _, key, number = next(button for button in page.buttons if "米饭" in button.label).data.split(":")
    opened = await commands.topics(language, key=key, page=int(number))
    assert opened.text.startswith("**米饭**")
    assert "1. **炒饭**" in opened.text


@BOTH
async def test_topics_of_one_note_are_its_outline(vault: Path, data: Path, state: TurnStore, language: Language) -> None:
    write(vault, {"rice.md": NOTES["cooking/rice.md"]})
    alone = CommandViews(notebook=indexed(vault, data), state=state)
    assert "1. **炒饭**" in (await alone.topics(language)).text


@BOTH
async def test_a_note_that_is_gone_is_not_opened(commands: CommandViews, notes: Path, language: Language) -> None:
    button = next(button for button in (await commands.topics(language)).buttons if "米饭" in button.label)
    (notes / "cooking/rice.md").unlink()
    page = await commands.topics(language, key=button.data.split(":")[1])
    assert (page.text, page.notice) == ("", prompts.load("overview").say("gone", language))


# Pieces of pages


@pytest.mark.parametrize(
    ("lines", "language", "said"),
    [((3, 3), "zh", "第 3 行"), ((3, 5), "zh", "第 3–5 行"), ((3, 3), "en", "line 3"), ((3, 5), "en", "lines 3–5")],
)
def test_lines_are_said_in_words(lines: tuple[int, int], language: Language, said: str) -> None:
    assert lines_of(citation(lines=lines), language) == said


def test_a_source_without_a_heading_is_named_by_its_file() -> None:
    assert page_of(Shown(citation=citation(heading=())), "en").splitlines()[0] == "[1] `cooking/rice.md` (line 3)"


@BOTH
def test_a_source_with_an_address_can_be_opened(language: Language) -> None:
    page = page_of(Shown(citation=citation(), link="https://notes.example/a%20b.md#x"), language)
    assert f"[{say('open_note', language)}](<https://notes.example/a%20b.md#x>)" in page
    assert say("open_note", language) not in page_of(Shown(citation=citation()), language)
